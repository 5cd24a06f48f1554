"""Joined leaderboards: one record's own board, any order, paired or not, and who is apart."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from boards import AUC, KL, NCC, cell, line, rows_of
from gazebench.errors import RecordError
from gazebench.publish.join import join
from gazebench.publish.submission import Submission
from gazebench.spec.board import Board, BoardRow, JoinedRow
from gazebench.spec.values import EntryKind
from submissions import (
    PROTOCOL,
    SUBSETS,
    claimed,
    entry,
    printed,
    scored,
    settings,
    shared_rows,
)

A = {"m": entry(0.05, 1), "n": entry(0.0, 2)}
B = {"p": entry(0.08, 3), "q": entry(-0.1, 4)}


def without_sources(board: Board) -> Board:
    return replace(
        board,
        subsets=tuple(
            replace(
                s,
                rows=tuple(
                    BoardRow(entry=r.entry, kind=r.kind, rank=r.rank, cells=r.cells) for r in s.rows
                ),
            )
            for s in board.subsets
        ),
    )


def entries(board: Board, subset: int = 0) -> list[str]:
    return [row.entry for row in board.subsets[subset].rows]


@given(st.integers(0, 2**16), st.integers(1, 4), st.booleans())
@hypothesis_settings(deadline=None, max_examples=8)
def test_one_record_gives_exactly_its_own_board(seed: int, count: int, has_gaps: bool) -> None:
    rng = np.random.default_rng(seed)
    names = {f"e{i}": entry(rng.normal(scale=0.05), seed + i) for i in range(count)}
    if has_gaps:
        names["gaps"] = [None if i % 5 == 0 else value for i, value in enumerate(entry(0, seed))]
    one = scored("one", names, metrics=(AUC, KL, NCC))
    versions = {"auc": 1, "kl": 1, "ncc": 1}

    found = join(settings(versions=versions), [one])

    assert without_sources(found.board) == one.record.board
    assert set(found.rows) == {row.entry for row in found.board.subsets[0].rows}


def test_joined_places_are_those_of_all_scores_in_one_table() -> None:
    a, b = scored("a", A), scored("b", B)

    found = join(settings(), [a, b])

    together = scored("both", {**A, **B}).record.board
    assert without_sources(found.board).subsets == together.subsets
    assert found.board.differences == together.differences
    row = line(found.board, "p")
    assert isinstance(row, JoinedRow)
    assert (row.record, row.badge) == ("b", "recomputed")
    assert not isinstance(line(found.board, "ceiling"), JoinedRow)
    assert found.rows["p"].entry == "p"
    assert set(found.records) == {"a", "b"}
    assert found.apart == ()


@given(st.randoms(use_true_random=False))
@hypothesis_settings(deadline=None, max_examples=5)
def test_order_of_records_does_not_matter(rng: random.Random) -> None:
    stated = claimed(scored("c", {"m": entry(0.02, 9)}))
    other = scored("d", {"x": entry(0.1, 5)}, protocol=replace(PROTOCOL, case_set="ef" * 32))
    shifted = {n: [v + 0.01 for v in values] for n, values in shared_rows().items()}
    elsewhere = scored("e", {**shifted, "y": entry(0.0, 6)}, with_shared=False)
    records = [scored("a", A), scored("b", B), stated, other, elsewhere]
    expected = join(settings(), records)

    rng.shuffle(records)

    assert join(settings(), records) == expected
    assert [apart.record for apart in expected.apart] == ["d", "e"]


def test_equal_entries_share_a_group_however_they_are_known() -> None:
    a = scored("a", {**A, "far": entry(-0.2, 7, noise=0.001)})
    twin = claimed(a, "z")

    board = join(settings(), [a, twin]).board

    for name in ("m", "n", "far"):
        mine, theirs = cell(board, f"{name} (a)"), cell(board, f"{name} (z)")
        assert mine.score == theirs.score
        assert (mine.rank, mine.tie_group) == (theirs.rank, theirs.tie_group)
    assert cell(board, "far (z)").tie_group > cell(board, "n (z)").tie_group
    assert entries(board).count("ceiling") == entries(board).count("floor") == 1


def test_stated_entries_are_compared_without_the_benefit_of_pairing() -> None:
    # A constant lead of 0.02 on every image: certain when paired, lost in the spread of images.
    close = {"low": entry(0.0, 2, noise=0), "high": entry(0.02, 2, noise=0.001)}
    a, b = scored("a", {"low": close["low"]}), scored("b", {"high": close["high"]})

    paired = join(settings(), [a, b]).board
    unpaired = join(settings(), [a, claimed(b)]).board

    assert [cell(paired, name).tie_group for name in ("high", "low")] == [1, 2]
    assert [cell(unpaired, name).tie_group for name in ("high", "low")] == [1, 1]
    assert "unpaired" not in paired.differences
    assert "unpaired" in unpaired.differences
    assert cell(unpaired, "high").interval == cell(b.record.board, "high").interval


def test_matrix_holds_every_pair_best_first() -> None:
    found = join(settings(), [scored("a", A), claimed(scored("b", B))])

    (matrix,) = found.matrices
    assert matrix.entries == ("p", "m", "n", "q")
    assert matrix.metric == "auc"
    size = range(len(matrix.entries))
    scores = [cell(found.board, name).score for name in matrix.entries]
    for i in size:
        assert matrix.adjusted[i][i] is None
        for j in size:
            assert matrix.differences[i][j] == pytest.approx(scores[i] - scores[j])
            assert matrix.adjusted[i][j] == matrix.adjusted[j][i]
    groups = {name: cell(found.board, name).tie_group for name in matrix.entries}
    assert groups["q"] > groups["n"]
    assert matrix.adjusted[0][3] < 0.05


def test_lower_is_better_is_positive_where_better() -> None:
    rows = rows_of({**shared_rows(), "low": entry(0, 1), "high": entry(0.3, 2)}, metric="kl")
    one = scored("a", {}, metrics=(KL,), rows=rows)

    (matrix,) = join(settings(versions={"kl": 1}, rank_by="kl"), [one]).matrices

    assert matrix.entries == ("low", "high")
    assert matrix.differences[0][1] > 0


def test_names_that_clash_carry_the_records_name() -> None:
    a = scored("a", {"m": entry(0.05, 1), "x (b)": entry(0, 8), "own": entry(0, 9)})
    b = scored("b", {"m": entry(0.0, 2), "x": entry(0, 10)})
    c = scored("c", {"x": entry(0, 11), "floor2": entry(0, 12)})

    found = join(settings(), [a, b, c])

    names = {n for n in found.rows if n not in ("ceiling", "floor")}
    assert names == {"m (a)", "m (b)", "x (b) (a)", "own", "x (b)", "x (c)", "floor2"}
    assert (found.rows["x (b)"].record, found.rows["x (b)"].entry) == ("b", "x")
    assert (found.rows["x (b) (a)"].record, found.rows["x (b) (a)"].entry) == ("a", "x (b)")


def test_an_entry_called_like_a_floor_is_told_apart() -> None:
    a = scored("a", A)
    rows = [
        {**row, "entry": "floor", "kind": "entry"} if row["entry"] == "m" else row
        for row in rows_of({"ceiling": shared_rows()["ceiling"], "m": entry(0, 3)})
    ]
    b = scored("b", {}, rows=rows)

    found = join(settings(), [a, b])

    assert line(found.board, "floor").kind is EntryKind.FLOOR
    assert line(found.board, "floor (b)").kind is EntryKind.ENTRY


def test_metrics_and_subsets_of_one_record_only_are_shown_and_said() -> None:
    parts = {**SUBSETS, "other": frozenset(str(i) for i in range(3, 10))}
    a = scored("a", A, metrics=(AUC, NCC), subsets=parts)
    b = scored("b", B)

    board = join(settings(versions={"auc": 1, "ncc": 1}), [a, b]).board

    assert [subset.name for subset in board.subsets] == ["all", "half", "other"]
    assert cell(board, "p", "ncc").score is None
    assert cell(board, "p", "ncc").note == "not scored"
    assert cell(board, "p", subset=2).score is not None  # the cases are known, whoever asks
    assert cell(board, "m", "ncc") == cell(a.record.board, "m", "ncc")


def test_what_only_a_stated_record_has_is_shown() -> None:
    stated = claimed(scored("s", {"stated": entry(0.1, 20)}, metrics=(AUC, NCC)))
    board = join(
        settings(versions={"auc": 1, "ncc": 1}), [scored("a", A, subsets={}), stated]
    ).board

    assert [subset.name for subset in board.subsets] == ["all", "half"]
    assert cell(board, "stated", "ncc").rank == 1
    assert cell(board, "m", "ncc").score is None
    assert cell(board, "m", subset=1).score is None
    assert cell(board, "ceiling", "ncc").score is not None


def test_entry_without_an_interval_has_no_place_and_says_why() -> None:
    stated = claimed(scored("s", {"vague": entry(0.1, 20)}))
    board = stated.record.board
    bare = replace(
        board,
        subsets=tuple(
            replace(
                subset,
                rows=tuple(
                    replace(row, cells={"auc": replace(row.cells["auc"], interval=None)})
                    if row.entry == "vague"
                    else row
                    for row in subset.rows
                ),
            )
            for subset in board.subsets
        ),
    )
    joined = join(
        settings(), [scored("a", A), Submission(record=replace(stated.record, board=bare))]
    )

    found = cell(joined.board, "vague")
    assert (found.rank, found.ranks, found.tie_group) == (None, None, None)
    assert "no interval is stated" in found.note
    assert {cell(joined.board, name).rank for name in A} == {1, 2}
    assert joined.matrices[0].entries == ("m", "n")


def test_missing_fraction_is_of_the_boards_ceiling() -> None:
    whole = scored("s", {"stated": entry(0.1, 20)})
    board = whole.record.board
    rows = tuple(
        replace(
            row,
            cells={"auc": replace(row.cells["auc"], fraction=None, fraction_interval=None)},
        )
        for row in board.subsets[0].rows
    )
    bare = replace(board, subsets=(replace(board.subsets[0], rows=rows),))

    found = join(settings(), [printed("s", bare)]).board

    ceiling = cell(found, "ceiling").score
    expected = (cell(found, "stated").score - 0.5) / (ceiling - 0.5)
    assert cell(found, "stated").fraction == pytest.approx(expected)
    assert cell(found, "stated").fraction_interval is None


def test_ceiling_of_other_readers_stands_apart() -> None:
    a, b = scored("a", A), scored("b", B)
    shared = {**shared_rows(), "ceiling": [v + 0.001 for v in shared_rows()["ceiling"]]}
    odd = scored("aa", {**shared, "x": entry(0, 5)}, with_shared=False)

    found = join(settings(), [a, b, odd])

    (apart,) = found.apart
    assert apart.record == "aa"
    assert "the ceilings of" in apart.why[0]
    assert "differ by 0.001 in auc" in apart.why[0]
    assert apart.command == "gazebench run --dataset toy --data-root FOLDER"
    assert set(found.records) == {"a", "b"}


def test_floor_within_rounding_is_one_row() -> None:
    shared = {n: [v + 1e-7 for v in values] for n, values in shared_rows().items()}
    b = scored("b", {**shared, **B}, with_shared=False)

    found = join(settings(), [scored("a", A), b])

    assert found.apart == ()
    assert cell(found.board, "floor") == cell(scored("a", A).record.board, "floor")


def test_stated_ceiling_far_off_stands_apart() -> None:
    stated = scored("s", {"ceiling": entry(0.4, 101), "x": entry(0, 5)}, with_shared=False)

    found = join(settings(), [scored("a", A), claimed(stated)])

    (apart,) = found.apart
    assert apart.record == "s"
    assert "further apart than their intervals are wide" in apart.why[0]


def test_subset_of_other_cases_stands_apart() -> None:
    other = {"half": frozenset(str(i) for i in range(3, 9))}

    found = join(settings(), [scored("a", A), scored("b", B), scored("c", {}, subsets=other)])

    (apart,) = found.apart
    assert apart.record == "c"
    assert "subset half is not of the same cases" in apart.why[0]


def test_case_scores_of_other_cases_stand_apart() -> None:
    rows = [
        {**row, "case": f"9{row['case']}"} for row in rows_of({**shared_rows(), "x": entry(0, 5)})
    ]
    found = join(settings(), [scored("a", A), scored("b", {}, rows=rows, subsets={})])

    assert [apart.record for apart in found.apart] == ["b"]
    assert "different cases or patients" in found.apart[0].why[0]


def test_ceiling_of_fewer_readings_stands_apart() -> None:
    low = [v if v < 0.85 else None for v in shared_rows()["ceiling"]]
    rows = [r for r in rows_of({**shared_rows(), "ceiling": low, "x": entry(0, 5)}) if r["value"]]
    assert 0 < len([v for v in low if v]) < len(low)

    found = join(settings(), [scored("a", A), scored("b", B), scored("aa", {}, rows=rows)])

    assert [apart.record for apart in found.apart] == ["aa"]
    assert "the ceilings of" in found.apart[0].why[0]


def test_scores_on_readings_of_ones_own_stand_apart() -> None:
    """Where no reading is the same there would be nothing to contradict."""
    scores = {**shared_rows(), "ceiling": entry(-0.1, 101), "x": entry(0, 5)}
    own = [{**row, "reading": f"r{i}"} for row in rows_of(scores) for i in (1, 2)]

    found = join(settings(), [scored("a", A), scored("b", B), scored("aa", {}, rows=own)])

    assert [apart.record for apart in found.apart] == ["aa"]
    assert "are of different readings" in found.apart[0].why[0]


def test_records_that_turn_a_metric_round_stand_apart() -> None:
    """Otherwise the first record would say for the whole board which end is the better one."""
    records = [scored("a", A), scored("b", B)]
    for changes in ({"higher_is_better": False}, {"chance": -9.0}):
        odd = scored("0", {"x": entry(0, 5)}, metrics=(replace(AUC, **changes),))
        for one in (odd, claimed(odd)):
            found = join(settings(), [*records, one])

            assert [apart.record for apart in found.apart] == ["0"]
            assert "do not agree on which auc is better" in found.apart[0].why[0]
            assert found.board.metrics == (AUC,)


def test_a_record_does_not_choose_how_much_memory_the_board_needs() -> None:
    a = scored("a", A)
    assert a.record.run is not None
    run = replace(a.record.run, resamples=10**15)
    greedy = Submission(record=replace(a.record, run=run), case_scores=a.case_scores)

    with pytest.raises(RecordError, match="resamples are stated"):
        join(settings(), [greedy])


def test_nothing_to_join_is_an_empty_board() -> None:
    found = join(settings(), [])

    assert found.board.subsets[0].rows == ()
    assert found.rows == {}


def test_case_scores_with_a_row_that_is_not_stated_are_refused() -> None:
    a, b = scored("a", A), scored("b", B)
    forged = Submission(record=a.record, case_scores=b.case_scores)

    with pytest.raises(RecordError, match="entry 'p' that it does not state"):
        join(settings(), [forged])


def test_unstated_facts_are_named_on_the_board() -> None:
    paper = printed(
        "paper",
        scored("s", {"x": entry(0, 5)}).record.board,
        protocol=replace(PROTOCOL, case_set="", cases=None),
        subset_sets={"half": ""},
    )

    found = join(settings(), [paper])

    assert found.apart == ()
    (notice,) = found.board.notices
    unstated = "the set of cases, the number of cases or the cases of the subsets"
    assert notice == f"paper does not state {unstated}: not compared with the board's"
