from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import affine_transform

from gazebench.attribution.prepare import network_input
from gazebench.spec.geometry import Placement, Preprocessing, ShortSideThenPad
from gazebench.spec.values import Size
from gazebench.training.pixels import shrink
from gazebench.training.recipe import Recipe
from gazebench.training.views import (
    canvas_affines,
    centre_affines,
    random_affines,
    stack_images,
    view,
)

ATOL = 2e-5  # float32 coordinates of some 50 pixels, intensities below 4 after normalisation
GREY = Preprocessing(geometry=ShortSideThenPad(), channels=1, mean=(0.0,), std=(1.0,))
STILL = Recipe(rotation=0, translation=0, scaling=0, flip=0)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_the_centre_crop_copies_whole_pixels() -> None:
    image = noise(50, 40)

    shown = view(
        stack_images([image]), centre_affines(np.array([[50, 40]]), 32), Size(32, 32), GREY
    )

    assert torch.allclose(shown[0, 0], torch.from_numpy(image[9:41, 4:36] / 255).float(), atol=ATOL)


@pytest.mark.parametrize(("height", "width"), [(51, 40), (50, 41), (20, 50)])
def test_a_crop_of_odd_margins_copies_whole_pixels_too(height: int, width: int) -> None:
    image = noise(height, width)
    sizes = np.array([[height, width]])

    shown = view(stack_images([image]), centre_affines(sizes, 32), Size(32, 32), GREY)[0, 0]

    values = set(np.round(shown.numpy() * 255, 2).ravel().tolist())
    assert values <= {float(value) for value in np.unique(image)} | {0.0}


def test_the_whole_view_is_what_explanations_see() -> None:
    geometry = ShortSideThenPad(short_side=32, multiple=8)
    preprocessing = Preprocessing(
        geometry=geometry, channels=3, mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4)
    )
    image = noise(91, 70)
    shrunk = shrink(image, geometry)

    shown = view(
        stack_images([shrunk.values]),
        canvas_affines([shrunk.placement]),
        shrunk.placement.canvas,
        preprocessing,
    )

    half_step = 0.5 / 255 / 0.2  # pixels are kept in 8 bits
    assert shown[0].shape == (3, 40, 40)
    assert (shown[0] - network_input(image, preprocessing)).abs().max() < half_step + ATOL


def test_images_of_different_sizes_share_a_stack_without_seeing_it() -> None:
    small, large = noise(32, 36, seed=1), noise(60, 50, seed=2)
    shifted = Preprocessing(geometry=ShortSideThenPad(), channels=1, mean=(0.5,), std=(0.25,))
    size = Size(40, 40)

    together = stack_images([small, large])
    both = view(together, centre_affines(together.sizes, 40), size, shifted)

    for row, image in enumerate((small, large)):
        alone = stack_images([image])
        expected = view(alone, centre_affines(alone.sizes, 40), size, shifted)
        assert torch.allclose(both[row], expected[0], atol=ATOL)
    assert torch.all(both[0, 0, :3] == 0)  # above the small image: zero after normalisation


def test_a_random_view_is_one_bilinear_sampling_about_the_centre() -> None:
    image = noise(60, 52)
    recipe = Recipe(rotation=40, translation=0.1, scaling=0.2, flip=1)
    sizes = np.array([image.shape])

    affine = random_affines(sizes, recipe, np.random.default_rng(3))[0]
    shown = view(stack_images([image]), affine[None], Size(32, 32), GREY)[0, 0].numpy()

    # scipy speaks (row, column) of pixel centres: o -> matrix @ o + offset
    swap = affine[::-1, 1::-1]
    offset = affine[::-1, 2] + (np.array(image.shape) - 1) / 2 - swap @ np.array([15.5, 15.5])
    expected = affine_transform(
        np.pad(image / 255, 1), swap, offset + 1, output_shape=(32, 32), order=1
    )
    assert np.abs(shown - expected).max() < 1e-4


def test_random_views_stay_within_the_recipe() -> None:
    recipe = Recipe(rotation=15, translation=0.05, scaling=0.05, flip=0.5)
    sizes = np.tile([[272, 224]], (4000, 1))

    affines = random_affines(sizes, recipe, np.random.default_rng(0))

    linear = affines[:, :, :2]
    mirrored = np.linalg.det(linear) < 0
    scale = 1 / np.sqrt(np.abs(np.linalg.det(linear)))
    angle = np.rad2deg(np.arctan2(linear[:, 1, 0], linear[:, 1, 1]))
    shift = -np.linalg.solve(linear, affines[:, :, 2:])[:, :, 0]
    assert abs(mirrored.mean() - 0.5) < 0.03
    assert 0.95 <= scale.min() < 0.951
    assert 1.049 < scale.max() <= 1.05
    assert 14.9 < np.abs(angle).max() <= 15
    assert np.abs(angle.mean()) < 0.5
    assert np.all(np.abs(shift) <= [0.05 * 224 + 1e-9, 0.05 * 272 + 1e-9])
    assert np.all(np.abs(shift).max(axis=0) > [0.049 * 224, 0.049 * 272])


def test_no_augmentation_is_the_centre() -> None:
    sizes = np.array([[48, 40], [40, 40]])

    drawn = random_affines(sizes, STILL, np.random.default_rng(0))

    assert np.array_equal(drawn, centre_affines(sizes, 32))


def test_a_cropping_geometry_shows_what_it_crops_to() -> None:
    image = noise(40, 40)
    placement = Placement(Size(40, 40), -4, -4, Size(32, 32))

    shown = view(stack_images([image]), canvas_affines([placement]), Size(32, 32), GREY)

    assert torch.allclose(shown[0, 0], torch.from_numpy(image[4:36, 4:36] / 255).float(), atol=ATOL)
