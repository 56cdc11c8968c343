"""The reader, the store and the workflows of an inbox, each to be set going by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from activities.inbox import InboxActivities
from adapters.breaker import Breaker
from adapters.inbox.bounce_teller import TemporalBounceTeller
from adapters.inbox.messenger import InboxMessenger
from adapters.inbox.reader import InboxReader
from adapters.inbox.session import UPSTREAM
from adapters.inbox.sorting import PostgresMailDesk
from adapters.inbox.store import InboxStore
from adapters.outside_settings import ImapAccount
from tests.outsidefixtures import Outside
from tests.services.office import Office
from tests.vaultfixtures import VAULT
from tests.workflows.lab import until
from workers.inbox import inbox_worker
from workflows.mail_messages import BounceReminder

OWN: Final = frozenset({"clock@fristwerk.example"})
__all__ = ["BounceReminder", "PostOffice", "account_of", "post_office"]


def account_of(outside: Outside) -> ImapAccount:
    """The account the sandbox plays."""
    parts = urlsplit(outside.imap_url)
    assert parts.hostname is not None
    assert parts.port is not None
    return ImapAccount(
        host=parts.hostname,
        port=parts.port,
        user=parts.username or "",
        password=parts.password or "",
        ca_file=outside.ca_file,
    )


@dataclass
class PostOffice:
    """A mailbox of this test alone, as our side sees it."""

    office: Office
    outside: Outside
    store: InboxStore
    desk: PostgresMailDesk
    messenger: InboxMessenger
    breaker: Breaker

    @property
    def tenant(self) -> UUID:
        """Whose it is."""
        return self.office.lab.tenant

    def reader(self, **more: Any) -> InboxReader:
        """A reader that has just been started."""
        account = replace(account_of(self.outside), **more)
        return InboxReader(account, self.store, breaker=self.breaker, timeout=timedelta(seconds=60))

    async def read(self) -> int:
        """Read what is new; answers how many mails were."""
        return await self.reader().read()

    async def come(self, *mails: bytes) -> list[dict[str, Any]]:
        """Have mails come in and be seen through; answers their rows, in the order of the mails."""
        for mail in mails:
            self.outside.deliver(mail)
        await self.read()
        await self.settled()
        return (await self.rows())[-len(mails) :]

    async def settled(self) -> None:
        """Wait until nothing is left to do about any mail."""
        await self.messenger.bring()

        async def all_are() -> bool:
            return all(row["settled_at"] is not None for row in await self.rows())

        await until(all_are)

    async def rows(self) -> list[dict[str, Any]]:
        """What is on record of mails, in the order of the mailbox."""
        return await self.office.lab.execute(
            "select * from inbound_mail where tenant = $1 and mailbox = $2 order by uid_validity, uid",
            self.tenant,
            self.store.mailbox,
        )

    async def proposals(self, lead: UUID) -> list[dict[str, Any]]:
        """What is proposed about a lead by mails."""
        return await self.office.lab.execute(
            "select * from proposal where tenant = $1 and lead = $2 and source = 'inbound-mail'"
            " order by created_at",
            self.tenant,
            lead,
        )


@asynccontextmanager
async def post_office(
    office: Office, outside: Outside, *, categorised: bool = False
) -> AsyncIterator[PostOffice]:
    """A mailbox nobody has read, with the workers of its queue.

    Args:
        categorised: whether models are asked.
    """
    lab = office.lab
    mailbox = uuid4().hex[:16]
    desk = PostgresMailDesk(lab.pool, VAULT, categorised=categorised)
    store = InboxStore(lab.pool, VAULT, lab.tenant, mailbox, OWN)
    steps = InboxActivities(desk, TemporalBounceTeller(lab.pool, desk, lab.gateway)).steps
    messenger = InboxMessenger(lab.pool, lab.client, desk, lab.tenant)
    async with inbox_worker(lab.client, steps):
        yield PostOffice(office, outside, store, desk, messenger, Breaker(UPSTREAM))
