"""What a training tells whoever watches, besides the events of every run."""

from __future__ import annotations

from dataclasses import dataclass

from gazebench.spec.events import Event

DECODING = "decoding images"  # the stage before the first epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochFinished(Event):
    """A pass over the training split is done, and on disk."""

    model: str
    seed: int
    epoch: int
    epochs: int
    learning_rate: float
    train_loss: float
    validation_loss: float
    validation_auc: float | None
    is_best: bool
    seconds: float
