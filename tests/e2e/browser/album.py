"""Screenshots of a test run, in one folder, so that a person can look at them.

FRISTWERK_SCREENSHOTS names the folder; otherwise every run makes one of its own below the temporary folder.
All test processes of a run share it: the variable is set before they are started.
"""

from __future__ import annotations

import html
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:  # every run of the tests reads this file, few drive a browser
    from playwright.async_api import Page

VARIABLE: Final = "FRISTWERK_SCREENSHOTS"
# Test modules whose name says something else.
_TESTS: Final = ("acts", "customers", "forms", "journeys", "sessions", "tour")
_INDEX: Final = "index.html"
_HEAD: Final = """<!doctype html><meta charset="utf-8"><title>Fristwerk</title>
<style>body{display:flex;flex-wrap:wrap}
figure{width:20rem;margin:.5rem}img{max-width:100%;border:1px solid}</style>
"""


@dataclass(frozen=True, slots=True)
class Album:
    """The folder of a run."""

    folder: Path

    async def shoot(self, page: Page, name: str) -> None:
        """The whole page as it looks now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=self.folder / f"{name}.png", full_page=True, animations="disabled")

    def bind(self) -> int:
        """Write a page that shows them all; returns how many there are."""
        shots = sorted(shot.name for shot in self.folder.glob("*.png"))
        figures = (
            f'<figure><a href="{name}"><img loading="lazy" src="{name}" alt=""></a>'
            f"<figcaption>{name}</figcaption></figure>"
            for name in map(html.escape, shots)
        )
        if shots:
            (self.folder / _INDEX).write_text(_HEAD + "\n".join(figures), encoding="utf-8")
        return len(shots)


def album_of_this_run() -> Album:
    """Where this process and those it was started by put their screenshots."""
    return Album(Path(os.environ[VARIABLE]))


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Name the folder before other test processes are started; what fails here is told in detail too."""
    pytest.register_assert_rewrite(*(f"tests.e2e.browser.{name}" for name in _TESTS))
    name = f"fristwerk-screenshots-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
    os.environ.setdefault(VARIABLE, str(Path(tempfile.gettempdir()) / name))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where they are."""
    album = album_of_this_run()
    if number := album.bind():
        terminalreporter.write_line(f"{number} screenshots: {album.folder / _INDEX}")
