"""Records that choose direction, chance or range of a metric for themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from boards import AUC, KL, NCC, rows_of, table_of
from gazebench.publish.case_scores import make_case_scores
from gazebench.publish.record import Origin, Publication, Record
from gazebench.publish.verification.agreement import metric_ranges
from gazebench.publish.verification.metric_claims import scores_out_of_range, wrong_columns
from gazebench.registry.host import Host
from gazebench.spec.board import MetricColumn
from small_records import small_board, small_record


def stating(metric: MetricColumn, **changes: Any) -> Record:
    """Return a record whose metric is stated otherwise."""
    return small_record(small_board(replace(metric, **changes)))


def test_what_the_metrics_say_themselves_holds() -> None:
    """Direction and chance of the built-in metrics."""
    for metric in (AUC, NCC, replace(KL, chance=None)):
        assert list(wrong_columns(stating(metric), Host())) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"higher_is_better": False}, "it says that lower auc is better, and higher is"),
        ({"chance": -50.0}, "it says that chance is -50 in auc, and it is 0.5"),
        ({"chance": None}, "it says that chance is measured in auc, and it is 0.5"),
        ({"of_network": True}, "it does not say of auc that it asks the readers"),
        ({"version": 0}, "it is of a run, and does not state the version of auc"),
    ],
)
def test_nobody_chooses_them(changes: dict[str, Any], said: str) -> None:
    """Ranks and fractions follow from them, so that a record could choose its rank."""
    assert list(wrong_columns(stating(AUC, **changes), Host())) == [said]


def test_a_publication_need_not_state_versions_but_directions() -> None:
    """Without a version the metric is the one that is here."""
    paper = Publication(citation="A. Author, 2021", url="https://example.org")
    changes = {"origin": Origin.PUBLICATION, "run": None, "publication": paper}
    honest = small_record(small_board(replace(AUC, version=0)), **changes)
    forged = small_record(small_board(replace(AUC, version=0, chance=0.0)), **changes)

    assert list(wrong_columns(honest, Host())) == []
    assert list(wrong_columns(forged, Host())) == ["it says that chance is 0 in auc, and it is 0.5"]


def test_what_is_not_here_is_not_compared() -> None:
    """A metric of somebody's own, and another version of ours."""
    for metric in (replace(AUC, name="own"), replace(AUC, version=9)):
        assert list(wrong_columns(stating(metric, chance=-1.0), Host())) == []


def test_single_scores_have_to_be_possible() -> None:
    """One reading of 30 lifts a mean that stays within the range."""
    ranges = metric_ranges(small_board(NCC), Host())

    def found(*values: float | None) -> list[str]:
        table = table_of(rows_of({"m/a": values, "ceiling": [0.9] * len(values)}, metric="ncc"))
        scores = make_case_scores(table, {}, salt="5f" * 16, dataset="toy")
        return list(scores_out_of_range(scores, ranges))

    assert found(1.0, -1.0, 1.0000001, None) == []
    assert found(0.1, 30.0, None) == [
        "ncc, m/a: 1 of 2 single scores are outside the metric's range [-1, 1], such as 30"
    ]
