"""How many maps and scores may fail before a run stops."""

from __future__ import annotations

from pathlib import Path

from gazebench.engine.columns import Columns
from gazebench.engine.failures import FailureLog
from gazebench.engine.shard_store import ShardStore
from gazebench.engine.shards import Shard
from gazebench.errors import PluginError
from gazebench.spec.values import INTEROBSERVER, Status

UNUSABLE = frozenset({Status.FAILED, Status.NONFINITE, Status.MISSING})


class Allowance:
    """Counts entries that failed on cases, and stops a run that has had enough."""

    def __init__(
        self,
        most: float | None,
        store: ShardStore,
        columns: Columns,
        *,
        cases: int,
        folder: Path,
    ) -> None:
        """Allow `most` failures, or, below 1, that part of all; None for any number.

        Where there are more, what plugins raised is written to `folder`.
        """
        self._store, self._columns, self._folder = store, columns, folder
        entries = {keyed.column.entry for keyed in columns.all} - {INTEROBSERVER}
        self._most = most if most is None or most >= 1 else int(most * len(entries) * cases)
        self._failed, self._log = 0, FailureLog()

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
            if part.keys & known.keys():
                self._log.hear_again(part.raised)
            rows = part.rows.select(["key", "entry", "case", "status", "reason"]).to_pylist()
            for row in rows:
                if row["status"] in UNUSABLE and row["key"] in known:
                    failed.setdefault((row["entry"], row["case"]), row["reason"])
        self._failed += len(failed)
        if self._failed > self._most:
            (entry, case), reason = next(iter(failed.items()))
            log = self._log.write(self._folder)
            where = f"; tracebacks are in {log}" if log else ""
            raise PluginError(
                f"{self._failed} failures, and --max-failures allows {self._most:g}; the last is "
                f"of {entry} on case {case}: {reason}",
                do=f"mend the plugin and run the same command again: what is scored is kept{where}",
            )
