"""A run goes on after any end, and comes out the same from any number of processes."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import gazebench, refused

FILES = ("scores.parquet", "leaderboard.json", "leaderboard.csv", "leaderboard.md", "checks.csv")
KILLS = 20
USAGE, RUN = 2, 5
ASKED = ("--model", "sononet", "--method", "gradcam", "--mixing", "uniform", "--mixing", "max",
         "--floor", "uniform", "--floor", "centre_bias", "--min-readings", "3")  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a phantom of several shards."""
    folder = tmp_path_factory.mktemp("any_end") / "data"
    made = gazebench(
        "dataset", "synthesize", "--cases", "30", "--size", "220x200", "--seed", "3",
        "--out", folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("any_end") / "whole"
    done = gazebench("run", "--data-root", data, *ASKED, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def recorded(folder: Path) -> dict[str, int]:
    """Return every recorded part and when it was written."""
    parts = (folder / "cache" / "scores").glob("*/*.parquet")
    return {str(path): path.stat().st_mtime_ns for path in parts}


def test_a_run_killed_again_and_again_ends_with_the_same_bytes(
    data: Path, whole: Path, tmp_path: Path
) -> None:
    """What is recorded is never written again; the same command is all it takes."""
    folder, rng = tmp_path / "run", random.Random(5)
    command = [sys.executable, "-m", "gazebench", "run", "--data-root", str(data), *ASKED,
               "--out", str(folder)]  # fmt: skip
    before: dict[str, int] = {}
    for _ in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.5, 9.0))
        process.kill()
        process.wait()
        now = recorded(folder)
        assert before.items() <= now.items()
        before = now

    done = gazebench("run", "--data-root", data, *ASKED, "--out", folder)

    assert done.returncode == 0, done.stderr
    assert before.items() <= recorded(folder).items()
    assert results(folder) == results(whole)


def test_a_finished_run_is_recorded_whole(data: Path, whole: Path) -> None:
    """The same command again computes nothing, and says so."""
    before = recorded(whole)

    done = gazebench("run", "--data-root", data, *ASKED, "--out", whole)

    assert done.returncode == 0, done.stderr
    assert "were recorded already" in done.stderr
    assert recorded(whole) == before


def test_two_processes_write_the_bytes_of_one(data: Path, whole: Path, tmp_path: Path) -> None:
    """Whoever scores what."""
    done = gazebench(
        "run", "--data-root", data, *ASKED, "--workers", "2", "--out", tmp_path / "run"
    )

    assert done.returncode == 0, done.stderr
    assert results(tmp_path / "run") == results(whole)


def children(process: int) -> Iterator[int]:
    """Yield the processes that a process has started and that score."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, after = path.read_text().rpartition(")")
            words = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(after.split()[1]) == process and b"spawn_main" in words:
            yield int(path.parent.name)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are listed in /proc")
def test_a_killed_worker_costs_nothing(data: Path, whole: Path, tmp_path: Path) -> None:
    """Its task is given to another."""
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "gazebench", "run", "--data-root", str(data), *ASKED,
         "--workers", "2", "--out", str(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: list[int] = []
    while not found and process.poll() is None:
        time.sleep(0.2)
        found = list(children(process.pid))
    assert found, "no worker was seen"
    time.sleep(2.0)
    os.kill(found[0], signal.SIGKILL)
    _, complaint = process.communicate(timeout=300)

    assert process.returncode == 0, complaint
    assert "Traceback" not in complaint
    assert results(folder) == results(whole)


def test_shares_merge_to_the_bytes_of_the_whole(data: Path, whole: Path, tmp_path: Path) -> None:
    """Three shares in three folders; without one of them there is no run."""
    shares = []
    for number in (1, 2, 3):
        shares.append(tmp_path / f"share{number}")
        done = gazebench(
            "run", "--data-root", data, *ASKED, "--shard", f"{number}/3", "--out", shares[-1]
        )
        assert done.returncode == 0, done.stderr
        assert not (shares[-1] / "scores.parquet").exists()

    code, message = refused("merge", shares[0], shares[2], "--out", tmp_path / "lacking")
    assert (code, "the share 2/3 is missing" in message) == (USAGE, True)
    done = gazebench("merge", *shares, "--out", tmp_path / "merged")

    assert done.returncode == 0, done.stderr
    assert results(tmp_path / "merged") == results(whole)


def test_a_share_that_lost_a_part_is_refused(data: Path, tmp_path: Path) -> None:
    """Nothing is made up, and nothing computed in its place."""
    share = tmp_path / "share"
    done = gazebench("run", "--data-root", data, *ASKED, "--shard", "1/1", "--out", share)
    assert done.returncode == 0, done.stderr
    next((share / "cache" / "scores").glob("*/*.parquet")).unlink()

    code, message = refused("merge", share, "--out", tmp_path / "merged")

    assert (code, "has no scores of" in message) == (RUN, True)


def test_a_torn_part_is_made_again(data: Path, whole: Path, tmp_path: Path) -> None:
    """Half a file counts as none."""
    folder = tmp_path / "run"
    assert gazebench("run", "--data-root", data, *ASKED, "--out", folder).returncode == 0
    part = next((folder / "cache" / "scores").glob("*/*.parquet"))
    part.write_bytes(part.read_bytes()[:-200])

    done = gazebench("run", "--data-root", data, *ASKED, "--out", folder)

    assert done.returncode == 0, done.stderr
    assert results(folder) == results(whole)


def test_two_runs_in_one_folder_are_refused(data: Path, tmp_path: Path) -> None:
    """The second says who is at work."""
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "gazebench", "run", "--data-root", str(data), *ASKED,
               "--json", "--out", str(folder)]  # fmt: skip
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert first.stdout is not None
    first.stdout.readline()
    try:
        code, message = refused("run", "--data-root", data, *ASKED, "--out", folder)
    finally:
        first.kill()
        first.communicate()

    assert (code, "another process is at work" in message) == (RUN, True)


class Cluster:
    """A Dask scheduler and workers of this machine, found by a scheduler file."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0
        self.file = folder / "scheduler.json"
        self._scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self) -> None:
        while not self.file.exists() and self._scheduler.poll() is None:
            time.sleep(0.2)
        self._made += 1
        place = self._folder / f"worker{self._made}"
        self.workers.append(
            self._start("dask_worker", "--nthreads", "1", "--local-directory", str(place))
        )

    def kill_worker(self) -> None:
        """Kill the worker that is there longest, with the process that it keeps."""
        worker = self.workers.pop(0)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def stop(self) -> None:
        for process in (*self.workers, self._scheduler):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard",
                   "--scheduler-file", str(self.file), *words]  # fmt: skip
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    made = Cluster(tmp_path)
    made.add_worker()
    made.add_worker()
    yield made
    made.stop()


