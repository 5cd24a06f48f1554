"""The decorators that describe plugins.

A decorator describes, it never registers: `@method(...)` returns a frozen descriptor, and an entry
point (or `--plugin FILE`) is what makes it known. Importing a plugin module changes nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from gazebench.spec.descriptors import (
    API_VERSION,
    Dataset,
    Exporter,
    Floor,
    ImageMethod,
    Method,
    Metric,
    Model,
    ModelMetric,
    Reference,
    Replication,
    Subset,
)

if TYPE_CHECKING:
    from gazebench.spec.board import Board
    from gazebench.spec.contracts import (
        FloorContext,
        Looked,
        OpenDataset,
        Problem,
        ScoredMap,
        Target,
        TrainingData,
    )
    from gazebench.spec.explaining import ExplainedImage
    from gazebench.spec.published import PublishedTable
    from gazebench.spec.values import LoadedModel

Requires = Mapping[str, str]
NOTHING: Requires = {}


class _LoadsModel(Protocol):
    def __call__(self, *args: Any, **kwargs: Any) -> LoadedModel: ...


class _OpensDataset(Protocol):
    def __call__(self, root: Path | None, /, *args: Any, **kwargs: Any) -> OpenDataset: ...


class _Recalls(Protocol):
    def __call__(self, looked: Looked, /, *args: Any, **kwargs: Any) -> Any: ...


class _MakesFloor(Protocol):
    def __call__(self, context: FloorContext, /, *args: Any, **kwargs: Any) -> Any: ...


class _Scores(Protocol):
    def __call__(self, scored: ScoredMap, target: Target, /, *args: Any, **kwargs: Any) -> Any: ...


class _ScoresModel(Protocol):
    def __call__(self, explained: ExplainedImage, /, *args: Any, **kwargs: Any) -> Any: ...


class _Common(TypedDict):
    """What every descriptor is made of."""

    function: Callable[..., Any]
    title: str
    reference: str
    requires: Requires
    api: int


def method(
    *,
    needs: AbstractSet[str],
    class_free: bool = False,
    random: bool = False,
    applies: Callable[[LoadedModel], str | None] | None = None,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[Callable[..., Any]], Method]:
    """Describe an interpretability method; see `Method` for the function's signature."""

    def describe(function: Callable[..., Any]) -> Method:
        return Method(
            **_common(function, title, reference, requires, api),
            needs=frozenset(needs),
            class_free=class_free,
            random=random,
            applies=applies,
        )

    return describe


def image_method(
    *, title: str = "", reference: str = "", requires: Requires = NOTHING, api: int = API_VERSION
) -> Callable[[Callable[..., Any]], ImageMethod]:
    """Describe a method that needs no model; see `ImageMethod`."""

    def describe(function: Callable[..., Any]) -> ImageMethod:
        return ImageMethod(
            **_common(function, title, reference, requires, api),
        )

    return describe


def model(
    *,
    provides: AbstractSet[str],
    family: bool = False,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[_LoadsModel], Model]:
    """Describe a model; see `Model`."""

    def describe(function: _LoadsModel) -> Model:
        return Model(
            **_common(function, title, reference, requires, api),
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
    accuracy: float = 1e-5,
    shuffled: bool = False,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[_Scores], Metric]:
    """Describe a metric; see `Metric`. Direction, range and chance have no default."""

    def describe(function: _Scores) -> Metric:
        return Metric(
            **_common(function, title, reference, requires, api),
            higher_is_better=higher_is_better,
            range=range,
            chance=chance,
            needs=frozenset(needs),
            version=version,
            unit=unit,
            accuracy=accuracy,
            shuffled=shuffled,
        )

    return describe


def model_metric(
    *,
    higher_is_better: bool,
    range: tuple[float, float],
    chance: float,
    needs: AbstractSet[str],
    version: int,
    unit: str = "1",
    accuracy: float = 1e-5,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[_ScoresModel], ModelMetric]:
    """Describe a metric of the network; see `ModelMetric`. `needs` are capabilities of a model."""

    def describe(function: _ScoresModel) -> ModelMetric:
        return ModelMetric(
            **_common(function, title, reference, requires, api),
            higher_is_better=higher_is_better,
            range=range,
            chance=chance,
            needs=frozenset(),
            model_needs=frozenset(needs),
            version=version,
            unit=unit,
            accuracy=accuracy,
        )

    return describe


def dataset(
    *,
    restricted: bool = True,
    needs_root: bool = True,
    notice: str = "",
    default_models: tuple[str, ...] = (),
    default_reference: str = "gaze",
    validate: Callable[..., Iterable[Problem]] | None = None,
    training: Callable[..., TrainingData] | None = None,
    synthesize: Callable[..., None] | None = None,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[_OpensDataset], Dataset]:
    """Describe a dataset; see `Dataset`. Restricted unless it says otherwise."""

    def describe(function: _OpensDataset) -> Dataset:
        return Dataset(
            **_common(function, title, reference, requires, api),
            restricted=restricted,
            needs_root=needs_root,
            notice=notice,
            default_models=default_models,
            default_reference=default_reference,
            validate=validate,
            training=training,
            synthesize=synthesize,
        )

    return describe


def reference(
    *,
    needs: AbstractSet[str] = frozenset(),
    version: int = 1,
    points: bool = True,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[_Recalls], Reference]:
    """Describe what of a reading maps are compared with; see `Reference`."""

    def describe(function: _Recalls) -> Reference:
        return Reference(
            **_common(function, title, reference, requires, api),
            needs=frozenset(needs),
            version=version,
            points=points,
        )

    return describe


def floor(
    *,
    needs: AbstractSet[str] = frozenset(),
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[_MakesFloor], Floor]:
    """Describe a floor; see `Floor`."""

    def describe(function: _MakesFloor) -> Floor:
        return Floor(
            **_common(function, title, reference, requires, api),
            needs=frozenset(needs),
        )

    return describe


def subset(
    *, title: str = "", reference: str = "", requires: Requires = NOTHING, api: int = API_VERSION
) -> Callable[[Callable[..., bool | Iterable[str] | None]], Subset]:
    """Describe a subset; see `Subset`."""

    def describe(function: Callable[..., bool | Iterable[str] | None]) -> Subset:
        return Subset(
            **_common(function, title, reference, requires, api),
        )

    return describe


def exporter(
    *,
    suffix: str,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[Callable[[Board], str]], Exporter]:
    """Describe an exporter; see `Exporter`."""

    def describe(function: Callable[[Board], str]) -> Exporter:
        return Exporter(
            **_common(function, title, reference, requires, api),
            suffix=suffix,
        )

    return describe


def replication(
    *,
    source: str,
    title: str = "",
    reference: str = "",
    requires: Requires = NOTHING,
    api: int = API_VERSION,
) -> Callable[[Callable[[], tuple[PublishedTable, ...]]], Replication]:
    """Describe published figures; see `Replication`."""

    def describe(function: Callable[[], tuple[PublishedTable, ...]]) -> Replication:
        return Replication(
            **_common(function, title, reference, requires, api),
            source=source,
        )

    return describe


def _common(
    function: Callable[..., Any], title: str, reference: str, requires: Requires, api: int
) -> _Common:
    return _Common(
        function=function,
        title=title or _first_sentence(function),
        reference=reference,
        requires=dict(requires),
        api=api,
    )


def _first_sentence(function: Any) -> str:
    """Take a title from the docstring's first line, or from the function's name."""
    doc = inspect.getdoc(function)
    if doc:
        return doc.splitlines()[0].rstrip(".")
    return str(function.__name__).replace("_", " ")
