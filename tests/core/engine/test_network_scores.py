"""What metrics of the network see, and the rows they give."""

from __future__ import annotations

from pathlib import Path

import pytest

import gazebench

SETTINGS = {
    "dataset": "phantom",
    "dataset_options": {"cases": "3", "size": "240x200"},
    "methods": ["gradcam"],
    "mixings": ["uniform", "max"],
    "models": ["sononet:weights=none"],
    "resamples": 50,
}

METRICS = """
import torch
from gazebench import image_method, method, model_metric

COMMON = {"higher_is_better": True, "range": (0.0, 1.0), "needs": {"logits"}, "version": 1}

@model_metric(chance=0.25, **COMMON)
def answer(explained):
    assert explained.saliency.shape == explained.image.shape[-2:] == explained.seen.shape
    return float(explained.score(explained.image))

@model_metric(chance=0.25, **COMMON)
def same_again(explained):
    again = explained.explain(explained.model.module)
    return float(torch.allclose(again, explained.saliency, atol=1e-6))

@model_metric(chance=0.25, **COMMON)
def too_large(explained):
    return 2.0

@model_metric(chance=0.25, higher_is_better=True, range=(0.0, 1.0), needs={"attention"}, version=1)
def of_attention(explained):
    return 1.0

@model_metric(chance=0.25, **COMMON)
def careless(explained):
    explained.saliency.zero_()
    explained.image.zero_()
    return 1.0

@model_metric(chance=0.25, **COMMON)
def leaves_a_hook(explained):
    explained.model.module.register_forward_hook(lambda _module, _inputs, output: output * 0)
    return float(explained.score(explained.image))

@image_method()
def bright(image):
    return image

@method(needs={"logits"})
def fails(model, images, classes):
    raise ValueError("no")
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> gazebench.Run:
    folder = tmp_path_factory.mktemp("run")
    plugin = folder / "mine.py"
    plugin.write_text(METRICS)
    metrics = ["auc", "answer", "same_again", "too_large", "of_attention"]
    settings = {**SETTINGS, "methods": ["gradcam", "bright", "fails"], "metrics": metrics}
    return gazebench.run(plugins=[plugin], out=folder / "out", **settings)


def rows(run: gazebench.Run, metric: str, entry: str):
    scores = run.scores
    return scores[(scores.metric == metric) & (scores.entry == entry)]


STEM = "sononet:weights=none/gradcam"


def test_a_metric_of_the_network_has_a_row_per_case_of_no_reading(run):
    found = rows(run, "answer", f"{STEM}/max")

    assert len(found) == found.case.nunique() == rows(run, "auc", f"{STEM}/max").case.nunique()
    assert set(found.reading) == {""}
    assert set(found.status) == {"ok"}


def test_the_score_weighs_probabilities_as_the_mixing_weighs_maps(run):
    uniform, largest = (rows(run, "answer", f"{STEM}/{m}").value.mean() for m in ("uniform", "max"))

    assert 0.3 < uniform < largest < 1.0


def test_the_same_network_explained_again_gives_the_same_map(run):
    assert set(rows(run, "same_again", f"{STEM}/uniform").value) == {1.0}


def test_what_leaves_its_range_fails_and_counts_as_chance(run):
    (row, *_) = [r for r in run.leaderboard.subsets[0].rows if r.entry == f"{STEM}/max"]

    assert set(rows(run, "too_large", f"{STEM}/max").status) == {"failed"}
    assert row.cells["too_large"].score is None


def test_a_metric_that_changes_what_it_is_given_changes_nothing_for_others(
    run: gazebench.Run, tmp_path: Path
) -> None:
    """Neither the map and the image nor the network; leaving a hook there is refused."""
    plugin = tmp_path / "mine.py"
    plugin.write_text(METRICS)
    metrics = ["careless", "leaves_a_hook", "auc", "answer", "same_again"]
    careless = gazebench.run(plugins=[plugin], out=tmp_path / "out", metrics=metrics, **SETTINGS)

    for metric in ("auc", "answer", "same_again"):
        for mixing in ("uniform", "max"):
            beside, alone = (rows(r, metric, f"{STEM}/{mixing}") for r in (careless, run))
            assert beside.value.tolist() == alone.value.tolist()
    refused = rows(careless, "leaves_a_hook", f"{STEM}/max")
    assert set(refused.status) == {"failed"}
    assert "changed the forward hooks" in refused.reason.iloc[0]


def test_a_failed_map_counts_as_chance_where_others_have_a_score(run):
    (row,) = [r for r in run.leaderboard.subsets[0].rows if "fails/max" in r.entry]

    assert row.cells["answer"].score == pytest.approx(0.25)
    assert row.cells["answer"].coverage == 0.0


def test_what_the_network_lacks_is_not_applicable(run):
    found = rows(run, "of_attention", f"{STEM}/max")

    assert set(found.status) == {"not_applicable"}
    assert "gives no attention maps" in found.reason.iloc[0]


def test_what_has_no_network_has_no_row(run):
    scores = run.scores
    with_answer = set(scores[scores.metric == "answer"].entry)

    assert not with_answer & {"interobserver", "uniform", "bright"}


def test_without_any_network_the_metric_is_not_applicable(tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(METRICS)

    run = gazebench.run(
        plugins=[plugin],
        out=tmp_path / "out",
        **{**SETTINGS, "models": [], "methods": ["bright"], "metrics": ["auc", "answer"]},
        floors=["uniform"],
    )

    assert "answer" in run.leaderboard.not_applicable or set(run.scores.metric) == {"auc", "answer"}
