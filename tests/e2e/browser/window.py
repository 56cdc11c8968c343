"""A window of a browser that notices what must never happen: scripts that run, policies broken, errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    StorageState,
    ViewportSize,
    expect,
)

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 900}
Language = Literal["de", "en"]
# A busy machine is slow; nothing waits this long on a quiet one.
PATIENCE: Final = 120_000  # ms
expect.set_options(timeout=PATIENCE)
# Told by the page itself, so that it is noticed even where the console says nothing.
_WATCH: Final = """
document.addEventListener('securitypolicyviolation', event =>
  window.tellTrouble(`policy ${event.violatedDirective} broken by ${event.blockedURI} ${event.sample}`));
"""
PROBE: Final = "/never-asked-for"
# A question is given up when a newer one takes its place or the window is closed; htmx tells the console so
# in two lines. The first one comes before every reason, so that a question that failed is still trouble.
GIVEN_UP: Final = ("htmx:afterRequest,", "htmx:sendAbort,")


@dataclass
class Window:
    """One page in a context of its own.

    Attributes:
        page: what Playwright drives.
        address: of the product.
        expected: statuses of answers that are no trouble beside those below 400.
        others: origins that may be asked.
        troubles: what has happened and must not.
    """

    page: Page
    address: str
    others: frozenset[str]
    expected: set[int] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    _refused: set[str] = field(default_factory=set)

    @property
    def context(self) -> BrowserContext:
        """Its cookies and everything else it remembers."""
        return self.page.context

    async def open(self, path: str, status: int = 200) -> Response:
        """Go to a page of the product."""
        self.expected |= {status} if status >= 400 else set()
        answer = await self.page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return answer

    @property
    def path(self) -> str:
        """Where it is."""
        return urlsplit(self.page.url).path

    def tell(self, trouble: str) -> None:
        """Something that must not happen has happened."""
        self.troubles.append(trouble)

    def watch(self, page: Page) -> None:
        """Listen to everything this page tells."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"script failed: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # The browser also tells the console of every refused answer; those have been judged by their status.
        told_already = message.location.get("url", "") in self._refused
        if message.text.startswith(GIVEN_UP):
            return
        if message.type in {"error", "warning"} and not told_already:
            self.troubles.append(f"console: {message.text}")

    async def _dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"a dialog opened: {dialog.message}")
        await dialog.dismiss()

    def _request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in {"http", "https"} and f"{asked.scheme}://{asked.netloc}" not in self.others:
            self.troubles.append(f"a foreign host was asked: {request.url}")
        if PROBE in asked.path:
            self.troubles.append(f"a stored text was loaded from: {request.url}")

    def _response(self, answer: Response) -> None:
        if answer.status >= 400:
            self._refused.add(answer.url)
            if answer.status not in self.expected:
                self.troubles.append(f"{answer.request.method} {answer.url}: {answer.status}")


@asynccontextmanager
async def window(
    browser: Browser,
    address: str,
    *,
    others: frozenset[str] = frozenset(),
    state: StorageState | None = None,
    size: ViewportSize = DESKTOP,
    scripts: bool = True,
    language: Language = "de",
    scheme: Literal["light", "dark"] = "light",
) -> AsyncIterator[Window]:
    """A window that is closed again; nothing untoward may have happened in it.

    Args:
        others: origins beside the product's that may be asked, the provider of the sign-in for one.
        state: cookies to begin with.
        scripts: whether JavaScript is on.
    """
    more: dict[str, Any] = {} if state is None else {"storage_state": state}
    context = await browser.new_context(
        viewport=size,
        java_script_enabled=scripts,
        locale={"de": "de-DE", "en": "en-GB"}[language],
        timezone_id="Europe/Berlin",
        color_scheme=scheme,
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(PATIENCE)
    try:
        made = Window(await context.new_page(), address, others | {address})
        if scripts:
            await context.expose_function("tellTrouble", made.tell)
            await context.add_init_script(_WATCH)
        made.watch(made.page)
        yield made
    finally:
        await context.close()
    assert made.troubles == [], made.troubles
