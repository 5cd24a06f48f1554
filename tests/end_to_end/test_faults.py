"""Plugins that fail, hang or misbehave, and disks that are full: the rest of a run goes on."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from commands import gazebench, refused

PLUGIN, RUN = 4, 5
PLAIN = ("--metric", "ncc", "--floor", "uniform", "--min-readings", "3")
TORN = """
import numpy as np
from gazebench import image_method

@image_method()
def right(image):
    return image

@image_method()
def torn(image):
    raise ValueError("torn")
"""


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a phantom of three shards."""
    folder = tmp_path_factory.mktemp("faults") / "data"
    made = gazebench(
        "dataset", "synthesize", "--cases", "20", "--size", "220x200", "--seed", "7",
        "--out", folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


def plugin(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text)
    return path


def without_case(message: str) -> str:
    """Return the error and what to do, without the case that it names."""
    return re.sub(r"on case [0-9a-f-]+", "on case", "\n".join(message.splitlines()[-2:]))


@pytest.mark.parametrize("elsewhere", [(), ("--workers", "2")])
def test_a_run_stops_where_more_fails_than_may(
    phantom: Path, tmp_path: Path, elsewhere: tuple[str, ...]
) -> None:
    """What is scored is kept; the mended plugin makes its own scores alone."""
    mine = plugin(tmp_path, TORN)
    command = ("run", "--data-root", phantom, *PLAIN, "--model", "sononet:weights=none",
               "--mixing", "max", "--plugin", mine, "--method", "gradcam", "--method", "right",
               "--method", "torn", "--out", tmp_path / "run")  # fmt: skip

    code, message = refused(*command, *elsewhere, "--max-failures", "3")
    again, same = refused(*command, *elsewhere, "--max-failures", "3")
    log = (tmp_path / "run" / "failures.log").read_text()
    plugin(tmp_path, TORN.replace("raise", "return image #"))
    done = gazebench(*command, *elsewhere, "--max-failures", "3")

    assert (code, again) == (PLUGIN, PLUGIN)
    assert "--max-failures allows 3; the last is of torn on case" in message
    assert "torn raised ValueError: torn (mine.py:" in message
    # Of two processes, either may be the first to have recorded its shard.
    assert without_case(message) == without_case(same)
    assert message.splitlines()[-2:] == same.splitlines()[-2:] or elsewhere
    assert "raise ValueError" in log
    assert done.returncode == 0, done.stderr
    assert "were recorded already" in done.stderr
    assert not (tmp_path / "run" / "failures.log").exists()


@pytest.mark.parametrize(("limit", "is_enough"), [("0.5", True), ("0.2", False)])
def test_a_limit_may_be_a_fraction(
    phantom: Path, tmp_path: Path, limit: str, is_enough: bool
) -> None:
    """Twenty of sixty fail: `torn` on every case, `right` and the floor on none."""
    command = ("run", "--data-root", phantom, *PLAIN, "--plugin",
               plugin(tmp_path, TORN), "--method", "right", "--method", "torn",
               "--out", tmp_path / "run")  # fmt: skip

    code, message = refused(*command, "--max-failures", limit)

    assert code == PLUGIN, message
    assert (tmp_path / "run" / "leaderboard.md").exists() is is_enough


DEADLY = """
import ctypes, os, time
from gazebench import floor, image_method, metric

@image_method()
def right(image):
    return image

@image_method()
def leaves(image):
    if "KEPT" in os.environ:
        os._exit(3)
    return image

@image_method()
def crashes(image):
    if image.mean() > MEAN:
        ctypes.string_at(0)
    return image

@image_method()
def hangs(image):
    if image.mean() > MEAN:  # a call into C that keeps Python's lock: a lock that is its own
        library, lock = ctypes.PyDLL(None), ctypes.create_string_buffer(64)
        library.pthread_mutex_lock(lock)
        library.pthread_mutex_lock(lock)
    return image

@metric(needs={"reference"}, range=(0, 1), higher_is_better=True, chance=None, version=1)
def ends(scored, target):
    os._exit(0)
"""


def means(phantom: Path) -> list[float]:
    """Return the brightness of every film, from 0 to 1, in order of size."""
    films = sorted(phantom.rglob("*.jpg"))
    return sorted(float(np.asarray(Image.open(film), np.float32).mean() / 255) for film in films)


@pytest.mark.skipif(sys.platform != "linux", reason="a deadlock is made by glibc's lock")
def test_a_plugin_that_ends_its_process_costs_itself_alone(phantom: Path, tmp_path: Path) -> None:
    """By `os._exit`, a crash in C or a call that keeps Python's lock for ever."""
    brightest = means(phantom)[-2:]
    text = DEADLY.replace("MEAN", str(sum(brightest) / 2))
    asked = [
        word for name in ("right", "leaves", "crashes", "hangs") for word in ("--method", name)
    ]
    out = tmp_path / "run"

    code, said = refused(
        "run", "--data-root", phantom, *PLAIN, "--plugin", plugin(tmp_path, text), *asked,
        "--metric", "ends", "--workers", "2", "--plugin-timeout", "1", "--out", out,
        env={"KEPT": "1"},
    )  # fmt: skip

    said, table = " ".join(said.split()), pd.read_parquet(out / "scores.parquet")
    ncc = table[table["metric"] == "ncc"].drop_duplicates(["entry", "case"])
    failed = {entry: list(rows["reason"]) for entry, rows in
              ncc[ncc["status"] == "failed"].groupby("entry")}  # fmt: skip
    assert code == PLUGIN
    assert "leaves ended its process (exit code 3)" in said
    assert "ends ended its process (exit code 0)" in said
    assert failed.keys() == {"leaves", "crashes", "hangs"}
    assert failed["crashes"] == ["crashes ended its process (SIGSEGV)"]
    assert failed["hangs"] == ["hangs did not return in 1 s, and its process was ended"]
    assert len(failed["leaves"]) == 20
    assert "leaves ended 6 processes, and is not asked any more" in failed["leaves"]
    assert not any((out / "cache" / "at_work").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_the_next_attempt_says_what_ended_the_last(phantom: Path, tmp_path: Path) -> None:
    command = ("run", "--data-root", phantom, *PLAIN, "--plugin", plugin(tmp_path, DEADLY),
               "--method", "right", "--method", "leaves", "--out", tmp_path / "run")  # fmt: skip

    ended = gazebench(*command, env={"KEPT": "1"})
    done = gazebench(*command)
    again = gazebench(*command)

    assert ended.returncode == 3
    assert done.returncode == again.returncode == 0, done.stderr
    assert "an earlier attempt was killed, or ended by a plugin" in " ".join(done.stderr.split())
    assert "at leaves (case " in " ".join(done.stderr.split())
    assert "earlier attempt" not in again.stderr


MEDDLES = """
import logging, os, random, sys, warnings
import numpy as np
import torch
from gazebench import method

torch.set_default_dtype(torch.float64)

@method(needs={"logits"})
def meddles(model, images, classes):
    print("a line of its own")
    os.write(1, b"a line that Python does not see\\n")
    os.chdir("/")
    os.environ["OMP_NUM_THREADS"] = "3"
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.set_num_threads(3)
    torch.use_deterministic_algorithms(True)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    logging.disable()
    sys.setrecursionlimit(5000)
    return torch.ones(len(images), len(classes), 2, 2) / (images.mean() + 1)

@method(needs={"logits"})
def raises(model, images, classes):
    raise ERROR
"""
ENDS = {
    "MemoryError()": "MemoryError",
    "SystemExit(0)": "SystemExit",
    "RecursionError('deep')": "RecursionError: deep",
    "BaseException('base')": "BaseException: base",
    "GeneratorExit": "GeneratorExit",
    "StopIteration": "StopIteration",
}
NETWORK = ("--model", "sononet:weights=none", "--mixing", "max", "--metric", "ncc",
           "--floor", "uniform", "--min-readings", "3", "--method", "gradcam")  # fmt: skip


def scores(run: Path, entry: str) -> bytes:
    table = pd.read_parquet(run / "scores.parquet")
    return table[table["entry"] == entry].to_csv(index=False).encode()


def test_what_a_plugin_changes_of_its_process_changes_nobody_elses_scores(
    phantom: Path, tmp_path: Path
) -> None:
    """And what it prints does not get into the events."""
    mine = plugin(tmp_path, MEDDLES.replace("ERROR", "ValueError"))
    alone, beside = tmp_path / "alone", Path("beside")
    done = gazebench("run", "--data-root", phantom, *NETWORK, "--out", alone)
    assert done.returncode == 0, done.stderr

    done = gazebench("run", "--data-root", phantom, *NETWORK, "--method", "meddles", "--plugin",
                     mine, "--json", "--out", beside, cwd=tmp_path)  # fmt: skip

    assert done.returncode == 0, done.stderr
    whose = "sononet:weights=none/gradcam/max"
    assert scores(alone, whose) == scores(tmp_path / beside, whose)
    assert len(scores(alone, whose)) > 1000
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "RunFinished"
    assert "a line of its own" in done.stderr
    assert "a line that Python does not see" in done.stderr


@pytest.mark.parametrize("error", ENDS)
def test_whatever_a_plugin_raises_costs_itself(phantom: Path, tmp_path: Path, error: str) -> None:
    mine = plugin(tmp_path, MEDDLES.replace("ERROR", error))

    code, said = refused("run", "--data-root", phantom, *NETWORK, "--method", "raises", "--plugin",
                         mine, "--out", tmp_path / "run")  # fmt: skip

    assert code == PLUGIN
    assert f"raises raised {ENDS[error]}" in " ".join(said.split())
    assert b"ok" in scores(tmp_path / "run", "sononet:weights=none/gradcam/max")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits to files there")
def test_a_full_disk_loses_nothing(phantom: Path, tmp_path: Path) -> None:
    """A limit to the size of files stands for it: a manifest, a part, the scores do not fit."""
    cache, run = tmp_path / "cache", tmp_path / "run"
    before = gazebench("run", "--data-root", phantom, *PLAIN, "--cache", cache,
                       "--out", tmp_path / "other")  # fmt: skip
    assert before.returncode == 0, before.stderr  # the gaze, which is larger than all, is kept
    command = ["run", "--data-root", phantom, *NETWORK, "--cache", cache, "--out", run]
    parts = len(list(cache.glob("scores/*/*.parquet")))
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES, BYTES));"
        f"sys.argv = ['gazebench', *{list(map(str, command))!r}];"
        "from gazebench.cli.app import main; main()"
    )
    found = []
    for limit in ("1000", "4200", "9000"):
        full = subprocess.run([sys.executable, "-c", limited.replace("BYTES", limit)],
                              capture_output=True, text=True, timeout=300, check=False)  # fmt: skip
        assert full.returncode == RUN, full.stderr
        assert "Traceback" not in full.stderr
        assert "File too large" in full.stderr
        assert not list(tmp_path.rglob("*.partial"))
        kept = {path: path.stat().st_mtime_ns for path in cache.glob("scores/*/*.parquet")}
        found.append(len(kept) - parts)

    done = gazebench(*command)

    assert found == [0, 0, 3]
    assert str(run / "scores.parquet") in "".join(full.stderr.split("\n"))
    assert done.returncode == 0, done.stderr
    assert kept == {path: path.stat().st_mtime_ns for path in cache.glob("scores/*/*.parquet")}


