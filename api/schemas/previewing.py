"""What-if: what may be supposed, and the answer."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field
from pydantic.alias_generators import to_camel

from api.schemas.base import Choice, Day, Id, Input, Instant, Line, Output
from api.schemas.reading import Explained, Standing
from api.standing import explained, standing_of
from protection.explain_texts import Language
from protection.facts import EndReason, HoldReason
from protection.policy import Counting, Mode, WorkingDayRoll
from protection.refusal import Code
from protection.state import Status
from services.preview import Gained as GainedDays
from services.preview import Preview, RefusedFact, Supposed, WhatIf

MOST_FACTS: Final = 50
MOST_INSTANTS: Final = 25
MOST_KINDS: Final = 50
_NOT_SAID: Final = {"type", "at"}


class _Fact(Input):
    """Something that might happen.

    Attributes:
        at: when it would be recorded, now or later; left out, it is now.
    """

    at: Instant | None = None


class SupposedActivity(_Fact):
    """An activity; `occurredAt` is `at` where it is left out."""

    type: Literal["activity"]
    kind: Line
    occurred_at: Instant | None = None


class SupposedHold(_Fact):
    """A hold is placed; `startAt` is `at` where it is left out."""

    type: Literal["hold_placed"]
    reason: Choice[HoldReason] = HoldReason.OTHER
    hold: Id | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None


class SupposedHoldRelease(_Fact):
    """A hold ends."""

    type: Literal["hold_released"]
    hold: Id
    ended_at: Instant | None = None


class SupposedExtension(_Fact):
    """The base period is extended."""

    type: Literal["extension_granted"]
    days: int


class SupposedHoldRequest(_Fact):
    """A hold is asked for."""

    type: Literal["hold_requested"]
    reason: Choice[HoldReason] = HoldReason.OTHER
    request: Id | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None


class SupposedExtensionRequest(_Fact):
    """An extension is asked for."""

    type: Literal["extension_requested"]
    request: Id | None = None
    days: int | None = None


class SupposedDecision(_Fact):
    """A request is decided, by whoever may."""

    type: Literal["request_decided"]
    request: Id
    approved: bool
    days: int | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None


class SupposedWithdrawal(_Fact):
    """A request is withdrawn."""

    type: Literal["request_withdrawn"]
    request: Id


class SupposedTransfer(_Fact):
    """The lead gets another owner."""

    type: Literal["transferred"]
    owner: Id
    restart_base: bool = False


class SupposedRegistration(_Fact):
    """A pre-registered lead is registered."""

    type: Literal["registered"]
    owner: Id
    registered_at: Instant | None = None


class SupposedConversion(_Fact):
    """A customer agreement is made."""

    type: Literal["converted"]
    customer_no: Line | None = None
    agreement_date: Day | None = None


class SupposedRelease(_Fact):
    """The lead is given up."""

    type: Literal["released"]


class SupposedReinstatement(_Fact):
    """A lapsed or released lead is brought back."""

    type: Literal["reinstated"]
    restart_base: bool = False


class Replacement(Input):
    """The fields of a fact that were wrong, as they are right."""

    kind: Line | None = None
    occurred_at: Instant | None = None
    registered_at: Instant | None = None
    reason: Choice[HoldReason] | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None
    ended_at: Instant | None = None
    days: int | None = None


class SupposedCorrection(_Fact):
    """A fact turns out to be wrong: these of its fields, or (without `replacement`) all of it."""

    type: Literal["corrected"]
    corrects: Id
    replacement: Replacement | None = None


SupposedFact = Annotated[
    SupposedActivity
    | SupposedHold
    | SupposedHoldRelease
    | SupposedExtension
    | SupposedHoldRequest
    | SupposedExtensionRequest
    | SupposedDecision
    | SupposedWithdrawal
    | SupposedTransfer
    | SupposedRegistration
    | SupposedConversion
    | SupposedRelease
    | SupposedReinstatement
    | SupposedCorrection,
    Field(discriminator="type"),
]


class OtherPolicy(Input):
    """Fields of the policy that would be others; the rest stays as it is for this lead."""

    timezone: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] | None = None
    base_months: int | None = None
    progress_days: int | None = None
    grace_days: int | None = None
    mode: Choice[Mode] | None = None
    counting: Choice[Counting] | None = None
    working_day_roll: Choice[WorkingDayRoll] | None = None
    closed_days: Annotated[list[Day], Field(max_length=1000)] | None = None
    qualifying_kinds: Annotated[list[Line], Field(max_length=MOST_KINDS)] | None = None
    other_kinds: Annotated[list[Line], Field(max_length=MOST_KINDS)] | None = None
    preregistration_days: int | None = None
    preregistration_delete_days: int | None = None
    extension_decision_days: int | None = None


class PreviewQuestion(Input):
    """What if?

    Attributes:
        facts: what might happen, in any order. What one of them makes without naming it (a hold, a request,
            the fact itself) has the id `what-if-<index>`.
        policy: how the rules might be, from now on.
        as_of: instants to compare, none in the past; left out, the latest supposed fact's, else now.
        until: where to stop; what is supposed for later is left out. Left out, the end of protection.
    """

    facts: Annotated[list[SupposedFact], Field(max_length=MOST_FACTS)] = Field(default_factory=list)
    policy: OtherPolicy | None = None
    as_of: Annotated[list[Instant], Field(min_length=1, max_length=MOST_INSTANTS)] | None = None
    until: Instant | None = None


class Gained(Output):
    """By how many days each deadline moves; negative is lost, null where one of the two is unknown."""

    base_until: int | None
    progress_until: int | None
    reminder_due_at: int | None
    grace_until: int | None
    valid_until: int | None


class Compared(Output):
    """The protection at an instant, as things are and as they would be."""

    as_of: Instant
    before: Standing
    after: Standing
    gained_days: Gained


class StatusChange(Output):
    """A change of status; the first of a course is where it begins."""

    at: Instant
    to: Status
    reason: EndReason | None


class RefusedSupposition(Output):
    """Something supposed that the contract would not allow.

    Attributes:
        index: which of the facts; null is the policy.
        pointer: JSON pointer to the field at fault.
    """

    index: int | None
    pointer: str
    code: Code
    detail: str


class PreviewAnswer(Output):
    """What would become of the lead.

    Attributes:
        now: from where both courses go on.
        compared: one per instant asked for, in that order.
        transitions_before: how the status changes as things are.
        transitions_after: how it would change.
        explanation: the steps behind the deadlines as they would be, at the last instant.
    """

    lead: UUID
    now: Instant
    compared: list[Compared]
    transitions_before: list[StatusChange]
    transitions_after: list[StatusChange]
    refused: list[RefusedSupposition]
    explanation: Explained


def question_of(question: PreviewQuestion) -> WhatIf:
    """The question as the service takes it."""
    policy = {} if question.policy is None else question.policy.model_dump(mode="json", exclude_none=True)
    return WhatIf(
        facts=tuple(Supposed(fact.type, fact.at, _values(fact)) for fact in question.facts),
        policy=policy,
        as_of=tuple(question.as_of or ()),
        until=question.until,
    )


def _values(fact: _Fact) -> dict[str, Any]:
    values = fact.model_dump(mode="json", exclude_none=True, exclude=_NOT_SAID)
    if isinstance(fact, SupposedCorrection) and fact.replacement is not None:
        # Here null says something: a hold without end.
        values["replacement"] = fact.replacement.model_dump(mode="json", exclude_unset=True)
    return values


def answer_of(lead: UUID, told: Preview, language: Language) -> PreviewAnswer:
    """The service's answer as the API tells it."""
    return PreviewAnswer(
        lead=lead,
        now=told.now,
        compared=[
            Compared(
                as_of=one.as_of,
                before=Standing(**standing_of(one.before)),
                after=Standing(**standing_of(one.after)),
                gained_days=_gained(one.gained),
            )
            for one in told.comparisons
        ],
        transitions_before=[
            StatusChange(at=one.at, to=one.to, reason=one.reason) for one in told.transitions_before
        ],
        transitions_after=[
            StatusChange(at=one.at, to=one.to, reason=one.reason) for one in told.transitions_after
        ],
        refused=[_refused(one) for one in told.refused],
        explanation=explained(told.explanation, language),
    )


def _gained(days: GainedDays) -> Gained:
    return Gained(
        base_until=days.base_until,
        progress_until=days.progress_until,
        reminder_due_at=days.reminder_due_at,
        grace_until=days.grace_until,
        valid_until=days.valid_until,
    )


def _refused(one: RefusedFact) -> RefusedSupposition:
    where = "#/policy" if one.index is None else f"#/facts/{one.index}"
    field = "".join(f"/{to_camel(part)}" for part in one.refused.field.split(".") if part)
    return RefusedSupposition(
        index=one.index, pointer=where + field, code=one.refused.code, detail=one.refused.message
    )
