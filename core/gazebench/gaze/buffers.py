"""Memory that is used again for every map and every case: fresh pages cost more than sums do."""

from __future__ import annotations

from collections import deque
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Buffers:
    """Named arrays; the same name gives the same memory, so one user at a time.

    Not for two threads. What was taken before under a name is overwritten by the next to take it.
    """

    def __init__(self) -> None:
        self._memory: dict[str, NDArray[np.uint8]] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array that holds whatever was last written to this name.

        >>> Buffers().take("bins", (2, 3), np.float32).shape
        (2, 3)
        """
        needed = prod(shape) * np.dtype(dtype).itemsize
        memory = self._memory.get(name)
        if memory is None or memory.nbytes < needed:
            memory = self._memory[name] = np.empty(needed, np.uint8)
        return memory[:needed].view(dtype).reshape(shape)


class InTurn:
    """Buffers for things that are at work a few at a time and end in the order of their start."""

    def __init__(self) -> None:
        self._free: list[Buffers] = []
        self._at_work: deque[Buffers] = deque()

    def take(self) -> Buffers:
        """Return buffers that nothing at work uses."""
        self._at_work.append(self._free.pop() if self._free else Buffers())
        return self._at_work[-1]

    def give_back(self) -> None:
        """Let the next use what the oldest at work has."""
        self._free.append(self._at_work.popleft())
