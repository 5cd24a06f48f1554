"""What is recorded is found again by its content, and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import gazebench
from gazebench.spec import Size
from gazebench_plugins.datasets.phantom.dataset import synthesize

METHOD = """
from gazebench import image_method

@image_method()
def bright(image):
    return image * 1.0
"""
NEIGHBOUR = """
from gazebench import image_method

@image_method()
def dark(image):
    return 1.0 - image
"""
METRIC = """
from gazebench import metric

@metric(higher_is_better=True, range=(0, 1), chance=0.0, needs=frozenset(), version=1)
def half(scored, target):
    return [0.5] * len(target.references)
"""


class Runs:
    """Runs of one configuration in one folder, and what each of them had to make."""

    def __init__(self, root: Path, folder: Path, plugins: list[Path]) -> None:
        self._root, self._folder, self._plugins = root, folder, plugins

    def made(self, **changes: object) -> set[tuple[str, str]]:
        """Run, and return the (entry, metric) of every column that was made."""
        before = self._parts()
        settings: dict[str, object] = {
            "data_root": self._root,
            "plugins": self._plugins,
            "models": ["sononet:weights=none"],
            "methods": ["gradcam", "bright", "dark"],
            "mixings": ["max"],
            "metrics": ["ncc", "half"],
            "floors": ["uniform", "centre_bias"],
            "min_readings": 3,
            "resamples": 20,
            "out": self._folder,
            "cache": self._root.parent / "cache",
        }
        gazebench.run(**{**settings, **changes})  # type: ignore[arg-type]
        return {one for path in self._parts() - before for one in _columns(path)}

    def _parts(self) -> set[Path]:
        return set((self._root.parent / "cache" / "scores").glob("*/*.parquet"))


def _columns(path: Path) -> Iterator[tuple[str, str]]:
    table = pq.read_table(path)
    yield from zip(
        table.column("entry").to_pylist(), table.column("metric").to_pylist(), strict=True
    )


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Return runs of two plugins of methods and one of a metric, the first already done."""
    synthesize(tmp_path / "data", cases=3, size=Size(220, 200), seed=2)
    for name, text in (("method", METHOD), ("neighbour", NEIGHBOUR), ("measure", METRIC)):
        (tmp_path / f"{name}.py").write_text(text)
    plugins = [tmp_path / f"{name}.py" for name in ("method", "neighbour", "measure")]
    made = Runs(tmp_path / "data", tmp_path / "run", plugins)
    assert len(made.made()) == 6 * 2
    return made


def test_the_same_run_makes_nothing(runs: Runs) -> None:
    """Everything is found."""
    assert runs.made() == set()


def test_a_byte_of_a_method_costs_its_own_scores(runs: Runs, tmp_path: Path) -> None:
    """And nobody else's."""
    (tmp_path / "method.py").write_text(METHOD.replace("1.0", "2.0"))

    assert runs.made() == {("bright", "ncc"), ("bright", "half")}


def test_a_byte_of_a_metric_costs_its_own_column_of_every_entry(runs: Runs, tmp_path: Path) -> None:
    """The maps are made again, the other metric is not."""
    (tmp_path / "measure.py").write_text(METRIC.replace("[0.5]", "[0.25]"))

    found = runs.made()

    assert {metric for _, metric in found} == {"half"}
    assert len(found) == 6


def test_a_plugin_that_nobody_asked_for_costs_nothing(runs: Runs, tmp_path: Path) -> None:
    """Neither a new one, nor an edit beside the others."""
    (tmp_path / "stranger.py").write_text(METHOD.replace("bright", "stranger"))
    (tmp_path / "stranger.py").touch()

    assert runs.made() == set()


def test_other_weights_under_the_same_name_are_other_maps(runs: Runs, tmp_path: Path) -> None:
    """A file that is written over is another network."""
    from safetensors.torch import save_file

    from gazebench.registry.host import Host

    def save(seed: int) -> Path:
        made = Host().get("model", "sononet:weights=none").call(seed=seed)
        names = {"class_names": json.dumps(list(made.class_names))}
        save_file(dict(made.module.state_dict()), tmp_path / "mine.safetensors", names)
        return tmp_path / "mine.safetensors"

    model = f"sononet:weights={save(1)}"
    first = runs.made(models=[model], out=tmp_path / "other")
    save(2)

    assert {entry for entry, _ in first} == {f"{model}/gradcam/max"}
    assert runs.made(models=[model], out=tmp_path / "other") == first


def test_another_film_under_the_same_name_is_another_case(runs: Runs, tmp_path: Path) -> None:
    """The content of the image counts, not its name or date."""
    from PIL import Image

    film = sorted((tmp_path / "data").rglob("*.jpg"))[0]
    with Image.open(film) as image:
        turned = image.rotate(180)
    turned.save(film)

    assert len(runs.made()) == 12


def test_another_protocol_is_another_score_where_it_matters(runs: Runs, tmp_path: Path) -> None:
    """The centre bias's recipe moves the floor that shows it, and no NCC of a map."""
    found = runs.made(centre_bias="paper", out=tmp_path / "paper")

    assert {entry for entry, _ in found} == {"centre_bias", "uniform"}


def test_more_metrics_make_only_what_is_new(runs: Runs, tmp_path: Path) -> None:
    """In another folder, from the same cache."""
    found = runs.made(metrics=["ncc", "half", "auc"], out=tmp_path / "more")

    assert {metric for _, metric in found} == {"auc"}
