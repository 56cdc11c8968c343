"""Sees to it that every mail that came in is sorted, and starts a workflow where more is left to do.

A mail for which nobody outside is needed is done here, in one transaction: a workflow would add nothing but
twelve events. Whatever goes wrong here is left to the workflow, where it is tried again and seen. No mail is
forgotten: those that were not brought on wait in the table, see `adapters.messenger`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from activities.inbox import MailDesk, NotYet
from activities.inbox_orders import INBOX_QUEUE, NextStep
from adapters import log
from adapters.database import Pool, load_queries, transaction
from adapters.health import DATABASE_AWAY, TEMPORAL_AWAY
from adapters.keyring import KeyUnknown
from adapters.messenger import MOST, Messenger, at_work
from adapters.sealing import NotOpened
from adapters.settings import Login
from workflows import names
from workflows.inbox_start import StartInboundMail
from workflows.messages import to_json

CHANNEL: Final = "inbound_mail"
_MESSENGER: Final = "inbox-messenger"
_AT_ONCE: Final = 6
_WITHIN_SECONDS: Final = 20.0
_SQL: Final = load_queries("inbound_mail")
# What a workflow shows better than a log, and tries again: a key that is missing, a mail that does not open,
# or that tells of one still being sent.
_NOT_SORTED: Final = (asyncpg.PostgresError, KeyUnknown, NotOpened, NotYet)
_log = log.get(__name__)


class InboxMessenger(Messenger):
    """Brings on the mails of a tenant.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
        desk: sorts mails.
        tenant: whose mails.
    """

    def __init__(self, pool: Pool, client: Client, desk: MailDesk, tenant: UUID) -> None:
        super().__init__("inbox messenger")
        self._pool = pool
        self._desk = desk
        self._client = client
        self._tenant = tenant

    async def go_round(self) -> bool:
        """See `Messenger`."""
        return await self.bring() >= MOST

    async def bring(self) -> int:
        """Bring on the oldest mails that wait; answers how many."""
        async with transaction(self._pool, self._tenant, _MESSENGER, reading=True) as connection:
            rows = _SQL.mails_to_bring(connection, tenant=self._tenant, most=MOST)
            waiting = {row["id"]: row["decided_at"] async for row in rows}
        if not waiting:
            return 0
        turns = asyncio.Semaphore(_AT_ONCE)

        async def start(mail: UUID, by_hand: bool) -> UUID | None:
            async with turns:
                done = await self._is_done(mail) or await self._start(mail, by_hand=by_hand)
                return mail if done else None

        started = await asyncio.gather(*(start(mail, at is not None) for mail, at in waiting.items()))
        brought = [mail for mail in started if mail is not None]
        async with transaction(self._pool, self._tenant, _MESSENGER) as connection:
            await _SQL.brought(
                connection,
                tenant=self._tenant,
                ids=brought,
                decided=[waiting[mail] for mail in brought],
                at=datetime.now(UTC),
            )
        return len(brought)

    async def _is_done(self, mail: UUID) -> bool:
        """Whether nothing is left to do once the mail is sorted."""
        try:
            return (await self._desk.sort(self._tenant, mail)).step is NextStep.NONE
        except DATABASE_AWAY:
            raise
        except _NOT_SORTED as error:
            _log.warning("inbox messenger: not sorted", mail=str(mail), error=type(error).__name__)
            return False

    async def _start(self, mail: UUID, *, by_hand: bool) -> bool:
        try:
            async with asyncio.timeout(_WITHIN_SECONDS):
                await self._client.start_workflow(
                    names.INBOUND_MAIL,
                    to_json(StartInboundMail(tenant=str(self._tenant), mail=str(mail))),
                    id=names.inbound_mail_id(self._tenant, mail, by_hand=by_hand),
                    task_queue=INBOX_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                )
        except TEMPORAL_AWAY as error:
            _log.warning("inbox messenger: no answer", mail=str(mail), error=type(error).__name__)
            return False
        return True


@asynccontextmanager
async def bringing_mails(
    pool: Pool, login: Login, client: Client, desk: MailDesk, tenant: UUID
) -> AsyncIterator[InboxMessenger]:
    """A messenger at work for as long as it is open.

    Args:
        pool: connections as the worker role.
        login: the same, for the one connection that listens.
        client: where the workflows are.
        desk: sorts mails.
        tenant: whose mails.
    """
    messenger = InboxMessenger(pool, client, desk, tenant)
    async with at_work(messenger, login, channel=CHANNEL, name="fristwerk-inbox"):
        yield messenger
