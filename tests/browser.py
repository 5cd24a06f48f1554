"""The system's Chromium, driven for the pages of the site; none is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser; the tests are skipped where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page, and everything that it asked for or complained about."""

    def __init__(self, browser: Browser, folder: Path, **context: Any) -> None:
        self.folder = folder
        self.context = browser.new_context(**context)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, name: str, address: str = "") -> Page:
        """Open a file of the folder, `address` being what follows "#"."""
        self.page.goto((self.folder / name).as_uri() + (f"#{address}" if address else ""))
        return self.page

    @property
    def outside(self) -> list[str]:
        """Whatever was asked for that is not in the folder."""
        return [url for url in self.requests if not url.startswith(self.folder.as_uri())]
