"""Turns at the mail server: no more connections and mails than the account allows, over all processes.

The counting is in PostgreSQL (`mail_turn_ask`), because every process that sends shares the one account.
Reminders go first: a mail to an agent whose protection runs out does not wait behind invitations.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from activities.errors import MailPaced
from activities.orders import InvitationKind, MailKind, NotificationKind
from activities.ports import Mail
from adapters import log
from adapters.breaker import utc_now
from adapters.database import Pool, load_queries
from adapters.health import TROUBLES
from adapters.settings import SettingsError

# A process that dies while it sends keeps its connection for so long; one that lives says so in time.
_LEASE: Final = timedelta(seconds=10)
_SAYS_SO: Final = timedelta(seconds=3)
# Who waits for a connection asks ten times in this time, and counts as gone when he has not for so long.
_PRESENT: Final = timedelta(seconds=2)
# Longer nobody stands in the queue; he is sent away and comes back.
_PATIENCE: Final = timedelta(seconds=15)
_SQL: Final = load_queries("mail_turn")
_log = log.get(__name__)

_Limit = Annotated[int, Field(ge=1, le=1_000_000)]


class MailLimits(BaseSettings):
    """What the mail account allows, over all processes (domain.md section 10).

    Attributes:
        connections: at once.
        per_minute: mails in any sixty seconds.
        per_hour: mails in any sixty minutes.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, case_sensitive=True
    )

    connections: _Limit = Field(3, validation_alias="MAIL_CONNECTIONS")
    per_minute: _Limit = Field(60, validation_alias="MAIL_PER_MINUTE")
    per_hour: _Limit = Field(240, validation_alias="MAIL_PER_HOUR")


def mail_limits() -> MailLimits:
    """The limits of this installation.

    Raises:
        SettingsError: one of them makes no sense; names the variable.
    """
    try:
        return MailLimits()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingsError(str(first["loc"][0]), first["msg"]) from None


class Urgency(IntEnum):
    """Who goes first.

    Attributes:
        REMINDER: a clock waits for it.
        NOTICE: somebody here is told something.
        INVITATION: a customer is asked something.
    """

    REMINDER = 0
    NOTICE = 1
    INVITATION = 2


def urgency_of(kind: MailKind) -> Urgency:
    """How urgent a mail is."""
    if kind is NotificationKind.REMINDER:
        return Urgency.REMINDER
    return Urgency.INVITATION if isinstance(kind, InvitationKind) else Urgency.NOTICE


class PostgresMailTurns:
    """See `adapters.mail.MailTurns`.

    Args:
        pool: connections as the worker role.
        limits: what the account allows.
        now: UTC instants.
    """

    def __init__(self, pool: Pool, limits: MailLimits, now: Callable[[], datetime] = utc_now) -> None:
        self._pool = pool
        self._limits = limits
        self._now = now

    @asynccontextmanager
    async def turn(self, mail: Mail) -> AsyncIterator[None]:
        """A connection's place, for as long as the block takes.

        Raises:
            MailPaced: the account allows no mail now; says when it does.
        """
        await self._get(mail.message_id, urgency_of(mail.kind))
        keeping = asyncio.create_task(self._keep(mail.message_id))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.shield(self._end(mail.message_id))

    async def _keep(self, mail: UUID) -> None:
        """Say that the connection is still in use, until cancelled."""
        while True:
            await asyncio.sleep(_SAYS_SO.total_seconds())
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    await _SQL.keep_turn(connection, mail=mail, until=self._now() + _LEASE)
            except TROUBLES as error:
                _log.warning("mail turns: the database is away", error=type(error).__name__)

    async def _get(self, mail: UUID, urgency: Urgency) -> None:
        began = self._now()
        while True:
            now = self._now()
            wait = await self._ask(mail, urgency, now)
            if wait is None:
                return
            if wait >= _PRESENT or now - began > _PATIENCE:
                _log.info("mail paced", notification=str(mail), seconds=round(wait.total_seconds(), 1))
                raise MailPaced(max(wait, _PRESENT))
            await asyncio.sleep(wait.total_seconds())

    async def _ask(self, mail: UUID, urgency: Urgency, now: datetime) -> timedelta | None:
        async with self._pool.acquire() as connection, connection.transaction():
            wait: int | None = await _SQL.ask_turn(
                connection,
                mail=mail,
                urgency=int(urgency),
                at=now,
                connections=self._limits.connections,
                minute=self._limits.per_minute,
                hour=self._limits.per_hour,
                lease=_LEASE,
                present=_PRESENT,
            )
        return None if wait is None else timedelta(milliseconds=wait)

    async def _end(self, mail: UUID) -> None:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await _SQL.end_turn(connection, mail=mail)
        except TROUBLES as error:
            # The mail is handed over, or not, whatever becomes of its place; that runs out by itself.
            _log.warning("mail turns: the database is away", error=type(error).__name__)
