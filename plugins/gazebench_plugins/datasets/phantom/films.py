"""Which films a synthesised dataset has, and what is on each: everything follows from the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.spec import Size
from gazebench_plugins.datasets.phantom.anatomy import Anatomy, draw_anatomy
from gazebench_plugins.datasets.phantom.findings import (
    Finding,
    draw_film,
    draw_findings,
    on_film,
)

EYE_TRACKING, TRAINING = 0, 1  # streams of random numbers, one per part of the dataset
SUBJECTS = {EYE_TRACKING: 99_000_000, TRAINING: 99_500_000}  # real subjects begin with 10 to 19
STUDIES = {EYE_TRACKING: 59_000_000, TRAINING: 59_500_000}
SPLITS = {"train": 0.80, "validate": 0.08, "test": 0.12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """One film: who, where on disk, how large, and what it shows."""

    part: int
    index: int
    seed: int
    dicom_id: str
    split: str
    size: Size
    anatomy: Anatomy
    findings: tuple[Finding, ...]

    @property
    def subject(self) -> int:
        """The patient's number."""
        return SUBJECTS[self.part] + self.index

    @property
    def study(self) -> int:
        """The study's number."""
        return STUDIES[self.part] + self.index

    @property
    def folder(self) -> str:
        """The study's folder below `files/`."""
        return f"p{str(self.subject)[:2]}/p{self.subject}/s{self.study}"

    @property
    def phase(self) -> int:
        """The phase of REFLACX in which it was read, 1 or 2."""
        return 1 + self.index % 2

    @property
    def visible(self) -> tuple[Finding, ...]:
        """The findings with their ellipses where they lie on the film, which is tilted."""
        return on_film(self.anatomy, self.findings)

    @property
    def view(self) -> str:
        """The projection, PA or AP."""
        return "AP" if self.anatomy.is_ap else "PA"

    def pixels(self) -> NDArray[np.uint8]:
        """Draw the film, [H, W] grey."""
        return draw_film(self.anatomy, self.findings, self.size, self.rng("pixels"))

    def rng(self, purpose: str) -> np.random.Generator:
        """Return random numbers for one purpose, the same whatever else was drawn."""
        return np.random.default_rng([self.seed, self.part, self.index, *purpose.encode()])


def make_film(part: int, index: int, *, size: Size, seed: int) -> Film:
    """Draw film `index` of a part; it does not depend on how many films there are."""
    rng = np.random.default_rng([seed, part, index])
    words = rng.integers(0, 2**32, 5, dtype=np.uint64)
    anatomy = draw_anatomy(rng)
    return Film(
        part=part,
        index=index,
        seed=seed,
        dicom_id="-".join(f"{int(word):08x}" for word in words),
        split=str(rng.choice(list(SPLITS), p=list(SPLITS.values()))),
        size=_varied(size, rng),
        anatomy=anatomy,
        findings=draw_findings(anatomy, rng),
    )


def _varied(size: Size, rng: np.random.Generator) -> Size:
    """Vary size and shape by up to a tenth, so that no code may rely on one size."""
    height, width = (round(edge * rng.uniform(0.92, 1.08)) for edge in size)
    return Size(height, width)
