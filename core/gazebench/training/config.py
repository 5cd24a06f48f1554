"""What to train, on what, and where to put it, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gazebench.errors import UsageError
from gazebench.training.device import Precision
from gazebench.training.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """A training: one network per seed.

    Attributes:
        model: a model plugin's name, with parameters. It starts untrained unless a `weights`
            parameter is among them.
        dataset_options: parameters of the dataset plugin, as text.
        half: store the weights as float16.
        workers: threads that decode images.
        pixels: where images at network size are kept; below `out` where None.

    Raises:
        UsageError: a value that makes no sense.
    """

    model: str
    dataset: str
    out: Path
    data_root: Path | None = None
    dataset_options: Mapping[str, str] = field(default_factory=dict)
    plugins: tuple[Path, ...] = ()
    seeds: tuple[int, ...] = (0,)
    recipe: Recipe = field(default_factory=Recipe)
    device: str = "auto"
    precision: Precision = Precision.AUTO
    half: bool = False
    workers: int = 2
    pixels: Path | None = None

    def __post_init__(self) -> None:
        if not self.seeds or min(self.seeds) < 0:
            raise UsageError(
                f"seeds must not be negative, found {', '.join(map(str, self.seeds)) or 'none'}",
                do="give for example --seed 0",
            )
        if len(set(self.seeds)) < len(self.seeds):
            raise UsageError(
                f"a seed is given twice: {', '.join(map(str, self.seeds))}", do="give each once"
            )
        if self.workers < 1:
            raise UsageError(f"workers must be 1 or more, found {self.workers}", do="--workers 2")
