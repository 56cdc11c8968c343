"""The outside world for tests: the sandbox's own code in a thread of this process, real sockets, real TLS.

Name `outside` to get it with everything well and nothing asked yet.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from sandbox.ai import Models, Script
from sandbox.erp_records import Records
from sandbox.news import Sent
from sandbox.prices import Bill
from sandbox.requests import Recorded
from sandbox.switches import Failure, Switch, Upstream, failing
from sandbox.world import Accounts, World

_SECONDS: Final = 120
_Found = TypeVar("_Found")


class Outside:
    """The sandbox, as a test sees it. Upstreams by name: "openai", "anthropic", "credit", "xentral", "imap".

    Attributes:
        world: the stand-ins; touched in their own thread only, see `done`.
    """

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self._loop = loop

    def waited(self, act: Coroutine[Any, Any, _Found]) -> _Found:
        """Have something awaited in the stand-ins' thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(_SECONDS)

    def done(self, act: Callable[[], _Found]) -> _Found:
        """Do something in the stand-ins' thread, and wait for it."""

        async def run() -> _Found:
            return act()

        return self.waited(run())

    @property
    def accounts(self) -> Accounts:
        """What the stand-ins take for good credentials."""
        return self.world.accounts

    @property
    def ca_file(self) -> Path:
        """The authority to trust."""
        return self.world.ca_file

    def url(self, upstream: str, *, https: bool = False) -> str:
        """Where a stand-in is, without any path: the same port speaks both."""
        return self.world.address(Upstream(upstream), scheme="https" if https else "http")

    @property
    def openai_url(self) -> str:
        """What OPENAI_BASE_URL would say."""
        return f"{self.url('openai')}/v1"

    @property
    def https_openai_url(self) -> str:
        """The same over TLS; trust `ca_file`."""
        return f"{self.url('openai', https=True)}/v1"

    @property
    def anthropic_url(self) -> str:
        """What ANTHROPIC_BASE_URL would say."""
        return self.url("anthropic")

    @property
    def https_anthropic_url(self) -> str:
        """The same over TLS."""
        return self.url("anthropic", https=True)

    @property
    def credit_url(self) -> str:
        """What CREDIT_URL would say."""
        return self.url("credit")

    @property
    def https_credit_url(self) -> str:
        """The same over TLS."""
        return self.url("credit", https=True)

    @property
    def credit_token_url(self) -> str:
        """What CREDIT_TOKEN_URL would say."""
        return f"{self.url('credit')}/oauth2/token"

    @property
    def https_credit_token_url(self) -> str:
        """The same over TLS."""
        return f"{self.url('credit', https=True)}/oauth2/token"

    @property
    def xentral_url(self) -> str:
        """What XENTRAL_URL would say."""
        return self.url("xentral")

    @property
    def https_xentral_url(self) -> str:
        """The same over TLS."""
        return self.url("xentral", https=True)

    @property
    def imap_url(self) -> str:
        """What IMAP_URL would say; trust `ca_file`."""
        return self.world.imap_url

    def deliver(self, mail: bytes) -> int:
        """Put a mail into the inbox; returns its UID."""
        return self.waited(self.world.inbox.deliver(mail))

    def reset(self) -> None:
        """All is well, nothing was asked, no mail is there."""
        self.waited(self.world.reset())

    def switch(self, upstream: str, **how: Any) -> None:
        """Behave differently: the fields of `sandbox.switches.Switch`; none: all is well again."""
        switch = Switch(**how)
        self.done(lambda: self.world.switches.set(Upstream(upstream), switch))

    def fail(self, upstream: str, failure: Failure) -> None:
        """Fail in one of the eight ways until `switch` or `reset`."""
        self.done(lambda: self.world.switches.set(Upstream(upstream), failing(failure)))

    def log(self, upstream: str) -> list[Recorded]:
        """Every request it got, the oldest first."""
        return self.world.log.of(Upstream(upstream))

    def answers(self, upstream: str, script: Script | None) -> None:
        """What models of "openai" or "anthropic" say: a list, each once, or what a function makes of it."""
        models = self._models(upstream)
        self.done(lambda: models.tell(script))

    def bill(self, upstream: str) -> Bill:
        """What "openai" or "anthropic" charges."""
        return self._models(upstream).bill()

    def _models(self, upstream: str) -> Models:
        found = {"openai": self.world.openai.models, "anthropic": self.world.anthropic.models}
        return found[upstream]

    def erp(self, act: Callable[[Records], _Found]) -> _Found:
        """Have something happen in the ERP, such as `outside.erp(lambda erp: erp.ship("17"))`."""
        return self.done(lambda: act(self.world.xentral.records))

    def erp_tells(self, url: str) -> None:
        """Have the ERP send its news there, until `reset`."""

        def act() -> None:
            self.world.xentral.hears = url

        self.done(act)

    def news(self, upstream: str) -> list[Sent]:
        """Every webhook "credit" or "xentral" has tried to deliver, once none is under way."""
        news = {"credit": self.world.credit_news, "xentral": self.world.xentral_news}[upstream]
        self.waited(news.settle())
        return news.sent()

    def decide_credit(self) -> int:
        """Have the bureau decide every job that waits, and send the news; returns how many."""
        return self.done(self.world.credit.decide)

    def credit_later(self) -> None:
        """Have the bureau make a job of every question, until `reset`."""

        def act() -> None:
            self.world.credit.everything_later = True

        self.done(act)

    def take_credit_tokens_back(self) -> None:
        """Let no token the bureau has given be good any longer."""
        self.done(self.world.credit.take_tokens_back)


@contextmanager
def running_outside(folder: Path) -> Iterator[Outside]:
    """The sandbox in a thread of its own.

    Args:
        folder: for its certificate authority.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="outside", daemon=True)
    thread.start()
    try:
        world = World(folder, Accounts(), news_again_after=0.05)
        outside = Outside(world, loop)
        outside.waited(world.open({}))
        try:
            yield outside
        finally:
            outside.waited(world.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_SECONDS)
        loop.close()


@pytest.fixture(scope="session")
def outside_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """The sandbox of this test process; name `outside` to get it as new."""
    with running_outside(tmp_path_factory.mktemp("outside")) as outside:
        yield outside


@pytest.fixture
def outside(outside_process: Outside) -> Outside:
    """The outside world: all is well, and nothing was asked yet."""
    outside_process.reset()
    return outside_process
