"""Memory that one thread uses again for every map: touching fresh pages costs more than sums do."""

from __future__ import annotations

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
