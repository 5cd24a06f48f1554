from __future__ import annotations

import io
import json
import random
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import plants
from gazebench.leaderboard.run_record import read_run_record
from gazebench.publish.scan import (
    Find,
    own_data_of,
    refuse_finds,
    scan_folder,
    scan_published,
)
from gazebench.publish.scan_own import OwnData, own_data
from gazebench.publish.scan_pictures import shows_one, thumbnails
from gazebench.testing.boards import full_board

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = """<!DOCTYPE html>
<html><head><title>A board</title><style>td {{ color: red }}</style></head>
<body><h1>Board</h1><p title="{attribute}">Scores with <b>intervals</b>.</p>
<table><tr><td>{cell}</td><td>0.589</td></tr></table>
<svg viewBox="0 0 9 9"><path d="M1 2L3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"/></svg>
<script>const rows = {script};</script></body></html>
"""


def page(**parts: str) -> bytes:
    """Return a web page with texts in places."""
    filled = {"attribute": "", "cell": "a", "script": "[]", **parts}
    return PAGE.format(**filled).encode()


def test_what_leaderboards_are_made_of_passes() -> None:
    from gazebench.leaderboard.write import board_text
    from gazebench.registry.host import Host

    host, board = Host(), full_board()
    suffixes = {"csv_board": "csv", "json_board": "json", "markdown_board": "md"}
    texts = {f"board.{suffix}": board_text(board, suffix, host) for suffix in suffixes.values()}
    files = {name: text.encode() for name, text in texts.items()} | {"site/index.html": page()}

    assert list(scan_published(files)) == []


def test_the_leaderboards_of_the_repository_pass() -> None:
    assert list(scan_folder(REPOSITORY / "leaderboards")) == []


@pytest.mark.parametrize("place", ["attribute", "cell", "script"])
def test_what_was_planted_in_a_page_is_found(place: str) -> None:
    rng = random.Random(0)
    for plant in plants.texts(rng):
        text = json.dumps(plant) if place == "script" else plant.replace("&", "&amp;")
        if place != "script":
            text = text.replace("<", "&lt;").replace('"', "&quot;")

        finds = list(scan_published({"site/index.html": page(**{place: text})}))

        assert finds, f"{plant[:60]!r}"
        assert all(find.place.startswith("site/index.html") for find in finds)


@pytest.mark.parametrize(
    "text",
    [
        "P<b>102</b>R472132",
        "P102R4721&#51;2",
        "The heart is <em>mildly</em> enlarged.",
        "The heart\nis mildly\nenlarged.",
        "<span>10000</span><span>032</span>",
    ],
)
def test_markup_hides_nothing(text: str) -> None:
    assert list(scan_published({"a.html": page(cell=text)}))


def test_other_kinds_of_files_are_no_part_of_a_leaderboard() -> None:
    rng = random.Random(1)
    for kind, content in plants.packed(rng).items():
        for name in ("records/a.json", "board.md", "site/style.css", "site/a.js", "b.svg", "x.dcm"):
            (find, *_) = scan_published({name: content})
            assert find.place == name, kind
    assert list(scan_published({"a.npy": b""})) == [Find("a.npy", "is no file of a leaderboard")]
    (find,) = scan_published({"P102R472132.json": b"{}"})
    assert find.place == "P102... (16 characters)"


def test_case_scores_may_be_long_and_hold_no_id() -> None:
    scores = {"lines": [{"entry": "a", "values": [0.1 * n for n in range(500)]}]}
    plain = json.dumps(scores).encode()

    assert list(scan_published({"records/a.cases.json": plain})) == []
    assert list(scan_published({"records/a.json": plain}))
    scores["lines"][0]["values"][7] = 10000032
    assert list(scan_published({"records/a.cases.json": json.dumps(scores).encode()}))


def test_links_in_a_folder_are_found(tmp_path: Path) -> None:
    (tmp_path / "board.md").write_text("# a board\n")
    assert list(scan_folder(tmp_path)) == []
    (tmp_path / "link.md").symlink_to("/etc/hostname")

    assert list(scan_folder(tmp_path)) == [Find("link.md", "is a link")]


def png(pixels: np.ndarray) -> bytes:  # type: ignore[type-arg]
    """Return grey pixels as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def own(genuine: Path) -> OwnData:
    return own_data_of(read_run_record(genuine), pq.read_table(genuine / "scores.parquet"))


@pytest.mark.parametrize("side", [36, 60, 90])
def test_a_film_on_white_paper_is_recognised(genuine: Path, own: OwnData, side: int) -> None:
    """Even so small, mirrored or as a negative; the run's own plot is nothing of the kind."""
    from gazebench_plugins.datasets.phantom import phantom

    dataset = phantom.function(genuine.parent / "data")
    film = np.asarray(dataset.image(dataset.cases()[0]))
    small = np.asarray(Image.fromarray(film).resize((side, round(side * 1.1))))
    for shown in (small, small[:, ::-1], 255 - small):
        paper = np.full((150, 180), 255, np.uint8)
        paper[20 : 20 + shown.shape[0], 50 : 50 + side] = shown

        (find,) = scan_published({"figure.png": png(paper)}, own)

        assert find.place == "figure.png"
        assert find.what.startswith("shows an image of the run's dataset")
    plot = (genuine / "plane.png").read_bytes()
    assert list(scan_published({"plane.png": plot}, own)) == []


def test_pictures_without_contrast_are_like_nothing() -> None:
    flat = np.full((40, 40), 7.0)
    assert len(thumbnails([flat])) == 0
    noise = np.random.default_rng(0).random((40, 40))
    assert shows_one(flat, thumbnails([noise])) == 0.0
    assert shows_one(noise, thumbnails([flat])) == 0.0
    assert shows_one(noise, thumbnails([noise])) == pytest.approx(1.0, abs=1e-6)


def test_own_ids_are_looked_for_in_what_is_published() -> None:
    own = own_data(["bed-12-left"])

    (find,) = scan_published({"board.csv": b"entry,note\na,as on Bed 12 left\n"}, own)
    assert find == Find("board.csv:2: note", "an id of the run's own data: bed-... (11 characters)")
    refuse_finds(scan_published({"board.csv": b"entry,note\na,b\n"}, own), "it")


def test_numbers_of_any_length_are_looked_at() -> None:
    """Also those that no float can be."""
    content = json.dumps({"a": 10**400, "b": 10000032, "c": 10000032.0, "d": 1.5}).encode()

    found = {find.place for find in scan_published({"a.json": content})}

    assert found >= {"a.json: b", "a.json: c"}
    assert "a.json: d" not in found
