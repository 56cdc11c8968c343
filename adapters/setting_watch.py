"""Hears of what changes in the database as it happens, by LISTEN; says when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from uuid import UUID

import asyncpg

from adapters import log
from adapters.settings import Login

CHANNEL: Final = "setting_changed"

_log = log.get(__name__)
_CONNECT_SECONDS: Final = 10
_PULSE_SECONDS: Final = 5.0  # a line that went dead without a word is noticed after this and the patience
_PATIENCE_SECONDS: Final = 5.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0

_TROUBLES: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What asyncpg makes of a connection that is cut while it is being asked.
    asyncpg.InternalClientError,
)


class SettingWatch:
    """A connection of its own that listens, and connects again whenever it is lost.

    Args:
        login: where to listen.
        changed: called with the tenant whose settings changed; None means those of everybody, or that
            something may have been missed.
        channel: what is listened to.
        name: shown in `pg_stat_activity`.
    """

    def __init__(
        self,
        login: Login,
        changed: Callable[[UUID | None], None],
        *,
        channel: str = CHANNEL,
        name: str = "fristwerk-settings",
    ) -> None:
        self._login = login
        self._changed = changed
        self._channel = channel
        self._name = name
        self._hears = False

    @property
    def hears(self) -> bool:
        """Whether every change since the last call of `changed` would have been told."""
        return self._hears

    async def run(self) -> None:
        """Listen until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            try:
                connection = await self._connect()
            except _TROUBLES as error:
                _log.warning("cannot listen", channel=self._channel, error=type(error).__name__)
            else:
                pause = _FIRST_PAUSE
                await self._listen(connection)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        settings = {"application_name": self._name}
        if self._login.role is not None:
            settings["role"] = str(self._login.role)
        return await asyncpg.connect(self._login.url, timeout=_CONNECT_SECONDS, server_settings=settings)

    async def _listen(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: self._deaf(lost))
        try:
            await connection.add_listener(self._channel, self._heard)
            self._changed(None)
            self._hears = True
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PULSE_SECONDS):
                        await lost.wait()
                await connection.execute("select 1", timeout=_PATIENCE_SECONDS)
        except _TROUBLES as error:
            _log.warning("stopped hearing", channel=self._channel, error=type(error).__name__)
        finally:
            self._deaf(lost)
            connection.terminate()

    def _deaf(self, lost: asyncio.Event) -> None:
        self._hears = False
        lost.set()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        try:
            self._changed(UUID(str(payload)) if payload else None)
        except ValueError:
            # Somebody else's message: whatever it says, reading again does no harm.
            self._changed(None)
