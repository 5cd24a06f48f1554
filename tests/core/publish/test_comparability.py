"""Who stands apart by protocol, in which words, and the command that would help."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from boards import AUC, NCC
from gazebench.engine.config import RunConfig
from gazebench.publish.comparability import unstated, why_apart
from gazebench.publish.record import Protocol, Record, RunFacts
from gazebench.publish.run_command import command_of, rerun_command
from gazebench.publish.run_settings import stated_settings
from small_records import small_board, small_record

PROTOCOL = Protocol(
    dataset="reflacx", case_set="ab" * 32, cases=9, reference_version=1, centre_bias="loio"
)


def of_protocol(**changes: Any) -> Record:
    return small_record(protocol=replace(PROTOCOL, **changes))


def run_of(config: RunConfig) -> RunFacts:
    return RunFacts(
        command="",
        config=stated_settings(config.as_json()),
        versions={},
        hardware="",
        resamples=config.resamples,
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dataset": "phantom", "cases": 4}, "its dataset is phantom, the board's is reflacx"),
        ({"cases": 8}, "it scores 8 cases, the board 9"),
        (
            {"case_set": "cd" * 32},
            "its cases are others than the board's (set cdcdcdcd, the board has abababab)",
        ),
        (
            {"reference": "said:before=1"},
            "its maps are compared with said:before=1, the board's with gaze",
        ),
        ({"reference_version": 2}, "reference gaze has version 2, the board has 1"),
        ({"centre_bias": "paper"}, "its centre bias is paper, the board's is loio"),
    ],
)
def test_each_difference_is_one_sentence(changes: dict[str, Any], why: str) -> None:
    assert why_apart(of_protocol(**changes), PROTOCOL, {"auc": 1}) == (why,)


def test_every_difference_is_said() -> None:
    record = of_protocol(cases=8, centre_bias="paper")

    assert len(why_apart(record, PROTOCOL, {"auc": 2})) == 3


def test_metric_of_another_version_is_named() -> None:
    record = small_record(small_board(replace(AUC, version=3), NCC))

    why = why_apart(record, PROTOCOL, {"auc": 2, "ncc": 1, "sauc": 7})

    assert why == ("metric auc has version 3, the board has 2",)


def test_what_is_not_stated_is_not_compared() -> None:
    changes = {"case_set": "", "cases": None, "reference_version": None, "centre_bias": ""}
    record = small_record(
        small_board(replace(AUC, version=0)), protocol=replace(PROTOCOL, **changes)
    )

    assert why_apart(record, PROTOCOL, {"auc": 2}) == ()
    assert why_apart(small_record(), replace(PROTOCOL, **changes), {"auc": 0}) == ()
    assert unstated(record) == (
        "the set of cases",
        "the number of cases",
        "the version of the reference",
        "the versions of the metrics",
    )
    assert unstated(small_record()) == ()


def test_command_makes_the_run_again_under_the_boards_protocol() -> None:
    config = RunConfig(dataset="reflacx", methods=("gradcam",), seeds=(0, 1), resamples=50)
    record = small_record(run=run_of(config), protocol=replace(PROTOCOL, centre_bias="loio"))

    found = rerun_command(record, replace(PROTOCOL, centre_bias="paper"))

    assert found == (
        "gazebench run --dataset reflacx --data-root FOLDER --method gradcam --seed 0 --seed 1 "
        "--centre-bias paper"
    )


def test_command_takes_the_cases_from_a_run_on_the_board() -> None:
    mine = RunConfig(dataset="reflacx", models=("sononet",), min_readings=2)
    theirs = RunConfig(dataset="reflacx", models=("x",), dataset_options={"phases": "1"})

    found = rerun_command(
        small_record(run=run_of(mine)), PROTOCOL, like=small_record(run=run_of(theirs))
    )

    assert found == (
        "gazebench run --dataset reflacx --data-root FOLDER --dataset-option phases=1 "
        "--model sononet"
    )


def test_command_names_the_reference_where_it_differs() -> None:
    record = small_record(
        run=run_of(RunConfig(dataset="reflacx", reference="said")),
        protocol=replace(PROTOCOL, reference="said"),
    )

    assert rerun_command(record, PROTOCOL).endswith("--reference gaze")


def test_publication_and_unknown_settings_have_no_command() -> None:
    later = replace(run_of(RunConfig()), config={"setting_of_tomorrow": "1"})

    assert rerun_command(small_record(run=None), PROTOCOL) == ""
    assert rerun_command(small_record(run=later), PROTOCOL) == ""


def test_command_quotes_what_a_shell_would_take_apart() -> None:
    config = RunConfig(labels={"Lung Lesion": "Nodule;Mass"})

    assert command_of(config) == "gazebench run --label 'Lung Lesion=Nodule;Mass'"
