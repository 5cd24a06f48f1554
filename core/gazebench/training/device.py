"""Where and how precisely a network is trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import torch

from gazebench.errors import UsageError


class Precision(StrEnum):
    """What the convolutions compute in."""

    AUTO = "auto"  # mixed on a GPU, single elsewhere
    SINGLE = "single"  # float32
    MIXED = "mixed"  # float16 with a scaled loss on a GPU, bfloat16 elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device that is at hand, and the number type to compute in there."""

    name: str
    is_mixed: bool

    @property
    def kind(self) -> str:
        """cpu or cuda, without a number."""
        return torch.device(self.name).type

    @property
    def dtype(self) -> torch.dtype:
        """The type that convolutions compute in."""
        if not self.is_mixed:
            return torch.float32
        return torch.float16 if self.kind == "cuda" else torch.bfloat16

    @property
    def scales_loss(self) -> bool:
        """Whether small gradients would vanish unless the loss is scaled up."""
        return self.dtype is torch.float16

    def autocast(self) -> torch.autocast:
        """Return the context in which a forward pass has the device's precision."""
        return torch.autocast(self.kind, dtype=self.dtype, enabled=self.is_mixed)


def choose_device(name: str, precision: Precision) -> Device:
    """Return the device that a name means; `auto` is a GPU where there is one.

    Raises:
        UsageError: torch does not know it, or it is not at hand.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(
            f"the device {name!r} cannot be used here: {str(error).splitlines()[0]}",
            do="use --device cpu, or cuda where torch finds a GPU",
        ) from error
    on_gpu = torch.device(name).type == "cuda"
    return Device(
        name=name, is_mixed=precision is Precision.MIXED or (precision is Precision.AUTO and on_gpu)
    )


@contextmanager
def reproducible(device: Device, seed: int, epoch: int) -> Iterator[None]:
    """Give torch's own draws (dropout) a start that depends on seed and epoch alone.

    The caller's generators are put back afterwards.
    """
    gpus = [torch.device(device.name)] if device.kind == "cuda" else []
    with (
        torch.random.fork_rng(devices=gpus),
        torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True),
    ):
        torch.manual_seed((seed * 1_000_003 + epoch) % 2**63)
        yield
