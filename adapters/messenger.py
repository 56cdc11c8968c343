"""What all messengers share: they carry what waits in a table to workflows, when knocked or after a while.

Whoever has news only writes a row, and a knock goes out with it. So nobody waits for Temporal, and nothing is
lost while it is away, or while no worker runs: the row waits.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from adapters import log
from adapters.background import stopped
from adapters.health import TROUBLES
from adapters.setting_watch import SettingWatch
from adapters.settings import Login

# So many rows are carried in a round.
MOST: Final = 200
PAUSE: Final = timedelta(seconds=5)
_log = log.get(__name__)


class Messenger(ABC):
    """Goes its round whenever somebody knocks.

    Args:
        name: what it carries, in the log.
        pause: without a knock it looks after so long, for what could not be carried.
    """

    def __init__(self, name: str, *, pause: timedelta = PAUSE) -> None:
        self.name = name
        self._pause = pause
        self._knock = asyncio.Event()

    def knock(self, _: UUID | None = None) -> None:
        """Something waits."""
        self._knock.set()

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            self._knock.clear()
            more = False
            try:
                more = await self.go_round()
            except TROUBLES as error:
                _log.warning(f"{self.name}: the database is of no use", error=type(error).__name__)
            if more:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause.total_seconds()):
                    await self._knock.wait()

    @abstractmethod
    async def go_round(self) -> bool:
        """Carry what waits; answers whether there may be more that can be carried at once."""


M = TypeVar("M", bound=Messenger)


@asynccontextmanager
async def at_work(messenger: M, login: Login, *, channel: str, name: str) -> AsyncIterator[M]:
    """A messenger at work for as long as it is open.

    Args:
        login: for the one connection that listens.
        channel: where it is knocked.
        name: of that connection, shown in `pg_stat_activity`.
    """
    watch = SettingWatch(login, messenger.knock, channel=channel, name=name)
    tasks = [asyncio.create_task(watch.run()), asyncio.create_task(messenger.run())]
    try:
        yield messenger
    finally:
        await stopped(tasks)
