"""Descriptors of plugins, one kind each, and the decorators that make them.

A decorator describes, it never registers: `@method(...)` returns a frozen descriptor, and an entry
point (or `--plugin FILE`) is what makes it known. Importing a plugin module changes nothing.

The keyword-only parameters of the decorated function are the plugin's parameters; a user sets them
with `name:key=value,key=value`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from gazebench.errors import PluginError

if TYPE_CHECKING:
    from gazebench.spec.board import Board
    from gazebench.spec.contracts import (
        FloorContext,
        OpenDataset,
        Problem,
        ScoredMap,
        Target,
        TrainingData,
    )
    from gazebench.spec.published import PublishedTable
    from gazebench.spec.values import LoadedModel

API_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Descriptor:
    """What every kind has: the function, what it is, and the API it was written for."""

    kind: ClassVar[str]
    function: Callable[..., Any]
    title: str
    reference: str = ""
    api: int = API_VERSION

    def __post_init__(self) -> None:
        if self.api != API_VERSION:
            raise PluginError(
                f"{self.function.__module__}:{self.function.__qualname__} is written for plugin "
                f"API {self.api}; this GazeBench speaks API {API_VERSION}",
                do="install a version of the plugin for this API",
            )

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The keyword-only parameters a user may set."""
        found = inspect.signature(self.function).parameters
        return {n: p for n, p in found.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Method(Descriptor):
    """An interpretability method: `function(model, images, classes, **parameters)`.

    `model` is an `ExplainedModel`, `images` [B, channels, H, W] network inputs, `classes` indices.
    Returns class maps [B, C, h, w], or with `class_free` one map per image [B, h, w], at any
    resolution that covers the network's input canvas.
    """

    kind: ClassVar[str] = "method"
    needs: frozenset[str]
    class_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageMethod(Descriptor):
    """A method without a model: `function(image, **parameters)`.

    `image` is float32 in [0, 1], [H, W] grey at the stored size. Returns one map [h, w] that
    covers the image, at any resolution.
    """

    kind: ClassVar[str] = "method"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model(Descriptor):
    """A classifier: `function(*, seed, **parameters)` returns a `LoadedModel`.

    With `family`, the name continues after a slash and the rest is the first positional argument:
    `timm/resnet50` calls `function("resnet50", seed=...)`. `provides` is what the plugin promises
    before it is loaded, for planning; the loaded model's own `provides` is what holds.
    """

    kind: ClassVar[str] = "model"
    provides: frozenset[str]
    family: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metric(Descriptor):
    """A comparison: `function(scored, target, **parameters)` returns one value per reading, [R].

    `scored` is a `ScoredMap`, `target` a `Target` that holds only readings with all that `needs`
    names. NaN says that the formula has no value there. Maps are scored in parallel, so the
    function must not keep anything between calls.

    Attributes:
        higher_is_better: the direction; never guessed.
        range: lowest and highest possible value.
        chance: what a map unrelated to gaze gets; None where that is no fixed number, and is
            measured: what the floor `uniform` scores on the same rows.
        needs: capabilities of the target, such as `centre_bias`.
        version: raised whenever a value changes.
        unit: what the number counts, or "1" for a pure number.
        shuffled: whether the centre bias is discounted.
    """

    kind: ClassVar[str] = "metric"
    higher_is_better: bool
    range: tuple[float, float]
    chance: float | None
    needs: frozenset[str]
    version: int
    unit: str = "1"
    shuffled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset(Descriptor):
    """A dataset: `function(root, **parameters)` returns an `OpenDataset`.

    `root` is a path or None when the user gave none; datasets that cannot live without one raise
    `DataError`. `restricted` is whether cases, gaze and images must never leave the machine.
    `notice` is what a reader of any result on it must know; every board shows it.
    `default_models` are explained when the user names none: those whose weights fit this dataset.

    Three optional companions take the same parameters where they have them:
    `validate(root, **parameters)` yields every `Problem` of the files on disk;
    `training(root, **parameters)` returns labelled images (`TrainingData`);
    `synthesize(folder, *, cases, size, seed, training_images)` writes a made-up dataset that
    `function` reads.
    """

    kind: ClassVar[str] = "dataset"
    restricted: bool = True
    needs_root: bool = True
    notice: str = ""
    default_models: tuple[str, ...] = ()
    validate: Callable[..., Iterable[Problem]] | None = None
    training: Callable[..., TrainingData] | None = None
    synthesize: Callable[..., None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floor(Descriptor):
    """A map that ignores the image: `function(context, **parameters)` returns [H, W]."""

    kind: ClassVar[str] = "floor"
    needs: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subset(Descriptor):
    """A part of a dataset: `function(case, **parameters)`.

    Returns whether the case belongs, or the names of the parts it belongs to: a subset `phase`
    that returns `["1"]` puts the case in `phase:1`. None means the case cannot be judged.
    """

    kind: ClassVar[str] = "subset"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exporter(Descriptor):
    """A file format of the leaderboard: `function(board)` returns the file's text."""

    kind: ClassVar[str] = "exporter"
    suffix: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replication(Descriptor):
    """Published figures to reproduce: `function()` returns every `PublishedTable`.

    `source` is where the scores behind them can be had.
    """

    kind: ClassVar[str] = "replication"
    source: str


KINDS: Mapping[str, tuple[type[Descriptor], ...]] = {
    "method": (Method, ImageMethod),
    "model": (Model,),
    "metric": (Metric,),
    "dataset": (Dataset,),
    "floor": (Floor,),
    "subset": (Subset,),
    "exporter": (Exporter,),
    "replication": (Replication,),
}

F = TypeVar("F", bound=Callable[..., Any])


class _LoadsModel(Protocol):
    def __call__(self, *args: Any, **kwargs: Any) -> LoadedModel: ...


class _OpensDataset(Protocol):
    def __call__(self, root: Path | None, /, *args: Any, **kwargs: Any) -> OpenDataset: ...


class _MakesFloor(Protocol):
    def __call__(self, context: FloorContext, /, *args: Any, **kwargs: Any) -> Any: ...


class _Scores(Protocol):
    def __call__(self, scored: ScoredMap, target: Target, /, *args: Any, **kwargs: Any) -> Any: ...


def method(
    *,
    needs: AbstractSet[str],
    class_free: bool = False,
    title: str = "",
    reference: str = "",
    api: int = API_VERSION,
) -> Callable[[Callable[..., Any]], Method]:
    """Describe an interpretability method; see `Method` for the function's signature."""

    def describe(function: Callable[..., Any]) -> Method:
        return Method(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
            needs=frozenset(needs),
            class_free=class_free,
        )

    return describe


def image_method(
    *, title: str = "", reference: str = "", api: int = API_VERSION
) -> Callable[[Callable[..., Any]], ImageMethod]:
    """Describe a method that needs no model; see `ImageMethod`."""

    def describe(function: Callable[..., Any]) -> ImageMethod:
        return ImageMethod(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
        )

    return describe


def model(
    *,
    provides: AbstractSet[str],
    family: bool = False,
    title: str = "",
    reference: str = "",
    api: int = API_VERSION,
) -> Callable[[_LoadsModel], Model]:
    """Describe a model; see `Model`."""

    def describe(function: _LoadsModel) -> Model:
        return Model(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
            provides=frozenset(provides),
            family=family,
        )

    return describe


def metric(
    *,
    higher_is_better: bool,
    range: tuple[float, float],
    chance: float | None,
    needs: AbstractSet[str],
    version: int,
    unit: str = "1",
    shuffled: bool = False,
    title: str = "",
    reference: str = "",
    api: int = API_VERSION,
) -> Callable[[_Scores], Metric]:
    """Describe a metric; see `Metric`. Direction, range and chance have no default."""

    def describe(function: _Scores) -> Metric:
        return Metric(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
            higher_is_better=higher_is_better,
            range=range,
            chance=chance,
            needs=frozenset(needs),
            version=version,
            unit=unit,
            shuffled=shuffled,
        )

    return describe


def dataset(
    *,
    restricted: bool = True,
    needs_root: bool = True,
    notice: str = "",
    default_models: tuple[str, ...] = (),
    validate: Callable[..., Iterable[Problem]] | None = None,
    training: Callable[..., TrainingData] | None = None,
    synthesize: Callable[..., None] | None = None,
    title: str = "",
    reference: str = "",
    api: int = API_VERSION,
) -> Callable[[_OpensDataset], Dataset]:
    """Describe a dataset; see `Dataset`. Restricted unless it says otherwise."""

    def describe(function: _OpensDataset) -> Dataset:
        return Dataset(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
            restricted=restricted,
            needs_root=needs_root,
            notice=notice,
            default_models=default_models,
            validate=validate,
            training=training,
            synthesize=synthesize,
        )

    return describe


def floor(
    *,
    needs: AbstractSet[str] = frozenset(),
    title: str = "",
    reference: str = "",
    api: int = API_VERSION,
) -> Callable[[_MakesFloor], Floor]:
    """Describe a floor; see `Floor`."""

    def describe(function: _MakesFloor) -> Floor:
        return Floor(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
            needs=frozenset(needs),
        )

    return describe


def subset(
    *, title: str = "", reference: str = "", api: int = API_VERSION
) -> Callable[[Callable[..., bool | Iterable[str] | None]], Subset]:
    """Describe a subset; see `Subset`."""

    def describe(function: Callable[..., bool | Iterable[str] | None]) -> Subset:
        return Subset(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
        )

    return describe


def exporter(
    *, suffix: str, title: str = "", reference: str = "", api: int = API_VERSION
) -> Callable[[Callable[[Board], str]], Exporter]:
    """Describe an exporter; see `Exporter`."""

    def describe(function: Callable[[Board], str]) -> Exporter:
        return Exporter(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
            suffix=suffix,
        )

    return describe


def replication(
    *, source: str, title: str = "", reference: str = "", api: int = API_VERSION
) -> Callable[[Callable[[], tuple[PublishedTable, ...]]], Replication]:
    """Describe published figures; see `Replication`."""

    def describe(function: Callable[[], tuple[PublishedTable, ...]]) -> Replication:
        return Replication(
            function=function,
            title=title or _first_sentence(function),
            reference=reference,
            api=api,
            source=source,
        )

    return describe


def _first_sentence(function: Any) -> str:
    """Take a title from the docstring's first line, or from the function's name."""
    doc = inspect.getdoc(function)
    if doc:
        return doc.splitlines()[0].rstrip(".")
    return str(function.__name__).replace("_", " ")
