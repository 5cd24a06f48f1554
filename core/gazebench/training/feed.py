"""Batches of network inputs and labels, in an order that a generator decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gazebench.attribution.prepare import group_by_canvas
from gazebench.spec.geometry import Preprocessing
from gazebench.spec.values import Size
from gazebench.training.pixels import Pixels
from gazebench.training.recipe import Recipe
from gazebench.training.views import (
    Stack,
    canvas_affines,
    centre_affines,
    random_affines,
    stack_images,
    view,
)


class Batch(NamedTuple):
    """Network inputs [B, channels, H, W], labels [B, classes], and their rows in the dataset."""

    images: torch.Tensor
    labels: torch.Tensor
    rows: NDArray[np.int64]


class Shown(StrEnum):
    """What an evaluated network sees of an image."""

    CENTRE = "centre"  # the centre crop, as in training
    WHOLE = "whole"  # the whole image on its canvas, as when it is explained


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feed:
    """Pixels and labels of a dataset, as one network takes them."""

    pixels: Pixels
    labels: NDArray[np.float32]
    preprocessing: Preprocessing
    recipe: Recipe
    device: torch.device

    def augmented(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Iterator[Batch]:
        """Yield every row once, shuffled, each in a random view.

        A last batch of a single image is left out: batch statistics need two.
        """
        size = Size(self.recipe.crop, self.recipe.crop)
        shuffled = rng.permutation(rows)
        for chunk in _chunks(shuffled, self.recipe.batch):
            if len(chunk) == 1 and len(rows) > 1:
                return
            stack = self._stack(chunk)
            yield self._batch(stack, random_affines(stack.sizes, self.recipe, rng), size, chunk)

    def plain(self, rows: NDArray[np.int64], shown: Shown) -> Iterator[Batch]:
        """Yield every row once, as it is; images of one canvas come together."""
        if shown is Shown.CENTRE:
            size = Size(self.recipe.crop, self.recipe.crop)
            for chunk in _chunks(rows, self.recipe.batch):
                stack = self._stack(chunk)
                affines = centre_affines(stack.sizes, self.recipe.crop)
                yield self._batch(stack, affines, size, chunk)
            return
        placements = [self.pixels.placements[row] for row in rows]
        for group in group_by_canvas(placements, batch=self.recipe.batch):
            alike = [placements[index] for index in group]
            chunk = rows[group]
            yield self._batch(self._stack(chunk), canvas_affines(alike), alike[0].canvas, chunk)

    def _stack(self, rows: NDArray[np.int64]) -> Stack:
        stack = stack_images([self.pixels[row] for row in rows])
        return stack._replace(values=stack.values.to(self.device))

    def _batch(
        self, stack: Stack, affines: NDArray[np.float64], size: Size, rows: NDArray[np.int64]
    ) -> Batch:
        images = view(stack, affines, size, self.preprocessing)
        labels = torch.from_numpy(self.labels[rows]).to(self.device)
        return Batch(images.contiguous(memory_format=torch.channels_last), labels, rows)


def _chunks(rows: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
