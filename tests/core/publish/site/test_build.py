"""The pages of whole sites: links, escaping, bytes."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from gazebench.errors import RecordError, RunError
from gazebench.publish.site.build import CONTENTS, build_site, site_files
from gazebench.publish.standings import Standings
from site_boards import entry_names, foreign, printed, simulated, standings_of

ODD = [
    "<script>alert(1)</script>",
    "a\"b'c/../../x",
    "\N{ARABIC LETTER MEEM}\N{ARABIC LETTER REH} \N{GRINNING FACE}",
    "x" * 300,
    "=1+1",
    "javascript:alert(1)",
]


@pytest.fixture(scope="module")
def board() -> Standings:
    paper = printed("a-paper", simulated("x", ["paper/gradcam/max"]), ["paper/gradcam/max"])
    return standings_of(entry_names(6), others=[paper, foreign("old-run", ["old/gradcam/max"])])


@pytest.fixture(scope="module")
def files(board: Standings) -> dict[str, bytes]:
    return dict(site_files([board]))


def test_the_same_boards_give_the_same_bytes(board: Standings, files: dict[str, bytes]) -> None:
    assert dict(site_files([board])) == files
    other = replace(board, name="other")
    assert site_files([board, other]) == site_files([other, board])


def test_every_link_leads_to_a_file_and_a_place_on_it(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith(".html"):
            for target in _links(content):
                assert _is_there(name, target, files), (name, target)


def test_every_file_is_reached_from_the_first_page(files: dict[str, bytes]) -> None:
    seen, waiting = set(), ["index.html"]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in files:
            continue
        seen.add(name)
        if name.endswith(".html"):
            waiting += [_resolved(name, target) for target in _links(files[name])]

    assert set(files) - seen == {CONTENTS}


def test_every_metric_of_a_board_is_explained(board: Standings, files: dict[str, bytes]) -> None:
    guide = files["guide.html"].decode()
    for metric in board.board.metrics:
        assert f"id=metric-{metric.name}>" in guide


def test_nothing_of_another_place_and_nothing_that_runs_is_in_a_page(
    files: dict[str, bytes],
) -> None:
    for name, content in files.items():
        if name.endswith(".html"):
            text = content.decode()
            assert re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) == [""]
            assert re.search(r"<[^>]+\s(?:on\w+|style)=", text) is None
            assert "Content-Security-Policy" in text
            outside = set(re.findall(r"(?:src|href)=[\"']?(?:\w+:)?//[^\s>\"']+", text))
            assert outside <= {'href="https://example.org', "href=https://example.org"}


def test_hostile_names_are_texts_and_safe_files() -> None:
    odd = standings_of(ODD, title='<b>"Odd"', about="<img src=x onerror=a()>", subsets=("<i>",))
    files = site_files([odd])

    for name, content in files.items():
        assert re.fullmatch(r"[a-z0-9_.~/-]+", name)
        assert ".." not in name
        if name.endswith(".html"):
            text = content.decode()
            for tag in ("<script>", "<img", "<b>", "<i>"):
                assert tag not in text, (name, tag)
            assert "href=javascript" not in text
    scores = files["toy/data/scores-all.csv"].decode()
    assert "'=1+1" in scores


def test_records_apart_say_why_and_what_to_run(files: dict[str, bytes]) -> None:
    text = files["toy/records.html"].decode()

    assert "metric sauc has version 9, the board has 1" in text
    assert "gazebench run" in text.partition("Not on the board")[2]


def test_a_later_build_removes_what_is_gone_and_nothing_else(
    board: Standings, tmp_path: Path
) -> None:
    build_site([board, replace(board, name="second")], tmp_path)
    own = tmp_path / "mine.txt"
    own.write_text("kept")

    written = build_site([board], tmp_path)

    assert {p for p in tmp_path.rglob("*") if p.is_file()} == {*written, own}


def test_a_folder_of_something_else_is_refused(board: Standings, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(RunError, match="something else than a site"):
        build_site([board], tmp_path)

    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_boards_of_one_name_are_refused(board: Standings) -> None:
    with pytest.raises(RecordError, match="two boards are called toy"):
        site_files([board, board])


def test_a_board_without_records_is_a_page() -> None:
    empty = replace(standings_of(entry_names(2)), rows={}, records={}, matrices=())
    bare = replace(
        empty.board,
        metrics=(),
        rank_by="",
        subsets=(replace(empty.board.subsets[0], rows=(), note="no record is on this board"),),
    )

    files = site_files([replace(empty, board=bare)])

    assert "no record is on this board" in files["toy/index.html"].decode()


def _links(content: bytes) -> list[str]:
    found = re.findall(r"\s(?:href|src)=(\"[^\"]*\"|[^\s>]+)", content.decode())
    links = [one.strip('"') for one in found]
    return [one for one in links if not one.startswith(("https://", "#a", "#b"))]


def _resolved(page: str, target: str) -> str:
    parts = page.split("/")[:-1]
    path = target.partition("#")[0]
    if not path:
        return page
    for part in path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _is_there(page: str, target: str, files: dict[str, bytes]) -> bool:
    content = files.get(_resolved(page, target))
    anchor = target.partition("#")[2]
    return content is not None and (
        not anchor
        or re.search(rf"\sid=\"?{re.escape(anchor)}[\"\s>/]", content.decode()) is not None
    )


def test_the_tables_open_in_pandas_with_the_documented_columns(files: dict[str, bytes]) -> None:
    text = Path(__file__).parents[4].joinpath("docs", "leaderboard_files.md").read_text("utf-8")
    section = text.partition("## The site's tables")[2]
    documented = set(re.findall(r"`([a-z_]+)`", section))

    for name, content in files.items():
        if name.endswith(".csv"):
            table = pd.read_csv(io.BytesIO(content))
            assert len(table)
            metrics = ("sauc", "ncc", "kl", "insertion")
            columns = {_part(column, metrics) for column in table.columns} - {"", *metrics}
            if "subsets-" not in name and "pairs-" not in name:
                assert columns <= documented, name


def _part(column: str, metrics: tuple[str, ...]) -> str:
    """Return what a column says of a metric; the column itself where it is none's."""
    metric = next((m for m in metrics if column.startswith(f"{m}_")), None)
    return column if metric is None else column.removeprefix(f"{metric}_")
