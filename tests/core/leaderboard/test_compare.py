"""Two entries against each other: the same readings, the right winner, honest words."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from boards import AUC, KL, board_of, cell, row, rows_of, table_of
from gazebench.errors import UsageError
from gazebench.leaderboard.compare import EntryComparison, MetricComparison, compare_entries
from gazebench.leaderboard.compare_files import COLUMNS, comparison_csv, comparison_json
from gazebench.leaderboard.scored_table import ScoredTable
from gazebench.spec.board import MetricColumn

FEW = 400  # resamples


def scored(rows: list[dict[str, Any]], *metrics: MetricColumn, **subsets: set[str]) -> ScoredTable:
    """Return rows as if they had been read from a file."""
    return ScoredTable(
        path=Path("made.csv"),
        scores=table_of(rows),
        metrics={m.name: m for m in metrics or (AUC,)},
        subsets={name: frozenset(cases) for name, cases in subsets.items()},
        dataset="made",
        notices=("made up",),
    )


def noisy(**shifts: float) -> dict[str, list[float]]:
    """Return entry -> values on 30 images that are hard or easy for all."""
    rng = np.random.default_rng(1)
    image = rng.normal(size=30)
    return {
        name: (0.7 + shift + 0.1 * image + 0.02 * rng.normal(size=30)).tolist()
        for name, shift in shifts.items()
    }


def only(found: EntryComparison) -> MetricComparison:
    """Return the one row of a comparison."""
    (one,) = found.rows
    return one


def compared(values: dict[str, list[float]], *metrics: MetricColumn) -> MetricComparison:
    """Compare m with n on one metric."""
    metric = metrics[0] if metrics else AUC
    table = scored(rows_of(values, metric=metric.name), metric)
    return only(compare_entries(table, "m", "n", resamples=FEW))


def test_difference_is_that_of_the_boards_scores() -> None:
    rows = rows_of(noisy(m=0.0, n=0.02, ceiling=0.2, floor=-0.3))
    board = board_of(rows)

    found = only(compare_entries(scored(rows), "m", "n", resamples=FEW))

    assert found.score_a == cell(board, "m").score
    assert found.score_b == cell(board, "n").score
    assert found.difference == pytest.approx(found.score_a - found.score_b)
    assert found.n_images == 30


def test_p_value_and_interval_agree_with_the_paired_t_test() -> None:
    values = noisy(m=0.0, n=0.004)

    found = compared(values)

    oracle = stats.ttest_rel(values["m"], values["n"])
    low, high = oracle.confidence_interval(0.95)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=0.35)
    assert found.interval.low == pytest.approx(low, abs=0.3 * (high - low))
    assert found.interval.high == pytest.approx(high, abs=0.3 * (high - low))


@pytest.mark.parametrize(("metric", "winner"), [(AUC, "n"), (KL, "m")])
def test_direction_decides_who_is_better(metric: MetricColumn, winner: str) -> None:
    found = compared(noisy(m=0.0, n=0.1), metric)

    assert found.better == winner
    assert found.more_images == 0
    share_of_a = found.wins.rate
    assert share_of_a == (1.0 if winner == "m" else 0.0)


def test_swapped_entries_mirror_everything() -> None:
    table = scored(rows_of(noisy(m=0.0, n=0.01)))

    one = only(compare_entries(table, "m", "n", resamples=FEW))
    other = only(compare_entries(table, "n", "m", resamples=FEW))

    assert one.difference == -other.difference
    assert (one.p_value, one.better) == (other.p_value, other.better)
    assert (one.wins.a, one.wins.b) == (other.wins.b, other.wins.a)
    assert one.interval.low == pytest.approx(-other.interval.high)


def test_identical_entries_are_not_separated_and_no_number_of_images_would() -> None:
    values = noisy(m=0.0)["m"]

    found = compared({"m": values, "n": values})

    assert (found.difference, found.p_value, found.better) == (0.0, 1.0, None)
    assert found.more_images is None
    assert found.wins.ties == 30


def test_forecast_falls_as_the_difference_grows() -> None:
    noise = 0.02 * np.random.default_rng(2).normal(size=30)
    level = 0.7 + noise - noise.mean()

    near, nearer = (compared({"m": level.tolist(), "n": [0.7 + d] * 30}) for d in (0.001, 0.003))

    assert (near.better, nearer.better) == (None, None)
    assert near.more_images > 5 * nearer.more_images > 0


def test_holm_goes_over_everything_shown() -> None:
    values = noisy(m=0.0, n=0.011)
    rows = rows_of(values) + rows_of(values, metric="kl")
    table = scored(rows, AUC, KL, first={str(i) for i in range(15)})

    every = compare_entries(table, "m", "n", resamples=FEW)
    one = only(compare_entries(table, "m", "n", metrics=["auc"], subsets=["all"], resamples=FEW))

    assert len(every.rows) == 4
    assert every.rows[0].p_value == one.p_value == one.p_holm
    assert every.rows[0].p_holm >= one.p_holm
    smallest = min(every.rows, key=lambda found: found.p_value)
    assert smallest.p_holm == pytest.approx(4 * smallest.p_value)
    assert (every.subsets, one.better) == ({"all": 30, "first": 15}, one.better)


def test_alpha_widens_the_interval_and_may_take_the_verdict() -> None:
    table = scored(rows_of(noisy(m=0.0, n=0.01)))

    usual = only(compare_entries(table, "m", "n", resamples=FEW))
    strict = only(compare_entries(table, "m", "n", resamples=FEW, alpha=1e-9))

    assert strict.interval.low < usual.interval.low < usual.interval.high < strict.interval.high
    assert strict.better is None
    assert strict.more_images > 0


def test_only_readings_with_a_value_of_both_count() -> None:
    """A ceiling without a value somewhere must not shift its rival's score."""
    values = {"m": [0.5, 0.6, 0.9], "ceiling": [0.7, 0.8, None]}

    found = only(compare_entries(scored(rows_of(values)), "m", "ceiling", resamples=FEW))

    assert (found.score_a, found.score_b, found.n_images) == (
        pytest.approx(0.55), pytest.approx(0.75), 2,
    )  # fmt: skip
    assert "only 2 of 3 readings have a value of both" in found.note
    assert "compared on 2 of 3 images" in found.note


