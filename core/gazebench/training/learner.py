"""A network being trained: its optimiser, its schedule, and one epoch of either kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gazebench.training.device import Device
from gazebench.training.feed import Batch
from gazebench.training.recipe import Recipe

Stepped = Callable[[int], None]  # hears how many batches are done


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What a network says of images: logits and labels [images, classes], and their loss."""

    logits: NDArray[np.float64]
    labels: NDArray[np.float32]

    @property
    def loss(self) -> float:
        """Mean binary cross-entropy: log(1 + exp(s)) - y s, s the logit, y the label."""
        with np.errstate(invalid="ignore"):  # a network that overflowed is the caller's news
            losses = np.logaddexp(0, self.logits) - self.labels * self.logits
        return float(losses.mean(dtype=np.float64))


class Learner:
    """Owns everything that changes while a network is trained."""

    def __init__(self, module: torch.nn.Module, recipe: Recipe, device: Device) -> None:
        self.module = module.to(device.name).to(memory_format=torch.channels_last)
        self._device = device
        self._optimizer = torch.optim.Adam(
            self.module.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self._optimizer, factor=recipe.plateau_factor, patience=recipe.plateau_patience
        )
        self._scaler = torch.amp.GradScaler(device.kind, enabled=device.scales_loss)

    @property
    def learning_rate(self) -> float:
        """The one in use now."""
        return float(self._optimizer.param_groups[0]["lr"])

    def epoch(self, batches: Iterable[Batch], stepped: Stepped) -> float:
        """Take one step per batch; returns the mean loss over images."""
        self.module.train()
        total = torch.zeros((), dtype=torch.float64, device=self._device.name)
        images = 0
        for done, batch in enumerate(batches, start=1):
            total += self._step(batch) * len(batch.rows)
            images += len(batch.rows)
            stepped(done)
        return float(total) / images

    def judge(self, batches: Iterable[Batch]) -> Judged:
        """Return logits and labels of every image, in evaluation mode.

        Always in single precision, as networks are explained.
        """
        logits, labels = zip(*self._judged(batches), strict=True)
        return Judged(logits=np.concatenate(logits), labels=np.concatenate(labels))

    def adapt(self, validation_loss: float) -> None:
        """Let the schedule see a validation loss."""
        self._schedule.step(validation_loss)

    def state(self) -> dict[str, Any]:
        """Return everything needed to go on as if nothing had happened."""
        return {
            "module": self.module.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "scaler": self._scaler.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self.module.load_state_dict(state["module"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._scaler.load_state_dict(state["scaler"])

    def _step(self, batch: Batch) -> torch.Tensor:
        with self._device.autocast():
            logits = self.module(batch.images)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), batch.labels)
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(self._scaler.scale(loss))
        self._scaler.step(self._optimizer)
        self._scaler.update()
        return loss.detach()

    def _judged(self, batches: Iterable[Batch]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        self.module.eval()
        for batch in batches:
            with torch.inference_mode():
                logits = self.module(batch.images)
            yield logits.double().cpu().numpy(), batch.labels.cpu().numpy()
