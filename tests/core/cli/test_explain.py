"""`gazebench explain`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from commands import gazebench, refused


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table with gaps, a ceiling and a floor by other names."""
    lines = ["study,entry,metric,score"]
    for image in range(14):
        for entry, level in (("m/a", 0.7), ("m/b", 0.5), ("human", 0.8), ("flat", 0.4)):
            score = level + 0.01 * ((image * 5) % 7)
            gap = entry == "m/a" and image < 8
            lines.append(f"s{image:02},{entry},wobble,{'' if gap else score}")
    path = tmp_path / "small.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


ROLES = ("--ceiling", "human", "--floor", "flat", "--image-columns", "study")
DECLARED = ("--metric-declaration", "wobble:higher,chance=0.3")


def test_screen_leads_from_the_number_to_rows_and_commands(table: Path) -> None:
    done = gazebench("explain", table, "m/a", "wobble", *ROLES, *DECLARED)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    copied = [number for number, line in enumerate(lines) if line.startswith("import pandas")]
    assert max(len(line) for line in lines[: copied[0]]) <= 100
    text = " ".join(done.stdout.split())
    assert "wobble of m/a: small" in text
    assert "8 of 14 rows have no value (8 missing" in text
    assert "case s00, reading 0, seed 0: missing, 0.300 counts instead" in text
    assert "... and 3 more" in text
    assert "fraction of it: (" in text
    assert "lowest: s00 0.300" in text
    assert "declared by hand" in text


def test_the_commands_it_gives_can_be_run(table: Path) -> None:
    done = gazebench("explain", table, "m/b", "wobble", *ROLES, *DECLARED, "--json")
    document = json.loads(done.stdout)

    python = subprocess.run(
        [sys.executable, "-c", document["rows"]["line"]], capture_output=True, text=True, check=True
    )
    again = gazebench(*document["again"].split()[1:], "--format", "json")

    score = document["cell"]["score"]
    assert float(python.stdout) == pytest.approx(score)
    (row,) = [
        row for row in json.loads(again.stdout)["subsets"][0]["rows"] if row["entry"] == "m/b"
    ]
    assert row["cells"]["wobble"]["score"] == score
    assert row["cells"]["wobble"]["interval"] == list(document["cell"]["interval"].values())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("m/c", "wobble"), 2, "no entry is called 'm/c', of 4; did you mean 'm/b'?"),
        (("m/a", "wable"), 2, "did you mean 'wobble'?"),
        (("m/a", "wobble", "--subset", "abnormal"), 2, "no subset is called 'abnormal'"),
        (("m/a", "wobble", "--interval", "x"), 2, "no interval is called 'x'"),
    ],
)
def test_mistakes_end_in_one_message(
    table: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    found, message = refused("explain", table, *arguments, *ROLES, *DECLARED)

    assert found == code
    assert says in message
