"""Records that hold by themselves and contradict the others of their board."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from board_folders import write_board
from gazebench.publish.verification.checks import CheckName, Outcome
from gazebench.publish.verification.verify import verify
from gazebench.registry.host import Host
from submissions import PROTOCOL, claimed, entry, scored, shared_rows


def test_a_record_that_others_contradict_is_named(tmp_path: Path) -> None:
    """Whoever reviews sees who left the board, not only that the board is another."""
    shifted = {n: [v - 0.2 for v in values] for n, values in shared_rows().items()}
    elsewhere = replace(PROTOCOL, case_set="ef" * 32)
    records = [
        scored("a", {"m": entry(0.0, 1)}),
        scored("b", {"n": entry(0.0, 2)}),
        scored("forged", {**shifted, "x": entry(0.0, 3)}, with_shared=False),
        scored("other", {"y": entry(0.0, 4)}, protocol=elsewhere),
    ]
    board = write_board(tmp_path / "toy", map(claimed, records))

    checks = verify(board, Host()).checks

    noted = [check for check in checks if check.outcome is Outcome.NOTED]
    assert [check.name for check in checks if check.outcome is Outcome.FAILED] == [CheckName.DRIFT]
    assert [check.where for check in noted] == ["records/other.json", "records/forged.json"]
    assert "further apart than their intervals are wide" in noted[1].said[0]
