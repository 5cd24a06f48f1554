"""File names of hostile names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

from hypothesis import given
from hypothesis import strategies as st

from gazebench.publish.site.file_names import DEVICES, file_stem

HOSTILE = st.text(max_size=300) | st.sampled_from(
    [
        "..",
        "../..",
        "/etc/passwd",
        "C:\\x",
        "con",
        "NUL",
        "a\0b",
        "<script>",
        "",
        ".",
        "\u202e",
        "😀",
    ]
)


@given(HOSTILE)
def test_every_name_becomes_one_safe_part_of_a_path(name: str) -> None:
    stem = file_stem(name)

    assert re.fullmatch(r"[a-z0-9_.~-]+", stem)
    assert not stem.startswith(".")
    assert len(stem) <= 80
    assert DEVICES.fullmatch(stem) is None
    for kind in (PurePosixPath, PureWindowsPath):
        assert kind(f"{stem}.html").name == f"{stem}.html"


@given(st.lists(HOSTILE, unique=True, max_size=8))
def test_different_names_get_different_files(names: list[str]) -> None:
    assert len({file_stem(name) for name in names}) == len(names)


def test_names_that_look_alike_are_told_apart() -> None:
    alike = ["a b", "a-b", "a:b", "A-b", "a/b", "a.b"]

    assert len({file_stem(name).casefold() for name in alike}) == len(alike)


def test_a_plain_name_stays_readable() -> None:
    assert file_stem("ag_sononet/gradcam/uniform") == "ag_sononet.gradcam.uniform"
