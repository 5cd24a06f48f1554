"""A run's settings as a record states them: enough to run it again, nothing of the machine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from gazebench.engine.config import RunConfig, override, read_config
from gazebench.engine.folder import NOT_DECISIVE
from gazebench.registry.reference import format_parameters, parse_reference

UNSTATED = NOT_DECISIVE | {"data_root"}  # of the machine, and of no influence
FILES = frozenset({"plugins", "maps"})
NAMED = frozenset({"models", "methods", "mixings", "metrics", "floors", "reference"})
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

Change = Callable[[str], str]


def stated_settings(config: Mapping[str, Any]) -> dict[str, str]:
    """Return what differs from the defaults, name -> value as TOML.

    `config` is that of a run's manifest. Of every path only the last part is stated: in parameters
    of plugins (`weights=...`), in options of the dataset, of plugin files and folders of maps.

    >>> stated_settings({"dataset": "folder", "models": ["timm/resnet50:weights=/home/me/w.pt"],
    ...     "plugins": ["/home/me/mine.py"], "batch": 8, "threads": 4})
    {'dataset': '"folder"', 'models': '["timm/resnet50:weights=w.pt"]', 'plugins': '["mine.py"]'}
    """
    defaults = RunConfig().as_json()
    return {
        name: _toml(_changed(name, value, stated_value))
        for name, value in config.items()
        if name in defaults and name not in UNSTATED and value != defaults[name]
    }


def stated_label(label: str) -> str:
    """Return a plugin's label with the last part only of every path among its parameters.

    >>> stated_label("sononet:weights=/home/me/mine.safetensors")
    'sononet:weights=mine.safetensors'
    """
    return _in_parameters(label, stated_value) if label else ""


def stated_value(text: str) -> str:
    """Return the last part of a path, of Unix or Windows; what is none comes back as it is."""
    return PurePosixPath(PureWindowsPath(text).as_posix()).name or text


def run_config_of(stated: Mapping[str, str], *, files: Path = Path(), **changes: Any) -> RunConfig:
    """Return the configuration that a record states; `changes` are applied to it.

    A file or folder that it names is looked for in `files`.

    Raises:
        UsageError: it states something that is no setting of this version.
    """
    text = "".join(f"{name} = {value}\n" for name, value in stated.items())
    config = read_config(text, files / "the record's settings")
    found: dict[str, Any] = {
        name: _changed(name, getattr(config, name), lambda value: _in_folder(value, files))
        for name in (*NAMED, "dataset_options")
    }
    # Nothing beside or above the folder, whatever is stated.
    found |= {name: tuple(files / one.name for one in getattr(config, name)) for name in FILES}
    return override(override(config, found), changes)


def _changed(name: str, value: Any, change: Change) -> Any:
    """Apply `change` to whatever may be a path in a setting."""
    if isinstance(value, list | tuple):
        return type(value)(_changed(name, one, change) for one in value)
    if name in FILES:
        return change(value)
    if name in NAMED and value:
        return _in_parameters(value, change)
    if name == "dataset_options":
        return {key: change(option) for key, option in value.items()}
    return value


def _in_parameters(text: str, change: Change) -> str:
    reference = parse_reference(text)
    changed = {key: change(value) for key, value in reference.parameters.items()}
    return f"{reference.name}:{format_parameters(changed)}" if changed else reference.name


def _in_folder(text: str, folder: Path) -> str:
    file = folder / stated_value(text)
    return str(file) if text and file.exists() else text


def _toml(value: Any) -> str:
    """Write a value as TOML; of what settings hold only tables differ from JSON."""
    if isinstance(value, Mapping):
        items = (f"{_key(name)} = {_toml(value[name])}" for name in sorted(value))
        return "{" + ", ".join(items) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _toml(name)
