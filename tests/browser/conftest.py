"""A real Chromium for the tests of the page. One browser a session, one clean profile a visitor.

Whatever the page writes to the console as an error fails the test: a broken policy, a script that
raised, a file that is missing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}

PATIENCE = 15_000  # ms; a machine that does other things as well is slow

expect.set_options(timeout=PATIENCE)


def _executable() -> str:
    """Where Chromium is. Without one the test is skipped, but in CI it fails."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if found:
        return found
    missing = "no Chromium: install Debian's chromium, or name one in CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = _executable()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        await browser.close()


@dataclass
class Watch:
    """What pages complained about. `expected`: parts of complaints that a test brings about."""

    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda told: self._console(told.type, told.text))

    def _console(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    @property
    def unexpected(self) -> list[str]:
        return [c for c in self.complaints if not any(part in c for part in self.expected)]


@pytest_asyncio.fixture(loop_scope="session")
async def watch() -> AsyncIterator[Watch]:
    one = Watch()
    yield one
    assert one.unexpected == []


@pytest_asyncio.fixture(loop_scope="session")
async def profile(chromium: Browser, watch: Watch) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Makes a clean profile; options as of `new_context`."""
    made: list[BrowserContext] = []

    async def make(**options: Any) -> BrowserContext:
        context = await chromium.new_context(**(options or DESKTOP), locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        context.on("page", watch.listen)
        made.append(context)
        return context

    yield make
    for context in made:
        await context.close()
