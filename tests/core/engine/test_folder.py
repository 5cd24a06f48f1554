"""The folder of a run is claimed before any work, and left alone when it is somebody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gazebench.engine.folder import MANIFEST, claim, refuse_another_run, release
from gazebench.errors import RunError


def test_a_new_folder_is_made_and_released_without_a_trace(tmp_path: Path) -> None:
    folder = claim(tmp_path / "deep" / "run")
    (folder / MANIFEST).write_text("{}")
    (folder / "cache" / "gaze").mkdir(parents=True)

    release(folder)

    assert not folder.exists()


def test_a_folder_with_scores_is_not_released(tmp_path: Path) -> None:
    folder = claim(tmp_path / "run")
    recorded = folder / "cache" / "scores" / "shard" / "part.parquet"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(b"")

    release(folder)

    assert recorded.exists()


def test_an_earlier_run_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{}")

    assert claim(tmp_path) == tmp_path


def test_a_strangers_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")

    with pytest.raises(RunError, match=r"is not empty and holds no run: found thesis\.tex"):
        claim(tmp_path)


def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match="cannot write to the output folder"):
        claim(tmp_path / "file" / "run")


def test_another_run_is_not_overwritten(tmp_path: Path) -> None:
    held = {"dataset": "phantom", "metrics": ["ncc"], "threads": 0, "subsets": []}
    (tmp_path / "manifest.json").write_text(json.dumps({"config": held}))

    refuse_another_run(tmp_path, {**held, "threads": 8, "subsets": ["abnormal"]})
    with pytest.raises(RunError, match="holds another run, with other metrics"):
        refuse_another_run(tmp_path, {**held, "metrics": ["auc"]})


@pytest.mark.parametrize("text", ["", "[]", '{"config": 3}', "{"])
def test_a_manifest_that_says_nothing_refuses_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)

    refuse_another_run(tmp_path, {"metrics": ["auc"]})
