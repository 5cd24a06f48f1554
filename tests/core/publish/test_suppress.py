from __future__ import annotations

import pytest

from boards import AUC, NCC, board_of, cell, line, row, rows_of, table_of
from gazebench.errors import RecordError
from gazebench.publish.record import EntryFacts, GamingChecks
from gazebench.publish.suppress import (
    TOO_FEW,
    hide_small_cells,
    hide_small_checks,
    suppressed_subsets,
)

IMAGES = frozenset(str(n) for n in range(12))
SIX = {"part": frozenset(str(n) for n in range(6))}


def test_a_record_of_fewer_than_five_images_is_refused() -> None:
    with pytest.raises(RecordError, match="scored 4 images") as refused:
        suppressed_subsets({}, frozenset("abcd"), is_restricted=False)

    assert refused.value.exit_code == 6


def test_an_open_dataset_loses_small_subsets_only() -> None:
    subsets = {"few": frozenset("0123"), "most": IMAGES - {"0"}, "none": frozenset()}

    assert suppressed_subsets(subsets, IMAGES, is_restricted=False) == ("few",)
    assert suppressed_subsets(subsets, IMAGES, is_restricted=True) == ("few", "most")


def test_a_metric_that_applies_to_few_images_is_blank_and_all_others_stay() -> None:
    rows = rows_of({"ceiling": [0.9] * 12, "net": [0.5 + n / 100 for n in range(12)]})
    rows += [row(e, 0.4, case=str(n), metric="ncc") for e in ("ceiling", "net") for n in range(4)]
    board = board_of(rows, AUC, NCC, subsets=SIX)
    assert cell(board, "net", "ncc").score is not None

    hidden = hide_small_cells(board, table_of(rows), SIX, is_restricted=True)

    for subset in (0, 1):
        for entry in ("ceiling", "net"):
            blank = cell(hidden, entry, "ncc", subset)
            assert (blank.score, blank.interval, blank.fraction, blank.rank) == (None,) * 4
            assert blank.note == TOO_FEW
            assert cell(hidden, entry, "auc", subset) == cell(board, entry, "auc", subset)


def test_an_entry_that_failed_on_most_images_is_blank_though_others_stand_in() -> None:
    values = [0.9, 0.8, 0.7, *[None] * 9]
    rows = rows_of({"ceiling": [0.9] * 12, "floor": [0.5] * 12, "net": values})
    board = board_of(rows, AUC)
    assert line(board, "net").rank == 1

    hidden = hide_small_cells(board, table_of(rows), {}, is_restricted=True)

    assert cell(hidden, "net").score is None
    assert line(hidden, "net").rank is None
    assert cell(hidden, "floor") == cell(board, "floor")


def test_checks_of_a_hidden_entry_are_hidden_too() -> None:
    """With the centre bias's score they would give the hidden one away."""
    rows = rows_of({"floor": [0.5] * 12, "few": [0.9] * 3 + [None] * 9, "net": [0.7] * 12})
    board = hide_small_cells(board_of(rows, AUC), table_of(rows), {}, is_restricted=True)
    checks = GamingChecks(
        gain_over_centre_bias=0.1,
        gain_from_blur_and_bias=0.1,
        gain_beyond_bias=0.2,
        closest_reader_excess=None,
    )
    facts = {entry: EntryFacts(method="m", checks=checks) for entry in ("floor", "few", "net")}

    found = hide_small_checks(facts, board)

    assert found == {**facts, "few": EntryFacts(method="m")}


def test_a_subset_that_tells_few_images_from_the_others_of_a_metric_is_blank_there() -> None:
    """The metric knows 9 images, 6 of them in the subset: 3 are left."""
    rows = rows_of({"ceiling": [0.9] * 12, "net": [0.6] * 9 + [None] * 3})
    board = board_of(rows, AUC, subsets=SIX)

    hidden = hide_small_cells(board, table_of(rows), SIX, is_restricted=True)

    assert cell(hidden, "net").score == cell(board, "net").score
    assert cell(hidden, "net", subset=1).score is None
    as_open = hide_small_cells(board, table_of(rows), SIX, is_restricted=False)
    assert as_open == board


def test_fractions_go_with_a_ceiling_of_few_images() -> None:
    """Score, chance and fraction together would give the ceiling away."""
    rows = rows_of({"ceiling": [0.9] * 4 + [None] * 8, "net": [0.6] * 12})
    board = board_of(rows, AUC)
    assert cell(board, "net").fraction is not None

    hidden = hide_small_cells(board, table_of(rows), {}, is_restricted=True)

    assert cell(hidden, "ceiling").score is None
    assert cell(hidden, "net").score == cell(board, "net").score
    assert cell(hidden, "net").fraction is None
    assert cell(hidden, "net").like_a_reader is None


def test_fractions_that_tell_of_readings_without_a_ceiling_are_blank() -> None:
    """The score is of 12 images, its fraction of 10: together they give the mean of 2."""
    rows = rows_of({"ceiling": [0.9] * 10 + [None] * 2, "net": [0.6] * 12})
    board = board_of(rows, AUC)
    assert cell(board, "net").fraction is not None

    hidden = hide_small_cells(board, table_of(rows), {}, is_restricted=True)

    assert cell(hidden, "net").score == cell(board, "net").score
    assert cell(hidden, "ceiling").score == cell(board, "ceiling").score
    assert cell(hidden, "net").fraction is None


def test_enough_readings_without_a_ceiling_hide_no_fraction() -> None:
    rows = rows_of({"ceiling": [0.9] * 6 + [None] * 6, "net": [0.6] * 12})
    board = board_of(rows, AUC)

    assert hide_small_cells(board, table_of(rows), {}, is_restricted=True) == board
