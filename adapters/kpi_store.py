"""The numbers of domain.md section 14, of the leads the caller may see. SQL: sql/queries/kpis.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.database import Connection, load_queries
from adapters.read_model import StatusCount, counts_by_status
from protection.facts import HoldReason

_SQL: Final = load_queries("kpis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How the leads stand at this moment: the fields of `Kpis` that no period is asked for."""

    paused: int
    with_problem: int
    wake_ups_overdue: int
    reminders_due: int
    expiring: int
    expired_last_day: int
    requests_pending: int
    oldest_request_at: datetime | None
    dead_letters: int
    mails_waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpis:
    """How things stand at an instant, and what happened in the time before it. Instants are UTC.

    Attributes:
        as_of: now.
        since: where the time begins that "happened" speaks of.
        counts: leads by status; a status nobody has is missing.
        paused: leads whose clock stands still.
        with_problem: leads an operator has to look at.
        wake_ups_overdue: leads whose clock should have moved 15 minutes ago or earlier.
        reminders_due: leads whose reminder should go out and has not.
        expiring: leads whose protection ends within 7 days if nothing happens.
        expired_last_day: leads that lapsed within the last 24 hours.
        reminders_sent: happened.
        reminders_bounced: happened.
        reactivated: how often a progress ended a lead's grace; happened.
        hold_days: days on which leads stood still, by reason; happened.
        requests_pending: requests nobody has decided.
        oldest_request_at: when the oldest of them was made.
        holds_decided: requests for a hold that were decided; happened.
        hold_decision_median: how long half of those waited at most.
        hold_decision_longest: how long the slowest waited.
        dead_letters: mails that were given up.
        mails_waiting: mails that are still tried.
    """

    as_of: datetime
    since: datetime
    counts: tuple[StatusCount, ...]
    paused: int
    with_problem: int
    wake_ups_overdue: int
    reminders_due: int
    expiring: int
    expired_last_day: int
    reminders_sent: int
    reminders_bounced: int
    reactivated: int
    hold_days: Mapping[HoldReason, float]
    requests_pending: int
    oldest_request_at: datetime | None
    holds_decided: int
    hold_decision_median: timedelta | None
    hold_decision_longest: timedelta | None
    dead_letters: int
    mails_waiting: int


async def kpis(connection: Connection, tenant: UUID, *, as_of: datetime, since: datetime) -> Kpis:
    """The numbers of the caller's leads.

    Args:
        as_of: UTC instant, now.
        since: UTC instant at which the time begins of what is counted as having happened.

    Raises:
        ValueError: `since` is not before `as_of`, or one of them has no zone.
    """
    if as_of.tzinfo is None or since.tzinfo is None or since >= as_of:
        raise ValueError("since: must be an instant before as_of")
    within = {"tenant": tenant, "since": since, "as_of": as_of}
    reminders = await _SQL.kpi_reminders(connection, **within)
    decided = await _SQL.kpi_decided(connection, **within)
    return Kpis(
        as_of=as_of,
        since=since,
        counts=await counts_by_status(connection, tenant),
        **asdict(await now(connection, tenant, as_of=as_of)),
        reminders_sent=reminders["sent"],
        reminders_bounced=reminders["bounced"],
        reactivated=await _SQL.kpi_reactivated(connection, **within),
        hold_days={
            HoldReason(row["reason"]): row["days"] async for row in _SQL.kpi_hold_days(connection, **within)
        },
        holds_decided=decided["holds_decided"],
        hold_decision_median=decided["median"],
        hold_decision_longest=decided["longest"],
    )


async def now(connection: Connection, tenant: UUID, *, as_of: datetime, owner: str | None = None) -> Now:
    """How the caller's leads stand.

    Args:
        as_of: UTC instant, now.
        owner: only the leads of this one; None is all that the caller may see.
    """
    whose = {"tenant": tenant, "owner": owner}
    mails = await _SQL.kpi_mails(connection, **whose)
    pending = await _SQL.kpi_pending(connection, **whose)
    return Now(
        **dict(await _SQL.kpi_leads(connection, **whose, as_of=as_of)),
        requests_pending=pending["pending"],
        oldest_request_at=pending["oldest"],
        dead_letters=mails["dead_letters"],
        mails_waiting=mails["waiting"],
    )
