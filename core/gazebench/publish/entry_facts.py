"""Where each entry's maps came from, out of a run's folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gazebench.engine.folder import CHECKS, COSTS
from gazebench.errors import RecordError
from gazebench.leaderboard.run_record import RunRecord
from gazebench.publish.record import (
    FEWEST_IMAGES,
    CostFacts,
    EntryFacts,
    GamingChecks,
    PluginFacts,
    WeightFacts,
)
from gazebench.publish.run_settings import stated_label, stated_value
from gazebench.spec.values import INTEROBSERVER

MAPS = "maps"  # the kind of what was made elsewhere


class Parts(NamedTuple):
    """An entry's model, method and mixing, as the run calls them; "" where there is none."""

    model: str = ""
    method: str = ""
    mixing: str = ""


def entry_facts(entries: Iterable[str], folder: Path, run: RunRecord) -> dict[str, EntryFacts]:
    """Return what is known about entries, floors and the ceiling, by the names of the run.

    Raises:
        RecordError: the run's costs or checks cannot be read.
    """
    costs, checks = _table(folder / COSTS), _without_few_readers(_table(folder / CHECKS))
    return {
        entry: _facts(
            entry,
            run.content,
            [line for line in costs if line["entry"] == entry],
            [line for line in checks if line["entry"] == entry],
        )
        for entry in entries
    }


def stated_names(entries: Iterable[str], run: RunRecord) -> dict[str, str]:
    """Return entry -> its name in a record: of paths in parameters only the last part stands.

    Raises:
        RecordError: two entries would have one name.
    """
    names: dict[str, str] = {}
    for entry in entries:
        name = stated_text(entry, run)
        if name in names.values():
            raise RecordError(
                f"two entries of the run would both be called {name}: they differ in folders only",
                do="give their files different names",
            )
        names[entry] = name
    return names


def stated_text(text: str, run: RunRecord) -> str:
    """Return a text with the run's plugins called as a record calls them, without folders."""
    labels = [key.partition(":")[2] for key in run.content.get("plugins", {})]
    for label in sorted(labels, key=len, reverse=True):
        text = text.replace(label, stated_label(label))
    return text


def parts_of(entry: str, content: Mapping[str, Any]) -> Parts:
    """Take an entry's name apart, by the plugins that the run names.

    >>> plugins = {"plugins": {"model:timm/resnet50": {}, "method:gradcam": {}}}
    >>> parts_of("timm/resnet50/gradcam/max", plugins)
    Parts(model='timm/resnet50', method='gradcam', mixing='max')
    """
    labels: dict[str, list[str]] = {"model": [], "method": []}
    for key in content.get("plugins", {}):
        kind, _, label = key.partition(":")
        if kind in labels:
            labels[kind].append(label)
    for method in sorted(labels["method"], key=len, reverse=True):
        if entry == method:
            return Parts(method=method)
        for model in sorted(labels["model"], key=len, reverse=True):
            stem = f"{model}/{method}"
            if entry == stem or entry.startswith(f"{stem}/"):
                return Parts(model, method, entry[len(stem) + 1 :])
    return Parts()


def _facts(
    entry: str,
    content: Mapping[str, Any],
    costs: Sequence[Mapping[str, str]],
    checks: Sequence[Mapping[str, str]],
) -> EntryFacts:
    checked = _checks(checks[0]) if checks else None
    stored = content.get("maps", {}).get(entry)
    if stored is not None:
        return _of_maps(entry, stored, checked)
    parts = parts_of(entry, content)
    weights = _weights(parts.model, content)
    made_by = [("model", parts.model), ("method", parts.method), ("floor", entry)]
    return EntryFacts(
        model=stated_label(parts.model),
        method=stated_label(parts.method),
        mixing=parts.mixing,
        family=parts.method.partition(":")[0],
        seeds=_seeds(content, weights) if parts.method else (),
        plugins=tuple(
            _plugin(kind, label, content["plugins"][f"{kind}:{label}"])
            for kind, label in made_by
            if label and f"{kind}:{label}" in content.get("plugins", {})
        ),
        weights=weights,
        cost=_cost(costs) if costs else None,
        checks=checked,
    )


def _of_maps(entry: str, stored: Mapping[str, Any], checks: GamingChecks | None) -> EntryFacts:
    maker = PluginFacts(
        kind=MAPS, label=entry, distribution="", version="", code_sha256=stored.get("sha256") or ""
    )
    method = str(stored.get("method") or "")
    return EntryFacts(
        model=str(stored.get("model") or ""),
        method=method,
        family=method.partition(":")[0],
        seeds=tuple(stored.get("seeds", ())),
        plugins=(maker,),
        checks=checks,
    )


def _plugin(kind: str, label: str, found: Mapping[str, Any]) -> PluginFacts:
    return PluginFacts(
        kind=kind,
        label=stated_label(label),
        distribution=str(found.get("distribution") or ""),
        version=str(found.get("version") or ""),
        code_sha256=str(found.get("code_sha256") or ""),
        parameters={n: stated_value(str(v)) for n, v in found.get("parameters", {}).items()},
    )


def _weights(model: str, content: Mapping[str, Any]) -> tuple[WeightFacts, ...]:
    found = []
    for key, value in content.get("weights", {}).items():
        label, _, seed = key.rpartition("@")
        if model and label == model:
            sha256, trained_on = value.get("sha256") or "", value.get("trained_on") or ""
            found.append(WeightFacts(seed=int(seed), sha256=sha256, trained_on=trained_on))
    return tuple(sorted(found, key=lambda one: one.seed))


def _seeds(content: Mapping[str, Any], weights: tuple[WeightFacts, ...]) -> tuple[int, ...]:
    if weights:
        return tuple(one.seed for one in weights)
    return tuple(content.get("config", {}).get("seeds", ()))


def _cost(lines: Sequence[Mapping[str, str]]) -> CostFacts:
    """Return the mean over an entry's seeds; the memory is the most of any."""

    def mean(name: str) -> float:
        return sum(float(line[name]) for line in lines) / len(lines)

    peaks = [float(line["peak_memory_mb"]) for line in lines if line["peak_memory_mb"]]
    return CostFacts(
        images=sum(int(line["images"]) for line in lines),
        seconds=mean("seconds"),
        forward_passes=mean("forward_passes"),
        backward_passes=mean("backward_passes"),
        peak_memory_mb=max(peaks, default=None),
    )


def _checks(line: Mapping[str, str]) -> GamingChecks:
    def number(name: str) -> float | None:
        return float(line[name]) if line[name] else None

    return GamingChecks(
        gain_over_centre_bias=number("gain_over_centre_bias"),
        gain_from_blur_and_bias=number("gain_from_blur_and_bias"),
        gain_beyond_bias=number("gain_beyond_bias"),
        closest_reader_excess=number("closest_reader_excess"),
    )


def _without_few_readers(checks: list[dict[str, str]]) -> list[dict[str, str]]:
    """Blank what is a mean over the images of several readers, where these are too few.

    The line of the ceiling says how many they are.
    """
    several = next((int(line["images"]) for line in checks if line["entry"] == INTEROBSERVER), 0)
    if several >= FEWEST_IMAGES:
        return checks
    return [{**line, "closest_reader_excess": ""} for line in checks]


def _table(path: Path) -> list[dict[str, str]]:
    if not path.is_file():  # of an older run
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordError(f"cannot read {path}: {error}", do="make the run again") from error
