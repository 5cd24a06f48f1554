"""One case as a report shows it: pictures as files, numbers as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from gazebench.engine.barrier import Failure
from gazebench.engine.looked import Looked, recall
from gazebench.engine.map_maker import MapMaker
from gazebench.engine.maps import Attributed, UnreadMap
from gazebench.engine.pixels import pixels_of
from gazebench.engine.shards import Shard
from gazebench.engine.wanted import Wanted
from gazebench.gallery.chosen import Chosen
from gazebench.gallery.paint import RGB, Canvas, film, overlay
from gazebench.gallery.reopened import Reopened
from gazebench.gallery.scanpaths import Stop, stops
from gazebench.gaze.buffers import Buffers
from gazebench.scoring.evaluate import check_map
from gazebench.spec.capabilities import CENTRE_BIAS
from gazebench.spec.values import INTEROBSERVER, Case, Fixations

ONLY_MAPS = "#map"  # a metric that nobody has: maps are made and nothing is scored


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A picture and what it shows.

    Attributes:
        name: of its file, without the suffix.
        title: in a few words.
        alt: for those who do not see it.
        picture: [h, w, 3]; None where there is none, and `problem` says why.
        scores: reader -> score, where there is one.
    """

    name: str
    title: str
    alt: str
    picture: RGB | None
    problem: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def mean(self) -> str:
        """The mean of the scores, in text; "" without one."""
        return f"{sum(self.scores.values()) / len(self.scores):.3f}" if self.scores else ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadingView:
    """One reader: where she looked, as stops, and her density."""

    label: str
    stops: tuple[Stop, ...]
    density: Shown


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseView:
    """Everything a report shows of one case.

    Attributes:
        table: entry -> one score per reader, in text; the ceiling first.
    """

    id: str
    place: str
    why: tuple[str, ...]
    canvas: Canvas
    film: Shown
    gaze: tuple[Shown, ...]
    readings: tuple[ReadingView, ...]
    entries: tuple[Shown, ...]
    table: Mapping[str, tuple[str, ...]]


