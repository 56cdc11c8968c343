"""The worker of the queue `inbox`: reads the mailbox, and sees every mail through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import Worker

from activities.inbox import InboxActivities
from activities.inbox_orders import INBOX_QUEUE
from adapters import log
from adapters.background import stopped
from adapters.database import Pool, open_pool
from adapters.health import NOT_YET, TROUBLES
from adapters.inbox.bounce_teller import TemporalBounceTeller
from adapters.inbox.messenger import bringing_mails
from adapters.inbox.reader import InboxReader
from adapters.inbox.sorting import PostgresMailDesk
from adapters.inbox.store import InboxStore, forget_old_mails, index_domains, mailbox_of
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.outside_settings import ImapAccount, OutsideSettings
from adapters.settings import Settings
from adapters.upstream_standings import reporting
from adapters.vault import Vault
from workers.registry import Tuning, outside_worker
from workflows.inbound_mail import InboundMail

PROCESS: Final = "inbox-worker"
_CONNECTIONS: Final = 8
# What nobody has taken is emptied after so long; mails of leads stay until the lead's erasure.
_KEEP: Final = timedelta(days=30)
_TIDY_EVERY: Final = timedelta(hours=6)
_BEGUN_AGAIN: Final = timedelta(seconds=30)
_log = log.get(__name__)


def inbox_worker(
    client: Client, activities: Sequence[Callable[..., Any]], tuning: Tuning | None = None
) -> Worker:
    """The worker of the queue `inbox`.

    Args:
        activities: what its workflows have done outside.
    """
    tuning = tuning or Tuning()
    return outside_worker(
        client,
        INBOX_QUEUE,
        [InboundMail],
        activities,
        at_once=tuning.mails_sorted_at_once,
        per_second=tuning.mails_sorted_per_second,
        build=tuning.build,
    )


def mail_desk(pool: Pool, vault: Vault, outside: OutsideSettings) -> PostgresMailDesk:
    """Where mails are sorted; asks for a category where a model is there to give one."""
    asks = outside.openai() is not None or outside.anthropic() is not None
    return PostgresMailDesk(pool, vault, categorised=asks)


async def open_inbox(
    stack: AsyncExitStack,
    client: Client,
    settings: Settings,
    outside: OutsideSettings,
    tuning: Tuning | None = None,
) -> Worker | None:
    """The worker over everything it needs, closed with the stack; None where no mailbox is connected.

    Raises:
        SettingsError: something of the account is missing.
    """
    account = outside.imap()
    if account is None:
        return None
    login = settings.worker_login()
    pool = await open_pool(login, name="fristwerk-inbox", largest=_CONNECTIONS)
    stack.push_async_callback(pool.close)
    vault = Vault.of(settings)
    reader = InboxReader(account, _store(settings, outside, account, pool, vault))
    await stack.enter_async_context(reporting(pool, outside.tenant, PROCESS, [lambda: reader.standing]))
    desk = mail_desk(pool, vault, outside)
    await stack.enter_async_context(bringing_mails(pool, login, client, desk, outside.tenant))
    await stack.enter_async_context(under_way(reader.run))
    await stack.enter_async_context(under_way(lambda: _tidy(pool, vault, outside)))
    leads = TemporalLeadGateway(client, PostgresPeople(pool))
    steps = InboxActivities(desk, TemporalBounceTeller(pool, desk, leads)).steps
    return inbox_worker(client, steps, tuning)


def _store(
    settings: Settings, outside: OutsideSettings, account: ImapAccount, pool: Pool, vault: Vault
) -> InboxStore:
    _, sender = parseaddr(settings.mail_from)
    own = frozenset(one.lower() for one in (sender, account.user) if "@" in one)
    return InboxStore(pool, vault, outside.tenant, mailbox_of(account), own)


async def _tidy(pool: Pool, vault: Vault, outside: OutsideSettings) -> None:
    """Fills in what older contacts lack, and empties what nobody has taken."""
    while True:
        try:
            await index_domains(pool, vault, outside.tenant)
            await forget_old_mails(pool, outside.tenant, keep=_KEEP, at=datetime.now(UTC))
        except (*NOT_YET, *TROUBLES) as error:
            _log.warning("inbox: not tidied yet", error=type(error).__name__)
        await asyncio.sleep(_TIDY_EVERY.total_seconds())


@asynccontextmanager
async def under_way(
    work: Callable[[], Awaitable[None]], again: timedelta = _BEGUN_AGAIN
) -> AsyncIterator[None]:
    """Work in the background for as long as it is open; what dies of itself is begun again.

    Args:
        work: runs until cancelled.
        again: after which pause.
    """
    task = asyncio.create_task(_for_ever(work, again))
    try:
        yield
    finally:
        await stopped([task])


async def _for_ever(work: Callable[[], Awaitable[None]], again: timedelta) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the outermost frame of the task: logged, and begun again
            _log.error("inbox: stopped, begun again", error=type(error).__name__, exc_info=error)
        await asyncio.sleep(again.total_seconds())
