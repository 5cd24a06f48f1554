"""The answer in words, from planted effects."""

from __future__ import annotations

import numpy as np
import pytest

from boards import AUC, KL, rows_of, table_of
from gazebench.leaderboard.contrast_values import Quantity, SubsetAnalysis
from gazebench.leaderboard.contrast_words import (
    MOST_ENTRIES,
    answer,
    cut_in_words,
    extremes,
    how_tested,
    most_shown,
)
from gazebench.leaderboard.contrasts import Wanted, analyse_subsets
from gazebench.spec.board import MetricColumn

EVEN, ODD = (frozenset(str(i) for i in range(start, 40, 2)) for start in (0, 1))


def scores(**means: tuple[float, float]) -> dict[str, list[float]]:
    """Return entry -> values, with these means on even and on odd images."""
    rng = np.random.default_rng(0)
    return {
        name: [(odd if i % 2 else even) + 0.01 * rng.normal() for i in range(40)]
        for name, (even, odd) in means.items()
    }


def analysed(
    of: dict[str, list[float]],
    metric: MetricColumn = AUC,
    subsets: dict[str, frozenset[str]] | None = None,
    **wanted: tuple[str, ...],
) -> SubsetAnalysis:
    return analyse_subsets(
        table_of(rows_of(of, metric=metric.name)),
        metrics={metric.name: metric},
        subsets=subsets or {"even": EVEN, "odd": ODD},
        dataset="toy",
        wanted=Wanted(**wanted),
        resamples=500,
    )


def test_names_the_subset_with_the_highest_fraction_not_the_highest_score() -> None:
    found = analysed(scores(ceiling=(0.95, 0.65), m=(0.65, 0.62)))

    summary, mine, readers = answer(found)

    assert summary == "By auc, maps are most like the readers on odd and least on even."
    assert mine.startswith("m: most on odd (8")
    assert "% of the ceiling), least on even (3" in mine
    assert mine.endswith("significant (p <0.001 after Holm).")
    assert readers.startswith("The readers themselves (ceiling): most on even (0.947 auc)")


def test_counts_entries_that_agree_and_those_that_are_significant() -> None:
    found = analysed(scores(ceiling=(0.9, 0.9), a=(0.8, 0.6), b=(0.7, 0.6), c=(0.65, 0.65)))

    summary = answer(found)[0]

    assert "That difference is significant for 2 of 3 entries." in summary
    assert "even (" in summary


def test_uses_scores_where_there_is_no_ceiling() -> None:
    found = analysed(scores(m=(0.8, 0.6)))

    summary, mine, *why = answer(found)

    assert extremes(found, "m").quantity is Quantity.SCORE
    assert mine.startswith("m: most on even (0.797 auc), least on odd (0.601)")
    assert why == ["No fraction of the ceiling: there is no ceiling to compare with."]
    assert "least on odd" in summary


def test_lower_scores_are_better_where_the_metric_says_so() -> None:
    found = analysed(scores(m=(0.8, 0.6)), KL)

    assert (extremes(found, "m").most, extremes(found, "m").least) == ("odd", "even")


def test_says_where_the_fraction_is_undefined() -> None:
    found = analysed(
        scores(ceiling=(0.9, 0.5), m=(0.7, 0.7)),
        subsets={"even": EVEN, "odd": ODD, "low": frozenset(map(str, range(20)))},
    )

    sentences = answer(found)

    assert extremes(found, "m").quantity is Quantity.FRACTION
    assert "odd" not in (extremes(found, "m").most, extremes(found, "m").least)
    assert any(
        s.startswith("No fraction of the ceiling on odd: the ceiling's interval [0.4")
        for s in sentences
    )


def test_a_handful_of_images_is_no_answer() -> None:
    few = frozenset({"0", "2", "4"})

    found = analysed(scores(m=(0.8, 0.6)), subsets={"few": few, "even": EVEN, "odd": ODD})
    alone = analysed(scores(m=(0.8, 0.6)), subsets={"few": few})

    assert "few" not in answer(found)[1]
    assert answer(alone)[0] == "No two subsets with 5 or more images can be compared."


def test_one_subset_is_compared_with_the_rest() -> None:
    found = analysed(scores(m=(0.8, 0.6)), subsets={"odd": ODD})

    assert "most on rest of odd" in answer(found)[1]


def test_only_the_best_entries_are_told_about_and_it_says_so() -> None:
    means = {f"m{i:02}": (0.6 + i / 100, 0.6) for i in range(12)}

    found = analysed(scores(ceiling=(0.9, 0.9), floor=(0.99, 0.99), **means))

    assert most_shown(found) == tuple(f"m{i:02}" for i in range(11, 11 - MOST_ENTRIES, -1))
    assert cut_in_words(found).startswith("the 8 best of 13 by auc are shown")
    assert cut_in_words(analysed(scores(m=(0.8, 0.6)))) == ""


@pytest.mark.parametrize("entries", [(), ("a",)])
def test_the_family_that_is_corrected_is_stated(entries: tuple[str, ...]) -> None:
    found = analysed(scores(ceiling=(0.9, 0.9), a=(0.8, 0.6), b=(0.7, 0.6)), entries=entries)

    holm = how_tested(found)[-1]

    score, fraction = (2, 1) if entries else (3, 2)
    assert f"{score} tests of the score, {fraction} of the fraction" in holm
    assert "bootstrap over images, 500 resamples" in how_tested(found)[0]
