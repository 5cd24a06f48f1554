"""What is synthesised is a REFLACX and a MIMIC-CXR-JPG that their own loader accepts."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gazebench.errors import DataError, UsageError
from gazebench.spec import Size
from gazebench_plugins.datasets.phantom import phantom
from gazebench_plugins.datasets.phantom.dataset import parse_size, synthesize
from gazebench_plugins.datasets.phantom.films import make_film

CASES, TRAINING = 14, 20


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom") / "data"
    synthesize(folder, cases=CASES, size=Size(240, 210), seed=14, training_images=TRAINING)
    return folder


def digest(folder: Path) -> str:
    content = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return content.hexdigest()


def test_the_validator_of_the_real_dataset_finds_nothing(root: Path) -> None:
    assert phantom.validate is not None

    assert list(phantom.validate(root)) == []


def test_cases_come_back_through_the_loader_of_the_real_dataset(root: Path) -> None:
    opened = phantom.function(root)
    cases = opened.cases()

    assert len(cases) == CASES
    assert {case.attributes["phase"] for case in cases} == {1, 2}
    assert {case.expected_readings for case in cases} == {5}
    assert sum(len(case.readings) for case in cases) == 5 * CASES - 1  # one is discarded
    assert all(str(case.subject).startswith("99") for case in cases)
    for case in cases[:3]:
        assert opened.image(case).shape == tuple(case.size)
        fixations = opened.fixations(case, case.readings[0])
        assert len(fixations) >= 50
        assert (fixations.end_s > fixations.start_s).all()
        assert (fixations.sigma_x >= 1).all()


def test_findings_ellipses_and_boxes_reach_the_readings(root: Path) -> None:
    readings = [r for case in phantom.function(root).cases() for r in case.readings]

    assert any(r.ellipses for r in readings)
    assert any(not any(r.findings.values()) for r in readings)
    assert any(r.findings.get("Support devices") == 5 for r in readings)
    assert all(r.chest_box is not None for r in readings)


def test_training_images_carry_labels_and_cases_are_test_patients(root: Path) -> None:
    assert phantom.training is not None
    data = phantom.training(root)
    samples = data.samples()

    assert len(data.class_names) == 14
    assert len(samples) == CASES + TRAINING
    no_finding = data.class_names.index("No Finding")
    for sample in samples:
        assert (sum(sample.labels) == 0) is False
        assert sample.labels[no_finding] in (0.0, 1.0)
    eye_tracking = [s for s in samples if s.subject.startswith("990")]
    assert {s.split for s in eye_tracking} == {"test"}
    assert len(eye_tracking) == CASES


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        synthesize(tmp_path / name, cases=2, size=Size(220, 200), seed=seed)

    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_a_film_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    synthesize(tmp_path / "few", cases=1, size=Size(220, 200), seed=1)
    synthesize(tmp_path / "many", cases=3, size=Size(220, 200), seed=1)

    few = {p.name: p.read_bytes() for p in (tmp_path / "few").rglob("*.jpg")}
    many = {p.name: p.read_bytes() for p in (tmp_path / "many").rglob("*.jpg")}

    assert len(few) == 1
    assert few.items() <= many.items()


def test_a_film_looks_the_same_at_any_size() -> None:
    small, large = (
        make_film(0, 4, size=size, seed=0).pixels() for size in (Size(320, 272), Size(960, 816))
    )

    shrunk = np.asarray(Image.fromarray(large).resize(small.shape[::-1], Image.Resampling.BOX))

    correlation = np.corrcoef(small.ravel(), shrunk.ravel())[0, 1]
    assert correlation > 0.99


def test_the_default_is_made_once_and_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAZEBENCH_CACHE", str(tmp_path))

    first = phantom.function(None, cases=2, size="220x200", seed=3).fingerprint()
    (made,) = tmp_path.iterdir()
    before = made.stat().st_mtime_ns
    second = phantom.function(None, cases=2, size="220x200", seed=3).fingerprint()

    assert first == second
    assert [path.name for path in tmp_path.iterdir()] == [made.name]
    assert made.stat().st_mtime_ns == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("GAZEBENCH_CACHE", str(tmp_path / "deep"))

    with pytest.raises(DataError, match="GAZEBENCH_CACHE"):
        phantom.function(None, cases=1)


def test_senseless_parameters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pixels a side"):
        synthesize(tmp_path / "a", cases=1, size=Size(20, 20), seed=0)
    with pytest.raises(UsageError, match="at least one case"):
        synthesize(tmp_path / "a", cases=0, size=Size(300, 300), seed=0)
    with pytest.raises(UsageError, match="HEIGHTxWIDTH"):
        parse_size("640")
    (tmp_path / "mine").write_text("")
    with pytest.raises(DataError, match="not empty"):
        synthesize(tmp_path, cases=1, size=Size(300, 300), seed=0)
