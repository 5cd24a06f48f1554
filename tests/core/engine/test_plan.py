"""What a run will score: defaults, impossible pairs, and names asked for twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazebench.engine.config import RunConfig
from gazebench.engine.plan import Plan, make_plan
from gazebench.errors import UsageError
from gazebench.registry.host import Host
from gazebench.spec import CENTRE_BIAS, CHEST_BOX, OTHER_IMAGES, REFERENCE
from gazebench.spec.values import INTEROBSERVER

EVERYTHING = frozenset({REFERENCE, CENTRE_BIAS, CHEST_BOX, OTHER_IMAGES})


def planned(
    config: RunConfig,
    *,
    host: Host | None = None,
    has_images: bool = True,
    available: frozenset[str] = EVERYTHING,
    default_models: tuple[str, ...] = ("sononet", "ag_sononet"),
) -> Plan:
    return make_plan(
        config,
        host or Host(),
        has_images=has_images,
        available=available,
        default_models=default_models,
    )


def test_the_default_is_the_papers_run_with_the_datasets_models() -> None:
    plan = planned(RunConfig())

    assert plan.entries[0] == INTEROBSERVER
    assert "ag_sononet/gradcam/thresholded" in plan.entries
    assert "ag_sononet/attention:gate=2" in plan.entries
    assert len(plan.entries) == len(set(plan.entries)) == 1 + 5 + 4 + 4 + 2
    assert [metric.label for metric in plan.metrics] == ["ncc", "sncc", "auc", "sauc"]
    assert set(plan.not_applicable) == {"sononet/attention:gate=1", "sononet/attention:gate=2"}


def test_elsewhere_no_model_is_assumed() -> None:
    plan = planned(RunConfig(dataset="reflacx"), default_models=())

    assert plan.explanations == ()
    assert plan.entries[0] == INTEROBSERVER


def test_without_pixels_models_are_not_applicable() -> None:
    plan = planned(RunConfig(models=("sononet",)), has_images=False)

    assert plan.explanations == ()
    assert plan.not_applicable["sononet"] == "the dataset has no image pixels"


def test_what_the_dataset_lacks_rules_out_metrics_and_floors() -> None:
    plan = planned(RunConfig(), available=frozenset({REFERENCE}))

    assert [metric.label for metric in plan.metrics] == ["ncc", "auc"]
    assert {"sncc", "sauc", "centre_bias", "convex_segmentation"} <= set(plan.not_applicable)


def test_a_run_without_any_metric_is_refused() -> None:
    with pytest.raises(UsageError, match="no metric applies"):
        planned(RunConfig(metrics=("sauc",)), available=frozenset({REFERENCE}))


def test_an_entry_asked_for_twice_is_refused() -> None:
    with pytest.raises(UsageError, match=r"sononet/gradcam/max is asked for twice"):
        planned(RunConfig(models=("sononet",), methods=("gradcam",), mixings=("max", "max")))


def test_a_method_for_models_needs_one() -> None:
    with pytest.raises(UsageError, match="explains a model, and no model is given"):
        planned(RunConfig(methods=("gradcam",)), default_models=())


def test_single_file_plugins_join_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from gazebench import floor, image_method\n"
        "@image_method()\ndef edges(image):\n    return image\n"
        "@floor()\ndef corner(context):\n    return context\n"
    )

    plan = planned(RunConfig(plugins=(path,)), host=Host((path,)))

    assert plan.entries[-1] == "edges"
    assert "corner" in plan.entries
    assert "centre_bias" in plan.entries
