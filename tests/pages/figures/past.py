"""What happened in the past of a tenant, and somebody with a browser to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.database import Caller
from protection.facts import (
    ActivityRecorded,
    EndReason,
    HoldPlaced,
    HoldReason,
    HoldRequested,
    Lapsed,
    ReminderSent,
    RequestDecided,
)
from tests.api.ledgers import Office, day, registered
from tests.pages.visitor import Visitor, signed_in

# Local days of the period that tests look at: May to August 2024.
FIRST: Final = "2024-05-01"
LAST: Final = "2024-08-31"
PERIOD: Final = f"days=own&first={FIRST}&last={LAST}"


def at(number: int, hours: float = 0) -> datetime:
    """So many days after registration (2 May 2024, 11:30 in Berlin), and so many hours."""
    return day(number) + timedelta(hours=hours)


def held(number: int, end: int | None, reason: HoldReason, name: str) -> HoldPlaced:
    """A hold placed when it began."""
    return HoldPlaced(
        fact_id=f"place-{name}",
        recorded_at=at(number),
        by="manager",
        hold=name,
        reason=reason,
        start_at=at(number),
        end_at=None if end is None else at(end),
    )


def reminded(number: int) -> ReminderSent:
    """A reminder that went out."""
    return ReminderSent(
        fact_id=f"r-{number}", recorded_at=at(number), by="clock", sent_at=at(number), cycle=1
    )


def lapsed(number: int) -> Lapsed:
    """The end by inactivity."""
    return Lapsed(
        fact_id=f"l-{number}", recorded_at=at(number), by="clock", at=at(number), reason=EndReason.INACTIVITY
    )


def progress(number: int, by: str = "agent") -> ActivityRecorded:
    """A qualified call."""
    return ActivityRecorded(
        fact_id=f"p-{number}", recorded_at=at(number), by=by, kind="QUALIFIED_CALL", occurred_at=at(number)
    )


def asked(number: int, name: str = "q1") -> HoldRequested:
    """A request for a hold."""
    return HoldRequested(
        fact_id=f"ask-{name}",
        recorded_at=at(number),
        by="agent",
        request=name,
        reason=HoldReason.FFZ_SUPPLY_ISSUE,
        start_at=at(number),
        end_at=at(number + 10),
    )


def approved(number: int, hours: float, name: str = "q1") -> RequestDecided:
    """Its approval."""
    return RequestDecided(
        fact_id=f"ok-{name}", recorded_at=at(number, hours), by="manager", request=name, approved=True
    )


@dataclass(frozen=True)
class Past:
    """A tenant with a past.

    Attributes:
        url: of the database, as its superuser.
        lapse: a lead of `agent` that lapsed.
        saved: a lead of `agent` that a progress brought back from grace.
        waited: a lead of `other` that stood still, and whose request was decided after 36 hours.
        odd: a lead of `other` with a name that is markup.
    """

    office: Office
    url: str
    lapse: UUID
    saved: UUID
    waited: UUID
    odd: UUID

    def caller(self, user: str) -> Caller:
        """Somebody of the tenant, with the role of that name."""
        return Caller(self.office.tenant, user, (user,))

    async def visitor(self, user: str, *roles: str, language: str = "en") -> Visitor:
        """Somebody of the tenant, signed in."""
        usual = {"agent": "agent", "other": "agent"}
        told = roles or (usual.get(user, user),)
        return await signed_in(self.office.api, self.office.tenant, user, *told, language=language)


async def past_of(office: Office, url: str) -> Past:
    """Four leads, each with what happened to it; and an administrator."""
    async with office.as_worker() as connection:
        await connection.execute(
            "insert into app_user (tenant, id, email, display_name, roles)"
            " values ($1, 'admin', 'admin@example.org', 'Ada Admin', '{admin}')",
            office.tenant,
        )
    lapse = await office.lead(registered(), reminded(60), lapsed(70))
    saved = await office.lead(registered(), reminded(60), progress(65))
    waited = await office.lead(
        registered("other"),
        held(10, 15, HoldReason.FFZ_PRICE_APPROVAL, "h1"),
        held(12, 20, HoldReason.FFZ_PRICE_APPROVAL, "h2"),
        held(30, 34, HoldReason.CUSTOMER_BLOCKED, "h3"),
        asked(40),
        approved(41, 12),
        owner="other",
    )
    odd = await office.lead(registered("other"), owner="other", company="<script>alert(1)</script> GmbH")
    return Past(office, url, lapse, saved, waited, odd)
