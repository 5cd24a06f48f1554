"""What plugin authors write, type-checked and never run.

Each `type: ignore` is a mistake that a type checker must find: under `--strict` an ignore that
hides nothing is itself an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gazebench import exporter, floor, hookimpl, image_method, method, metric, model, subset
from gazebench.spec import (
    GRADIENTS,
    REFERENCE,
    Board,
    Case,
    ExplainedModel,
    FloorContext,
    ImageMethod,
    LoadedModel,
    Method,
    Metric,
    ScoredMap,
    Target,
)

if TYPE_CHECKING:
    import torch


@method(needs={GRADIENTS})
def input_times_gradient(
    model: ExplainedModel, images: torch.Tensor, classes: Sequence[int], *, absolute: bool = False
) -> torch.Tensor:
    """Input times gradient."""
    product = (images[:, None] * model.gradient(images, classes)).sum(2)
    return product.abs() if absolute else product


@image_method()
def brightness(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Brightness."""
    return image


@metric(higher_is_better=True, range=(-1, 1), chance=0, needs={REFERENCE}, version=1)
def correlation(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """Correlation."""
    return scored.ncc(target.references)


@floor()
def flat(context: FloorContext) -> NDArray[np.float64]:
    """Flat."""
    return np.ones(context.case.size)


@subset()
def tall(case: Case) -> bool | Iterable[str] | None:
    """Images higher than wide."""
    return case.size.height > case.size.width


@exporter(suffix="txt")
def titles(board: Board) -> str:
    """Titles."""
    return str(board)


@hookimpl
def gazebench_board_written(board: Board, folder: Path) -> None:
    """Listen."""
    (folder / "titles.txt").write_text(titles.function(board))


_method: Method = input_times_gradient
_image_method: ImageMethod = brightness
_metric: Metric = correlation


if TYPE_CHECKING:  # seen by type checkers only: each would raise

    @metric(higher_is_better=True, range=(0, 1), needs=set(), version=1)  # type: ignore[call-arg]
    def without_chance(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
        """Nothing about chance may be guessed."""
        return scored.ncc(target.references)

    @model(provides=frozenset())  # type: ignore[arg-type]
    def not_a_model(*, seed: int) -> str:
        """Return something else than a LoadedModel."""
        return str(seed)

    @exporter(suffix="txt")  # type: ignore[arg-type]
    def not_text(board: Board) -> bytes:
        """Return something else than text."""
        return str(board).encode()

    @model(provides=frozenset())
    def loaded(*, seed: int) -> LoadedModel:
        """Load nothing."""
        raise NotImplementedError(seed)

    brightness.title = "another"  # type: ignore[misc]  # descriptors are frozen
