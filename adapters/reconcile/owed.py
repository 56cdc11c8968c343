"""Mails that the ledger demands and that nobody sends: their orders were lost with Temporal's database.

A row of the notification is written before its mail goes out and never deleted, so what has no row was not
sent, unless the database is an older backup. SQL: sql/queries/rebuild.sql.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from activities.orders import NotificationKind
from adapters.database import Connection, load_queries
from workflows import names
from workflows.mail_start import StartMail
from workflows.messages import to_json

_SQL: Final = load_queries("rebuild")
# Who was told within the last try of a mail before the loss; the readers after him may not have been.
_ONE_TRY: Final = timedelta(minutes=5)
# What is older is no news any more: people say whether it is still to be told.
_STILL_NEWS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OwedMail:
    """One notification that is owed.

    Attributes:
        kind: what is to be told.
        cycle: with lead and kind what it is known by.
        due_at: the instant it is about, UTC.
        safe: it cannot have gone out, and is still news; else it is for people to decide.
    """

    lead: UUID
    kind: NotificationKind
    cycle: str
    due_at: datetime
    safe: bool


async def owed_mails(connection: Connection, tenant: UUID, since: datetime) -> list[OwedMail]:
    """What is owed, leads in order.

    Args:
        since: UTC instant at which a workflow last wrote anything.
    """
    rows = _SQL.owed_mails(connection, tenant=tenant, tried=since - _ONE_TRY, news=since - _STILL_NEWS)
    return [
        OwedMail(row["lead"], NotificationKind(row["kind"]), row["cycle"], row["due_at"], row["safe"])
        async for row in rows
    ]


def start_of(tenant: UUID, mail: OwedMail) -> tuple[dict[str, Any], str]:
    """What the workflow that sends it is started with, and its id."""
    start = StartMail(
        tenant=str(tenant), lead=str(mail.lead), kind=mail.kind, cycle=mail.cycle, due_at=mail.due_at
    )
    return to_json(start), names.owed_mail_id(tenant, mail.lead, mail.kind, mail.cycle)
