"""What a record states of a run's settings, and the run that follows from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.engine.config import RunConfig
from gazebench.errors import UsageError
from gazebench.publish.run_settings import UNSTATED, run_config_of, stated_settings

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
WORD = st.text(st.sampled_from("abc_ äß"), min_size=1, max_size=8).filter(str.strip)
CONFIGS = st.builds(
    RunConfig,
    dataset=WORD,
    dataset_options=st.dictionaries(WORD, st.sampled_from(["1", "a b", "640x528", "ä;\"'\\"])),
    labels=st.dictionaries(TEXT, TEXT, max_size=2),
    methods=st.lists(st.sampled_from(["gradcam", "attention:gate=2", 'x:y="a,b"'])).map(tuple),
    subsets=st.lists(TEXT, max_size=2).map(tuple),
    seeds=st.lists(st.integers(0, 2**40), min_size=1, max_size=3, unique=True).map(tuple),
    min_readings=st.none() | st.integers(1, 9),
    batch=st.integers(1, 64),
    interval=st.sampled_from(["bootstrap", "bca"]),
)


@given(CONFIGS)
def test_what_is_stated_makes_the_same_run(config: RunConfig) -> None:
    """Every setting that is no path comes back."""
    options = {key: value.replace("\\", "") for key, value in config.dataset_options.items()}
    config = replace(config, dataset_options=options)

    assert run_config_of(stated_settings(config.as_json()), files=Path("nowhere")) == config


def test_nothing_of_the_machine_is_stated() -> None:
    """Folders, user names and the number of threads stay at home."""
    config = RunConfig(
        data_root=Path("/secret/data"),
        out=Path("/secret/out"),
        cache=Path("/secret/cache"),
        threads=7,
        workers=3,
        scheduler="tcp://secret:8786",
        models=("sononet:weights=/secret/w.safetensors", r"onnx:path=C:\secret\net.onnx"),
        methods=('x:files="/secret/a,/secret/b"',),
        plugins=(Path("/secret/mine.py"),),
        maps=(Path("/secret/maps"),),
        dataset="folder",
        dataset_options={"description": "/secret/lund.toml"},
    )

    stated = stated_settings(config.as_json())

    assert "secret" not in str(stated)
    assert stated["models"] == '["sononet:weights=w.safetensors", "onnx:path=net.onnx"]'
    assert stated["plugins"] == '["mine.py"]'
    assert not stated.keys() & {"threads", "workers", "scheduler", "cache", "out", "data_root"}


def test_files_are_found_where_they_are_said_to_be(tmp_path: Path) -> None:
    """A file that a record names is taken from the folder given."""
    for name in ("w.safetensors", "mine.py", "lund.toml"):
        (tmp_path / name).touch()
    stated = {
        "models": '["sononet:weights=w.safetensors"]',
        "plugins": '["mine.py"]',
        "dataset_options": '{description = "lund.toml"}',
    }

    config = run_config_of(stated, files=tmp_path, device="cuda")

    assert config.models == (f"sononet:weights={tmp_path / 'w.safetensors'}",)
    assert config.plugins == (tmp_path / "mine.py",)
    assert config.dataset_options == {"description": str(tmp_path / "lund.toml")}
    assert config.device == "cuda"


@pytest.mark.parametrize("stated", [{"speed": '"high"'}, {"batch": '"many"'}, {"seeds": "["}])
def test_what_is_no_setting_is_refused(stated: dict[str, str]) -> None:
    """An unknown or ill-typed setting is named, and that it stands in a record."""
    with pytest.raises(UsageError, match="the record's settings"):
        run_config_of(stated)


def test_every_setting_is_either_stated_or_of_the_machine() -> None:
    """Who adds a setting decides which: an address or a folder must not get into records."""
    stated = {
        "batch", "centre_bias", "dataset", "dataset_options", "device", "floors", "interval",
        "labels", "maps", "methods", "metrics", "min_readings", "mixings", "models", "plugins",
        "precision", "rank_by", "reference", "resamples", "seeds", "subsets",
    }  # fmt: skip

    assert RunConfig().as_json().keys() - UNSTATED == stated


def test_a_record_names_no_file_beside_the_folder(tmp_path: Path) -> None:
    """Whatever stands in it, a rerun finds plugins and weights where it was told to look."""
    folder = tmp_path / "files"
    folder.mkdir()
    (tmp_path / "elsewhere.py").write_text("")
    (folder / "mine.py").write_text("")

    stated = {"plugins": '["../elsewhere.py", "/mine.py"]', "models": '["m:weights=../mine.py"]'}

    config = run_config_of(stated, files=folder)

    assert config.plugins == (folder / "elsewhere.py", folder / "mine.py")
    assert config.models == (f"m:weights={folder / 'mine.py'}",)
