"""The convex chest region from a mask, or from the chest box."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from gazebench.errors import DataError
from gazebench.spec.values import Box, Case, Size
from gazebench_plugins.floors.convex_segmentation import (
    convex_segmentation,
    filled_hull,
    inscribed_ellipse,
)
from strategies import sizes, unhurried

SIZE = Size(30, 40)


def context(box=None):
    case = Case(id="P1", size=SIZE, readings=(), expected_readings=0)
    return SimpleNamespace(case=case, chest_box=box)


def two_lungs(size=SIZE):
    mask = np.zeros(size, np.uint8)
    mask[5:25, 4:12] = 1
    mask[8:22, 28:36] = 1
    return mask


def write(folder, mask, name="P1.png"):
    Image.fromarray(mask).save(folder / name)


def test_hull_of_two_lungs_covers_what_lies_between_them(tmp_path):
    write(tmp_path, two_lungs())

    found = convex_segmentation.function(context(), masks=str(tmp_path))

    assert set(np.unique(found)) == {0.0, 1.0}
    assert found[two_lungs() > 0].all()
    assert found[15, 4:36].all()
    assert not found[5, 28:].any(), "the right lung is shorter"
    assert not found[:5].any()
    assert not found[25:].any()
    assert not found[:, :4].any()
    assert not found[:, 36:].any()


@pytest.mark.parametrize("mode", ["L", "1", "I;16", "RGB", "RGBA", "LA"])
def test_any_png_of_a_mask_is_read(tmp_path, mode):
    grey = Image.fromarray(two_lungs())
    if mode == "I;16":
        grey = Image.fromarray(two_lungs().astype(np.uint16))
    elif mode == "1":
        grey = Image.fromarray(two_lungs() > 0)
    elif mode != "L":
        grey = Image.fromarray(two_lungs() * 255).convert(mode)
    grey.save(tmp_path / "P1.png")

    found = convex_segmentation.function(context(), masks=str(tmp_path))

    np.testing.assert_array_equal(found, filled_hull(two_lungs() > 0))


@unhurried
@given(st.data(), sizes)
def test_hull_covers_the_mask_and_is_convex_along_every_line_of_pixels(data, size):
    mask = data.draw(hnp.arrays(bool, tuple(size)))
    mask[data.draw(st.integers(0, size.height - 1)), 0] = True

    found = filled_hull(mask) > 0

    assert found[mask].all()
    for line in (*found, *found.T):
        inside = np.flatnonzero(line)
        assert inside.size == 0 or inside.size == inside[-1] - inside[0] + 1
    rows, columns = np.nonzero(mask)
    outside = found.copy()
    outside[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = False
    assert not outside.any(), "nothing beyond the mask's extent"


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
def test_single_pixels_and_lines_are_their_own_hull(shape):
    mask = np.zeros((9, 9), bool)
    mask[2 : 2 + shape[0], 3 : 3 + shape[1]] = True

    np.testing.assert_array_equal(filled_hull(mask), mask)


def test_without_masks_it_is_the_ellipse_in_the_chest_box():
    found = convex_segmentation.function(context(box=Box(10.0, 4.0, 30.0, 26.0)))

    row, column = np.mgrid[:30, :40]
    expected = ((column - 20) / 10) ** 2 + ((row - 15) / 11) ** 2 < 1
    np.testing.assert_array_equal(found, expected)
    assert found.mean() == pytest.approx(np.pi * 10 * 11 / 1200, rel=0.05)
    assert convex_segmentation.needs == {"chest_box"}


def test_ellipse_may_leave_the_image():
    found = inscribed_ellipse(Box(-10.0, -10.0, 10.0, 10.0), Size(8, 8))

    assert found[0, 0] == 1.0
    assert found[7, 7] == 1.0
    assert inscribed_ellipse(Box(-10.0, -10.0, 9.0, 9.0), Size(8, 8))[7, 7] == 0.0


def test_neither_masks_nor_chest_box_is_an_error():
    with pytest.raises(DataError, match="case P1 has no chest box"):
        convex_segmentation.function(context())


@pytest.mark.parametrize(
    ("mask", "name", "message"),
    [
        (two_lungs(), "other.png", "missing or cannot be read"),
        (two_lungs(Size(30, 41)), "P1.png", "41 x 30 pixels, its image 40 x 30"),
        (np.zeros((30, 40), np.uint8), "P1.png", "is empty"),
    ],
    ids=["missing", "other size", "empty"],
)
def test_bad_masks_are_named(tmp_path, mask, name, message):
    write(tmp_path, mask, name)

    with pytest.raises(DataError, match=message) as caught:
        convex_segmentation.function(context(), masks=str(tmp_path))
    assert "P1.png" in str(caught.value)


def test_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "P1.png").write_text("not a picture")

    with pytest.raises(DataError, match=r"P1\.png is missing or cannot be read"):
        convex_segmentation.function(context(), masks=str(tmp_path))
