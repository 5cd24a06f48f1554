"""A report on disk: one folder of pages and pictures, for this machine alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from gazebench.engine.store import make_folder, write_bytes, write_text
from gazebench.errors import RunError, UsageError
from gazebench.gallery.chosen import Chosen, case_scores, choose, named
from gazebench.gallery.distributions import draw, spreads
from gazebench.gallery.pages import ASSETS, asset, page
from gazebench.gallery.paint import WARNING, colour_bar, png
from gazebench.gallery.reopened import Reopened
from gazebench.gallery.sheet import contact_sheet
from gazebench.gallery.views import CaseView, CaseViews, Shown
from gazebench.leaderboard.aggregate import PREFERRED
from gazebench.leaderboard.pool import ALL
from gazebench.spec.board import MetricColumn
from gazebench.spec.suggest import suggest
from gazebench.spec.values import INTEROBSERVER, EntryKind

INDEX, MARKER, WARNING_FILE = "index.html", ".gazebench-report", "NOT_FOR_PUBLICATION.txt"
EACH = 2  # best, worst and disputed cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is asked to show.

    Attributes:
        cases: ids; empty to choose the best, the worst and the most disputed.
        entries: empty for all.
        metric: "" for sAUC, or the run's first.
        subset: to choose among its cases only; "" for all.
        each: how many best, worst and most disputed cases.
    """

    cases: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    metric: str = ""
    subset: str = ""
    each: int = EACH


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report that was written."""

    folder: Path
    cases: tuple[str, ...]
    is_restricted: bool
    changed: tuple[str, ...]


def write_report(
    run: Reopened,
    folder: Path,
    asked: Asked,
    *,
    on_case: Callable[[int, int], None] = lambda _done, _total: None,
) -> Written:
    """Write the gallery of a run; `on_case` hears of every case done, and of how many there are.

    Raises:
        UsageError: a case, entry, metric or subset that the run does not have.
        RunError: the folder holds something else, or cannot be written.
        DataError: an image or gaze cannot be read any more.
    """
    metric = _metric(run, asked.metric)
    entries = _entries(run, asked.entries)
    chosen = _chosen(run, asked, metric, entries)
    _claim(folder)
    views = CaseViews(run, metric.name, entries)
    shown = []
    for number, one in enumerate(chosen, 1):
        view = views.view(one, f"case-{number}")
        _write_pictures(folder, view, is_restricted=run.is_restricted)
        shown.append(_without_pictures(view))
        on_case(number, len(chosen))
    figures = list(_write_spreads(run, folder, entries))
    write_bytes(folder / "colour-bar.png", png(colour_bar(), is_restricted=False))
    for name in ASSETS:
        write_bytes(folder / name, asset(name))
    text = page(
        "index.html",
        dataset=run.table.dataset,
        notices=run.table.notices,
        changed=run.changed,
        warning=WARNING if run.is_restricted else "",
        metric=metric,
        cases=shown,
        figures=figures,
        ceiling=INTEROBSERVER,
        seed=run.opened.config.seeds[0],
        several_seeds=len(run.opened.config.seeds) > 1,
        command=run.record.command,
    )
    write_text(folder / INDEX, text)
    if run.is_restricted:
        write_text(folder / WARNING_FILE, _warning(run))
    return Written(
        folder=folder,
        cases=tuple(one.case for one in chosen),
        is_restricted=run.is_restricted,
        changed=run.changed,
    )


def _claim(folder: Path) -> None:
    """Take a folder that is empty, or that holds an earlier report, which is removed."""
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder} is a file", do="choose another folder with --out")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            first = min(path.name for path in folder.iterdir())
            raise RunError(
                f"the folder {folder} is not empty and holds no report: found {first}",
                do="choose an empty or new folder with --out",
            )
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise RunError(f"cannot remove the earlier report {folder}: {error}") from error
    make_folder(folder)
    write_text(folder / MARKER, "gazebench report\n")


def _metric(run: Reopened, wanted: str) -> MetricColumn:
    known = {name: m for name, m in run.table.metrics.items() if not m.of_network}
    if not known:
        raise UsageError(f"{run.folder} has no metric of gaze to choose cases by")
    if not wanted:
        return known.get(PREFERRED) or next(iter(known.values()))
    if wanted in known:
        return known[wanted]
    hint = suggest(wanted, known)
    raise UsageError(
        f"the run has no metric {wanted!r} of gaze" + (f"; {hint}" if hint else ""),
        do=f"it has {', '.join(known)}",
    )


def _entries(run: Reopened, wanted: Sequence[str]) -> tuple[str, ...]:
    table = run.table.scores
    kinds = dict(
        zip(table.column("entry").to_pylist(), table.column("kind").to_pylist(), strict=True)
    )
    known = [name for name, kind in kinds.items() if kind == EntryKind.ENTRY]
    for name in wanted:
        if name not in known:
            hint = suggest(name, known)
            raise UsageError(
                f"the run has no entry {name!r}" + (f"; {hint}" if hint else ""),
                do=f"it has {', '.join(known) or 'none'}",
            )
    return tuple(dict.fromkeys(wanted)) or tuple(known)


def _chosen(
    run: Reopened, asked: Asked, metric: MetricColumn, entries: Sequence[str]
) -> tuple[Chosen, ...]:
    scores = case_scores(run.table.scores, metric.name, entries)
    if asked.cases:
        return named(asked.cases, scores)
    if asked.each < 1:
        raise UsageError(f"--each must be at least 1, found {asked.each}")
    subsets = dict(run.table.subsets)
    if asked.subset:
        known = {**run.table.others, **run.table.subsets}
        if asked.subset not in known:
            hint = suggest(asked.subset, known)
            raise UsageError(
                f"the run has no subset {asked.subset!r}" + (f"; {hint}" if hint else ""),
                do=f"it has {', '.join(known) or 'none'}",
            )
        scores = [one for one in scores if one.case in known[asked.subset]]
        subsets = {}
    return choose(scores, metric, subsets, each=asked.each)


def _write_pictures(folder: Path, view: CaseView, *, is_restricted: bool) -> None:
    for one in _pictures(view):
        if one.picture is not None:
            content = png(one.picture, is_restricted=is_restricted)
            write_bytes(folder / f"{one.name}.png", content)
    sheet = png(contact_sheet(view), is_restricted=is_restricted)
    write_bytes(folder / f"{view.place}-sheet.png", sheet)


def _pictures(view: CaseView) -> Iterator[Shown]:
    yield view.film
    yield from view.gaze
    yield from (reading.density for reading in view.readings)
    yield from view.entries


def _without_pictures(view: CaseView) -> CaseView:
    """Return a view whose pictures are on disk, so that one case's are in memory at a time."""

    def empty(one: Shown) -> Shown:
        return one if one.picture is None else replace(one, picture=one.picture[:0])

    return replace(
        view,
        film=empty(view.film),
        gaze=tuple(map(empty, view.gaze)),
        readings=tuple(replace(r, density=empty(r.density)) for r in view.readings),
        entries=tuple(map(empty, view.entries)),
    )


def _write_spreads(
    run: Reopened, folder: Path, entries: Sequence[str]
) -> Iterator[tuple[str, MetricColumn, str]]:
    """Write a figure per metric and subset; yield the file's stem, the metric and the subset."""
    everyone = (INTEROBSERVER, *entries)
    subsets: dict[str, frozenset[str] | None] = {ALL: None, **run.table.subsets}
    pairs = product(run.table.metrics.values(), subsets.items())
    for number, (metric, (subset, cases)) in enumerate(pairs, 1):
        found = spreads(run.table.scores, metric.name, everyone, cases)
        if not found:
            continue
        stem = f"spread-{number}"
        for kind, content in draw(found, metric, INTEROBSERVER).items():
            write_bytes(folder / f"{stem}.{kind}", content)
        yield stem, metric, subset


def _warning(run: Reopened) -> str:
    return (
        f"This folder shows images, gaze and maps of {run.table.dataset}, which is restricted.\n"
        "Nothing in it may be published, shared or committed. `gazebench publish` is what writes\n"
        "what may leave this machine.\n"
    )
