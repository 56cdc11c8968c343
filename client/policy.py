"""The subject policy. Made by `make openapi`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.words import Code, Counting, Effect, Mode, State, Status, WorkingDayRoll


class DraftPolicy(Sent):
    """Fields of the policy that would be others than the tenant's settings say now."""

    timezone: str | None = None
    base_months: int | None = None
    progress_days: int | None = None
    grace_days: int | None = None
    mode: Mode | None = None
    counting: Counting | None = None
    working_day_roll: WorkingDayRoll | None = None
    qualifying_kinds: list[str] | None = None
    other_kinds: list[str] | None = None
    notice_progress_days: int | None = None
    notice_base_days: int | None = None
    preregistration_days: int | None = None
    preregistration_notice_days: int | None = None
    preregistration_delete_days: int | None = None
    max_hold_days: int | None = None
    extension_decision_days: int | None = None


class EffectCounts(Told):
    """How many leads the draft would do what to."""

    same: int
    gains: int
    loses: int
    open: int
    refused: int
    unreadable: int


class RehearsalSummary(Told):
    """All outcomes counted.

    Attributes:
        gained: days over all leads that gain.
        lost: days over all leads that lose.
        other_status: leads whose status would be another at once.
    """

    leads: int
    by_effect: EffectCounts
    gained: int
    lost: int
    other_status: int


class RehearsedLead(Told):
    """What the draft would do to a lead. Null is unknown, or not applicable.

    Attributes:
        version: the policy version it is under now.
        days: by how many days the end of protection moves; negative is lost.
        refused: why the lead could not adopt the draft.
    """

    lead: UUID
    external_id: str | None
    owner: str
    version: str
    effect: Effect
    status_before: Status | None
    status_after: Status | None
    valid_until_before: datetime | None
    valid_until_after: datetime | None
    days: int | None
    refused: Code | None


class TriedPolicy(Told):
    """The whole draft."""

    timezone: str
    base_months: int
    progress_days: int
    grace_days: int
    mode: Mode
    counting: Counting
    working_day_roll: WorkingDayRoll
    closed_days: list[date]
    qualifying_kinds: list[str]
    other_kinds: list[str]
    notice_progress_days: int
    notice_base_days: int
    preregistration_days: int
    preregistration_notice_days: int
    preregistration_delete_days: int
    max_hold_days: int
    extension_decision_days: int


class RehearsalAnswer(Told):
    """How far a rehearsal is, and leads for which something would change.

    Attributes:
        as_of: the draft is adopted as of then.
        leads: how many living leads there are.
        done: how many of them have been played.
        summary: null while it runs.
        items: those found so far, by id.
        next_cursor: to be sent as `cursor`; null on the last page.
    """

    id: UUID
    state: State
    policy: TriedPolicy
    requested_by: str
    as_of: datetime
    leads: int
    done: int
    summary: RehearsalSummary | None
    items: list[RehearsedLead]
    next_cursor: str | None


class RehearsalRequest(Sent):
    """A draft to be tried out.

    Attributes:
        land: German Land whose public holidays count where deadlines roll; left out, those of now.
    """

    policy: DraftPolicy
    land: str | None = None


class Policy(Group):
    """Operations of the subject policy."""

    def rehearse_policy(
        self, body: RehearsalRequest, *, idempotency_key: str | None = None
    ) -> Answer[RehearsalAnswer]:
        """Try a draft policy out on all living leads: who would gain or lose how many days.

        Nothing is changed.

        With many leads the answer is 202, and the outcome is found at `Location` for a day.
        """
        call = Call(
            method="POST",
            path="/api/policy/rehearsals",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: RehearsalAnswer, 202: RehearsalAnswer})

    def read_rehearsal(
        self, rehearsal: UUID, *, limit: int | None = None, cursor: str | None = None
    ) -> Answer[RehearsalAnswer]:
        """Say how far a rehearsal is and what it found; leads for which nothing changes are left out."""
        call = Call(
            method="GET",
            path=address("/api/policy/rehearsals/{rehearsal}", rehearsal=rehearsal),
            query={"limit": limit, "cursor": cursor},
        )
        return self._asker.ask(call, {200: RehearsalAnswer})
