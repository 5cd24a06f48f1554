"""Whether what a record states contradicts itself; for this no score of any case is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gazebench import __version__
from gazebench.errors import UsageError
from gazebench.leaderboard.aggregate import MARGIN
from gazebench.publish.record import FEWEST_IMAGES, Origin, Record
from gazebench.publish.run_command import command_of
from gazebench.publish.run_settings import run_config_of
from gazebench.publish.verification.cell_consistency import cell_problems
from gazebench.publish.verification.place_consistency import place_problems
from gazebench.publish.verification.precision import rounding_of
from gazebench.spec.board import Board, BoardRow, SubsetBoard
from gazebench.spec.values import EntryKind

WHOLE = "all"

Ranges = Mapping[str, tuple[float, float]]


def contradictions(record: Record, ranges: Ranges) -> Iterator[str]:
    """Yield one sentence per contradiction in a record.

    `ranges` are those of the metrics that are known here.
    """
    yield from _origin_problems(record)
    yield from _unstated_problems(record)
    yield from _command_problems(record)
    yield from _board_problems(record.board)
    yield from _entry_problems(record)
    yield from _subset_problems(record)
    for subset in record.board.subsets:
        for metric in record.board.metrics:
            if all(metric.name in row.cells for row in subset.rows):
                rounding = rounding_of(_scores(record.board, metric.name))
                limits = ranges.get(metric.name)
                yield from cell_problems(subset, metric, limits=limits, rounding=rounding)
                yield from place_problems(subset, metric, rounding)


def _scores(board: Board, metric: str) -> Iterator[float | None]:
    rows = [row for subset in board.subsets for row in subset.rows]
    yield from (row.cells[metric].score for row in rows if metric in row.cells)


def _origin_problems(record: Record) -> Iterator[str]:
    if record.origin is Origin.RUN and record.run is None:
        yield "it says that it is of a run, and nothing of the run"
    if record.origin is Origin.PUBLICATION and record.publication is None:
        yield "it says that it is of a publication, and not of which"
    if record.origin is Origin.PUBLICATION and record.case_scores:
        yield "a publication carries no case scores, and it names a file of them"
    compared_with = record.board.dataset.partition(" (")[0]  # "reflacx (reference said)"
    if record.origin is Origin.RUN and record.protocol.dataset != compared_with:
        yield (
            f"its protocol is of the dataset {record.protocol.dataset}, its board of "
            f"{record.board.dataset}"
        )


def _unstated_problems(record: Record) -> Iterator[str]:
    """What is not stated is not compared with the board's; whoever made a run knows all of it."""
    if record.origin is not Origin.RUN:
        return
    if not record.protocol.case_set or record.protocol.cases is None:
        yield "it is of a run, and does not state the set and the number of its cases"
    for subset in record.board.subsets:
        if subset.name != WHOLE and not record.subset_sets.get(subset.name):
            yield f"it is of a run, and does not state the cases of {subset.name}"


def _command_problems(record: Record) -> Iterator[str]:
    """A record of this version states its command as this version writes it."""
    run = record.run
    if run is None or not run.command or run.versions.get("gazebench") != __version__:
        return
    try:
        command = command_of(run_config_of(run.config))
    except UsageError as error:
        yield f"its settings are none of a run: {error.message}"
        return
    if run.command != command:
        yield f"its command is not that of its settings, which is {command}"


def _board_problems(board: Board) -> Iterator[str]:
    names = [metric.name for metric in board.metrics]
    if len(set(names)) < len(names):
        yield f"a metric stands twice among {', '.join(names)}"
    if board.rank_by not in names:
        yield f"it is ranked by {board.rank_by}, which is none of its metrics {', '.join(names)}"
    if board.margin != MARGIN:  # no run can choose it, and verdicts follow from it
        yield f"the margin of equivalence with a reader is {board.margin:g}, and has to be {MARGIN}"
    if [subset.name for subset in board.subsets][:1] != [WHOLE]:
        yield f"the first subset has to be {WHOLE!r}, the whole dataset"
    named = [subset.name for subset in board.subsets]
    yield from (
        f"the subset {name} stands twice" for name in sorted({*named}) if named.count(name) > 1
    )


def _entry_problems(record: Record) -> Iterator[str]:
    shown = {row.entry for subset in record.board.subsets for row in subset.rows}
    for entry in sorted(shown - record.entries.keys()):
        yield f"nothing is said about where the maps of {entry} came from"
    for entry in sorted(record.entries.keys() - shown):
        yield f"{entry} is described and has no row"
    for subset in record.board.subsets:
        yield from _row_problems(subset, [metric.name for metric in record.board.metrics])


def _row_problems(subset: SubsetBoard, metrics: list[str]) -> Iterator[str]:
    entries = [row.entry for row in subset.rows]
    for entry in sorted({*entries}):
        if entries.count(entry) > 1:
            yield f"{subset.name}: {entry} stands twice"
    ceilings = [row.entry for row in subset.rows if row.kind is EntryKind.CEILING]
    if len(ceilings) > 1:
        yield f"{subset.name}: there are {len(ceilings)} ceilings ({', '.join(ceilings)})"
    for row in subset.rows:
        if sorted(row.cells) != sorted(metrics):
            yield (
                f"{subset.name}, {row.entry}: there are scores on {_listed(row)}, the record's "
                f"metrics are {', '.join(metrics)}"
            )


def _listed(row: BoardRow) -> str:
    return ", ".join(row.cells) or "no metric"


def _subset_problems(record: Record) -> Iterator[str]:
    subsets = {subset.name: subset for subset in record.board.subsets}
    whole = subsets[WHOLE].n_images if WHOLE in subsets else None
    stated = record.protocol.cases
    if whole is not None and stated is not None and whole > stated:
        yield f"{WHOLE} has {whole} images, the protocol {stated} cases"
    for name, subset in subsets.items():
        if whole is not None and subset.n_images > whole:
            yield f"{name}: {subset.n_images} images are more than the {whole} of {WHOLE}"
        if name in record.suppressed:
            yield f"{name} is said to be suppressed, and stands there"
        if name != WHOLE and subset.n_images < FEWEST_IMAGES and subset.rows:
            yield (
                f"{name}: a subset of {subset.n_images} images says too much about each; fewer "
                f"than {FEWEST_IMAGES} are not published"
            )
    for name in sorted(record.subset_sets.keys() - subsets.keys()):
        yield f"the cases of {name} are stated, and it has no board"
