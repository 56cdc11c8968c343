"""The mails of a tenant, the newest first, and the ledger a mail is about. SQL: sql/queries/mails.sql."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from activities.letters import LeadLedger
from activities.ports import DeliveryStatus
from adapters.console_model import ledger_of
from adapters.database import Connection, load_queries

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_LAST_ID: Final = UUID(int=2**128 - 1)
_SQL: Final = load_queries("mails")


@dataclass(frozen=True, slots=True)
class ListedMail:
    """A mail that went out, was refused, or is on its way. Instants are UTC.

    Attributes:
        kind: wire name of what it tells.
        recipient: id of the user, or `contact` for the customer's contact.
        name: what people call the user; None of somebody who is not on file.
        code: the mail server's last answer that was not an acceptance.
        refused: whether the lead waits because its reminder was refused for good.
    """

    id: UUID
    lead: UUID
    company: str
    city: str
    kind: str
    recipient: str
    name: str | None
    status: DeliveryStatus
    attempt: int
    code: str | None
    sent_at: datetime | None
    updated_at: datetime
    refused: bool


async def recent_mails(
    connection: Connection,
    tenant: UUID,
    *,
    statuses: frozenset[DeliveryStatus] | None = None,
    before: tuple[datetime, UUID] | None = None,
    most: int = 50,
) -> tuple[ListedMail, ...]:
    """The mails the caller may see, the newest first.

    Args:
        connection: with the caller's context.
        tenant: whose mails.
        statuses: only those, `sent` not among them; None for all.
        before: where the page before ended: `updated_at` and `id` of its last mail.
        most: how many.
    """
    at, below = (_NEVER, _LAST_ID) if before is None else before
    page = {"tenant": tenant, "before": at, "before_id": below, "most": most}
    if statuses is None:
        rows = _SQL.recent(connection, **page)
    else:
        rows = _SQL.recent_open(connection, **page, statuses=sorted(statuses))
    return tuple(
        [
            ListedMail(
                id=row["id"],
                lead=row["lead"],
                company=row["company"],
                city=row["city"],
                kind=row["kind"],
                recipient=row["recipient"],
                name=row["display_name"],
                status=DeliveryStatus(row["status"]),
                attempt=row["attempt"],
                code=row["code"],
                sent_at=row["sent_at"],
                updated_at=row["updated_at"],
                refused=row["refused"],
            )
            async for row in rows
        ]
    )


async def mailed_ledger(connection: Connection, tenant: UUID, lead: UUID) -> LeadLedger | None:
    """What a mail about this lead is written from; None if the caller may see no such lead."""
    place = await _SQL.place(connection, tenant=tenant, lead=lead)
    ledger = await ledger_of(connection, tenant, lead)
    if place is None or ledger is None:
        return None
    return LeadLedger(place["company"], place["city"], ledger.policy, ledger.facts)
