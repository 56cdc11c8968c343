"""Rehearsals on the wire: a draft policy, and who would gain or lose by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, TypeAdapter

from api.paging import encode_cursor
from api.schemas.base import Choice, Day, Input, Instant, Line, Output, Uuid
from protection.policy import Counting, Mode, WorkingDayRoll
from protection.refusal import Code
from protection.state import Status
from services.rehearsal import Draft, Effect
from services.rehearsing import Rehearsal, State

_MOST_KINDS: Final = 50


class DraftPolicy(Input):
    """Fields of the policy that would be others than the tenant's settings say now."""

    timezone: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] | None = None
    base_months: Annotated[int, Field(ge=1, le=24)] | None = None
    progress_days: Annotated[int, Field(ge=7, le=120)] | None = None
    grace_days: Annotated[int, Field(ge=1, le=30)] | None = None
    mode: Choice[Mode] | None = None
    counting: Choice[Counting] | None = None
    working_day_roll: Choice[WorkingDayRoll] | None = None
    qualifying_kinds: Annotated[list[Line], Field(max_length=_MOST_KINDS)] | None = None
    other_kinds: Annotated[list[Line], Field(max_length=_MOST_KINDS)] | None = None
    notice_progress_days: Annotated[int, Field(ge=0, le=60)] | None = None
    notice_base_days: Annotated[int, Field(ge=0, le=90)] | None = None
    preregistration_days: Annotated[int, Field(ge=0, le=60)] | None = None
    preregistration_notice_days: Annotated[int, Field(ge=0, le=60)] | None = None
    preregistration_delete_days: Annotated[int, Field(ge=0, le=365)] | None = None
    max_hold_days: Annotated[int, Field(ge=0, le=365)] | None = None
    extension_decision_days: Annotated[int, Field(ge=0, le=60)] | None = None


class RehearsalRequest(Input):
    """A draft to be tried out.

    Attributes:
        land: German Land whose public holidays count where deadlines roll; left out, those of now.
    """

    policy: DraftPolicy
    land: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class RehearsedLead(Output):
    """What the draft would do to a lead. Null is unknown, or not applicable.

    Attributes:
        version: the policy version it is under now.
        days: by how many days the end of protection moves; negative is lost.
        refused: why the lead could not adopt the draft.
    """

    lead: Uuid
    external_id: str | None
    owner: str
    version: str
    effect: Choice[Effect]
    status_before: Choice[Status] | None
    status_after: Choice[Status] | None
    valid_until_before: Instant | None
    valid_until_after: Instant | None
    days: int | None
    refused: Choice[Code] | None


class EffectCounts(Output):
    """How many leads the draft would do what to."""

    same: int
    gains: int
    loses: int
    open: int
    refused: int
    unreadable: int


class RehearsalSummary(Output):
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


class TriedPolicy(Output):
    """The whole draft."""

    timezone: str
    base_months: int
    progress_days: int
    grace_days: int
    mode: Mode
    counting: Counting
    working_day_roll: WorkingDayRoll
    closed_days: tuple[Day, ...]
    qualifying_kinds: tuple[str, ...]
    other_kinds: tuple[str, ...]
    notice_progress_days: int
    notice_base_days: int
    preregistration_days: int
    preregistration_notice_days: int
    preregistration_delete_days: int
    max_hold_days: int
    extension_decision_days: int


class RehearsalAnswer(Output):
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
    as_of: Instant
    leads: int
    done: int
    summary: RehearsalSummary | None
    items: tuple[RehearsedLead, ...]
    next_cursor: str | None


_LEADS: Final = TypeAdapter(tuple[RehearsedLead, ...])


def draft_of(asked: RehearsalRequest) -> Draft:
    """The draft as the service takes it."""
    return Draft(
        fields=asked.policy.model_dump(mode="json", exclude_none=True, by_alias=False), land=asked.land
    )


def answer_of(rehearsal: Rehearsal) -> RehearsalAnswer:
    """A rehearsal as it is told."""
    stored = rehearsal.stored
    leads = _LEADS.validate_python(rehearsal.outcomes)
    return RehearsalAnswer(
        id=stored.id,
        state=rehearsal.state,
        policy=TriedPolicy.model_validate(_without_version(stored.draft)),
        requested_by=stored.requested_by,
        as_of=stored.as_of,
        leads=stored.leads,
        done=stored.done,
        summary=None if stored.summary is None else RehearsalSummary.model_validate(stored.summary),
        items=leads,
        next_cursor=encode_cursor([str(leads[-1].lead)]) if rehearsal.more else None,
    )


def _without_version(policy: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in policy.items() if name != "version"}
