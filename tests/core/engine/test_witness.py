"""What a process was at when it ended is known afterwards, and is not asked again."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gazebench.engine.witness import MOST_DEATHS, Call, Death, Witness, left_behind
from gazebench.errors import PluginError


def calls(folder: Path) -> list[Call]:
    return [one.call for one in left_behind(folder)]


def test_a_call_is_known_while_it_is_at_work(tmp_path: Path) -> None:
    witness, folder = Witness(), tmp_path / "a"

    with witness.noting(folder), witness.call("gradcam", "1"), witness.call("nss", "case 2"):
        inner = calls(folder)

    assert inner == [Call("nss", "case 2")]


def test_what_is_done_leaves_nothing(tmp_path: Path) -> None:
    witness = Witness()
    with witness.noting(tmp_path / "a"):
        with witness.call("gradcam", "a longer one than the next"), witness.call("nss", "b"):
            pass
        with witness.call("gradcam", "case 2"):
            pass
        with witness.call("gradcam", "case 3"):
            during = (tmp_path / "a").glob("*.json")
            (text,) = [path.read_text() for path in during]
    assert text.startswith('["gradcam", "case 3"')
    assert list((tmp_path / "a").iterdir()) == []


def test_every_thread_has_its_own(tmp_path: Path) -> None:
    witness = Witness()
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with witness.call("b", "2"):
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with witness.noting(tmp_path / "a"):
        with witness.call("a", "1"):
            thread.start()
            entered.wait(10)
            found = calls(tmp_path / "a")
        leave.set()
        thread.join()

    assert sorted(found) == [Call("a", "1"), Call("b", "2")]


def test_a_process_that_ends_leaves_its_call_behind(tmp_path: Path) -> None:
    """Without any farewell."""
    child = os.fork() if hasattr(os, "fork") else pytest.skip("there is no fork")
    if not child:
        witness = Witness()
        witness.note(tmp_path / "a")
        with witness.call("a", "1"):
            os._exit(7)
    _, status = os.waitpid(child, 0)

    (found,) = left_behind(tmp_path / "a")

    assert os.waitstatus_to_exitcode(status) == 7
    assert found.call == Call("a", "1")
    assert found.seconds >= 0
    assert left_behind(tmp_path / "a") == ()


def test_a_call_that_ended_a_process_is_not_made_again() -> None:
    witness = Witness([Death(Call("a", "1"), "ended its process (exit code 3)")])

    with pytest.raises(PluginError, match=r"a ended its process \(exit code 3\)"):
        witness.call("a", "1").__enter__()
    with witness.call("a", "2"), witness.call("b", "1"):
        pass


def test_a_plugin_that_ends_too_many_processes_is_given_up() -> None:
    deaths = [Death(Call("a", str(number)), "ended") for number in range(MOST_DEATHS)]
    witness = Witness(deaths)

    with pytest.raises(PluginError, match="is not asked any more"):
        witness.call("a", "another").__enter__()
    with Witness(deaths[1:]).call("a", "another"):
        pass


def test_where_nothing_can_be_written_nothing_is_noted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    witness = Witness()
    witness.note(tmp_path / "file" / "a")

    with witness.call("a", "1"):
        assert (tmp_path / "file").read_text() == ""


def test_torn_notes_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    for number, text in enumerate(("", "[", "3", '["a"]', '["a", "b", "c"]', "null")):
        (folder / f"{number}.json").write_text(text)

    assert left_behind(folder) == ()
