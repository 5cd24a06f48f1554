"""What a run is asked to do, from one TOML file and the options that override it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import UnionType
from typing import Any

import tomli

from gazebench.errors import UsageError
from gazebench.spec.suggest import suggest

CENTRE_BIAS_RECIPES = ("loio", "paper")
FULL = "float32"
ON_CPU, ON_GPU = 8, 64  # images at once, where nobody says how many
PRECISIONS = (FULL, "bfloat16", "float16")
INTERVALS = ("bootstrap", "bca", "paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """One run, in words. An empty tuple means "the default for this dataset" (see `plan`).

    Attributes:
        dataset: a dataset plugin.
        data_root: where its files are.
        dataset_options: parameters of the dataset plugin.
        models: model plugins, with parameters.
        methods: method plugins, with parameters.
        mixings: how class maps become one map.
        labels: class of a network -> findings of the dataset that it stands for, separated by
            semicolons, where the names do not say it (see `gazebench.spec.vocabulary`).
        metrics: metric plugins.
        floors: floor plugins.
        subsets: subset plugins, facets (`phase:1`) or, as `NAME=EXPRESSION`, one's own.
        seeds: given to models and methods; an entry is scored once per seed.
        plugins: single-file plugins.
        maps: folders of precomputed saliency maps; each is an entry, or several.
        reference: what maps are compared with, with parameters; "" for the dataset's default.
        centre_bias: "loio" leaves the image's own readings out, "paper" does not.
        min_readings: take cases with at least so many usable readings; None takes the cases
            whose every reading is usable.
        device: a torch device.
        batch: images per forward pass; 0 for as many as a GPU is good for, 8 on a CPU. Where memory
            is short, a run goes on with half as many.
        precision: of networks' arithmetic; maps are mixed and scored in float32.
        threads: that score maps; 0 for one per core.
        interval: how intervals are made.
        resamples: of the bootstrap.
        rank_by: the metric that orders the leaderboard; "" for the default.
        workers: processes that score shards; 1 for this one.
        scheduler: address or file of a Dask scheduler whose workers score shards; "" for none.
        shard: "I/N" scores the I-th of N parts of the cases, for `gazebench merge`; "" for all.
        cache: where scores are kept for other runs to find; None for the run's own folder.
        plugin_timeout: seconds that one call of a method, metric or floor may take; None for any.
        max_failures: entries x cases that may fail before the run stops, or, below 1, which part of
            all; None for any number.
        keep_maps: whether maps are kept beside the scores, for `rescore`.
        rescored: the run whose kept maps are scored, instead of making any; None to make them.
        out: the folder to write; None for one named after the dataset and this configuration.
    """

    dataset: str = "phantom"
    data_root: Path | None = None
    dataset_options: Mapping[str, str] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    mixings: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    subsets: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0,)
    plugins: tuple[Path, ...] = ()
    maps: tuple[Path, ...] = ()
    reference: str = ""
    centre_bias: str = "loio"
    min_readings: int | None = None
    device: str = "cpu"
    batch: int = 8
    precision: str = FULL
    threads: int = 0
    interval: str = "bootstrap"
    resamples: int = 10_000
    rank_by: str = ""
    workers: int = 1
    scheduler: str = ""
    shard: str = ""
    cache: Path | None = None
    plugin_timeout: float | None = None
    max_failures: float | None = None
    keep_maps: bool = False
    rescored: Path | None = None
    out: Path | None = None

    def __post_init__(self) -> None:
        _one_of("centre_bias", self.centre_bias, CENTRE_BIAS_RECIPES)
        _one_of("interval", self.interval, INTERVALS)
        _one_of("precision", self.precision, PRECISIONS)
        _at_least("batch", self.batch, 0)
        _at_least("threads", self.threads, 0)
        _at_least("workers", self.workers, 1)
        share_of(self.shard)
        _at_least("resamples", self.resamples, 1)
        if self.plugin_timeout is not None and not 0 < self.plugin_timeout < math.inf:
            raise UsageError(f"plugin_timeout must be above 0, found {self.plugin_timeout}")
        if self.max_failures is not None and not _is_allowance(self.max_failures):
            raise UsageError(
                "max_failures must be a whole number or a fraction below 1, found "
                f"{self.max_failures:g}"
            )
        if self.min_readings is not None:
            _at_least("min_readings", self.min_readings, 1)
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise UsageError(f"seeds must be distinct and at least one, found {self.seeds}")
        if any(seed < 0 for seed in self.seeds):
            raise UsageError(f"seeds must not be negative, found {self.seeds}")

    @property
    def images_at_once(self) -> int:
        """How many images go through a network together."""
        return self.batch or (ON_GPU if self.device.startswith("cuda") else ON_CPU)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, in a fixed order, for manifests and keys."""
        plain: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Path):
                value = str(value)
            elif isinstance(value, tuple):
                value = [str(v) if isinstance(v, Path) else v for v in value]
            elif isinstance(value, Mapping):
                value = dict(sorted(value.items()))
            plain[item.name] = value
        return plain


