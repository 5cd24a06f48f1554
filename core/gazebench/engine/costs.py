"""What explanations cost: seconds, passes through the network, memory."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from gazebench.engine.folder import COSTS

RESET_PEAK = "5"  # written to clear_refs: see proc_pid_clear_refs(5) of Linux
MEGABYTE = 2.0**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the maps of an entry cost, per image.

    The mixings of a method come from the same class maps, so they have the same cost.

    Attributes:
        seed: of the model.
        images: explained in all.
        seconds: wall time of the method, in its model's batches.
        forward_passes: images that went through the network, per image explained.
        backward_passes: the same backwards; a pass for several classes at once counts as one.
        peak_memory_mb: the most memory beyond what was held before, in any batch: of the GPU where
            the model is on one, else of the process. None where the system does not tell.
    """

    entry: str
    seed: int
    images: int
    seconds: float
    forward_passes: float
    backward_passes: float
    peak_memory_mb: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What some images cost together."""

    images: int = 0
    seconds: float = 0.0
    forward: int = 0
    backward: int = 0
    peak_mb: float | None = None

    def __add__(self, other: Spent) -> Spent:
        peaks = [one.peak_mb for one in (self, other) if one.peak_mb is not None]
        return Spent(
            images=self.images + other.images,
            seconds=self.seconds + other.seconds,
            forward=self.forward + other.forward,
            backward=self.backward + other.backward,
            peak_mb=max(peaks, default=None),
        )

    def cost(self, entry: str, seed: int) -> Cost:
        """Return what one image cost."""
        images = max(self.images, 1)
        return Cost(
            entry=entry,
            seed=seed,
            images=self.images,
            seconds=self.seconds / images,
            forward_passes=self.forward / images,
            backward_passes=self.backward / images,
            peak_memory_mb=self.peak_mb,
        )


class Meter:
    """Adds up what the same explanation costs on several batches."""

    def __init__(self, device: torch.device | None = None) -> None:
        self._device = device or torch.device("cpu")
        self._spent = Spent()
        self._forward = 0
        self._backward = 0

    @contextmanager
    def measure(self, images: int, module: torch.nn.Module | None = None) -> Iterator[None]:
        """Measure a block that explains so many images by passes through a module."""
        handles = [] if module is None else [module.register_forward_hook(self._passed)]
        memory = _Memory(self._device)
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start
            for handle in handles:
                handle.remove()
            self._spent += Spent(images=images, seconds=seconds, peak_mb=memory.grown())

    def spent(self) -> Spent:
        """Return what was spent so far."""
        return self._spent + Spent(forward=self._forward, backward=self._backward)

    def take(self) -> Spent:
        """Return what was spent since the last time, and start anew."""
        found = self.spent()
        self._spent, self._forward, self._backward = Spent(), 0, 0
        return found

    def cost(self, entry: str, seed: int) -> Cost:
        """Return what one image cost so far."""
        return self.spent().cost(entry, seed)

    def _passed(self, _module: torch.nn.Module, _inputs: Any, output: Any) -> None:
        if not isinstance(output, torch.Tensor):
            return
        images = len(output)
        self._forward += images
        if output.requires_grad:
            output.register_hook(lambda _gradient: self._went_back(images))  # type: ignore[no-untyped-call]

    def _went_back(self, images: int) -> None:
        self._backward += images


class _Memory:
    """The peak of a device's memory from now on, beyond what is held now."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            self._held: float | None = float(torch.cuda.memory_allocated(device))
        else:
            self._held = resident("VmRSS") if _reset_peak() else None

    def grown(self) -> float | None:
        """Return how much more than at the start was held at any time, in megabytes."""
        if self._held is None:
            return None
        if self._device.type == "cuda":
            peak: float | None = float(torch.cuda.max_memory_allocated(self._device))
        else:
            peak = resident("VmHWM")
        return None if peak is None else max(peak - self._held, 0.0) / MEGABYTE


def costs_text(costs: Iterable[Cost]) -> str:
    """Return costs as CSV, one line per entry and seed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(Cost)], lineterminator="\n")
    writer.writeheader()
    for cost in costs:
        rounded = {k: _rounded(v) for k, v in asdict(cost).items()}
        writer.writerow(rounded)
    return text.getvalue()


def read_costs(folder: Path) -> tuple[Cost, ...]:
    """Return the costs that a run has noted; none where it did not come so far."""
    try:
        with (folder / COSTS).open(encoding="utf-8", newline="") as file:
            return tuple(_cost(line) for line in csv.DictReader(file))
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return ()


def _cost(line: Mapping[str, str]) -> Cost:
    peak = line["peak_memory_mb"]
    return Cost(
        entry=line["entry"],
        seed=int(line["seed"]),
        images=int(line["images"]),
        seconds=float(line["seconds"]),
        forward_passes=float(line["forward_passes"]),
        backward_passes=float(line["backward_passes"]),
        peak_memory_mb=float(peak) if peak else None,
    )


def _rounded(value: Any) -> Any:
    return f"{value:.4g}" if isinstance(value, float) else value


def _reset_peak() -> bool:
    """Start counting the process's peak anew; False where that cannot be done."""
    if sys.platform != "linux":
        return False
    try:
        Path("/proc/self/clear_refs").write_text(RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def resident(field: str) -> float | None:
    """Return a figure of /proc/self/status, in bytes."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    lines = (line.split() for line in status.splitlines())
    found = next((words[1] for words in lines if words and words[0] == f"{field}:"), None)
    return None if found is None else float(found) * 1024
