"""What a run's folder says about how its numbers came about."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from gazebench.engine.folder import MANIFEST
from gazebench.errors import DataError

OURS = ("gazebench", "__main__.py")  # the first word of a command that is our own
MAKERS = ("model", "method", "floor")  # kinds of plugins that are behind a map
KINDS: Mapping[str, type] = {
    "status": str, "config": dict, "command": list, "dataset": dict, "reference": dict,
    "not_applicable": dict, "notices": list, "versions": dict, "hardware": dict,
}  # fmt: skip
OF_MAPPINGS = frozenset({"plugins", "weights", "maps"})  # name -> facts
HASH = 12  # digits of a SHA-256 that a reader needs


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run's manifest, by what is asked of it. What the manifest lacks is left out or "".

    Attributes:
        content: see `gazebench.engine.manifest.make_manifest`.
    """

    content: Mapping[str, Any]

    @property
    def command(self) -> str:
        """The command line that made the run; a script's where it was made from Python."""
        words = [str(word) for word in self.content.get("command", ())]
        if words and PurePath(words[0]).name in OURS:
            words[0] = "gazebench"
        return shlex.join(words)

    @property
    def is_finished(self) -> bool:
        """Whether the run came to its end."""
        return self.content.get("status") == "finished"

    @property
    def is_restricted(self) -> bool:
        """Whether the dataset's cases, gaze and images must not be published; so unless it says
        otherwise, as runs of before it was noted do not."""
        dataset = self.content.get("dataset")
        said = dataset.get("restricted") if isinstance(dataset, Mapping) else None
        return said is not False

    @property
    def versions(self) -> Mapping[str, str]:
        """Library -> version."""
        return dict(self.content.get("versions", {}))

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of any result must know."""
        return tuple(map(str, self.content.get("notices", ())))

    @property
    def not_applicable(self) -> Mapping[str, str]:
        """Entry -> why it has no row."""
        return dict(self.content.get("not_applicable", {}))

    @property
    def reference(self) -> str:
        """What maps were compared with; all gaze where a run is too old to say."""
        return str(self.content.get("reference", {}).get("label", "gaze"))

    def setting(self, name: str, otherwise: Any) -> Any:
        """Return a value of the run's configuration."""
        return self.content.get("config", {}).get(name, otherwise)

    def code_hash(self, kind: str, label: str) -> str:
        """Return the SHA-256 of a plugin's code at the time of the run."""
        return str(self._plugins().get(f"{kind}:{label}", {}).get("code_sha256") or "")

    def dataset(self) -> str:
        """Name the dataset and its fingerprint."""
        found = self.content.get("dataset", {})
        return f"{found.get('name', '')}, fingerprint {str(found.get('fingerprint', ''))[:HASH]}"

    def made_by(self, entry: str) -> tuple[str, ...]:
        """Name the model, method, floor or folder of maps behind an entry, and its content."""
        maps = self.content.get("maps", {})
        if entry in maps:  # whatever its name may look like
            return (_stored(maps[entry]),)
        parts = entry.split("/")
        spans = {
            "/".join(parts[start:stop])
            for start in range(len(parts))
            for stop in range(start + 1, len(parts) + 1)
        }
        found = [
            f"{kind} {label}: {_source(plugin)}"
            for kind, label, plugin in self._in_order()
            if (label == entry if kind == "floor" else label in spans)
        ]
        weights = [
            f"weights {name}: {_weights(value)}"
            for name, value in sorted(self.content.get("weights", {}).items())
            if name.rpartition("@")[0] in spans
        ]
        return (*found, *weights)

    def _in_order(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Return kind, label and provenance of what makes maps."""
        found = [(*key.partition(":")[::2], value) for key, value in self._plugins().items()]
        return sorted((one for one in found if one[0] in MAKERS), key=lambda f: MAKERS.index(f[0]))

    def _plugins(self) -> Mapping[str, Any]:
        return dict(self.content.get("plugins", {}))


def read_run_record(path: Path) -> RunRecord | None:
    """Return what a run's folder says; None for a table, and for a folder without a manifest.

    Raises:
        DataError: the manifest cannot be understood.
    """
    file = path / MANIFEST
    if not path.is_dir() or not file.is_file():
        return None
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{file} cannot be read as JSON: {error}", do="run the same `gazebench run` again"
        ) from error
    if not isinstance(content, dict):
        raise DataError(f"{file} is no manifest of a run", do="run the same `gazebench run` again")
    for key, value in content.items():
        if not _is_as_written(key, value):
            raise DataError(
                f"{file} is no manifest of a run: {key} is {value!r:.80}",
                do="run the same `gazebench run` again",
            )
    return RunRecord(content=content)


def _is_as_written(key: str, value: Any) -> bool:
    if key in OF_MAPPINGS:
        return isinstance(value, dict) and all(isinstance(one, dict) for one in value.values())
    if key == "timings_s":
        return isinstance(value, dict) and all(_is_number(one) for one in value.values())
    if key == "attempt_s":
        return value is None or _is_number(value)
    return isinstance(value, KINDS.get(key, object))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _stored(maps: Mapping[str, Any]) -> str:
    """Describe maps that were made elsewhere."""
    said = [f"{key} {maps[key]}" for key in ("model", "method", "reference") if maps.get(key)]
    content = f"{maps.get('maps')} maps, SHA-256 {str(maps.get('sha256'))[:HASH]}"
    return ", ".join([f"maps made elsewhere: {content}", *said])


def _source(plugin: Mapping[str, Any]) -> str:
    version = f"{plugin.get('distribution', '')} {plugin.get('version', '')}".strip()
    code = str(plugin.get("code_sha256") or "")[:HASH]
    return f"{version}, code {code}" if code else version


def _weights(value: Mapping[str, Any]) -> str:
    trained = value.get("trained_on") or "nothing known"
    return f"SHA-256 {str(value.get('sha256', ''))[:HASH]}, trained on {trained}"
