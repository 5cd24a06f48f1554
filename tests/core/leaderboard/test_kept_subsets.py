"""The subsets that a run leaves beside its scores: those of its board, and what else it knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import gazebench, refused
from gazebench.errors import DataError, UsageError
from gazebench.leaderboard.scored_table import (
    KeptSubsets,
    TableRoles,
    read_scores,
    subsets_text,
)
from gazebench.leaderboard.subset_choice import subsets_to_analyse
from gazebench.registry.host import Host

HEAD = "case,metric,entry,score"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        (f"c{i}", e, 0.5 + 0.01 * i + (0.1 if e == "a" else 0)) for i in range(12) for e in "ab"
    ]
    table = {
        "case": [r[0] for r in rows],
        "metric": ["ncc"] * len(rows),
        "entry": [r[1] for r in rows],
        "score": [r[2] for r in rows],
    }
    pq.write_table(pa.table(table), tmp_path / "scores.parquet")
    every = frozenset(f"c{i}" for i in range(12))
    few = frozenset(f"c{i}" for i in range(6))
    kept = KeptSubsets(shown={"few": few}, others={"rest": every - few, "finding:Edema": few})
    (tmp_path / "subsets.json").write_text(subsets_text(kept))
    return tmp_path


def read(folder: Path, *subsets: str):
    return read_scores(folder, Host(), TableRoles(subsets=subsets))


def test_a_board_shows_those_it_was_asked_for(folder: Path) -> None:
    table = read(folder)

    assert set(table.subsets) == {"few"}
    assert set(table.others) == {"rest", "finding:Edema"}


def test_others_may_be_named(folder: Path) -> None:
    assert list(read(folder, "finding:Edema").subsets) == ["finding:Edema"]
    with pytest.raises(UsageError, match="no subset 'rets'; did you mean 'rest'"):
        read(folder, "rets")


def test_an_analysis_takes_the_board_s_and_all_whole_ones(folder: Path) -> None:
    assert set(subsets_to_analyse(read(folder))) == {"few", "rest"}

    done = gazebench("subsets", folder, "--json")

    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["subsets"]
    assert {row["subset"] for row in rows} >= {"all", "few", "rest"}


@pytest.mark.parametrize("text", ["[]", "{", '{"shown": ["few"], "cases": {}}', '{"few": ["c1"]}'])
def test_a_broken_file_is_named(folder: Path, text: str) -> None:
    (folder / "subsets.json").write_text(text)

    with pytest.raises(DataError, match=r"subsets\.json does not name the cases"):
        read(folder)
    assert "subsets.json" in refused("rank", folder)[1]
