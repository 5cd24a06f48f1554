"""Plugins in one file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gazebench.errors import PluginError
from gazebench.registry.files import load_files

METHOD = """
from gazebench import image_method

@image_method()
def {name}(image, *, times: int = 2):
    return image * times
"""


def write(path: Path, text: str) -> Path:
    """Write a file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_every_descriptor_is_known_by_its_variable(tmp_path: Path) -> None:
    """Methods and metrics in one file; the folder stays as it was."""
    path = write(
        tmp_path / "mine.py",
        METHOD.format(name="one") + METHOD.format(name="two") + "three = two\nfour = 4\n",
    )

    (file,) = load_files([path])

    assert list(file.descriptors) == ["one", "two", "three"]
    assert file.descriptors["one"].function(3) == 6
    assert [p.name for p in tmp_path.iterdir()] == ["mine.py"]


def test_a_file_given_twice_is_executed_once(tmp_path: Path) -> None:
    """However its path is written."""
    path = write(tmp_path / "mine.py", METHOD.format(name="one"))

    assert len(load_files([path, tmp_path / "x" / ".." / "mine.py"])) == 1


def test_an_edit_within_the_same_second_is_seen(tmp_path: Path) -> None:
    """Python's own cache of compiled files would miss one of equal length."""
    path = write(tmp_path / "mine.py", METHOD.format(name="one"))
    (before,) = load_files([path])
    write(path, METHOD.format(name="one").replace("image * times", "image + times"))

    (after,) = load_files([path])

    assert (before.descriptors["one"].function(3), after.descriptors["one"].function(3)) == (6, 5)
    assert before.code_hash != after.code_hash


def test_what_a_file_imports_from_elsewhere_is_not_its_own(tmp_path: Path, site: Path) -> None:
    """It was found where it was defined."""
    write(site / "fake_elsewhere.py", METHOD.format(name="one"))
    path = write(
        tmp_path / "mine.py", "from fake_elsewhere import one\n" + METHOD.format(name="two")
    )

    (file,) = load_files([path])

    assert list(file.descriptors) == ["two"]


def test_a_dataclass_in_a_file_finds_its_module(tmp_path: Path) -> None:
    """Under postponed annotations dataclasses look it up in sys.modules."""
    path = write(
        tmp_path / "mine.py",
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass A:\n    x: int\n" + METHOD.format(name="one"),
    )

    assert load_files([path])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n", "mine.py defines no plugin"),
        ("x = 1\n\nraise ValueError('broken')\n", r"mine.py:3: ValueError: broken"),
        ("def f():\n    1 / 0\n\nf()\n", r"mine.py:2: ZeroDivisionError"),
        ("x = 1\ndef f(:\n", r"mine.py:2: SyntaxError"),
        ("import sys\nsys.exit(0)\n", r"mine.py:2: SystemExit: 0"),
        ("import nowhere_to_be_found\n", r"mine.py:1: ModuleNotFoundError"),
        (
            "from gazebench import image_method\n\n@image_method(api=99)\ndef f(image): ...\n",
            r"mine.py:3: PluginError: .* API 99; this GazeBench speaks API 1",
        ),
    ],
)
def test_a_file_that_fails_is_an_error_with_its_line(
    tmp_path: Path, source: str, message: str
) -> None:
    """At once, with what was raised as the cause, and nothing left in sys.modules."""
    path = write(tmp_path / "mine.py", source)
    before = set(sys.modules)

    with pytest.raises(PluginError, match=message) as error:
        load_files([path])

    assert (error.value.__cause__ is None) == ("defines no plugin" in message)
    if error.value.__cause__ is not None:
        assert not {name for name in set(sys.modules) - before if "mine" in name}


def test_a_missing_file_or_a_folder_cannot_be_read(tmp_path: Path) -> None:
    """Said with the path."""
    with pytest.raises(PluginError, match=r"cannot read the plugin file .*absent.py: No such file"):
        load_files([tmp_path / "absent.py"])
    with pytest.raises(PluginError, match="cannot read"):
        load_files([tmp_path])


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """Their plugins could not be told apart."""
    paths = [
        write(tmp_path / folder / "mine.py", METHOD.format(name=folder)) for folder in ("a", "b")
    ]

    with pytest.raises(PluginError, match=r"two plugin files are called mine.py"):
        load_files(paths)