def test_a_cluster_writes_the_bytes_of_one_process(
    data: Path, whole: Path, cluster: Cluster, tmp_path: Path
) -> None:
    done = gazebench(
        "run", "--data-root", data, *ASKED, "--scheduler", cluster.file, "--out", tmp_path / "run"
    )

    assert done.returncode == 0, done.stderr
    assert results(tmp_path / "run") == results(whole)


def test_killed_workers_of_a_cluster_cost_nothing(
    data: Path, whole: Path, cluster: Cluster, tmp_path: Path
) -> None:
    """Workers die at random instants and others come; the run goes on by itself."""
    rng, folder = random.Random(11), tmp_path / "run"
    command = [sys.executable, "-m", "gazebench", "run", "--data-root", str(data), *ASKED,
               "--scheduler", str(cluster.file), "--out", str(folder)]  # fmt: skip
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    before: dict[str, int] = {}
    for _ in range(3):
        time.sleep(rng.uniform(1, 7))
        cluster.kill_worker()
        cluster.add_worker()
        now = recorded(folder)
        assert before.items() <= now.items()
        before = now

    _, said = run.communicate(timeout=300)

    assert run.returncode == 0, said.decode()
    assert before.items() <= recorded(folder).items()
    assert results(folder) == results(whole)


def test_no_scheduler_is_said_so(data: Path, tmp_path: Path) -> None:
    """With what to give instead."""
    pytest.importorskip("distributed")

    code, message = refused(
        "run", "--data-root", data, *ASKED, "--scheduler", "tcp://127.0.0.1:9",
        "--out", tmp_path / "run",
    )  # fmt: skip

    assert (code, "no Dask scheduler answers" in message) == (USAGE, True)


def test_a_dry_run_says_what_is_recorded_and_what_the_rest_takes(
    data: Path, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    command = ("run", "--data-root", data, *ASKED, "--out", folder, "--dry-run")

    finished = gazebench(*command)
    files = sorted(recorded(folder))
    Path(files[0]).unlink()
    short = gazebench(*command)

    assert finished.returncode == short.returncode == 0, finished.stderr + short.stderr
    assert ", 100 %" in finished.stdout
    assert "nothing is left to score" in finished.stdout
    assert f", {100 - 100 // len(files)} %" in short.stdout
    assert re.search(r"time: about [\d.]+ (s|min) for \d+ images", short.stdout)
    assert re.search(r"memory: about [\d.]+ GB", short.stdout)
    assert re.search(r"disk: about [\d.]+ MB of \d+ GB", short.stdout)
    assert sorted(recorded(folder)) == files[1:]


def test_a_run_says_where_its_time_went(whole: Path) -> None:
    shown = gazebench("explain", whole, "--timing")
    plain = gazebench("explain", whole, "--timing", "--json")

    stages = json.loads(plain.stdout)["stages_s"]
    assert {"gaze", "decoding", "attribution", "scoring", "assembling", "board"} <= stages.keys()
    assert all(seconds >= 0 for seconds in stages.values())
    assert all(name in shown.stdout for name in stages)


def test_the_timing_of_no_run_is_refused(tmp_path: Path) -> None:
    assert "holds no finished run" in refused("explain", tmp_path, "--timing")[1]


def test_a_number_to_explain_has_an_entry_and_a_metric(whole: Path) -> None:
    code, said = refused("explain", whole)

    assert code == USAGE
    assert "--timing" in said


def test_the_log_tells_every_attempt_and_what_ended_it(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "data"
    shutil.copytree(data, other)
    command = ("run", "--data-root", other, *ASKED, "--out", tmp_path / "run")
    done = gazebench(*command)
    assert done.returncode == 0, done.stderr
    film = min(one for one in other.rglob("*") if one.suffix in {".jpg", ".png"})
    film.write_bytes(b"no film")

    refused(*command)

    log = (tmp_path / "run" / "cache" / "run.log").read_text()
    assert log.count(" begun\n") == 2
    assert "finished: " in log
    assert "ended by DataError" in log
    assert "Traceback" in log


def test_events_tell_the_maps_of_every_model_and_method(data: Path, tmp_path: Path) -> None:
    command = ("run", "--data-root", data, *ASKED, "--json", "--out")
    alone = gazebench(*command, tmp_path / "alone")
    shared = gazebench(*command, tmp_path / "shared", "--workers", "2")

    for done in (alone, shared):
        assert done.returncode == 0, done.stderr
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        made = [one for one in events if one["event"] == "MapsMade"]
        assert {one["explained"] for one in made} == {"sononet/gradcam"}
        assert [one["done"] for one in made] == sorted(one["done"] for one in made)
        assert made[-1]["done"] == made[-1]["total"] == 30
