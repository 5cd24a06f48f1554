"""How a classifier is trained, as a value; the defaults are the paper's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from gazebench.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides how a network is trained, except its seed.

    Adam on binary cross-entropy with logits; the learning rate is multiplied by `plateau_factor`
    after more than `plateau_patience` epochs without a lower validation loss; the weights of the
    lowest validation loss are kept.

    Attributes:
        epochs: passes over the training split.
        learning_rate: Adam's, at the start.
        weight_decay: the squared-norm penalty that Adam adds to the gradient.
        batch: images per step.
        plateau_factor: in (0, 1).
        plateau_patience: epochs.
        rotation: largest rotation either way, degrees.
        translation: largest shift either way, as a fraction of the image's width and height.
        scaling: largest change of scale either way: 0.05 draws from 0.95 to 1.05.
        crop: side of the centre crop, in pixels of the resized image.
        flip: probability of a horizontal flip.

    Raises:
        UsageError: a value that makes no sense.

    Reference: Bigolin Lanfredi et al., arXiv 2112.11716 (protocol section 5).
    """

    epochs: int = 75
    learning_rate: float = 1e-4
    weight_decay: float = 1e-5
    batch: int = 64
    plateau_factor: float = 0.5
    plateau_patience: int = 3
    rotation: float = 15.0
    translation: float = 0.05
    scaling: float = 0.05
    crop: int = 224
    flip: float = 0.5

    def __post_init__(self) -> None:
        for name, limits in _LIMITS.items():
            value = getattr(self, name)
            if not limits.hold(value):
                raise UsageError(
                    f"{name.replace('_', ' ')} must be {limits}, found {value}",
                    do="leave it out for the paper's value",
                )


class _Limits(NamedTuple):
    low: float
    high: float
    is_open: bool  # whether the limits themselves are excluded

    def hold(self, value: float) -> bool:
        """Say whether the value is allowed; NaN never is."""
        if self.is_open:
            return self.low < value < self.high
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if self.high == float("inf"):
            return f"more than {self.low:g}" if self.is_open else f"{self.low:g} or more"
        return f"between {self.low:g} and {self.high:g}"


_INFINITE = float("inf")
_LIMITS = {
    "epochs": _Limits(1, _INFINITE, False),
    "learning_rate": _Limits(0, _INFINITE, True),
    "weight_decay": _Limits(0, _INFINITE, False),
    "batch": _Limits(1, _INFINITE, False),
    "plateau_factor": _Limits(0, 1, True),
    "plateau_patience": _Limits(0, _INFINITE, False),
    "rotation": _Limits(0, 180, False),
    "translation": _Limits(0, 1, False),
    "scaling": _Limits(0, 1, False),
    "crop": _Limits(16, _INFINITE, False),
    "flip": _Limits(0, 1, False),
}
