"""How many maps and scores may fail before a run stops."""

from __future__ import annotations

from gazebench.engine.columns import Columns
from gazebench.engine.shard_store import ShardStore
from gazebench.engine.shards import Shard
from gazebench.errors import PluginError
from gazebench.spec.values import Status

UNUSABLE = frozenset({Status.FAILED, Status.NONFINITE, Status.MISSING})


class Allowance:
    """Counts entries that failed on cases, and stops a run that has had enough."""

    def __init__(self, most: int | None, store: ShardStore, columns: Columns) -> None:
        """Allow `most` failures; None for any number."""
        self._most, self._store, self._columns = most, store, columns
        self._failed = 0

    def recorded(self, shard: Shard) -> None:
        """Count what failed on a shard that is recorded.

        Raises:
            PluginError: there were more failures than are allowed.
        """
        if self._most is None:
            return
        failed: dict[tuple[str, str], str] = {}
        known = self._columns.by_key
        for part in self._store.parts(shard):
            rows = part.rows.select(["key", "entry", "case", "status", "reason"]).to_pylist()
            for row in rows:
                if row["status"] in UNUSABLE and row["key"] in known:
                    failed.setdefault((row["entry"], row["case"]), row["reason"])
        self._failed += len(failed)
        if self._failed > self._most:
            (entry, _), reason = next(iter(failed.items()))
            raise PluginError(
                f"{self._failed} failures, and --max-failures allows {self._most}; the last is of "
                f"{entry}: {reason}",
                do="mend the plugin and run the same command again: what was scored is kept",
            )
