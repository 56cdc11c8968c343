"""One browser and one stack for everything that is tried in a browser.

Files are handed to test processes one by one, so everything that needs this stack is collected by
`test_pages.py`: otherwise each process would start its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.e2e.browser.chromium import HOW, demanded, find, this_machine
from tests.e2e.browser.world import PEOPLE, World, fill
from tests.stack.running import UNMEASURED, Up, state_folder, up
from workers.embedded import ports
from workers.embedded.state import Memory, StateFolder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program; without one the tests are reported as skipped, in CI they fail."""
    machine = this_machine()
    found = find(machine)
    if found is None and demanded(machine):
        pytest.fail(HOW)
    if found is None:
        pytest.skip(HOW)
    return found


@pytest.fixture(scope="session")
def stack(chromium: Path) -> Iterator[Up]:
    """A stack as a newcomer starts it."""
    assert chromium.exists()
    with state_folder() as state:
        with StateFolder(state) as folder:
            # Not the standard ports: a worker left over from elsewhere may still ask there for work.
            folder.remember(Memory(ports={"temporal": ports.choose()}))
        with up(state, **UNMEASURED) as started:
            yield started


@pytest_asyncio.fixture(scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """One browser; every window has a context of its own."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium, args=["--disable-gpu", "--disable-dev-shm-usage"], timeout=120_000
        )
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="session")
async def world(stack: Up, browser: Browser) -> World:
    """Everything there is to look at."""
    made = World(stack, browser)
    await fill(made)
    for person in PEOPLE:
        await made.signed_in(person)
    return made
