"""A real browser for the tests: pages whose console and network are watched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM = {"args": ["--no-sandbox"]}


@contextmanager
def chromium(playwright: Any) -> Iterator[Any]:
    """Debian's Chromium, or whichever there is."""
    with playwright.sync_playwright() as running:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = running.chromium.launch(executable_path=path, **CHROMIUM)
        yield browser
        browser.close()


class Watched:
    """A page of the browser. `problems`: what its console complained of, and addresses that it asked for.

    `here` begins the addresses that may be asked for, besides files and data.
    """

    def __init__(self, browser: Any, url: str, width: int = 1200, here: str = "file:", **options: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self._allowed = (here, here.replace("http", "ws"), "file:", "data:", "blob:", "about:")
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(url)

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith(self._allowed):
            self.problems.append(f"asked the network for {url}")

    @property
    def width(self) -> int:
        """Of all that is on the page."""
        return int(self.page.evaluate("() => document.documentElement.scrollWidth"))

    def close(self) -> None:
        """End it, and complain of what was wrong."""
        self.context.close()
        assert self.problems == []