def test_missing_values_score_the_floor_as_on_the_board_and_are_said() -> None:
    values = {"m": [0.5, None, 0.9], "n": [0.6, 0.7, 0.8], "floor": [0.4, 0.3, 0.4]}
    rows = rows_of(values)

    found = only(compare_entries(scored(rows), "m", "n", resamples=FEW))

    assert found.score_a == cell(board_of(rows), "m").score == pytest.approx((0.5 + 0.3 + 0.9) / 3)
    assert "m: 1 of 3 rows have no value (1 missing)" in found.note


def test_seeds_and_readings_of_an_image_are_one_image() -> None:
    rows = [
        row(entry, 0.5 + 0.1 * (entry == "m") + 0.01 * seed, case=case, reading=reading, seed=seed)
        for entry in "mn"
        for case in "abc"
        for reading in "rs"
        for seed in (range(3) if entry == "m" else (0,))
    ]

    found = only(compare_entries(scored(rows), "m", "n", resamples=FEW))

    assert (found.n_images, found.wins.a) == (3, 3)
    assert found.score_a == pytest.approx(0.61)


def test_one_image_shows_no_difference() -> None:
    found = only(compare_entries(scored([row("m", 0.9), row("n", 0.1)]), "m", "n", resamples=FEW))

    assert (found.p_value, found.interval, found.better) == (None, None, None)
    assert "one image cannot show a difference" in found.note


def test_metric_that_one_lacks_is_not_comparable_and_says_why() -> None:
    rows = rows_of(noisy(m=0.0, floor=0.0)) + rows_of(noisy(m=0.0), metric="kl")
    rows += rows_of({"floor": [None] * 30}, metric="kl", status="undefined", reason="constant map")
    table = scored(rows, AUC, KL, none=set())

    found = compare_entries(table, "m", "floor", resamples=FEW)

    by_place = {(one.subset, one.metric.name): one for one in found.rows}
    assert found.verdict(by_place["all", "kl"]) == "not comparable"
    assert by_place["none", "auc"].note == "no scored image is in this subset"
    assert by_place["all", "auc"].difference is not None


def test_patients_are_the_unit_where_they_are_known() -> None:
    rows = rows_of(noisy(m=0.0, n=0.01))
    by_patient = [{**one, "cluster": f"p{int(one['case']) // 3}"} for one in rows]

    found = compare_entries(scored(by_patient), "m", "n", resamples=FEW)

    assert found.unit == "patients"
    assert only(found).n_images == 30


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        (("m", "ceilin"), {}, "no entry is called 'ceilin', of 3; did you mean 'ceiling'"),
        (("m", "m"), {}, "with itself"),
        (("m", "n"), {"metrics": ["auk"]}, "no metric is called 'auk', of 1; did you mean 'auc'"),
        (("m", "n"), {"subsets": ["al"]}, "no subset is called 'al', of 1; did you mean 'all'"),
        (("m", "n"), {"alpha": 0.0}, "alpha"),
        (("m", "n"), {"resamples": 1}, "resamples"),
    ],
)
def test_what_does_not_exist_is_refused(
    arguments: tuple[str, str], options: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        compare_entries(scored(rows_of(noisy(m=0.0, n=0.1, ceiling=0.2))), *arguments, **options)

    assert says in refused.value.message


def test_files_hold_every_number() -> None:
    rows = rows_of(noisy(m=0.0, n=0.01)) + rows_of({"m": [0.1]}, metric="kl")
    found = compare_entries(scored(rows, AUC, KL), "m", "n", resamples=FEW)

    lines = list(csv.DictReader(io.StringIO(comparison_csv(found))))
    document = json.loads(comparison_json(found), parse_constant=pytest.fail)

    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == len(document["comparisons"]) == 2
    first = document["comparisons"][0]
    assert float(lines[0]["difference"]) == first["difference"]
    assert first["difference"] == pytest.approx(found.rows[0].difference)
    assert first["wins_a"] + first["wins_b"] + first["ties"] == first["n_images"] == 30
    assert (lines[1]["p"], document["comparisons"][1]["p"]) == ("", None)
    assert document["notices"] == ["made up"]
