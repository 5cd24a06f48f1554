"""Pictures: places stay where they are, and restricted data are marked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gazebench.gallery.paint import LONGEST, MARK, STRIP, WARNING, Canvas, film, overlay, png
from gazebench.spec.values import Size


@given(height=st.integers(1, 4000), width=st.integers(1, 4000))
def test_a_canvas_keeps_the_aspect_and_is_never_larger(height: int, width: int) -> None:
    """Within half a pixel of the picture, of which no side has less than one."""
    shown = Canvas.of(Size(height, width)).shown

    scale = max(shown) / max(height, width)
    assert max(shown) == min(max(height, width), LONGEST)
    assert shown.height == 1 or abs(shown.height - height * scale) <= 0.5 + 1e-9
    assert shown.width == 1 or abs(shown.width - width * scale) <= 0.5 + 1e-9
    assert min(shown) >= 1


@pytest.mark.parametrize("size", [Size(1536, 1024), Size(100, 60), Size(700, 2048)])
def test_a_bright_square_and_a_place_stay_together(size: Size) -> None:
    """What the film shows there lies where a fixation on it is drawn."""
    pixels = np.zeros(size, np.uint8)
    row, column = int(size.height * 0.7), int(size.width * 0.25)
    pixels[row - 12 : row + 13, column - 12 : column + 13] = 255
    canvas = Canvas.of(size)

    shown = film(pixels, canvas)[..., 0].astype(float)
    x, y = canvas.at(column, row)

    rows, columns = np.indices(shown.shape)
    assert np.average(rows, weights=shown) == pytest.approx(y, abs=0.5)
    assert np.average(columns, weights=shown) == pytest.approx(x, abs=0.5)


def test_a_map_colours_the_film_where_it_is_large_and_nowhere_else() -> None:
    """Its smallest value leaves the film as it is."""
    size = Size(40, 60)
    values = np.zeros(size, np.float32)
    values[30, 50] = 3.0
    below = film(np.full(size, 100, np.uint8), Canvas.of(size))

    shown = overlay(below, values, Canvas.of(size))

    changed = np.argwhere((shown != below).any(axis=2))
    assert changed.tolist() == [[30, 50]]


def test_a_constant_map_shows_nothing() -> None:
    """It has no largest value."""
    size = Size(8, 8)
    below = film(None, Canvas.of(size))

    np.testing.assert_array_equal(overlay(below, np.ones(size), Canvas.of(size)), below)


def test_sixteen_bit_and_colour_films_are_shown_in_their_full_range() -> None:
    """White is white, whatever the type."""
    size = Size(4, 4)

    deep = film(np.full(size, 65535, np.uint16), Canvas.of(size))
    coloured = film(np.full((*size, 3), (255, 0, 0), np.uint8), Canvas.of(size))

    assert deep.min() == 255
    assert coloured[0, 0].tolist() == [255, 0, 0]


def test_restricted_pictures_are_marked_for_eyes_and_for_programs() -> None:
    """A strip below the picture, which itself stays whole, and a text in the file."""
    picture = np.zeros((30, 50, 3), np.uint8)

    marked = Image.open(io.BytesIO(png(picture, is_restricted=True)))
    open_one = Image.open(io.BytesIO(png(picture, is_restricted=False)))

    assert marked.size == (50, 30 + STRIP)
    assert marked.info[MARK] == WARNING
    assert np.asarray(marked)[:30].max() == 0
    assert np.asarray(marked)[30:, :, 0].min() > 100
    assert open_one.size == (50, 30)
    assert MARK not in open_one.info


def test_the_same_picture_gives_the_same_bytes() -> None:
    """No moment of writing is in it."""
    picture = np.zeros((3, 5, 3), np.uint8)

    assert png(picture, is_restricted=True) == png(picture, is_restricted=True)
