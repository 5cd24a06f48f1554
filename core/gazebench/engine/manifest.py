"""The run manifest: everything needed to say how a number came about."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gazebench.engine.config import RunConfig
from gazebench.engine.kept import KeptRun
from gazebench.engine.keys import content_key
from gazebench.engine.plan import Plan
from gazebench.precomputed.values import StoredEntry
from gazebench.registry.plugin import Plugin
from gazebench.spec.descriptors import Reference

LIBRARIES = ("gazebench", "numpy", "numba", "torch", "timm", "scipy", "pyarrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is written to `manifest.json`; `as_text` is its only form outside."""

    content: Mapping[str, Any]

    def as_text(self) -> str:
        """Return JSON with sorted keys and a final newline."""
        return json.dumps(self.content, indent=2, sort_keys=True, allow_nan=False) + "\n"


def make_manifest(
    *,
    config: RunConfig,
    overridden: Sequence[str],
    plan: Plan,
    dataset: Plugin,
    reference: Plugin,
    fingerprint: str,
    is_restricted: bool,
    weights: Mapping[str, Mapping[str, Any]],
    status: str,
    notices: Sequence[str] = (),
    timings: Mapping[str, float] | None = None,
    seconds: float | None = None,
    kept: KeptRun | None = None,
) -> Manifest:
    """Collect the provenance of a run; of maps that were `kept`, what made them.

    `timings` are seconds per stage over all attempts and workers, `seconds` those of this attempt.
    """
    own = kept.entries if kept else ()
    given = [entry for entry in plan.stored if entry not in own]
    return Manifest(
        content={
            "schema": 1,
            "status": status,
            "config": config.as_json(),
            "overridden": list(overridden),
            "command": list(sys.argv),
            "dataset": {
                **provenance(dataset),
                "fingerprint": fingerprint,
                "restricted": is_restricted,
            },
            "reference": _reference(reference),
            "plugins": {
                **{f"{p.kind}:{p.label}": provenance(p) for p in plan.plugins},
                **(kept.plugins if kept else {}),
            },
            "weights": {**weights, **(kept.weights if kept else {})},
            "maps": {entry.name: _of_maps(entry) for entry in given},
            "entries": list(plan.entries),
            "not_applicable": dict(plan.not_applicable),
            "notices": list(notices),
            "timings_s": {k: round(v, 3) for k, v in (timings or {}).items()},
            "attempt_s": None if seconds is None else round(seconds, 3),
            "versions": _versions(),
            "hardware": {
                "machine": platform.machine(),
                "cpus": os.cpu_count(),
                "python": platform.python_version(),
                "system": platform.system(),
            },
        }
    )


def _reference(plugin: Plugin) -> dict[str, Any]:
    """Say what maps were compared with: the recipe's name, its version and where it is from."""
    assert isinstance(plugin.descriptor, Reference)
    recipe = {"label": plugin.label, "recipe_version": plugin.descriptor.version}
    return {**recipe, **provenance(plugin)}


def provenance(plugin: Plugin) -> dict[str, Any]:
    """Say which code a plugin is, in plain values."""
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "code_sha256": plugin.code_hash,
        "parameters": {k: str(v) for k, v in sorted(plugin.parameters.items())},
    }


def _of_maps(entry: StoredEntry) -> dict[str, Any]:
    return {
        **entry.about,
        "folder": str(entry.folder),
        "files": len(entry.files),
        "maps": len(entry.maps),
        "seeds": list(entry.seeds),
        "sha256": content_key({"files": dict(entry.files), "declared": entry.about}),
    }


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in LIBRARIES}
