"""The values that cross layers: cases, readings, fixations, models, score rows.

Pixels are those of the image as stored: x to the right, y down, row = y, integer coordinates at
pixel centres. Sizes are (height, width). Arrays use (row, column), gaze uses (x, y).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from gazebench.spec.geometry import Preprocessing

AttributeValue: TypeAlias = str | int | float | bool
CamLayout: TypeAlias = Literal["maps", "channels_last", "tokens"]


class Size(NamedTuple):
    """A height and a width in pixels."""

    height: int
    width: int


class Box(NamedTuple):
    """An axis-aligned box in image pixels; it may exceed the image."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float

    @property
    def width(self) -> float:
        """Horizontal extent in pixels."""
        return self.xmax - self.xmin

    @property
    def height(self) -> float:
        """Vertical extent in pixels."""
        return self.ymax - self.ymin


class Ellipse(NamedTuple):
    """A finding drawn by a reader: the ellipse inscribed in `box`, with its labels.

    `certainty` is 1 (unlikely, < 10 %) to 5 (consistent with, > 90 %).
    """

    box: Box
    certainty: int
    labels: tuple[str, ...]


class LabelledBox(NamedTuple):
    """A rectangle drawn by a reader, with the findings it stands for."""

    box: Box
    labels: tuple[str, ...] = ()


class LabelledMask(NamedTuple):
    """The pixels that a reader marked, [H, W] booleans, with the findings they stand for."""

    mask: NDArray[np.bool_]
    labels: tuple[str, ...] = ()


class Word(NamedTuple):
    """A word or phrase that a reader said, in seconds of the same clock as the fixations."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixations:
    """One reading's fixations in time order; every field has one row per fixation.

    Attributes:
        x: horizontal position, image pixels, [F]; may lie outside the image.
        y: vertical position, image pixels, [F]; may lie outside the image.
        start_s: start in seconds, [F].
        end_s: end in seconds, [F], not before the start.
        sigma_x: pixels in one degree of visual angle, horizontally, [F], positive.
        sigma_y: pixels in one degree of visual angle, vertically, [F], positive.
        shown: the part of the image on the screen, [F, 4] integers
            (xmin, ymin, xmax, ymax), end-exclusive.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    sigma_x: NDArray[np.float64]
    sigma_y: NDArray[np.float64]
    shown: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)


class Points(NamedTuple):
    """Pixels of one image, [P] rows and [P] columns, integers; one may stand there repeatedly."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reader's look at one image.

    Attributes:
        id: unique within the dataset.
        findings: label -> certainty, 0 (absent) to 5; a label that a dataset records only as
            present or absent is 5 or 0. A label that the reading does not know is left out.
        ellipses: what the reader drew as ellipses.
        boxes: what the reader drew as rectangles.
        chest_box: the box around lungs and heart, where the dataset has one.
    """

    id: str
    findings: Mapping[str, float] = field(default_factory=dict)
    ellipses: tuple[Ellipse, ...] = ()
    boxes: tuple[LabelledBox, ...] = ()
    chest_box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One image with its usable readings.

    Attributes:
        id: unique within the dataset.
        size: of the image as stored, in pixels.
        readings: those with usable gaze, in a fixed order.
        expected_readings: how many readings the study design gave this image (usable or not).
        subject: the patient, for clustering; None where unknown.
        attributes: what subset expressions may ask about (phase, view, split, ...).
        has_image: whether the dataset can give the pixels.
    """

    id: str
    size: Size
    readings: tuple[Reading, ...]
    expected_readings: int
    subject: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    has_image: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether every reading of the study design is usable."""
        return len(self.readings) >= self.expected_readings


class WeightsProvenance(NamedTuple):
    """Where a model's weights come from.

    `sha256` is of the file, or of the parameters when there is no file; `trained_on` names the
    dataset, or is None for untrained or unknown weights.
    """

    source: str
    sha256: str
    trained_on: str | None


class TokenGrid(NamedTuple):
    """How a transformer's tokens lie on its canvas.

    `prefix` counts the tokens that belong to no patch (class and register tokens) and come first;
    the patches follow row by row.
    """

    prefix: int
    height: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel:
    """A classifier ready to be explained.

    Attributes:
        module: in evaluation mode, maps images [B, channels, H, W] to logits [B, C].
        class_names: the C labels, in the order of the logits.
        preprocessing: how a stored image becomes the module's input, and back.
        provides: capabilities (`gazebench.spec.capabilities`) that hold for this very model.
        cam_layers: dotted names of the submodules whose outputs a CAM weighs.
        cam_layout: what those outputs are: "maps" [B, K, h, w], "channels_last" [B, h, w, K], or
            "tokens" [B, N, K], which lie on the canvas as `tokens` says.
        tokens: where a transformer's tokens lie; None for other networks.
        attention_weight_layers: dotted names of the submodules whose output, or its second part,
            is attention after the softmax, [B, heads, N, N], in the order of the forward pass.
        attention_layers: dotted names of the submodules whose outputs [B, 1, h, w] or [B, h, w]
            are attention coefficients.
        weights: where the parameters come from.
        multilabel: whether class probabilities are sigmoids (True) or a softmax (False).
    """

    module: torch.nn.Module
    class_names: tuple[str, ...]
    preprocessing: Preprocessing
    provides: frozenset[str]
    cam_layers: tuple[str, ...] = ()
    cam_layout: CamLayout = "maps"
    tokens: TokenGrid | None = None
    attention_weight_layers: tuple[str, ...] = ()
    attention_layers: tuple[str, ...] = ()
    weights: WeightsProvenance
    multilabel: bool = True


class Status(StrEnum):
    """How a score came about; everything but `OK` carries no value of its own."""

    OK = "ok"
    UNDEFINED = "undefined"  # the formula has no value here, for example NCC of a constant map
    NOT_APPLICABLE = "not_applicable"  # the target lacks what the metric compares with
    MISSING = "missing"  # no map was given for this case
    NONFINITE = "nonfinite"  # the map holds NaN or infinity
    FAILED = "failed"  # the plugin raised, or returned something that is not a map


INTEROBSERVER = "interobserver"  # what runs call their ceiling, as the paper does


class EntryKind(StrEnum):
    """What a leaderboard row stands for."""

    CEILING = "ceiling"  # one reader scored against the others
    FLOOR = "floor"  # a map made without looking at the image
    ENTRY = "entry"  # what is being ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One score: an entry's map for a case against the reference of one reading.

    `value` is None exactly when `status` is not `Status.OK`; `reason` then says why. Cases with
    the same `cluster` are of one patient and are resampled together; "" where that is not known.
    """

    dataset: str
    case: str
    reading: str
    entry: str
    kind: EntryKind
    seed: int
    metric: str
    value: float | None
    status: Status = Status.OK
    reason: str = ""
    cluster: str = ""
