from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from gazebench.training.auc import auc, auc_table


def by_pairs(positive: np.ndarray, scores: np.ndarray) -> float:
    """Compare every positive with every negative."""
    pairs = [
        1.0 if p > n else 0.5 if p == n else 0.0
        for p in scores[positive]
        for n in scores[~positive]
    ]
    return float(np.mean(pairs))


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=40).filter(
        lambda rows: len({positive for positive, _ in rows}) == 2
    )
)
def test_equals_the_share_of_pairs_in_order_with_ties_as_one_half(
    rows: list[tuple[bool, int]],
) -> None:
    positive = np.array([row[0] for row in rows])
    scores = np.array([row[1] for row in rows], dtype=np.float64)

    found = auc(positive, scores)

    assert found == pytest.approx(by_pairs(positive, scores), abs=1e-12)
    assert found == pytest.approx(roc_auc_score(positive, scores), abs=1e-12)


@pytest.mark.parametrize("positive", [[True, True], [False, False]])
def test_is_undefined_without_both_kinds(positive: list[bool]) -> None:
    assert auc(np.array(positive), np.array([0.1, 0.2])) is None


def test_undefined_labels_are_named_and_left_out_of_the_mean() -> None:
    truth = np.array([[1, 0], [0, 0], [0, 0]], dtype=np.float32)
    scores = np.array([[0.5, 0.1], [0.5, 0.2], [0.1, 0.3]])

    table = auc_table(["Edema", "Fracture"], truth, scores)

    assert table.mean == 0.75
    assert table.undefined == ("Fracture",)
    assert table.as_json() == {"Edema": 0.75, "Fracture": None}
    assert (table.labels[0].positives, table.labels[0].negatives) == (1, 2)


def test_a_table_without_any_defined_label_has_no_mean() -> None:
    assert auc_table(["Edema"], np.zeros((2, 1)), np.zeros((2, 1))).mean is None
