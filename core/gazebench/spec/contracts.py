"""What the harness hands to plugins, and what plugins hand back, as protocols.

Plugin authors never subclass anything: a dataset is any object with these methods, and the other
protocols describe objects that the harness passes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from gazebench.spec.values import (
    Box,
    Case,
    Fixations,
    LabelledMask,
    Points,
    Reading,
    Size,
    Word,
)

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


@runtime_checkable
class OpenDataset(Protocol):
    """A dataset on disk, opened. Cases are light; gaze and pixels are read when asked for."""

    def cases(self) -> Sequence[Case]:
        """Return every case with at least one usable reading, in a fixed order.

        Raises:
            DataError: a table is missing or malformed.
        """
        ...

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        """Return one reading's fixations.

        Raises:
            NoGazeError: nobody tracked eyes; the dataset's `default_reference` is another.
            DataError: the file is missing, empty or malformed; names file and row.
        """
        ...

    def image(self, case: Case) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return the pixels, [H, W] grey or [H, W, 3] RGB, full range of the type.

        Raises:
            DataError: the file is missing, unreadable, or of another size than the case says.
        """
        ...

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything that decides the cases and their gaze."""
        ...


@runtime_checkable
class HasImageFiles(Protocol):
    """A dataset that knows the file of an image: cached scores are keyed by the file's content,
    and by the decoded pixels where nobody knows the file."""

    def image_file(self, case: Case) -> Path:
        """Return where the pixels of a case are stored.

        Raises:
            DataError: the file is missing.
        """
        ...


@runtime_checkable
class HasRestriction(Protocol):
    """A dataset of which only its files say whether it is restricted; the descriptor's word goes
    for all others."""

    @property
    def restricted(self) -> bool:
        """Whether cases, gaze and images must never leave the machine."""
        ...


@runtime_checkable
class HasWords(Protocol):
    """A dataset that knows what its readers said."""

    def words(self, case: Case, reading: Reading) -> tuple[Word, ...]:
        """Return what was said during a reading, in order; empty where nothing is recorded.

        Raises:
            DataError: the transcript is malformed; names file and row.
        """
        ...


@runtime_checkable
class HasMasks(Protocol):
    """A dataset whose readers marked pixels, beside or instead of boxes and ellipses."""

    def masks(self, case: Case, reading: Reading) -> tuple[LabelledMask, ...]:
        """Return what a reader marked, of the size of the image; empty for nothing.

        Raises:
            DataError: the file is malformed; names it.
        """
        ...


class Looked(Protocol):
    """One reading of one image, as a reference recipe sees it; files are read when asked for."""

    @property
    def case(self) -> Case:
        """The image."""
        ...

    @property
    def reading(self) -> Reading:
        """The reading, with its findings and what was drawn."""
        ...

    def fixations(self) -> Fixations:
        """Return the reading's fixations.

        Raises:
            DataError: the dataset has none, or the file is missing or malformed.
        """
        ...

    def words(self) -> tuple[Word, ...]:
        """Return what was said, in order, on the clock of the fixations; empty for nothing.

        Raises:
            DataError: the transcript is malformed.
        """
        ...

    def regions(self) -> tuple[LabelledMask, ...]:
        """Return what was marked, ellipses, boxes and masks alike, each as its pixels [H, W].

        Raises:
            DataError: a file of masks is malformed.
        """
        ...


class Problem(NamedTuple):
    """Something wrong in a dataset's files.

    `row` counts from 1 with the header as row 1; None when the file as a whole is meant.
    `is_fatal` says whether a run would refuse the dataset because of it.
    """

    file: str
    row: int | None
    message: str
    is_fatal: bool


class TrainingSample(NamedTuple):
    """One labelled image; `split` is "train", "validate" or "test", labels are 0.0 or 1.0."""

    id: str
    subject: str
    split: str
    labels: tuple[float, ...]


class TrainingData(Protocol):
    """Labelled images to train a classifier on. Samples are light; pixels are read when asked."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """The labels, in the order of `TrainingSample.labels`."""
        ...

    def samples(self) -> Sequence[TrainingSample]:
        """Return every sample, in a fixed order, no subject in two splits."""
        ...

    def image(self, sample: TrainingSample) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return the pixels, [H, W] grey or [H, W, 3] RGB, full range of the type."""
        ...


