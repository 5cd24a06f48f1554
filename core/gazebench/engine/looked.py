"""One reading as a reference recipe sees it, and what the recipe makes of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError, GazeBenchError, PluginError
from gazebench.gaze.density import NoDensityError, fixation_density
from gazebench.gaze.regions import drawn, uniform_density
from gazebench.registry.asked import asked, error_words
from gazebench.registry.plugin import Plugin
from gazebench.spec.contracts import HasMasks, HasWords, OpenDataset
from gazebench.spec.values import Case, Fixations, LabelledMask, Reading, Word

Recalled: TypeAlias = Fixations | NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """A reading of a case: implements `gazebench.spec.contracts.Looked`."""

    dataset: OpenDataset
    case: Case
    reading: Reading

    def fixations(self) -> Fixations:
        """Return the reading's fixations.

        Raises:
            DataError: the dataset cannot give them, or some of them make no sense.
        """
        try:
            found = self.dataset.fixations(self.case, self.reading)
        except (GazeBenchError, MemoryError):
            raise
        except Exception as error:
            raise DataError(
                f"the dataset raised {type(error).__name__} for the fixations of reading "
                f"{self.reading.id}: {error_words(error)}",
                do="check the data with `gazebench dataset validate`, or mend the dataset's plugin",
            ) from error
        _check_fixations(found, self.reading)
        return found

    def words(self) -> tuple[Word, ...]:
        """Return what was said; empty where the dataset has no transcripts."""
        if not isinstance(self.dataset, HasWords):
            return ()
        return self.dataset.words(self.case, self.reading)

    def regions(self) -> tuple[LabelledMask, ...]:
        """Return what was marked: ellipses, boxes and the dataset's masks.

        Raises:
            DataError: a mask is not of the image's size.
        """
        masks: tuple[LabelledMask, ...] = ()
        if isinstance(self.dataset, HasMasks):
            masks = self.dataset.masks(self.case, self.reading)
        for one in masks:
            if one.mask.shape != tuple(self.case.size):
                raise DataError(
                    f"reading {self.reading.id}: a mask of {one.mask.shape}, "
                    f"the image is {tuple(self.case.size)} (height, width)",
                    do="use the masks and images as distributed",
                )
        return (*drawn(self.reading, self.case.size), *masks)


def recall(recipe: Plugin | None, looked: Looked) -> Recalled:
    """Return what a recipe takes of a reading; all fixations without a recipe.

    Raises:
        GazeBenchError: a file of the dataset is missing or malformed.
        PluginError: the recipe raised, or returned something else than it may.
    """
    if recipe is None:
        return looked.fixations()
    about = f" for reading {looked.reading.id}"
    made = asked(recipe, about, recipe.call, looked)
    if made is None:
        return None
    if isinstance(made, Fixations):
        return _of_one_length(made, recipe, looked)
    shape, expected = getattr(made, "shape", None), tuple(looked.case.size)
    if isinstance(made, np.ndarray) and made.dtype == np.bool_ and shape == expected:
        return made
    found = (
        f"{made.dtype} of shape {shape}" if isinstance(made, np.ndarray) else type(made).__name__
    )
    raise PluginError(
        f"the reference {recipe.label} returned {found} for reading {looked.reading.id}",
        do=f"return Fixations, booleans of shape {expected} (height, width), or None",
    )


def write_density(recalled: Recalled, case: Case, out: NDArray[np.float32]) -> bool:
    """Write the density of what a recipe recalled to `out`, and say whether it has one."""
    if recalled is None:
        return False
    if not isinstance(recalled, Fixations):
        return uniform_density(recalled, out)
    try:
        fixation_density(recalled, case.size, out=out)
    except NoDensityError:
        return False
    return True


def _check_fixations(found: Fixations, reading: Reading) -> None:
    """Refuse what no gaze is: from it, no score would be one.

    Raises:
        DataError: a value is no finite number, a sigma is not positive, or a fixation ends before
            it starts.
    """
    for name in ("x", "y", "start_s", "end_s", "sigma_x", "sigma_y"):
        values = np.asarray(getattr(found, name))
        bad = ~np.isfinite(values) if values.dtype.kind in "fiu" else np.ones(len(values), bool)
        if name.startswith("sigma"):
            bad |= values <= 0
        if name == "end_s":
            bad |= values < np.asarray(found.start_s)
        if bad.any():
            place = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"reading {reading.id}: fixation {place + 1} has {name} = {values[place]}",
                do="check the data with `gazebench dataset validate`, or mend the dataset's plugin",
            )


def _of_one_length(made: Fixations, recipe: Plugin, looked: Looked) -> Fixations:
    rows = {field.name: len(getattr(made, field.name)) for field in fields(made)}
    if len(set(rows.values())) == 1:
        return made
    raise PluginError(
        f"the reference {recipe.label} returned fixations of several lengths for reading "
        f"{looked.reading.id}: {', '.join(f'{name} {n}' for name, n in rows.items())}",
        do=f"mend {recipe.origin}: take the same rows of every field",
    )