def share_of(text: str) -> tuple[int, int]:
    """Return which of how many parts of the cases to score, from 0; all of them for "".

    >>> share_of("2/3"), share_of("")
    ((1, 3), (0, 1))

    Raises:
        UsageError: it is not I/N with 1 <= I <= N.
    """
    if not text:
        return 0, 1
    first, _, second = text.partition("/")
    if first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second):
        return int(first) - 1, int(second)
    raise UsageError(f"shard must be I/N with 1 <= I <= N, found {text!r}", do="such as 1/3")


def load_config(path: Path) -> RunConfig:
    """Read a run's TOML; relative paths in it are relative to its folder.

    Raises:
        UsageError: the file is missing, is not TOML, or has an unknown or ill-typed key.
    """
    try:
        return read_config(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise UsageError(
            f"cannot read the configuration {path}: {error.strerror or error}",
            do="give the TOML file that describes the run; without one, options alone describe it",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"cannot read the configuration {path}: it is no text in UTF-8", do="save it as UTF-8"
        ) from error


def read_config(text: str, path: Path) -> RunConfig:
    """Read TOML that stands in the file `path`; see `load_config`."""
    try:
        table = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    known = {item.name for item in fields(RunConfig)}
    for key in table:
        if key not in known:
            raise UsageError(
                f"{path}: unknown key {key!r}",
                do=suggest(key, known) or f"use the keys {', '.join(sorted(known))}",
            )
    values = {key: _typed(path, key, value) for key, value in table.items()}
    return RunConfig(**values)


STATED = "the configuration in the manifest"


def config_from_json(content: Mapping[str, Any]) -> RunConfig:
    """Return a configuration from what `RunConfig.as_json` gave; unknown settings are left out.

    Raises:
        UsageError: a value that no configuration can have.
    """
    if not isinstance(content, Mapping):
        raise UsageError(f"{STATED} is no table of settings, found {content!r:.80}")
    known = {item.name for item in fields(RunConfig)}
    given = {k: v for k, v in content.items() if k in known and v is not None}
    return RunConfig(**{name: _typed(Path(STATED), name, value) for name, value in given.items()})


def override(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """Return the configuration with every change that is not None applied."""
    return replace(config, **{k: v for k, v in changes.items() if v is not None})


_TEXT = {
    "dataset",
    "reference",
    "centre_bias",
    "device",
    "precision",
    "interval",
    "rank_by",
    "scheduler",
    "shard",
}
_TEXTS = {"models", "methods", "mixings", "metrics", "floors", "subsets"}
_PATHS = {"data_root", "cache", "rescored", "out"}
_MANY_PATHS = {"plugins", "maps"}
_FLAGS = {"keep_maps"}
_NUMBERS = {"plugin_timeout", "max_failures"}
_COUNTS = {"min_readings", "batch", "resamples", "threads", "workers"}
_SINGLE: tuple[tuple[set[str], type | UnionType, str], ...] = (
    (_TEXT, str, "text"),
    (_COUNTS, int, "a whole number"),
    (_FLAGS, bool, "true or false"),
    (_NUMBERS, int | float, "a number"),
)


def _typed(path: Path, key: str, value: Any) -> Any:
    def refuse(expected: str) -> UsageError:
        return UsageError(f"{path}: {key} must be {expected}, found {value!r}")

    for keys, kind, words in _SINGLE:
        if key in keys:
            return _checked(value, kind, refuse(words))
    if key in _PATHS:
        return path.parent / _checked(value, str, refuse("a path"))
    if key in {"dataset_options", "labels"}:
        table = _checked(value, dict, refuse("a table"))
        return {name: _option_text(option) for name, option in table.items()}
    items = _checked(value, list, refuse("a list"))
    if key in _TEXTS:
        return tuple(_checked(item, str, refuse("a list of texts")) for item in items)
    if key == "seeds":
        return tuple(_checked(item, int, refuse("a list of whole numbers")) for item in items)
    return tuple(path.parent / _checked(item, str, refuse("a list of paths")) for item in items)


def _checked(value: Any, expected: type | UnionType, error: UsageError) -> Any:
    if not isinstance(value, expected) or (expected is not bool and isinstance(value, bool)):
        raise error
    return value


def _option_text(value: Any) -> str:
    """Write an option as the command line would, so that both are parsed by one rule."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(
            f"{name} must be one of {', '.join(allowed)}, found {value!r}",
            do=suggest(value, allowed),
        )


def _is_allowance(value: float) -> bool:
    return 0 <= value < 1 or (value >= 1 and float(value).is_integer())


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise UsageError(f"{name} must be at least {least}, found {value}")