class FloorContext(Protocol):
    """What a floor may look at: everything but the image."""

    @property
    def case(self) -> Case:
        """The case to make a map for."""
        ...

    @property
    def rng(self) -> np.random.Generator:
        """Random numbers that depend on the seed, the floor and the case alone."""
        ...

    @property
    def chest_box(self) -> Box | None:
        """The mean chest box over the case's readings."""
        ...

    def centre_bias(self) -> NDArray[np.floating]:
        """Return the centre-bias density [H, W] of this case, summing to 1."""
        ...

    def shuffled_density(self) -> NDArray[np.floating]:
        """Return the mean density of another case, registered to this one, [H, W]."""
        ...


class Ranked(Protocol):
    """A map's tie-aware ranks under a distribution of negatives: see `gazebench.scoring.ranks`."""

    def auc(self, positives: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return P(S+ > S-) + P(S+ = S-)/2 for every density of `positives` [R, H, W]."""
        ...

    def certificates(self, positives: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return, per density, the most that its AUC can be off."""
        ...


class ScoredMap(Protocol):
    """A saliency map in image pixels, ready to be compared; expensive parts are shared."""

    @property
    def values(self) -> NDArray[np.float32]:
        """The map, [H, W], finite."""
        ...

    @property
    def is_constant(self) -> bool:
        """Whether all pixels are equal."""
        ...

    @property
    def mean(self) -> float:
        """The mean over all pixels."""
        ...

    @property
    def deviation(self) -> float:
        """The population standard deviation over all pixels; exactly 0 for a constant map."""
        ...

    @property
    def distribution(self) -> NDArray[np.float32]:
        """The map as a probability distribution over pixels, [H, W], summing to 1.

        (map - min(map, 0)) / sum; uniform where the sum is 0. Zeros stay zeros.
        """
        ...

    def at(self, points: Points) -> NDArray[np.float64]:
        """Return the map's values at some pixels, [P]."""
        ...

    def ncc(self, densities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the correlation with every density of [R, H, W]; NaN where undefined."""
        ...

    def ranks(self, negatives: NDArray[np.floating] | None) -> Ranked:
        """Return the ranks under the density `negatives` [H, W], or under uniform negatives."""
        ...

    def mid_ranks(self, points: Points) -> NDArray[np.float64]:
        """Return, at some pixels, (pixels below + half the pixels tied) / pixels, [P], exact."""
        ...

    def intersections(self, densities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return sum(min(distribution, density)) for every density of [R, H, W]."""
        ...

    def cross_entropies(
        self, densities: NDArray[np.floating], epsilon: float
    ) -> NDArray[np.float64]:
        """Return -sum(density * log(distribution + epsilon)) for every density, in nats."""
        ...

    def rank_correlations(self, densities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the correlation of the ranks (ties: their mean) with those of every density."""
        ...


class Target(Protocol):
    """What the maps of one case are scored against; row r of everything belongs to reading r.

    The reference of a reading is made of the other readings (of itself where it is the only one),
    whatever form it takes: a density, the points fixated, the regions marked.
    """

    @property
    def size(self) -> Size:
        """The image's size."""
        ...

    @property
    def references(self) -> NDArray[np.floating]:
        """The reference density of every reading, [R, H, W], each summing to 1."""
        ...

    @property
    def centre_bias(self) -> NDArray[np.floating] | None:
        """The centre-bias density, [H, W], summing to 1; None where there is none."""
        ...

    @property
    def fixations(self) -> tuple[Points, ...]:
        """The pixels that the reference readings fixated, each fixation once, [R]."""
        ...

    @property
    def other_fixations(self) -> Points | None:
        """The pixels fixated on all other images, registered to this one as the centre bias is."""
        ...

    @property
    def regions(self) -> tuple[NDArray[np.bool_] | None, ...]:
        """What at least half of the reference readers marked, [R] masks [H, W]; None for nothing.

        A reader's mark is the union of the ellipses, boxes and masks; where the run's reference is
        itself made of regions, it is those.
        """
        ...

    @property
    def entropies(self) -> NDArray[np.float64]:
        """The entropy -sum(p log p) of every reference, in nats, [R]."""
        ...
