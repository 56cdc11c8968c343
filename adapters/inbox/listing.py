"""Mails as people see them, with their eyes: row security decides which. SQL: inbound_mail.sql."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from activities.upstreams import Fault
from adapters.database import Connection, load_queries
from adapters.inbox.matching import Match
from adapters.inbox.parsing import Nature
from adapters.inbox.store import MailState, Waits, key_of, opened
from adapters.vault import Vault

_SQL: Final = load_queries("inbound_mail")


class MailPlace(NamedTuple):
    """Where a mail stands in the list."""

    received_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class MailLead:
    """A lead as it is named beside a mail."""

    id: UUID
    company: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMail:
    """A mail that came in. UTC instants; words are None where they were erased.

    Attributes:
        cut: only its beginning was read.
        attachments: how many files came along; they stay in the mailbox.
        why: why it is where it is, a code.
        confidence: how sure it is whose it is, 0 to 1.
        candidates: whose it could be.
        category: what a model says it is about.
        bounce_code: of a bounce, what the mail server said.
        open: whether a person may still say whose it is.
    """

    id: UUID
    received_at: datetime
    size: int
    cut: bool
    attachments: int
    nature: Nature
    state: MailState
    why: str | None
    lead: MailLead | None
    match: Match | None
    confidence: float | None
    candidates: tuple[UUID, ...]
    category: str | None
    bounce_code: str | None
    decided_by: str | None
    decided_at: datetime | None
    erased_at: datetime | None
    open: bool
    address: str | None = field(repr=False)
    name: str | None = field(repr=False)
    subject: str | None = field(repr=False)
    text: str | None = field(repr=False)

    @property
    def place(self) -> MailPlace:
        """Where it stands in the list."""
        return MailPlace(self.received_at, self.id)


@dataclass(frozen=True, slots=True)
class MailboxSeen:
    """How a mailbox is read. UTC instants; None is never.

    Attributes:
        waits: how the reader hears of new mails; None while it is not connected.
        looked_at: when all was read.
        failed_at: when the mail server was of no use, and why.
    """

    mailbox: str
    waits: Waits | None
    looked_at: datetime | None
    failed_at: datetime | None
    fault: Fault | None


async def mails_listed(
    connection: Connection,
    vault: Vault,
    tenant: UUID,
    *,
    states: Sequence[MailState],
    lead: UUID | None = None,
    after: MailPlace | None = None,
    most: int,
) -> tuple[InboundMail, ...]:
    """Mails in these states the caller may see, the newest first.

    Args:
        lead: of this lead alone.
        after: only those behind this one.
        most: how many at most.
    """
    rows = _SQL.mails_listed(
        connection,
        tenant=tenant,
        states=list(states),
        lead=lead,
        after_at=None if after is None else after.received_at,
        after_id=None if after is None else after.id,
        most=most,
    )
    return tuple([_mail(vault, tenant, row) async for row in rows])


async def mail_shown(connection: Connection, vault: Vault, tenant: UUID, mail: UUID) -> InboundMail | None:
    """One mail; None where there is no such one for this caller."""
    row = await _SQL.mail_shown(connection, tenant=tenant, id=mail)
    return None if row is None else _mail(vault, tenant, row)


async def leads_named(connection: Connection, tenant: UUID, leads: Sequence[UUID]) -> tuple[MailLead, ...]:
    """What these leads are called, of those the caller may see."""
    rows = _SQL.leads_named(connection, tenant=tenant, leads=list(leads))
    return tuple([MailLead(row["id"], row["company"], row["city"]) async for row in rows])


async def mails_counted(connection: Connection, tenant: UUID) -> dict[MailState, int]:
    """How many mails there are in each state, of those the caller may see."""
    rows = _SQL.mails_counted(connection, tenant=tenant)
    return {MailState(row["state"]): row["mails"] async for row in rows}


async def assign_mail(
    connection: Connection, tenant: UUID, mail: UUID, lead: UUID, *, by: str, at: datetime
) -> bool:
    """Say whose it is; False where that is settled."""
    return await _SQL.assign_mail(connection, tenant=tenant, id=mail, lead=lead, by=by, at=at) is not None


async def dismiss_mail(connection: Connection, tenant: UUID, mail: UUID, *, by: str, at: datetime) -> bool:
    """Say that it is nobody's; False where that is settled."""
    return await _SQL.dismiss_mail(connection, tenant=tenant, id=mail, by=by, at=at) is not None


async def mailboxes(connection: Connection, tenant: UUID) -> tuple[MailboxSeen, ...]:
    """How the tenant's mailboxes are read."""
    rows = _SQL.mailboxes(connection, tenant=tenant)
    return tuple(
        [
            MailboxSeen(
                row["mailbox"],
                None if row["waits"] is None else Waits(row["waits"]),
                row["looked_at"],
                row["failed_at"],
                None if row["fault"] is None else Fault(row["fault"]),
            )
            async for row in rows
        ]
    )


async def mails_waiting(connection: Connection, tenant: UUID) -> int:
    """How many mails nobody is done with."""
    waiting: int = await _SQL.waiting_to_be_brought(connection, tenant=tenant)
    return waiting


_OPEN: Final = frozenset({MailState.UNMATCHED, MailState.IGNORED, MailState.DISMISSED})


def _mail(vault: Vault, tenant: UUID, row: asyncpg.Record) -> InboundMail:
    key = key_of(vault, tenant, row)
    sender = opened(key, row, "sender")
    address, _, name = (sender or "").partition("\n")
    lead = None if row["company"] is None else MailLead(row["lead"], row["company"], row["city"])
    state = MailState(row["state"])
    return InboundMail(
        id=row["id"],
        received_at=row["received_at"],
        size=row["size"],
        cut=row["cut"],
        attachments=row["attachments"],
        nature=Nature(row["nature"]),
        state=state,
        why=row["why"],
        lead=lead,
        match=None if row["match"] is None else Match(row["match"]),
        confidence=None if row["confidence"] is None else float(row["confidence"]),
        candidates=tuple(row["candidates"]),
        category=row["category"],
        bounce_code=row["bounce_code"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        erased_at=row["erased_at"],
        open=state in _OPEN and row["settled_at"] is not None and row["erased_at"] is None,
        address=None if sender is None else address,
        name=None if sender is None else name,
        subject=opened(key, row, "subject"),
        text=opened(key, row, "body"),
    )
