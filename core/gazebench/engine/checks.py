"""Gaming checks: could an entry's scores have been had without looking at the image?"""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.engine.targets import CaseGaze
from gazebench.gaze.blocks import block_means
from gazebench.gaze.grid import Upsampling
from gazebench.scoring.prior_mix import (
    MixTerms,
    Prior,
    cells_of,
    mix_gains,
)
from gazebench.spec.values import INTEROBSERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An entry's gaming checks, in NCC on a grid of `CELLS`, means over images and seeds.

    None where nothing was measured: the ceiling is only asked how alike readers are.

    Attributes:
        images: that were measured.
        gain_over_centre_bias: the maps' NCC minus the centre bias's.
        gain_from_blur_and_bias: what the best blur of the map and the best share of the centre
            bias, both chosen on other images, add to the map's NCC.
        gain_beyond_bias: the NCC of that mixture minus the centre bias's.
        closest_reader_excess: NCC with the reading that a map is most like minus its mean with
            the others of the image. The ceiling's line says what is usual among readers.
    """

    entry: str
    images: int
    gain_over_centre_bias: float | None
    gain_from_blur_and_bias: float | None
    gain_beyond_bias: float | None
    closest_reader_excess: float | None


class CaseChecks:
    """The checks of one case's maps, on any thread; what they share is made once."""

    def __init__(self, case: str, gaze: CaseGaze, log: ChecksLog) -> None:
        self._case, self._gaze, self._log = case, gaze, log
        self._shape = cells_of(*gaze.target.size)
        self._prior: Prior | None = None
        self._lock = threading.Lock()

    def readers(self) -> None:
        """Note how alike the readers of the case are."""
        self._log.note_readers(self._case, self._prepared().of_readers())

    def on_grid(self, entry: str, seed: int, grid: NDArray[np.float32], by: Upsampling) -> None:
        """Check a map that is stretched over the image."""
        self._note(entry, seed, by.block_means(grid, self._shape))

    def in_pixels(self, entry: str, seed: int, values: NDArray[Any]) -> None:
        """Check a map in image pixels."""
        self._note(entry, seed, block_means(values, self._shape))

    def failed(self, entry: str, seed: int) -> None:
        """Note that there is no usable map: it adds nothing to the centre bias."""
        self._note(entry, seed, None)

    def _note(self, entry: str, seed: int, cells: NDArray[np.float64] | None) -> None:
        terms = self._prepared().terms(cells)
        self._log.note(entry, seed, self._case, terms)

    def _prepared(self) -> Prior:
        with self._lock:
            if self._prior is None:
                target = self._gaze.target
                assert target.centre_bias is not None, "the checks need the centre bias"
                self._prior = Prior(
                    [block_means(one, self._shape) for one in target.references],
                    [block_means(one, self._shape) for one in self._gaze.densities],
                    block_means(target.centre_bias, self._shape),
                )
            return self._prior


class ChecksLog:
    """Collects what the cases' threads find; the order in which they do has no influence."""

    def __init__(self) -> None:
        self.terms: dict[tuple[str, int], dict[str, MixTerms]] = {}
        self.readers: dict[str, float | None] = {}

    def note(self, entry: str, seed: int, case: str, terms: MixTerms) -> None:
        """Remember one map's terms."""
        self.terms.setdefault((entry, seed), {})[case] = terms

    def note_readers(self, case: str, excess: float | None) -> None:
        """Remember how alike the readers of one case are."""
        self.readers[case] = excess

    def checked(self, entries: Iterable[str], clusters: Mapping[str, str]) -> tuple[Checked, ...]:
        """Return the checks of the ceiling and of entries, in the order given.

        `clusters` names the patient of every case, "" where that is not known.
        """
        known = [one for _, one in sorted(self.readers.items()) if one is not None]
        found = [
            Checked(
                entry=INTEROBSERVER,
                images=len(known),
                gain_over_centre_bias=None,
                gain_from_blur_and_bias=None,
                gain_beyond_bias=None,
                closest_reader_excess=float(np.mean(known)) if known else None,
            )
        ]
        by_entry: dict[str, list[tuple[str, int, MixTerms]]] = {}
        for (entry, seed), of_case in self.terms.items():
            noted = by_entry.setdefault(entry, [])
            noted += [(case, seed, terms) for case, terms in of_case.items()]
        found += [_checked(e, by_entry[e], clusters) for e in entries if e in by_entry]
        return tuple(found)


def _checked(
    entry: str, noted: list[tuple[str, int, MixTerms]], clusters: Mapping[str, str]
) -> Checked:
    noted.sort(key=lambda one: one[:2])
    gains = mix_gains(
        [terms for _, _, terms in noted], [clusters.get(case) or case for case, _, _ in noted]
    )
    return Checked(
        entry=entry,
        images=len({case for case, _, _ in noted}),
        gain_over_centre_bias=gains.over_bias,
        gain_from_blur_and_bias=gains.from_mixing,
        gain_beyond_bias=gains.beyond_bias,
        closest_reader_excess=gains.closest_excess,
    )


def checks_text(checks: Iterable[Checked]) -> str:
    """Return checks as CSV, one line per entry."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(Checked)], lineterminator="\n")
    writer.writeheader()
    for one in checks:
        writer.writerow({k: _rounded(v) for k, v in asdict(one).items()})
    return text.getvalue()


def _rounded(value: Any) -> Any:
    return f"{value:.4f}" if isinstance(value, float) else value
