"""The site in a real browser: with scripts and without, in both themes, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser import Watched, chromium
from gazebench.publish.site.build import build_site
from gazebench.publish.site.drawings import axis_of, whisker_of
from gazebench.publish.standings import Standings
from site_boards import entry_names, foreign, printed, simulated, standings_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ODD = [
    "<script>document.title='run'</script>",
    "a\"b'c/../../x",
    "\N{ARABIC LETTER MEEM}\N{ARABIC LETTER REH} \N{GRINNING FACE}",
    "x" * 300,
    "javascript:alert(1)",
]
PAGES = (
    "index.html",
    "guide.html",
    "toy/index.html",
    "toy/subset-normal.html",
    "toy/subsets-sauc.html",
    "toy/subsets-insertion.html",
    "toy/pairs-sauc.html",
    "toy/plane.html",
    "toy/checks.html",
    "toy/records.html",
    "toy/entry/sononet.gradcam.uniform.html",
    "toy/entry/centre_bias.html",
    "many/pairs-sauc.html",
    "odd/index.html",
)
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 360)]
BOARD = "toy/index.html"
ROUNDING = 2  # pixels of a chart of 240, for ends that are known to three decimals


@pytest.fixture(scope="module")
def toy() -> Standings:
    """A board of 12 entries of which a paper claims two, and a record that stands apart."""
    claim = printed("a-paper", simulated("x", ["p/gradcam/max", "p/rise/max"]), ["p/gradcam/max"])
    names = entry_names(100)[::9]
    return standings_of(names, title="Toy films", others=[claim, foreign("old", ["old/a/b"])])


@pytest.fixture(scope="module")
def folder(toy: Standings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    many = standings_of(entry_names(32), name="many", subsets=())
    odd = standings_of(ODD, name="odd", title='<b>"Odd"', subsets=("<i>sub",))
    build_site([toy, many, odd], out)
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def watched(browser: Browser, folder: Path) -> Iterator[Watched]:
    """A page of a desk, on which nothing may go wrong."""
    with _watched(browser, folder) as found:
        yield found


@contextmanager
def _watched(browser: Browser, folder: Path, **context: Any) -> Iterator[Watched]:
    found = Watched(browser, folder, **context)
    try:
        yield found
    finally:
        found.context.close()
    assert found.complaints == []
    assert found.outside == []


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_page_is_accessible_and_fits_the_screen(
    browser: Browser, folder: Path, scheme: Any, width: int
) -> None:
    """Both themes, a desk and a phone: no rule of axe-core is broken, nothing sticks out."""
    viewport: Any = {"width": width, "height": 900}
    with _watched(browser, folder, viewport=viewport, color_scheme=scheme) as watched:
        for name in PAGES:
            page = watched.open(name)
            found = Axe().run(page, options={"preload": False})  # it would fetch the style sheet
            broken = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
            assert broken == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_without_scripts_every_number_is_there(
    browser: Browser, folder: Path, toy: Standings
) -> None:
    with _watched(browser, folder, java_script_enabled=False) as watched:
        page = watched.open(BOARD)
        board = toy.board

        assert _names(page) == [row.entry for row in board.subsets[0].rows]
        text = page.locator("#board").inner_text()
        for row in board.subsets[0].rows:
            for cell in row.cells.values():
                if cell.score is not None:
                    assert f"{cell.score:.3f}".replace("-", "\N{MINUS SIGN}") in text
        assert page.locator("#filters").is_hidden()
        assert page.locator("#board tbody svg").count() == len(board.subsets[0].rows)
        page.get_by_role("link", name="normal 13", exact=True).click()
        assert page.url.endswith("subset-normal.html")


def test_a_click_on_a_heading_sorts_and_another_turns_the_order(watched: Watched) -> None:
    page = watched.open(BOARD)
    heading = page.locator("th[data-key=seconds]")

    heading.get_by_role("button").click()

    rising = _column(page, "seconds")
    assert rising == sorted(rising)
    assert heading.get_attribute("aria-sort") == "ascending"
    assert page.locator("th[aria-sort]").count() == 1
    heading.get_by_role("button").click()
    assert _column(page, "seconds") == sorted(rising, reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"


def test_what_has_no_number_is_last_in_both_orders(watched: Watched) -> None:
    page = watched.open(BOARD, "sort=insertion&dir=ascending")
    for _ in range(2):
        texts = page.locator("#board tbody tr td:nth-child(7)").all_inner_texts()
        is_known = ["n/a" not in text for text in texts]
        assert is_known == sorted(is_known, reverse=True)
        page.locator("th[data-key=insertion]").get_by_role("button").click()


@pytest.mark.parametrize("name", ["ncc", "kl", "insertion"])
def test_another_metric_in_focus_is_drawn_as_its_own_page_would(
    watched: Watched, toy: Standings, name: str
) -> None:
    """Scripts draw from rounded numbers what the renderer draws from exact ones."""
    metric = next(metric for metric in toy.board.metrics if metric.name == name)
    whole = toy.board.subsets[0]
    cells = {row.entry: row.cells[name] for row in whole.rows}
    scale = axis_of(whole, metric).scale
    page = watched.open(BOARD)

    page.get_by_label("Metric").select_option(name)

    for row in page.locator("#board tbody tr").all():
        cell = cells[row.locator("th a").inner_text()]
        expected = whisker_of(cell, scale)
        paths = row.locator("td:nth-child(3) path")
        assert paths.count() == (0 if expected is None else 2)
        if expected is not None:
            for drawn, wanted in zip(paths.all(), (expected.line, expected.dot), strict=True):
                assert _far(drawn.get_attribute("d") or "", wanted) <= ROUNDING
        if cell.ranks is not None:
            best, worst = cell.ranks
            text = row.locator("td").first.inner_text()
            assert text.split()[0] == (f"{best}" if best == worst else f"{best}-{worst}")
            assert text.split()[1].lstrip("=") == str(cell.tie_group)
            assert ("g" in (row.get_attribute("class") or "")) is (cell.tie_group % 2 == 1)
    scores = [round(s, 3) for s in (cells[n].score for n in _names(page)) if s is not None]
    assert scores == sorted(scores, reverse=metric.higher_is_better)


def test_filters_hide_rows_say_how_many_and_keep_ceiling_and_floors(watched: Watched) -> None:
    page = watched.open(BOARD)
    others = page.locator("tr.c, tr.f").count()

    page.get_by_label("Model").select_option("timm/resnet50")
    page.get_by_label("Method family").select_option("gradcam")

    shown = page.locator("#board tbody tr:visible")
    names = [name for name in shown.locator("th a").all_inner_texts() if "/" in name]
    assert names
    assert all(name.startswith("timm/resnet50/gradcam/") for name in names)
    assert shown.count() == len(names) + others
    assert f"Showing {len(names)} of 13 entries" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Clear").click()
    assert "Showing 13 of 13 entries" in page.get_by_role("status").inner_text()


def test_a_search_finds_part_of_a_name(watched: Watched) -> None:
    page = watched.open(BOARD)

    page.get_by_label("Entry").fill("LIME")

    names = page.locator("#board tbody tr:not(.c, .f):visible th a").all_inner_texts()
    assert names
    assert all("lime" in name for name in names)


def test_a_view_survives_reload_and_the_back_button_leaves_it(watched: Watched) -> None:
    page = watched.open(BOARD, "metric=ncc&family=gradcam&q=max")
    before = _state(page)
    assert before["metric"] == "ncc"
    assert before["names"]

    page.reload()
    assert _state(page) == before

    page.get_by_label("Method family").select_option("lime")
    changed = _state(page)
    assert changed != before
    page.go_back()
    assert _state(page) == before
    page.go_forward()
    assert _state(page) == changed


def test_an_address_that_means_nothing_shows_the_whole_table(watched: Watched) -> None:
    page = watched.open(BOARD, "metric=nonsense&sort=%3Cscript%3E&dir=up&x=1")

    assert _state(page)["metric"] == "sauc"
    assert "Showing 13 of 13 entries" in page.get_by_role("status").inner_text()


def test_another_subset_keeps_what_was_asked(watched: Watched) -> None:
    page = watched.open(BOARD, "metric=kl&model=sononet")

    page.get_by_role("link", name="normal 13", exact=True).click()

    assert page.url.endswith("subset-normal.html#metric=kl&model=sononet")
    assert _state(page)["metric"] == "kl"


def test_the_theme_follows_the_system_until_one_is_chosen_and_remembered(
    browser: Browser, folder: Path
) -> None:
    with _watched(browser, folder, color_scheme="dark") as watched:
        page = watched.open("index.html")
        dark = _background(page)
        page.emulate_media(color_scheme="light")
        light = _background(page)
        assert dark != light

        page.get_by_role("button", name="Theme: auto").click()
        page.get_by_role("button", name="Theme: light").click()
        assert _background(page) == dark
        watched.open(BOARD)
        assert page.get_by_role("button", name="Theme: dark").is_visible()
        assert _background(page) == dark


def test_everything_is_reached_by_keyboard(watched: Watched) -> None:
    page = watched.open(BOARD)

    page.keyboard.press("Tab")
    assert _focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    heading = page.locator("th[data-key=ncc] button")
    for _ in range(60):
        page.keyboard.press("Tab")
        if heading.evaluate("(button) => button === document.activeElement"):
            break
    assert heading.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Enter")

    assert page.locator("th[data-key=ncc]").get_attribute("aria-sort") == "descending"
    assert "sorted by ncc" in page.get_by_role("status").inner_text()
    assert heading.evaluate("(button) => button === document.activeElement")


def test_the_pages_can_be_printed(watched: Watched) -> None:
    page = watched.open(BOARD)

    page.emulate_media(media="print")

    assert page.locator("#board").is_visible()
    for part in ("header", ".menu", "#filters", ".chips"):
        assert page.locator(part).first.is_hidden()
    assert len(page.pdf()) > 10_000


def test_names_that_are_code_stay_names(watched: Watched) -> None:
    page = watched.open("odd/index.html")

    assert sorted(name for name in _names(page) if name in ODD) == sorted(ODD)
    for name in ODD:
        watched.open("odd/index.html")
        page.get_by_role("link", name=name, exact=True).click()
        assert page.get_by_role("heading", level=1).inner_text() == name
        assert page.title().endswith("GazeBench")


def test_every_table_can_be_downloaded(watched: Watched) -> None:
    for name in PAGES[2:10]:
        page = watched.open(name)
        for link in page.locator("a[download]").all():
            with page.expect_download() as started:
                link.click()
            assert Path(started.value.path()).stat().st_size > 100


def _names(page: Page) -> list[str]:
    return page.locator("#board tbody th a").all_inner_texts()


def _column(page: Page, key: str) -> list[float]:
    place = page.locator(f"th[data-key={key}]").evaluate("(head) => head.cellIndex + 1")
    texts = page.locator(f"#board tbody tr td:nth-child({place})").all_inner_texts()
    return [float(text.replace(",", "")) for text in texts if text.strip()]


def _state(page: Page) -> dict[str, Any]:
    return {
        "metric": page.get_by_label("Metric").input_value(),
        "family": page.get_by_label("Method family").input_value(),
        "names": page.locator("#board tbody tr:visible th a").all_inner_texts(),
        "chart": page.locator("#chart").inner_text(),
    }


def _far(drawn: str, wanted: str) -> int:
    """Return by how much two paths of the same commands differ; 0 for the same arrow."""
    if drawn == wanted:
        return 0
    one, other = (
        [int(part) for part in path.replace("M", " ").replace("h", " ").split()]
        for path in (drawn, wanted)
    )
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _background(page: Page) -> str:
    found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return found


def _focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.textContent")
    return found