class CaseViews:
    """Makes views, one case in memory at a time, with the code that runs use."""

    def __init__(self, run: Reopened, metric: str, entries: Sequence[str]) -> None:
        self._run, self._metric, self._entries = run, metric, tuple(entries)
        opened = run.opened
        self._maker = MapMaker(opened, lambda _stage: nullcontext(), run.ready.maps)
        seed = opened.config.seeds[0]
        self._seeds = (seed, 0)
        wanted = [(e, s, ONLY_MAPS) for e in self._entries for s in dict.fromkeys(self._seeds)]
        self._wanted = Wanted.of(opened.plan, wanted)
        self._cases = {case.id: case for case in run.ready.selection.scored}

    def view(self, chosen: Chosen, place: str) -> CaseView:
        """Return the view of a case; `place` begins the names of its files.

        Raises:
            DataError: its image or gaze cannot be read any more.
        """
        case = self._cases[chosen.case]
        opened, canvas = self._run.opened, Canvas.of(case.size)
        shown = film(pixels_of(opened, case) if case.has_image else None, canvas)
        gaze = self._run.ready.source.gaze(case, frozenset({CENTRE_BIAS}), Buffers())
        scores = self._scores(case)
        mean = gaze.densities.mean(axis=0)
        whole = [
            self._over(shown, canvas, mean, f"{place}-gaze", "all readers", "mean fixation density")
        ]
        if gaze.target.centre_bias is not None:
            bias = gaze.target.centre_bias
            name = f"{place}-centre-bias"
            whole.append(
                self._over(shown, canvas, bias, name, "centre bias", "where readers look anyway")
            )
        return CaseView(
            id=case.id,
            place=place,
            why=chosen.why,
            canvas=canvas,
            film=Shown(
                name=f"{place}-film",
                title="film",
                alt="the image" if case.has_image else "a blank: the dataset has no pixels",
                picture=shown,
            ),
            gaze=tuple(whole),
            readings=tuple(self._readings(case, canvas, shown, gaze.densities, place)),
            entries=tuple(self._maps(case, canvas, shown, place, scores)),
            table=self._table(case, scores),
        )

    def _readings(
        self,
        case: Case,
        canvas: Canvas,
        shown: RGB,
        densities: NDArray[np.float32],
        place: str,
    ) -> list[ReadingView]:
        opened, found = self._run.opened, []
        for number, (reading, density) in enumerate(zip(case.readings, densities, strict=True), 1):
            looked = Looked(dataset=opened.dataset, case=case, reading=reading)
            recalled = recall(opened.reference, looked)
            label = f"reader {number}"
            found.append(
                ReadingView(
                    label=label,
                    stops=stops(recalled, canvas) if isinstance(recalled, Fixations) else (),
                    density=self._over(
                        shown,
                        canvas,
                        density,
                        f"{place}-reader-{number}",
                        label,
                        "fixation density",
                    ),
                )
            )
        return found

    def _maps(
        self,
        case: Case,
        canvas: Canvas,
        shown: RGB,
        place: str,
        scores: Mapping[tuple[str, str], str],
    ) -> list[Shown]:
        alone = Shard(index=0, cases=(case,), key="")
        made = {
            one.key.entry: one
            for one in reversed(self._maker.maps(alone, self._wanted, {})[case.id])
            if one.key.seed in self._seeds
        }
        found = []
        for number, entry in enumerate(self._entries, 1):
            values, problem = _in_image(made.get(entry), case)
            found.append(
                Shown(
                    name=f"{place}-map-{number}",
                    title=entry,
                    alt=f"saliency map of {entry} over the film",
                    picture=None if values is None else overlay(shown, values, canvas),
                    problem=problem,
                    scores={
                        f"reader {place}": float(scores[entry, reading.id])
                        for place, reading in enumerate(case.readings, 1)
                        if _is_number(scores.get((entry, reading.id), ""))
                    },
                )
            )
        return found

    def _scores(self, case: Case) -> Mapping[tuple[str, str], str]:
        """Return (entry, reading) -> its score on the metric, the first seed's, in text."""
        table = self._run.table.scores
        here = pc.and_(
            pc.equal(table.column("case"), case.id), pc.equal(table.column("metric"), self._metric)
        )
        rows = table.filter(here)
        columns = ("entry", "reading", "seed", "value", "status")
        found: dict[tuple[str, str], str] = {}
        for entry, reading, seed, value, status in zip(
            *(rows.column(name).to_pylist() for name in columns), strict=True
        ):
            if seed in self._seeds:
                text = status.replace("_", " ") if value is None else f"{value:.3f}"
                found.setdefault((entry, reading), text)
        return found

    def _table(
        self, case: Case, scores: Mapping[tuple[str, str], str]
    ) -> Mapping[str, tuple[str, ...]]:
        names = [INTEROBSERVER, *self._entries]
        return {
            name: tuple(scores.get((name, reading.id), "") for reading in case.readings)
            for name in names
        }

    def _over(
        self,
        shown: RGB,
        canvas: Canvas,
        values: NDArray[Any],
        name: str,
        title: str,
        what: str,
    ) -> Shown:
        return Shown(
            name=name,
            title=title,
            alt=f"{what}, {title}, over the film",
            picture=overlay(shown, values, canvas),
        )


def _in_image(made: Attributed | None, case: Case) -> tuple[NDArray[np.float32] | None, str]:
    """Return a map in image pixels, or why there is none."""
    if made is None:
        return None, "no map was made"
    born = made.made.read() if isinstance(made.made, UnreadMap) else made.made
    if isinstance(born, Failure):
        return None, born.reason
    values = born.in_image(case.size)
    refused = check_map(values, case.size)
    return (None, refused.reason) if refused is not None else (values, "")


def _is_number(text: str) -> bool:
    return text.lstrip("-")[:1].isdigit()
