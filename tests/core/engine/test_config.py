"""A run's configuration: read from TOML, overridden by options, refused when it makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazebench.engine.config import RunConfig, load_config, override
from gazebench.errors import UsageError


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_toml_gives_every_field_it_names(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'dataset = "reflacx"\ndata_root = "data"\nmodels = ["sononet:weights=a.safetensors"]\n'
        'seeds = [1, 2]\nmin_readings = 3\n[dataset_options]\nphases = "1,2,3"\ngaze = true\n'
        '[labels]\n"Lung Lesion" = "Nodule;Mass"\n',
    )

    config = load_config(path)

    assert config == RunConfig(
        dataset="reflacx",
        data_root=tmp_path / "data",
        models=("sononet:weights=a.safetensors",),
        seeds=(1, 2),
        min_readings=3,
        dataset_options={"phases": "1,2,3", "gaze": "true"},
        labels={"Lung Lesion": "Nodule;Mass"},
    )


def test_options_override_and_none_does_not() -> None:
    config = override(RunConfig(dataset="reflacx"), {"dataset": None, "seeds": (4,)})

    assert config == RunConfig(dataset="reflacx", seeds=(4,))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('datset = "x"', "unknown key 'datset'\nDo: did you mean 'dataset'?"),
        ("seeds = 3", "seeds must be a list, found 3"),
        ("seeds = [1.5]", "seeds must be a list of whole numbers"),
        ("seeds = [true]", "seeds must be a list of whole numbers"),
        ("seeds = []", "seeds must be distinct and at least one"),
        ("seeds = [1, 1]", "seeds must be distinct and at least one"),
        ("batch = -1", "batch must be at least 0, found -1"),
        ('models = ["a", 3]', "models must be a list of texts"),
        ("data_root = 3", "data_root must be a path, found 3"),
        ('interval = "bootstap"', "interval must be one of bootstrap, bca, paper"),
        ("dataset = ", "is not valid TOML"),
    ],
)
def test_a_bad_toml_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(UsageError) as refused:
        load_config(path)

    assert complaint in str(refused.value)


def test_a_missing_toml_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the configuration") as refused:
        load_config(tmp_path / "absent.toml")

    assert "Errno" not in str(refused.value)
    assert refused.value.do


def test_a_toml_of_another_encoding_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes("title = 'é'".encode("latin-1"))

    with pytest.raises(UsageError, match="no text in UTF-8"):
        load_config(path)


def test_plain_values_round_trip_through_json(tmp_path: Path) -> None:
    import json

    config = RunConfig(data_root=tmp_path, plugins=(tmp_path / "a.py",), dataset_options={"b": "1"})

    assert json.loads(json.dumps(config.as_json()))["plugins"] == [str(tmp_path / "a.py")]


@pytest.mark.parametrize("limit", [-1, 1.5, float("nan"), float("inf")])
def test_a_limit_of_failures_that_is_none_is_refused(limit: float) -> None:
    with pytest.raises(UsageError, match="max_failures must be a whole number or a fraction"):
        RunConfig(max_failures=limit)


@pytest.mark.parametrize(("written", "understood"), [("3", 3), ("0.25", 0.25)])
def test_limits_in_toml_are_numbers(tmp_path: Path, written: str, understood: float) -> None:
    (tmp_path / "run.toml").write_text(f"max_failures = {written}\nplugin_timeout = 60\n")

    config = load_config(tmp_path / "run.toml")

    assert (config.max_failures, config.plugin_timeout) == (understood, 60)
