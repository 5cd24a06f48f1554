"""`gazebench report` on a real run, read in a real browser."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from commands import gazebench, refused
from gazebench.gallery.paint import MARK

USAGE, RUN = 2, 5


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small finished run on the phantom."""
    folder = tmp_path_factory.mktemp("report")
    made = gazebench(
        "dataset", "synthesize", "--cases", "6", "--size", "220x200", "--seed", "5",
        "--out", folder / "data",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    done = gazebench(
        "run", "--data-root", folder / "data", "--model", "sononet", "--method", "gradcam",
        "--mixing", "uniform", "--mixing", "max", "--floor", "uniform", "--floor", "centre_bias",
        "--min-readings", "3", "--subset", "abnormal",
        "--out", folder / "run",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.fixture(scope="module")
def report(run: Path) -> Path:
    """Return the report of the run."""
    done = gazebench("report", run, "--each", "1")
    assert done.returncode == 0, done.stderr
    assert str(run.with_name("run-report")) in done.stdout.replace("\n", "")
    return run.with_name("run-report")


def images(page: str) -> list[str]:
    return re.findall(r'<img[^>]* src="([^"]+)"', page)


def test_every_picture_is_there_and_has_words(report: Path) -> None:
    """Films, gaze, maps, spreads and sheets; nothing from elsewhere."""
    page = (report / "index.html").read_text("utf-8")

    assert images(page)
    assert all((report / name).is_file() for name in images(page))
    assert len(images(page)) == len(re.findall(r'<img[^>]* alt="[^"]+"', page))
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "sononet/gradcam/uniform" in page
    assert "most disputed" in page
    assert (report / "case-1-sheet.png").is_file()
    for name in images(page):
        if name.endswith(".png"):
            with Image.open(report / name) as picture:
                picture.verify()


def test_the_phantom_is_open_and_carries_no_warning(report: Path) -> None:
    """Only restricted data are marked."""
    with Image.open(report / "case-1-film.png") as film:
        assert MARK not in film.info
    assert not (report / "NOT_FOR_PUBLICATION.txt").exists()


def test_restricted_data_are_marked_everywhere(run: Path, tmp_path: Path) -> None:
    """On the page, in every picture of a case, and in a file of the folder."""
    restricted = tmp_path / "run"
    shutil.copytree(run, restricted)
    manifest = json.loads((restricted / "manifest.json").read_text())
    manifest["dataset"]["restricted"] = True
    (restricted / "manifest.json").write_text(json.dumps(manifest))

    done = gazebench("report", restricted, "--each", "1", "--out", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert "nothing in that folder may be published" in done.stdout
    page = (tmp_path / "out" / "index.html").read_text()
    assert '<meta name="gazebench-restricted"' in page
    assert "not for publication" in page
    assert (tmp_path / "out" / "NOT_FOR_PUBLICATION.txt").is_file()
    for picture in sorted((tmp_path / "out").glob("case-*.png")):
        with Image.open(picture) as image:
            assert MARK in image.info, picture


def test_the_same_command_writes_the_same_bytes(run: Path, report: Path, tmp_path: Path) -> None:
    """A report holds no moment and no place."""
    done = gazebench("report", run, "--each", "1", "--out", tmp_path / "again")

    assert done.returncode == 0, done.stderr
    first = {p.name: p.read_bytes() for p in report.iterdir()}
    assert {p.name: p.read_bytes() for p in (tmp_path / "again").iterdir()} == first


def test_wrong_names_are_refused_by_name(run: Path, tmp_path: Path) -> None:
    """With what there is instead."""
    for option, value, said in (
        ("--metric", "nss", "no metric 'nss'"),
        ("--entry", "sononet/gradcam/unifrom", "did you mean"),
        ("--case", "nobody", "no case 'nobody'"),
        ("--subset", "abnormall", "did you mean"),
        ("--each", "0", "at least 1"),
    ):
        code, message = refused("report", run, option, value, "--out", tmp_path / "x")

        assert code == USAGE
        assert said in message
    assert not (tmp_path / "x").exists()


def test_no_run_and_a_strangers_folder_are_refused(run: Path, tmp_path: Path) -> None:
    """Nothing of anybody's is overwritten."""
    (tmp_path / "thesis.tex").write_text("mine")

    code, message = refused("report", tmp_path, "--out", tmp_path / "x")
    assert (code, "holds no run" in message) == (RUN, True)
    code, message = refused("report", run, "--out", tmp_path)
    assert (code, "thesis.tex" in message) == (RUN, True)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_a_browser_replays_the_scanpath_and_asks_nobody(report: Path) -> None:
    """No error, no request beyond the folder; without motion, a press shows the next fixation."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
            ],
        )
        page = browser.new_page(reduced_motion="reduce", viewport={"width": 360, "height": 800})
        page.on("console", lambda one: problems.append(one.text))
        page.on("pageerror", lambda one: problems.append(str(one)))
        page.on(
            "request",
            lambda one: problems.append(one.url) if not one.url.startswith("file:") else None,
        )
        page.goto((report / "index.html").as_uri())
        stops = page.locator(".replay").first.locator(".stop:not(.later)")
        everything = stops.count()
        page.locator(".replay").first.get_by_role("button", name="Play").click()
        first = stops.count()
        page.locator(".replay").first.get_by_role("button", name="Play").click()
        second = stops.count()
        wide = page.evaluate("document.documentElement.scrollWidth")
        asked_for = list(problems)  # axe itself looks for style sheets, which the page forbids
        found = Axe().run(page)
        browser.close()

    assert asked_for == []
    assert (first, second) == (1, 2)
    assert everything > 2
    assert wide <= 360
    assert found.violations_count == 0, found.generate_report()
