"""What changes on a board, in sentences."""

from __future__ import annotations

from dataclasses import replace

from gazebench.publish.diff import changes
from gazebench.publish.join import join
from gazebench.publish.record import Badge
from gazebench.publish.standings import Standings
from submissions import entry, scored, settings, shared_rows


def board(*names: str, **shifts: float) -> Standings:
    """Return a board of records of one entry each."""
    made = [
        scored(name, {**shared_rows(), f"m/{name}": entry(shifts.get(name, 0.0), 7)})
        for name in names
    ]
    return join(settings(), made)


def test_nothing_changes_without_a_change() -> None:
    """The same board has no diff."""
    assert list(changes([board("a")], [board("a")])) == []


def test_a_new_board_says_who_stands_on_it() -> None:
    """Each row enters with place, score and badge; ceiling and floors as what they are."""
    said = list(changes([], [board("a")]))

    assert said[:2] == ["toy: a new board of 1 record", "toy: the record a is new"]
    assert any(s.startswith("toy: m/a enters at rank 1 with auc 0.") for s in said)
    assert any(s.startswith("toy: ceiling enters as a ceiling with auc") for s in said)
    assert len(said) == 2 + 3


def test_a_new_entry_and_whom_it_moves() -> None:
    """Who comes, and who stands elsewhere now; nobody else is named."""
    said = list(changes([board("a")], [board("a", "b", b=0.1)]))

    assert "toy: the record b is new" in said
    assert any(s.startswith("toy: m/b enters at rank 1 ") for s in said)
    assert "toy: m/a was at rank 1 and is at rank 2" in said
    assert not any("ceiling" in s for s in said)


def test_what_goes_and_what_has_other_numbers() -> None:
    """A record that disappears, and one whose scores are others."""
    said = list(changes([board("a", "b")], [board("a", a=0.05)]))

    assert "toy: the record b goes" in said
    assert "toy: m/b goes" in said
    assert "toy: m/a has other numbers on auc" in said
    assert list(changes([board("a")], [])) == ["toy: the board goes, with 1 record"]


def test_a_badge_that_changes_is_said() -> None:
    """A rerun is worth a sentence."""
    before = board("a")
    row = before.rows["m/a"]
    after = replace(before, rows={**before.rows, "m/a": replace(row, badge=Badge.RERUN)})

    assert list(changes([before], [after])) == [f"toy: m/a was {row.badge} and is rerun"]


def test_an_entry_that_shares_its_name_is_renamed() -> None:
    """It does not go and come again."""
    one = scored("a", {**shared_rows(), "m/x": entry(0.0, 7)})
    two = scored("b", {**shared_rows(), "m/x": entry(0.1, 8)})

    said = list(changes([join(settings(), [one])], [join(settings(), [one, two])]))

    assert "toy: m/x is called m/x (a) now" in said
    assert not any(s.endswith(" goes") for s in said)
