"""Where entries came from, out of a run's manifest and tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gazebench.engine.checks import Checked, checks_text
from gazebench.errors import RecordError
from gazebench.leaderboard.run_record import RunRecord
from gazebench.publish.entry_facts import Parts, entry_facts, parts_of, stated_names

PLUGIN = {"distribution": "gazebench", "version": "0.1.0", "code_sha256": "ab" * 32}
MODEL = "sononet:weights=/home/me/mine.safetensors"
CONTENT: dict[str, Any] = {
    "config": {"seeds": [0, 1]},
    "plugins": {
        f"model:{MODEL}": {**PLUGIN, "parameters": {"weights": "/home/me/mine.safetensors"}},
        "model:timm/resnet50": PLUGIN,
        "method:gradcam": PLUGIN,
        "method:gradcam:layer=2": PLUGIN,
        "method:edges": PLUGIN,
        "floor:uniform": PLUGIN,
    },
    "weights": {
        f"{MODEL}@1": {"sha256": "cd" * 32, "trained_on": "phantom", "source": "/home/me"},
        f"{MODEL}@0": {"sha256": "ef" * 32, "trained_on": None, "source": "/home/me"},
    },
    "maps": {"mine": {"sha256": "12" * 32, "method": "deepgaze:k=1", "seeds": [0]}},
}
RUN = RunRecord(content=CONTENT)
COSTS = """entry,seed,images,seconds,forward_passes,backward_passes,peak_memory_mb
timm/resnet50/gradcam/max,0,10,0.5,1,1,80
timm/resnet50/gradcam/max,1,10,0.7,1,1,
"""
NOTHING = dict.fromkeys(
    ("gain_over_centre_bias", "gain_from_blur_and_bias", "gain_beyond_bias"), None
)
CHECKS = (
    Checked(entry="interobserver", images=9, closest_reader_excess=0.05, **NOTHING),
    Checked(
        entry="edges",
        images=9,
        gain_over_centre_bias=0.1,
        gain_from_blur_and_bias=-0.02,
        gain_beyond_bias=0.08,
        closest_reader_excess=0.01,
    ),
)


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("timm/resnet50/gradcam/max", Parts("timm/resnet50", "gradcam", "max")),
        ("timm/resnet50/gradcam:layer=2/max", Parts("timm/resnet50", "gradcam:layer=2", "max")),
        ("timm/resnet50/gradcam", Parts("timm/resnet50", "gradcam")),
        ("edges", Parts("", "edges")),
        ("uniform", Parts()),
    ],
)
def test_a_name_is_taken_apart_by_the_runs_plugins(entry: str, parts: Parts) -> None:
    """Slashes within a family's name or a parameter are no separators."""
    assert parts_of(entry, CONTENT) == parts


def test_facts_of_every_kind_of_entry(tmp_path: Path) -> None:
    """Models, methods without one, floors, the ceiling and maps made elsewhere."""
    (tmp_path / "costs.csv").write_text(COSTS)
    (tmp_path / "checks.csv").write_text(checks_text(CHECKS))
    entries = [
        "timm/resnet50/gradcam/max", f"{MODEL}/gradcam/max", "edges", "uniform", "interobserver",
        "mine",
    ]  # fmt: skip

    found = entry_facts(entries, tmp_path, RUN)

    resnet, sononet = found[entries[0]], found[entries[1]]
    assert (resnet.model, resnet.method, resnet.family) == ("timm/resnet50", "gradcam", "gradcam")
    assert resnet.cost is not None
    assert (resnet.cost.images, resnet.cost.seconds) == (20, pytest.approx(0.6))
    assert resnet.cost.peak_memory_mb == 80
    assert resnet.seeds == (0, 1)
    assert sononet.model == "sononet:weights=mine.safetensors"
    assert [(w.seed, w.sha256[:2]) for w in sononet.weights] == [(0, "ef"), (1, "cd")]
    assert "/home" not in str(list(found.values()))
    assert [p.kind for p in sononet.plugins] == ["model", "method"]
    checks = found["edges"].checks
    assert checks is not None
    assert (checks.gain_over_centre_bias, checks.gain_beyond_bias) == (0.1, 0.08)
    assert [p.kind for p in found["uniform"].plugins] == ["floor"]
    assert found["uniform"].seeds == ()
    readers = found["interobserver"].checks
    assert readers is not None
    assert (readers.gain_over_centre_bias, readers.closest_reader_excess) == (None, 0.05)
    assert (found["mine"].method, found["mine"].family) == ("deepgaze:k=1", "deepgaze")
    assert found["mine"].plugins[0].code_sha256 == "12" * 32


def test_what_few_images_say_of_readers_is_not_stated(tmp_path: Path) -> None:
    """It is a mean over the images of several readers, and of four of them each would be told."""
    readers, edges = CHECKS
    for images, expected in ((5, 0.01), (4, None)):
        found = (replace(readers, images=images), edges)
        (tmp_path / "checks.csv").write_text(checks_text(found))

        checks = entry_facts(["edges"], tmp_path, RUN)["edges"].checks

        assert checks is not None
        assert (checks.gain_over_centre_bias, checks.closest_reader_excess) == (0.1, expected)


def test_names_lose_their_folders() -> None:
    """Of a path in a name the last part stands; names that only differ in folders are refused."""
    entry = f"{MODEL}/gradcam/max"

    assert stated_names([entry, "uniform"], RUN) == {
        entry: "sononet:weights=mine.safetensors/gradcam/max",
        "uniform": "uniform",
    }
    other = MODEL.replace("/me/", "/you/")
    both = RunRecord(content={"plugins": {f"model:{MODEL}": {}, f"model:{other}": {}}})
    with pytest.raises(RecordError, match="would both be called sononet:weights=mine"):
        stated_names([f"{MODEL}/x", f"{other}/x"], both)
