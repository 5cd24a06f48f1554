"""A run whose gaze is known and whose every score is keyed: what its workers need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gazebench.engine.columns import Columns, Keyed
from gazebench.engine.gaze_pass import prepared_source
from gazebench.engine.kept import MAPS
from gazebench.engine.keys import content_key
from gazebench.engine.map_store import MapStore
from gazebench.engine.opening import OpenedRun
from gazebench.engine.selection import Selection, select
from gazebench.engine.shard_store import ShardStore
from gazebench.engine.shards import Shard, make_shards
from gazebench.engine.targets import GazeSource
from gazebench.engine.worker import Timings, missing_of
from gazebench.spec.events import Event, StageAdvanced

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ready:
    """A run whose gaze is known: what its workers need.

    Attributes:
        gaze_s: seconds for the first pass; 0 where it was kept.
    """

    opened: OpenedRun
    source: GazeSource
    selection: Selection
    columns: Columns
    store: ShardStore
    cache: Path
    session: str
    gaze_s: float

    @property
    def maps(self) -> MapStore:
        """Where maps are kept."""
        return MapStore(self.cache / MAPS)

    def missing(self, shard: Shard) -> list[Keyed]:
        """Return what has to be made of a shard: what is not recorded, or not kept though it is
        to be, as where scores were recorded before anybody asked to keep maps.

        Raises:
            RunError: what is recorded cannot be read.
        """
        missing = missing_of(self.columns, self.store.keys(shard))
        if not self.opened.config.keep_maps:
            return missing
        own, maps = frozenset(self.opened.plan.explained), self.maps
        kept: dict[str, bool] = {}
        for one in self.columns.all:
            if one.column.entry in own and one.map_key not in kept:
                kept[one.map_key] = maps.of(shard.key, one.map_key) is not None
        keys = {one.key for one in missing}
        return [
            one for one in self.columns.all if one.key in keys or not kept.get(one.map_key, True)
        ]

    def shards(self) -> tuple[Shard, ...]:
        """Return the shards of the scored cases, keyed by their content.

        Raises:
            DataError: an image cannot be read.
        """
        return tuple(make_shards(self.opened, self.selection.scored))


def make_ready(opened: OpenedRun, cache: Path, *, session: str, report: Report) -> Ready:
    """Know all of the gaze, choose the cases, and key what is to be scored.

    Raises:
        DataError: a fixation file is missing, empty or malformed; no case is left.
        RunError: the cache cannot be written.
    """
    total, done, timings = len(opened.cases), 0, Timings()

    def advance() -> None:
        nonlocal done
        done += 1
        report(StageAdvanced(stage="gaze", done=done, total=total))

    with timings.of("gaze"):
        source, without = prepared_source(opened, cache, on_case=advance)
    selection = select(
        opened.cases,
        min_readings=opened.config.min_readings,
        without_density=without,
        reference=opened.reference.label,
    )
    scored = content_key([case.id for case in selection.scored])
    return Ready(
        opened=opened,
        source=source,
        selection=selection,
        columns=Columns(opened, scored=scored, session=session),
        store=ShardStore(cache / "scores"),
        cache=cache,
        session=session,
        gaze_s=timings.seconds.get("gaze", 0.0) if done else 0.0,
    )
