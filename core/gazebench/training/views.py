"""What the network is shown of an image: a random affine view, the centre, or all of it.

Every view is one matrix per image, from the view's pixels to the image's, so that a batch costs
one bilinear sampling. Coordinates are half-pixel ones, (x, y) from the centre of the view and of
the image. What lies outside the image is zero after normalisation, like the padding of an
explained image (`gazebench.spec.geometry`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gazebench.spec.geometry import Placement, Preprocessing
from gazebench.spec.values import Size
from gazebench.training.recipe import Recipe


class Stack(NamedTuple):
    """Images of any size in one array, at its top left: values uint8 [B, H, W], sizes [B, 2]."""

    values: torch.Tensor
    sizes: NDArray[np.int64]


def stack_images(images: Sequence[NDArray[np.uint8]]) -> Stack:
    """Put grey images [h, w] into one array, zeros to the right and below."""
    sizes = np.array([image.shape for image in images], dtype=np.int64)
    values = np.zeros((len(images), *sizes.max(axis=0)), dtype=np.uint8)
    for row, image in zip(values, images, strict=True):
        row[: image.shape[0], : image.shape[1]] = image
    return Stack(torch.from_numpy(values), sizes)


def random_affines(
    sizes: NDArray[np.int64], recipe: Recipe, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw a rotation, scale, shift and flip per image; returns view-to-image matrices [B, 2, 3].

    x_image = F R(-angle) (x_view - shift) / scale, F the flip: the image is rotated and scaled
    about its centre, then shifted, as in the paper's training.
    """
    n = len(sizes)
    angle = np.deg2rad(rng.uniform(-recipe.rotation, recipe.rotation, n))
    scale = rng.uniform(1 - recipe.scaling, 1 + recipe.scaling, n)
    shift = rng.uniform(-recipe.translation, recipe.translation, (n, 2)) * sizes[:, ::-1]
    mirror = np.where(rng.random(n) < recipe.flip, -1.0, 1.0)
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    linear = np.stack([mirror * cosine, mirror * sine, -sine, cosine], axis=1).reshape(n, 2, 2)
    offset = -(linear @ shift[:, :, None])
    return np.concatenate([linear, offset], axis=2)


def centre_affines(sizes: NDArray[np.int64], crop: int) -> NDArray[np.float64]:
    """Return the matrices of the centre crop, on whole pixels."""
    odd = ((sizes[:, ::-1] - crop) % 2) / 2
    return _shifts(odd)


def canvas_affines(placements: Sequence[Placement]) -> NDArray[np.float64]:
    """Return the matrices that show all of each image on its canvas, as it is explained."""
    shifts = [
        (
            (place.canvas.width - place.scaled.width) / 2 - place.left,
            (place.canvas.height - place.scaled.height) / 2 - place.top,
        )
        for place in placements
    ]
    return _shifts(np.array(shifts, dtype=np.float64))


def view(
    stack: Stack, affines: NDArray[np.float64], size: Size, preprocessing: Preprocessing
) -> torch.Tensor:
    """Return network inputs [B, channels, *size], float32, on the stack's device."""
    values = stack.values[:, None].float() / 255
    # Where the image ends, and how much of a border pixel it covers, is sampled alongside.
    both = torch.cat([values, _inside(stack)], dim=1)
    grid = torch.nn.functional.affine_grid(
        _normalised(stack, affines, size).to(values.device),
        [len(values), 1, *size],
        align_corners=False,
    )
    sampled = torch.nn.functional.grid_sample(
        both, grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )
    mean, std = (_per_channel(v, values.device) for v in (preprocessing.mean, preprocessing.std))
    return (sampled[:, :1] - mean * sampled[:, 1:]) / std


def _shifts(shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = np.broadcast_to(np.eye(2), (len(shifts), 2, 2))
    return np.concatenate([linear, shifts[:, :, None]], axis=2)


def _inside(stack: Stack) -> torch.Tensor:
    height, width = stack.values.shape[1:]
    sizes = torch.from_numpy(stack.sizes).to(stack.values.device)
    rows = torch.arange(height, device=sizes.device) < sizes[:, :1]
    columns = torch.arange(width, device=sizes.device) < sizes[:, 1:]
    return (rows[:, None, :, None] & columns[:, None, None, :]).float()


def _normalised(stack: Stack, affines: NDArray[np.float64], size: Size) -> torch.Tensor:
    """Rewrite pixel matrices in torch's coordinates: -1 to 1 over the view and over the stack."""
    half_view = np.array([size.width, size.height]) / 2
    half_stack = np.array(stack.values.shape[:0:-1]) / 2
    centre = stack.sizes[:, ::-1] / 2
    linear = affines[:, :, :2] * half_view[None, None, :] / half_stack[None, :, None]
    offset = (affines[:, :, 2] + centre) / half_stack - 1
    return torch.from_numpy(np.concatenate([linear, offset[:, :, None]], axis=2)).float()


def _per_channel(values: Sequence[float], device: torch.device) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device)[None, :, None, None]
