"""The weights that are shipped do what their README says, on films they have never seen."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

import gazebench as package
from commands import gazebench
from gazebench.attribution.prepare import network_input
from gazebench.registry.host import Host
from gazebench.spec import LoadedModel
from gazebench.training.auc import auc_table
from gazebench.training.splits import read_splits

NETWORKS = ("sononet", "ag_sononet")
WEIGHTS = Path(str(resources.files("gazebench_plugins.models") / "weights"))
CASES, FILMS, UNSEEN_SEED = 12, 120, 20_261


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a phantom of another seed and size than the one trained on."""
    folder = tmp_path_factory.mktemp("unseen") / "data"
    done = gazebench(
        "dataset", "synthesize", "--cases", str(CASES), "--training-images", str(FILMS),
        "--size", "288x256", "--seed", str(UNSEEN_SEED), "--out", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def shipped(name: str) -> LoadedModel:
    loaded = Host().get("model", name).call(seed=0)
    assert isinstance(loaded, LoadedModel)
    return loaded


@pytest.mark.parametrize("name", NETWORKS)
def test_unseen_films_are_told_apart(name: str, unseen: Path) -> None:
    loaded = shipped(name)
    data = Host().get("dataset", "phantom").descriptor.training(unseen)
    splits = read_splits(data)

    logits = []
    with torch.inference_mode():
        for sample in splits.samples:
            image = network_input(data.image(sample), loaded.preprocessing)
            logits.append(loaded.module(image[None])[0].numpy())

    table = auc_table(splits.class_names, splits.labels, np.array(logits))
    assert splits.class_names == loaded.class_names
    assert table.mean is not None
    assert table.mean >= 0.9


def test_gradcam_looks_where_the_centre_bias_does_not(unseen: Path, tmp_path: Path) -> None:
    run = package.run(
        data_root=unseen, min_readings=3, models=list(NETWORKS), methods=["gradcam"],
        mixings=["uniform"], metrics=["sncc"], floors=["centre_bias"], resamples=100,
        out=tmp_path / "run",
    )  # fmt: skip

    means = run.scores.groupby("entry")["value"].mean()

    for name in NETWORKS:
        assert means[f"{name}/gradcam/uniform"] > means["centre_bias"] + 0.1


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_tells_what_the_readme_says(name: str) -> None:
    path = WEIGHTS / f"{name}-phantom.safetensors"

    with safe_open(path, framework="pt") as file:
        told = file.metadata()

    recipe, readme = json.loads(told["recipe"]), (WEIGHTS / "README.md").read_text()
    command = (
        f"gazebench train {name} --dataset phantom --data-root phantom-seed7 --out trained "
        f"--epochs {told['epochs']} --batch {recipe['batch']} --lr {recipe['learning_rate']:g} "
        f"--plateau-patience {recipe['plateau_patience']} --precision mixed --seed {told['seed']} "
        "--half"
    )
    assert path.stat().st_size <= 2_000_000
    assert told["trained_on"] == "phantom"
    assert float(told["test_auc_mean"]) >= 0.9
    assert command in readme.replace(" \\\n   ", "")
    assert f"{float(told['test_auc_mean']):.4f}" in readme
