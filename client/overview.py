"""The subject overview. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from client.asking import Answer, Call, Group
from client.base import Told
from client.words import HoldReason, RequestKind, Status


class KpiRead(Told):
    """How the caller's leads stand, and what happened to them since an instant.

    Attributes:
        counts: leads by status.
        paused: leads whose clock stands still.
        with_problem: leads an operator has to look at.
        wake_ups_overdue: leads whose clock should have moved 15 minutes ago or earlier.
        reminders_due: reminders that should go out and have not.
        expiring: leads whose protection ends within 7 days if nothing happens.
        expired_last_day: leads that lapsed within the last 24 hours.
        reminders_sent: since then.
        reminders_bounced: since then.
        reactivated: how often a progress ended a lead's grace since then.
        hold_days: days on which leads stood still since then, by reason.
        requests_pending: requests nobody has decided.
        holds_decided: requests for a hold that were decided since then.
        hold_decision_median_seconds: half of those waited no longer.
        dead_letters: mails that were given up.
        mails_waiting: mails that are still tried.
    """

    as_of: datetime
    since: datetime
    counts: dict[Status, int]
    paused: int
    with_problem: int
    wake_ups_overdue: int
    reminders_due: int
    expiring: int
    expired_last_day: int
    reminders_sent: int
    reminders_bounced: int
    reactivated: int
    hold_days: dict[HoldReason, float]
    requests_pending: int
    oldest_request_at: datetime | None
    holds_decided: int
    hold_decision_median_seconds: float | None
    hold_decision_longest_seconds: float | None
    dead_letters: int
    mails_waiting: int


class LateCorrectionRead(Told):
    """A lapsed lead that a correction would have kept, had it come in time.

    Attributes:
        corrects: id of the fact that was wrong.
        replacement: what is right of it; null: it never happened.
        told_by: user id of whoever said so.
        ended_at: when protection lapsed.
        kept_until: how long it would have lasted if nothing else had happened; null while unknown.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    corrects: str
    replacement: dict[str, Any] | None
    told_by: str
    told_at: datetime
    ended_at: datetime
    kept_until: datetime | None


class LateCorrectionReadPage(Told):
    """A page of a list."""

    items: list[LateCorrectionRead]
    next_cursor: str | None


class PendingRequestRead(Told):
    """A request nobody has decided, and the lead it is about.

    Attributes:
        mine: the caller asked for it, so somebody else decides.
        status: of the lead.
        valid_until: when its protection ends if nothing happens.
        revision: of the lead; `If-Match: "<revision>"` decides on what was seen.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    status: Status
    valid_until: datetime | None
    revision: int
    id: str
    kind: RequestKind
    reason: HoldReason | None
    start_at: datetime | None
    end_at: datetime | None
    days: int | None
    next_step_at: datetime | None
    requested_by: str
    requested_at: datetime
    mine: bool


class PendingRequestReadPage(Told):
    """A page of a list."""

    items: list[PendingRequestRead]
    next_cursor: str | None


class Overview(Group):
    """Operations of the subject overview."""

    def read_inbox(
        self,
        *,
        kind: RequestKind | None = None,
        others: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Answer[PendingRequestReadPage]:
        """List the requests that nobody has decided, of the leads the caller may see, the oldest first."""
        call = Call(
            method="GET",
            path="/api/requests",
            query={"kind": kind, "others": others, "limit": limit, "cursor": cursor},
        )
        return self._asker.ask(call, {200: PendingRequestReadPage})

    def read_late_corrections(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> Answer[LateCorrectionReadPage]:
        """List the lapsed leads that a correction would have kept; a manager may reinstate them."""
        call = Call(method="GET", path="/api/late-corrections", query={"limit": limit, "cursor": cursor})
        return self._asker.ask(call, {200: LateCorrectionReadPage})

    def read_kpis(self, *, days: int | None = None) -> Answer[KpiRead]:
        """Count the caller's leads: an agent's own and shared ones, everybody else's whole tenant."""
        call = Call(method="GET", path="/api/kpis", query={"days": days})
        return self._asker.ask(call, {200: KpiRead})
