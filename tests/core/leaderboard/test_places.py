"""Places among the entries: rank intervals, tie groups, and what they are drawn from."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boards import AUC, KL, MEASURED_KL, board_of, cell, line, row, rows_of, table_of
from gazebench.errors import DataError, UsageError
from gazebench.leaderboard.pool import JointResamples, make_pool
from gazebench.spec.board import RankInterval, Verdict
from gazebench.stats.comparison import compare


def noisy(shifts: dict[str, float], images: int = 30, seed: int = 0) -> dict[str, list[float]]:
    """Return entry -> its values, on images that are hard for all."""
    rng = np.random.default_rng(seed)
    image = rng.normal(size=images)
    return {
        name: (0.7 + shift + 0.1 * image + 0.02 * rng.normal(size=images)).tolist()
        for name, shift in shifts.items()
    }


def joint_of(rows, metrics=(AUC,), subsets=None, **options) -> JointResamples:
    pool = make_pool(table_of(rows), {m.name: m for m in metrics})
    return JointResamples(pool, subsets or {}, 300, **options)


def test_better_entry_stands_alone_and_the_others_share_a_group() -> None:
    scores = noisy({"best": 0.1, "a": 0.0, "b": 0.001, "ceiling": 0.2, "floor": 0.3})

    board = board_of(rows_of(scores))

    assert cell(board, "best").ranks == RankInterval(1, 1)
    assert cell(board, "a").ranks == cell(board, "b").ranks == RankInterval(2, 3)
    assert [cell(board, e).tie_group for e in ("best", "a", "b")] == [1, 2, 2]
    assert cell(board, "best").probability_best == 1.0
    assert "Holm" in board.differences


def test_ceiling_and_floors_have_no_place() -> None:
    board = board_of(rows_of(noisy({"m": 0.0, "ceiling": 0.1, "floor": 0.2})))

    for entry in ("ceiling", "floor"):
        found = cell(board, entry)
        assert (found.rank, found.ranks, found.tie_group) == (None, None, None)
        assert found.probability_best is None
    assert cell(board, "ceiling").like_a_reader is None
    assert cell(board, "m").ranks == RankInterval(1, 1)
    assert (cell(board, "m").tie_group, cell(board, "m").probability_best) == (1, None)


def test_lower_is_better_is_mirrored() -> None:
    rows = rows_of(noisy({"m": 0.0, "n": 0.2}), metric="kl")

    board = board_of(rows, KL)

    assert cell(board, "m", "kl").ranks == RankInterval(1, 1)
    assert cell(board, "m", "kl").probability_best == 1.0
    assert cell(board, "n", "kl").tie_group == 2


def test_one_image_proves_nothing() -> None:
    board = board_of([row("m", 0.9), row("n", 0.1)])

    for entry in "mn":
        assert cell(board, entry).ranks == RankInterval(1, 2)
        assert cell(board, entry).tie_group == 1
        assert cell(board, entry).probability_best is None


def test_entries_without_a_score_have_no_place_and_do_not_count() -> None:
    rows = rows_of(noisy({"m": 0.0, "n": 0.2}))
    rows += rows_of({"k": [0.1] * 30}, metric="kl")

    board = board_of(rows, AUC, KL)

    assert cell(board, "k").ranks is None
    assert cell(board, "m").ranks == RankInterval(2, 2)


def test_probabilities_of_being_best_sum_to_one_in_every_subset() -> None:
    rows = rows_of(noisy({"a": 0.0, "b": 0.005, "c": -0.003}, images=8))

    board = board_of(rows, subsets={"some": set("01234"), "few": {"0", "1"}})

    for subset in (0, 1):
        total = sum(cell(board, e, subset=subset).probability_best or 0.0 for e in "abc")
        assert total == pytest.approx(1.0)
    assert cell(board, "a", subset=2).probability_best is None, "two images show nothing"


def test_verdicts_go_by_the_margin() -> None:
    close = noisy({"ceiling": 0.0, "m": -0.01, "poor": -0.17})
    rows = rows_of(close)

    strict, generous = board_of(rows, margin=0.001), board_of(rows, margin=0.5)

    assert cell(generous, "m").like_a_reader is Verdict.YES
    assert cell(strict, "m").like_a_reader is not Verdict.YES
    assert cell(generous, "poor").like_a_reader is Verdict.NO
    assert generous.margin == 0.5
    with pytest.raises(UsageError, match="margin"):
        board_of(rows, margin=0.0)


# --- one draw for everything ------------------------------------------------------------------


def test_subsets_metrics_and_entries_see_the_same_draw() -> None:
    """The resampled sums of two halves of the images add up to that of the whole."""
    values = noisy({"m": 0.0, "n": 0.1}, images=10)
    rows = rows_of(values) + rows_of({"m": [2 * v for v in values["m"]]}, metric="kl")
    first = {str(i) for i in range(5)}
    joint = joint_of(rows, (AUC, KL), {"first": first, "rest": {str(i) for i in range(5, 10)}})

    whole, twice = joint.score("auc", "m"), joint.score("kl", "m")
    parts = [joint.score("auc", "m", part) for part in ("first", "rest")]
    # How much of a resample falls into each part shows in another entry
    other = [joint.score("auc", "n", part) for part in ("all", "first", "rest")]
    share = (other[0].resampled - other[2].resampled) / (other[1].resampled - other[2].resampled)

    together = share * parts[0].resampled + (1 - share) * parts[1].resampled
    has_both = np.isfinite(together)
    assert has_both.mean() > 0.9
    np.testing.assert_allclose(together[has_both], whole.resampled[has_both], atol=1e-9)
    np.testing.assert_allclose(twice.resampled, 2 * whole.resampled, atol=1e-12)


def test_resample_without_an_image_of_a_subset_is_left_out() -> None:
    joint = joint_of(rows_of(noisy({"m": 0.0}, images=6)), subsets={"two": {"0", "1"}})

    found = joint.score("auc", "m", "two")

    missing = np.isnan(found.resampled).mean()
    assert missing == pytest.approx((4 / 6) ** 6, abs=0.06)
    assert (found.n_clusters, len(found.left_out)) == (2, 6)
    assert found.left_out[2] == found.point


def test_subset_counts_its_own_clusters_in_comparisons() -> None:
    rows = rows_of(noisy({"m": 0.0, "n": 0.1}, images=12))
    joint = joint_of(rows, subsets={"half": {str(i) for i in range(6)}})

    pair = [joint.score("auc", e, "half") for e in "mn"]

    assert compare(*pair).n_clusters == 6


def test_forgotten_metrics_come_back_the_same(monkeypatch) -> None:
    monkeypatch.setattr("gazebench.leaderboard.resampling.KEPT_BYTES", 0)
    monkeypatch.setattr("gazebench.leaderboard.resampling.WEIGHT_BYTES", 0)
    values = noisy({"m": 0.0})
    rows = rows_of(values) + rows_of(values, metric="kl")
    joint = joint_of(rows, (AUC, KL))

    first = joint.score("auc", "m").resampled.copy()

    assert np.array_equal(joint.score("kl", "m").resampled, first)
    assert np.array_equal(joint.score("auc", "m").resampled, first)


# --- patients ---------------------------------------------------------------------------------


def of_patients(rows, size: int = 3):
    """Give every `size` images in a row one patient."""
    return [{**r, "cluster": f"p{int(r['case']) // size}"} for r in rows]


def test_images_of_a_patient_are_drawn_together() -> None:
    rows = of_patients(rows_of(noisy({"m": 0.0}, images=12)))
    one_value_each = [{**r, "value": float(r["cluster"][1:])} for r in rows]

    joint, images = joint_of(one_value_each), joint_of([{**r, "cluster": ""} for r in rows])
    by_patient = joint.score("auc", "m")

    # 4 patients with the values 0 to 3: sums of 4 draws in quarters, never in twelfths
    assert set(np.round(by_patient.resampled * 4, 9) % 1) == {0.0}
    assert (by_patient.n_clusters, images.score("auc", "m").n_clusters) == (4, 12)
    assert sorted(by_patient.left_out, reverse=True) == pytest.approx([2, 5 / 3, 4 / 3, 1])


def test_patients_widen_the_interval_and_the_board_says_so() -> None:
    plain = rows_of({"m": [0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.4, 0.4, 0.4, 0.6, 0.6, 0.6]})

    by_image, by_patient = board_of(plain), board_of(of_patients(plain))

    widths = [
        cell(b, "m").interval.high - cell(b, "m").interval.low for b in (by_image, by_patient)
    ]
    assert widths[1] > 1.3 * widths[0]
    assert "over images" in by_image.interval
    assert "over 4 patients" in by_patient.interval
    assert "over 4 patients" in by_patient.differences


def test_cases_without_a_cluster_are_their_own() -> None:
    rows = rows_of(noisy({"m": 0.0}, images=6))
    named = [{**r, "cluster": "0" if r["case"] in "12" else ""} for r in rows]

    assert board_of([{**r, "cluster": ""} for r in rows]) == board_of(rows)
    assert joint_of(named).score("auc", "m").n_clusters == 5  # the case "0" is not in cluster "0"


def test_case_of_two_clusters_is_refused() -> None:
    rows = [row("m", 0.5, cluster="p1"), row("n", 0.5, cluster="p2")]

    with pytest.raises(DataError, match="case 'a' has rows of two clusters, 'p1' and 'p2'"):
        board_of(rows)


def test_order_of_rows_does_not_matter_with_patients_and_gaps() -> None:
    rows = of_patients(rows_of(noisy({"m": 0.0, "n": 0.01, "ceiling": 0.1})))
    rows = [r for i, r in enumerate(rows) if i % 7]
    subsets = {"some": {str(i) for i in range(0, 30, 2)}}

    shuffled = random.Random(0).sample(rows, len(rows))

    assert board_of(shuffled, subsets=subsets) == board_of(rows, subsets=subsets)


# --- measured chance --------------------------------------------------------------------------


def test_measured_chance_is_the_score_of_the_uniform_floor() -> None:
    rows = rows_of({"uniform": [3, 4, 5], "ceiling": [1, 2, 3], "m": [2, 3, 4]}, metric="kl")

    found = cell(board_of(rows, MEASURED_KL), "m", "kl")

    assert found.fraction == pytest.approx((3 - 4) / (2 - 4))
    # Every image gives 1/2: what is hard on an image cancels
    assert found.fraction_interval.low == pytest.approx(0.5)
    assert found.fraction_interval.high == pytest.approx(0.5)


def test_measured_chance_is_that_of_the_subset_and_of_images_with_a_ceiling() -> None:
    scores = {"uniform": [3, 4, 9, 9], "ceiling": [1, 2, 8, None], "m": [2, 4, 8.5, 1]}
    rows = rows_of(scores, metric="kl")

    board = board_of(rows, MEASURED_KL, subsets={"half": {"0", "1"}})

    assert cell(board, "m", "kl", subset=1).fraction == pytest.approx((3 - 3.5) / (1.5 - 3.5))
    assert cell(board, "m", "kl").fraction == pytest.approx((14.5 - 16) / (11 - 16))


def test_without_the_uniform_floor_there_is_no_fraction_and_gaps_take_the_worst_floor() -> None:
    rows = rows_of({"floor": [3, 4, 5], "ceiling": [1, 2, 3], "m": [2, 3, None]}, metric="kl")
    no_floor = [r for r in rows if r["entry"] != "floor"]

    with_floor, without = board_of(rows, MEASURED_KL), board_of(no_floor, MEASURED_KL)

    why = "chance of kl is the score of the floor uniform, which was not scored"
    assert cell(with_floor, "m", "kl").fraction is None
    assert cell(with_floor, "m", "kl").fraction_note == why
    assert cell(with_floor, "m", "kl").score == pytest.approx((2 + 3 + 5) / 3)
    assert cell(without, "m", "kl").score == pytest.approx(2.5)
    assert "the mean is over the others" in cell(without, "m", "kl").note
    assert cell(without, "m", "kl").coverage == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("ceiling", "says"), [([3.1, 3.9, 5.1], "includes 0"), ([4, 5, 6.1], "to the worse")]
)
def test_ceiling_no_better_than_measured_chance_leaves_no_fraction(ceiling, says) -> None:
    rows = rows_of({"uniform": [3, 4, 5], "ceiling": ceiling, "m": [2, 3, 4]}, metric="kl")

    board = board_of(rows, MEASURED_KL)

    assert cell(board, "m", "kl").fraction is None
    assert says in cell(board, "m", "kl").fraction_note
    assert "floor uniform" in board.subsets[0].note


# --- not applicable ---------------------------------------------------------------------------


def test_image_to_which_a_metric_does_not_apply_is_nobodys_gap() -> None:
    rows = rows_of({"m": [0.8, 0.6], "floor": [0.5, 0.5], "ceiling": [0.9, 0.8]})
    rows += [
        row(e, None, case="2", status="not_applicable", reason="no region")
        for e in ("m", "floor", "ceiling")
    ]

    found = cell(board_of(rows), "m")

    assert found.score == pytest.approx(0.7)
    assert (found.coverage, found.n_rows, found.n_images, found.note) == (1.0, 2, 2, "")


def test_calling_a_hard_image_not_applicable_does_not_pay() -> None:
    rows = rows_of({"m": [0.8, 0.6], "n": [0.8], "floor": [0.5, 0.5]})
    rows += [row("n", None, case="1", status="not_applicable", reason="too hard")]

    found = cell(board_of(rows), "n")

    assert found.score == pytest.approx((0.8 + 0.5) / 2)
    assert found.coverage == 0.5


def test_metric_that_applies_nowhere_says_why() -> None:
    rows = rows_of({"m": [0.8, 0.6], "ceiling": [0.9, 0.8]})
    nothing = {"metric": "kl", "status": "not_applicable", "reason": "no reader marked a region"}
    rows += rows_of({"m": [None, None], "ceiling": [None, None]}, **nothing)

    found = cell(board_of(rows, AUC, KL, rank_by="auc"), "m", "kl")

    assert (found.score, found.rank) == (None, None)
    assert found.note == "no reader marked a region"


@given(st.integers(0, 50), st.integers(2, 5))
def test_copies_of_an_entry_share_group_ranks_and_probability(seed: int, copies: int) -> None:
    scores = noisy({"a": 0.0, "b": 0.02, "c": 0.04}, images=6, seed=seed)
    names = [f"copy{i}" for i in range(copies)]
    scores |= dict.fromkeys(names, scores["b"])

    board = board_of(rows_of(scores), resamples=50)

    found = [line(board, name).cells["auc"] for name in [*names, "b"]]
    assert all(f == found[0] for f in found)
