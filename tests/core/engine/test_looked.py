"""References of any recipe: densities, ceilings and regions follow what it returns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gazebench.engine.looked import Looked, recall
from gazebench.engine.scoring import CaseScorer
from gazebench.engine.targets import GazeSource
from gazebench.errors import DataError, PluginError
from gazebench.gaze.buffers import Buffers
from gazebench.gaze.density import fixation_density
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec import (
    Box,
    Case,
    Fixations,
    LabelledBox,
    LabelledMask,
    Reading,
    Size,
    Status,
)
from made_readings import fixations
from wanting import everything

SIZE = Size(30, 40)
EVERYTHING = frozenset({"centre_bias", "fixations", "other_fixations", "regions"})
BOXES = {"r0": Box(0, 0, 10, 20), "r1": Box(5, 0, 15, 20), "r2": Box(5, 10, 10, 20)}


class Marked:
    """Two cases of three readings: a box each, fixations for ten seconds, a mask for the last."""

    def cases(self) -> Sequence[Case]:
        return tuple(
            Case(id=f"c{c}", size=SIZE, readings=self._readings(c), expected_readings=3)
            for c in range(2)
        )

    def _readings(self, c: int) -> tuple[Reading, ...]:
        return tuple(
            Reading(id=f"c{c}{name}", boxes=(LabelledBox(box, ("Mass",)),))
            for name, box in BOXES.items()
        )

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        shift = 0.25 * int(reading.id[-1])
        return fixations(*((k + shift, k + shift + 0.75) for k in range(10)))

    def masks(self, case: Case, reading: Reading) -> tuple[LabelledMask, ...]:
        if not reading.id.endswith("r2"):
            return ()
        mask = np.zeros(SIZE, np.bool_)
        mask[20:25, 30:40] = True
        return (LabelledMask(mask, ("Effusion",)),)

    def image(self, case: Case) -> np.ndarray:
        raise AssertionError("no reference looks at pixels")

    def fingerprint(self) -> str:
        return ""


def recipe(reference: str, *files: Path) -> Plugin:
    return Host(files=files).get("reference", reference)


def source(reference: str) -> GazeSource:
    made = GazeSource(Marked(), recipe="loio", reference=recipe(reference))
    made.readings_without_density(Marked().cases(), on_case=lambda: None)
    return made


def uniform(*regions: np.ndarray) -> np.ndarray:
    return np.mean([region / region.sum() for region in regions], axis=0)


def box(name: str) -> np.ndarray:
    region = np.zeros(SIZE, np.bool_)
    xmin, ymin, xmax, ymax = map(int, BOXES[name])
    region[ymin:ymax, xmin:xmax] = True
    return region


def test_the_whole_window_is_all_gaze_to_the_last_bit() -> None:
    case = Marked().cases()[0]
    whole, gaze = (source(name).gaze(case, EVERYTHING) for name in ("time_window", "gaze"))

    np.testing.assert_array_equal(whole.densities, gaze.densities)
    np.testing.assert_array_equal(whole.target.references, gaze.target.references)
    np.testing.assert_array_equal(whole.target.centre_bias, gaze.target.centre_bias)
    for one, other in zip(whole.target.fixations, gaze.target.fixations, strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)


def test_without_a_recipe_it_is_all_gaze() -> None:
    made = GazeSource(Marked(), recipe="loio")
    made.readings_without_density(Marked().cases(), on_case=lambda: None)
    case = Marked().cases()[1]

    expected = source("gaze").gaze(case, EVERYTHING).target.references

    np.testing.assert_array_equal(made.gaze(case, EVERYTHING).target.references, expected)


def test_a_window_s_density_is_that_of_its_fixations() -> None:
    case = Marked().cases()[0]

    found = source("time_window:end=2").gaze(case, EVERYTHING)

    cut = fixations((0.0, 0.75), (1.0, 1.75))
    np.testing.assert_allclose(found.densities[0], fixation_density(cut, SIZE), atol=1e-7)
    assert [len(points.rows) for points in found.target.fixations] == [4, 4, 4]


def test_regions_give_uniform_densities_and_leave_one_out_means_of_them() -> None:
    case = Marked().cases()[0]

    found = source("regions:label=Mass").gaze(case, EVERYTHING)

    np.testing.assert_allclose(found.densities[1], uniform(box("r1")), rtol=1e-6)
    expected = uniform(box("r1"), box("r2"))
    np.testing.assert_allclose(found.target.references[0], expected, rtol=1e-6)
    assert found.target.regions[0] is not None
    np.testing.assert_array_equal(found.target.regions[0], box("r1") | box("r2"))
    assert found.target.lacks(frozenset({"fixations"}), 0)
    assert found.target.lacks(frozenset({"other_fixations"}), 0)


def test_regions_hold_masks_beside_boxes_and_so_do_region_metrics_on_gaze() -> None:
    case = Marked().cases()[0]
    corner = np.zeros(SIZE, np.bool_)
    corner[20:25, 30:40] = True

    regions = source("regions").gaze(case, EVERYTHING)
    gaze = source("gaze").gaze(case, EVERYTHING)

    np.testing.assert_allclose(regions.densities[2], uniform(box("r2") | corner), rtol=1e-6)
    for ours, theirs in zip(regions.target.regions, gaze.target.regions, strict=True):
        assert ours is not None
        np.testing.assert_array_equal(ours, theirs)


def test_readings_without_the_label_are_named() -> None:
    made = GazeSource(Marked(), recipe="loio", reference=recipe("regions:label=Effusion"))

    without = made.readings_without_density(Marked().cases(), on_case=lambda: None)

    assert without == {"c0r0", "c0r1", "c1r0", "c1r1"}


def test_the_ceiling_is_of_the_readers_under_the_same_recipe() -> None:
    case = Marked().cases()[0]
    scorer = CaseScorer(
        dataset="made",
        case=case,
        gaze=source("regions:label=Mass").gaze(case, EVERYTHING),
        wanted=everything("ncc"),
    )

    rows = [row for task in scorer.ceiling() for row in task(Buffers())]

    others = uniform(box("r1"), box("r2"))
    expected = np.corrcoef(uniform(box("r0")).ravel(), others.ravel())[0, 1]
    assert [row.status for row in rows] == [Status.OK] * 3
    assert rows[0].value == pytest.approx(expected, abs=1e-6)


def test_the_centre_bias_of_regions_is_the_other_films_regions() -> None:
    bias = source("regions:label=Mass").gaze(Marked().cases()[0], EVERYTHING).target.centre_bias

    np.testing.assert_allclose(bias, uniform(box("r0"), box("r1"), box("r2")), atol=1e-6)


BROKEN = """
    import numpy as np
    from gazebench import reference

    @reference()
    def raises(looked):
        return looked.nonsense

    @reference()
    def misshapen(looked):
        return np.ones((2, 2), bool)

    @reference()
    def grey(looked):
        return np.ones((30, 40))
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("raises", "raised AttributeError for reading c0r0"),
        ("misshapen", r"returned bool of shape \(2, 2\) for reading c0r0"),
        ("grey", r"returned float64 of shape \(30, 40\)"),
    ],
)
def test_a_broken_recipe_is_named(tmp_path: Path, name: str, message: str) -> None:
    file = tmp_path / "broken.py"
    file.write_text(textwrap.dedent(BROKEN))
    case = Marked().cases()[0]
    looked = Looked(dataset=Marked(), case=case, reading=case.readings[0])

    with pytest.raises(PluginError, match=f"reference {name} {message}"):
        recall(recipe(name, file), looked)


def test_a_mask_of_another_size_is_refused() -> None:
    class Misshapen(Marked):
        def masks(self, case: Case, reading: Reading) -> tuple[LabelledMask, ...]:
            return (LabelledMask(np.ones((3, 3), np.bool_)),)

    case = Marked().cases()[0]
    looked = Looked(dataset=Misshapen(), case=case, reading=case.readings[0])

    with pytest.raises(DataError, match=r"reading c0r0: a mask of \(3, 3\)"):
        looked.regions()
