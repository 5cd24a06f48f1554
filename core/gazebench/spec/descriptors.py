"""Descriptors of plugins, one kind each; `gazebench.spec.decorators` makes them.

The keyword-only parameters of the described function are the plugin's parameters; a user sets them
with `name:key=value,key=value`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from gazebench.errors import PluginError

if TYPE_CHECKING:
    from gazebench.spec.contracts import Problem, TrainingData
    from gazebench.spec.values import LoadedModel

API_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Descriptor:
    """What every kind has: the function, what it is, and the API it was written for.

    Attributes:
        requires: modules that the function imports and that need not be installed, each with what
            pip installs: `{"captum": "gazebench[captum]"}`. Nothing of it is imported to look.
    """

    kind: ClassVar[str]
    function: Callable[..., Any]
    title: str
    reference: str = ""
    api: int = API_VERSION
    requires: Mapping[str, str] = field(default_factory=dict)

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
    resolution that covers the network's input canvas. A run asks only for classes that count.

    Attributes:
        needs: capabilities of the model, such as `gradients`.
        class_free: whether there is one map for all classes.
        random: whether it draws random numbers. It is then called with one image at a time, the
            generators of torch, numpy and Python seeded from the run's seed, the method and the
            case, so that an image's map never depends on its batch.
        applies: says why this very model cannot be explained, or None when it can; called once
            the model is loaded, beyond what `needs` can say.
    """

    kind: ClassVar[str] = "method"
    needs: frozenset[str]
    class_free: bool = False
    random: bool = False
    applies: Callable[[LoadedModel], str | None] | None = None


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
        accuracy: how far a value may be from exact arithmetic, in that unit; what a rerun with the
            same libraries may differ by.
        shuffled: whether the centre bias is discounted.
    """

    kind: ClassVar[str] = "metric"
    higher_is_better: bool
    range: tuple[float, float]
    chance: float | None
    needs: frozenset[str]
    version: int
    unit: str = "1"
    accuracy: float = 1e-5
    shuffled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelMetric(Metric):
    """A metric of the network instead of the gaze: `function(explained, **parameters)`.

    `explained` is an `ExplainedImage`: an image, an entry's map of it, and the network. Returns
    one number, NaN where the formula has no value. What has no network (floors, readers, maps made
    elsewhere) has no score; a map that failed counts as chance, so `chance` is a number.

    Attributes:
        model_needs: capabilities of the model, such as `logits`.
    """

    model_needs: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset(Descriptor):
    """A dataset: `function(root, **parameters)` returns an `OpenDataset`.

    `root` is a path or None when the user gave none; datasets that cannot live without one raise
    `DataError`. `restricted` is whether cases, gaze and images must never leave the machine.
    `notice` is what a reader of any result on it must know; every board shows it.
    `default_models` are explained when the user names none: those whose weights fit this dataset.
    `default_reference` is what maps are compared with when the user names nothing: "regions" where
    readers marked findings and nobody tracked their eyes.

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
    default_reference: str = "gaze"
    validate: Callable[..., Iterable[Problem]] | None = None
    training: Callable[..., TrainingData] | None = None
    synthesize: Callable[..., None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference(Descriptor):
    """What of a reading maps are compared with: `function(looked, **parameters)`.

    `looked` is a `Looked`. Returns `Fixations`, which become a density; or the pixels marked,
    [H, W] booleans, which become a density that is uniform there and zero elsewhere; or None where
    the reading has nothing to compare with. References, ceilings and the centre bias are then made
    of these densities, whatever the recipe.

    Attributes:
        needs: what the dataset must give, such as `words` or `regions`.
        version: raised whenever what it returns changes.
        points: whether it returns fixations; metrics of fixation points apply only then.
    """

    kind: ClassVar[str] = "reference"
    needs: frozenset[str]
    version: int
    points: bool = True


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
    "reference": (Reference,),
    "floor": (Floor,),
    "subset": (Subset,),
    "exporter": (Exporter,),
    "replication": (Replication,),
}
