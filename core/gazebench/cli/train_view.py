"""A training on the screen: a bar per epoch, a line per finished one, the AUCs at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gazebench.spec.events import Event, Notice, StageAdvanced

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from gazebench.training.train import Trained

Report = Callable[[Event], None]


@contextmanager
def watch() -> Iterator[Report]:
    """Give the reporter that suits where the output goes: bars on a terminal, lines elsewhere."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda event: _say(console, event)
        return
    with _bar(console) as progress:
        yield _LiveReport(progress)


def print_trained(trained: Sequence[Trained]) -> None:
    """Print the test AUC of every label, seeds side by side, and where the weights are."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(title="AUC on the test split", title_justify="left")
    table.add_column("label")
    table.add_column("positives", justify="right")
    for one in trained:
        table.add_column(f"seed {one.seed}", justify="right")
        table.add_column("whole image", justify="right")
    for rows in zip(*(one.centre.labels for one in trained), strict=True):
        place = trained[0].centre.labels.index(rows[0])
        cells = [
            cell
            for one in trained
            for cell in (one.centre.labels[place].auc, one.whole.labels[place].auc)
        ]
        table.add_row(rows[0].label, str(rows[0].positives), *map(_number, cells))
    means = [mean for one in trained for mean in (one.centre.mean, one.whole.mean)]
    table.add_section()
    table.add_row("mean", "", *map(_number, means))
    console.print(table)
    if undefined := trained[0].centre.undefined:
        console.print(
            f"Left out of the mean, without positives or negatives: {', '.join(undefined)}",
            markup=False,
        )
    for one in trained:
        console.print(f"Written to {one.weights}", markup=False, soft_wrap=True)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _bar(console: Any) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Remaining

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        Remaining(),
        console=console,
        transient=True,
    )


class _LiveReport:
    """One bar for the stage at hand, lines above."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage = ""
        self._task: TaskID | None = None

    def __call__(self, event: Event) -> None:
        if not isinstance(event, StageAdvanced):
            _say(self._progress.console, event)
            return
        if event.stage != self._stage or self._task is None:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._stage, self._task = event.stage, self._progress.add_task(event.stage)
        self._progress.update(self._task, completed=event.done, total=event.total)


def _say(console: Any, event: Event) -> None:
    from gazebench.training.events import DECODING, EpochFinished

    if isinstance(event, EpochFinished):
        mark = " (best so far)" if event.is_best else ""
        console.print(
            f"{event.model} seed {event.seed} epoch {event.epoch}/{event.epochs}: "
            f"loss {event.train_loss:.4f}, validation loss {event.validation_loss:.4f}, "
            f"AUC {_number(event.validation_auc)}, {event.seconds:.0f} s{mark}",
            markup=False,
            soft_wrap=True,
        )
    elif isinstance(event, Notice):
        console.print(f"Note: {event.message}", markup=False, soft_wrap=True)
    elif isinstance(event, StageAdvanced) and event.stage == DECODING and _is_tenth(event):
        console.print(f"{event.stage}: {event.done}/{event.total}", markup=False)


def _is_tenth(event: StageAdvanced) -> bool:
    return event.done == event.total or event.done % max(event.total // 10, 1) == 0