@pytest.mark.parametrize("place", ["cache/scores", "leaderboard.csv"])
def test_a_folder_that_cannot_be_written_is_named(
    phantom: Path, tmp_path: Path, place: str
) -> None:
    """A file stands where a folder should, or a folder where a file should; even root minds."""
    run = tmp_path / "run"
    done = gazebench("run", "--data-root", phantom, *NETWORK, "--out", run)
    assert done.returncode == 0, done.stderr
    taken = run / place
    shutil.rmtree(taken) if taken.is_dir() else taken.unlink()
    (taken / "in the way").mkdir(parents=True) if "." in taken.name else taken.write_text("")

    code, said = refused("run", "--data-root", phantom, *NETWORK, "--out", run)

    assert code == RUN
    assert str(taken) in "".join(said.split("\n"))


LEAVES_BEHIND = """
import os, threading
from gazebench import image_method

@image_method()
def right(image):
    return image

@image_method()
def waits(image):
    threading.Thread(target=threading.Event().wait).start()
    return image

@image_method()
def doubles(image):
    os.fork()
    return image
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot double themselves here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_plugins_leave_behind_holds_nothing_up(
    phantom: Path, tmp_path: Path, workers: str
) -> None:
    """Threads that wait for ever, copies of the process that go on where it is."""
    out = tmp_path / "run"

    done = gazebench(
        "run", "--data-root", phantom, *PLAIN, "--plugin", plugin(tmp_path, LEAVES_BEHIND),
        "--method", "right", "--method", "waits", "--method", "doubles", "--workers", workers,
        "--out", out,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Written to") == 1
    assert done.stderr.count("score rows in") == 1
    assert set(pd.read_parquet(out / "scores.parquet")["entry"]) >= {"right", "waits", "doubles"}


def test_a_plan_takes_no_name_for_markup(phantom: Path, tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    for film in phantom.rglob("*.jpg"):
        np.save(maps / f"{film.stem}.npy", np.ones((4, 4), np.float32))
    (maps / "maps.toml").write_text('name = "[/red]"\nstretched = true\n')

    done = gazebench("run", "--data-root", phantom, *PLAIN, "--maps", maps, "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "[/red]" in done.stdout
