"""Subsets by the readers' labels: the rules of the paper."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gazebench.registry.host import Host
from gazebench.spec import Case, Reading, Size

HOST = Host()


def case_of(*findings: Mapping[str, float]) -> Case:
    """Return a case with one reading per mapping."""
    readings = tuple(Reading(id=str(i), findings=f) for i, f in enumerate(findings))
    return Case(id="c", size=Size(10, 10), readings=readings, expected_readings=len(readings))


def judged(name: str, *findings: Mapping[str, float]) -> object:
    """Return what a subset says of a case."""
    return HOST.get("subset", name).call(case_of(*findings))


CLEAR = {"Atelectasis": 0, "Support devices": 0}
UNLIKELY = {"Atelectasis": 1, "Support devices": 0}


def test_any_certainty_counts() -> None:
    assert judged("abnormal", UNLIKELY) is True
    assert judged("normal", UNLIKELY) is False


def test_majority_of_five_is_three() -> None:
    assert judged("abnormal", *[UNLIKELY] * 2, *[CLEAR] * 3) is False
    assert judged("abnormal", *[UNLIKELY] * 3, *[CLEAR] * 2) is True


def test_half_is_no_majority() -> None:
    assert judged("abnormal", UNLIKELY, CLEAR) is False
    assert judged("abnormal", UNLIKELY, UNLIKELY, CLEAR, CLEAR) is False


def test_threshold_replaces_the_majority() -> None:
    readings = [UNLIKELY] * 2 + [CLEAR] * 3

    assert judged("abnormal:threshold=2", *readings) is True
    assert judged("normal:threshold=2", *readings) is False
    assert judged("abnormal:threshold=3", *readings) is False


@pytest.mark.parametrize(
    ("label", "is_abnormal"),
    [("Support devices", True), ("Other", True), ("Fracture", True), ("Quality issue", False)],
)
def test_every_label_but_quality_is_abnormal(label: str, is_abnormal: bool) -> None:
    assert judged("abnormal", {label: 5}) is is_abnormal
    assert judged("normal", {label: 5}) is not is_abnormal


@pytest.mark.parametrize(
    ("group", "labels"),
    [
        (
            "pleural",
            ["Pneumothorax", "Pleural effusion", "Pleural thickening", "Pleural abnormality"],
        ),
        (
            "parenchymal",
            [
                "Fibrosis",
                "Interstitial lung disease",
                "Atelectasis",
                "Consolidation",
                "Groundglass opacity",
                "Pulmonary edema",
                "Airway wall thickening",
                "Mass",
                "Nodule",
                "Lung nodule or mass",
            ],
        ),
        (
            "cardiomediastinal",
            [
                "Enlarged cardiac silhouette",
                "Abnormal mediastinal contour",
                "Wide mediastinum",
                "Enlarged hilum",
            ],
        ),
    ],
)
def test_location_groups_hold_their_labels_and_no_others(group: str, labels: list[str]) -> None:
    groups = {"pleural", "parenchymal", "cardiomediastinal"}

    for label in labels:
        positive = {g for g in groups if judged(g, {label: 1})}
        assert positive == {group}


@pytest.mark.parametrize(
    "label",
    [
        "Support devices",
        "Other",
        "Fracture",
        "Acute fracture",
        "Hiatal hernia",
        "Emphysema",
        "High lung volume / emphysema",
        "Quality issue",
    ],
)
def test_labels_without_a_group_are_in_none(label: str) -> None:
    for group in ("pleural", "parenchymal", "cardiomediastinal"):
        assert judged(group, {label: 5}) is False


def test_readers_agree_on_a_group_even_with_different_labels() -> None:
    readings = [{"Mass": 2.0}, {"Nodule": 1.0}, {"Atelectasis": 5.0}, CLEAR, CLEAR]

    assert judged("parenchymal", *readings) is True
    assert judged("finding", *readings) == ()


def test_findings_need_certainty_three_of_the_majority() -> None:
    sure, doubtful = {"Mass": 3.0, "Nodule": 5.0}, {"Mass": 2.0, "Nodule": 5.0}

    assert judged("finding", sure, sure, doubtful) == ("Mass", "Nodule")
    assert judged("finding", sure, doubtful, doubtful) == ("Nodule",)
    assert judged("finding:certainty=2", sure, doubtful, doubtful) == ("Mass", "Nodule")
    assert judged("finding:threshold=1", sure, doubtful, doubtful) == ("Mass", "Nodule")


@pytest.mark.parametrize("name", ["abnormal", "normal", "pleural", "finding", "phase", "view"])
def test_without_labels_or_attributes_nothing_is_said(name: str) -> None:
    assert judged(name, {}, {}) is None


def test_readings_without_labels_do_not_vote() -> None:
    assert judged("abnormal", UNLIKELY, UNLIKELY, CLEAR, {}, {}) is True


@pytest.mark.parametrize(("name", "value"), [("phase", 2), ("phase", "2"), ("view", "AP")])
def test_acquisition_comes_from_attributes(name: str, value: object) -> None:
    case = Case(
        id="c",
        size=Size(1, 1),
        readings=(),
        expected_readings=1,
        attributes={name: value},  # type: ignore[dict-item]
    )

    assert HOST.get("subset", name).call(case) == (str(value),)
