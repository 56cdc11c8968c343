"""What can be said to a lead's workflow: one dataclass per message, checked field by field.

Every message carries `fact_id` (the sender's idempotency key) and `by` (an id of a user or a service).
Free text never travels here; it is kept beside the fact in the personal-data table.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import Field, Strict, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from protection.basis import UNDER_WAY
from protection.checks import check_hold
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldReleased,
    Preregistered,
    Registered,
    Reinstated,
    Released,
    Transferred,
)
from protection.refusal import Code, Refused
from workflows.ai_start import StartClassify
from workflows.campaign_start import StartCampaign
from workflows.credit_start import StartCredit
from workflows.erasure_start import StartErasure
from workflows.erp_start import StartErp, StartErpOrder
from workflows.inbox_start import StartInboundMail
from workflows.mail_messages import BounceReminder
from workflows.mail_start import StartMail
from workflows.message import STRICT, Flag, Id, Instant, Message, utc
from workflows.reconciliation_start import StartReconciliation
from workflows.request_messages import (
    AdoptPolicy,
    DecideExtension,
    DecideHold,
    Erase,
    RequestExtension,
    RequestHold,
    WithdrawRequest,
)
from workflows.sample_start import SampleNews, StartSample
from workflows.webhook_start import StartWebhookEvent


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class RecordActivity(Message):
    """The agent did something, or the customer reacted. `occurred_at` left out means now."""

    kind: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    occurred_at: Instant | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        occurred_at = utc(self.occurred_at) or now
        return ActivityRecorded(
            fact_id=fact_id, recorded_at=now, by=self.by, kind=self.kind, occurred_at=occurred_at
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class PlaceHold(Message):
    """Stop the clock, from now or `start_at`, until `end_at` or until released."""

    reason: HoldReason
    hold: Id | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        start_at, end_at = utc(self.start_at) or now, utc(self.end_at)
        check_hold(start_at, end_at)
        return HoldPlaced(
            fact_id=fact_id,
            recorded_at=now,
            by=self.by,
            hold=self.hold or fact_id,
            reason=self.reason,
            start_at=start_at,
            end_at=end_at,
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class ReleaseHold(Message):
    """Let the clock run again; a hold that has not begun is cancelled.

    Attributes:
        ended_at: when the sender let go, at most a minute ago, so that the time a message is under way
            does not count. Anything earlier is a correction.
    """

    hold: Id
    ended_at: Instant | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        ended_at = utc(self.ended_at)
        if ended_at is not None and now - ended_at > UNDER_WAY:
            raise Refused(Code.MALFORMED, "ended_at", "more than a minute ago; correct the release instead")
        return HoldReleased(fact_id=fact_id, recorded_at=now, by=self.by, hold=self.hold, ended_at=ended_at)


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class GrantExtension(Message):
    """Lengthen the base period by so many days."""

    days: Annotated[int, Strict()]

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return ExtensionGranted(fact_id=fact_id, recorded_at=now, by=self.by, days=self.days)


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Preregister(Message):
    """Note company and place for this owner; nothing is protected yet."""

    owner: Id

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return Preregistered(fact_id=fact_id, recorded_at=now, by=self.by, owner=self.owner)


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Register(Message):
    """Protection starts, now or as of `registered_at`."""

    owner: Id
    registered_at: Instant | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        registered_at = utc(self.registered_at) or now
        return Registered(
            fact_id=fact_id, recorded_at=now, by=self.by, owner=self.owner, registered_at=registered_at
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Transfer(Message):
    """Another agent takes the lead over; the base period restarts only if so said."""

    owner: Id
    restart_base: Flag = False

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return Transferred(
            fact_id=fact_id, recorded_at=now, by=self.by, owner=self.owner, restart_base=self.restart_base
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Convert(Message):
    """A written customer agreement exists."""

    customer_no: Id | None = None
    agreement_date: date | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return Converted(
            fact_id=fact_id,
            recorded_at=now,
            by=self.by,
            customer_no=self.customer_no,
            agreement_date=self.agreement_date,
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class ReleaseLead(Message):
    """Owner or manager gives the lead up."""

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return Released(fact_id=fact_id, recorded_at=now, by=self.by)


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Reinstate(Message):
    """A manager brings a lapsed or released lead back."""

    restart_base: Flag = False

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return Reinstated(fact_id=fact_id, recorded_at=now, by=self.by, restart_base=self.restart_base)


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class CorrectFact(Message):
    """An earlier fact was wrong: these of its fields, or (null) all of it."""

    corrects: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    replacement: dict[str, Any] | None = field(default=None)

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return Corrected(
            fact_id=fact_id, recorded_at=now, by=self.by, corrects=self.corrects, replacement=self.replacement
        )


@dataclass(frozen=True, slots=True, config=STRICT)
class RetryReminder:
    """An operator has the reminder sent again that was refused for good."""

    by: Id


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartLead:
    """How a lead's workflow begins: by a registration, or with the facts of a ledger.

    Attributes:
        tenant: uuid.
        lead: uuid.
        policy: the version the lead lives under, as `protection.policy.policy_to_json` writes it.
        register: the registration of a new lead.
        preregister: the pre-registration of a new lead.
        facts: the ledger of a lead that exists already; these are not recorded again.
        announced: per kind of notice the deadline it last spoke of; None: all whose time has come.
        set_aside: how many facts without bearing on any deadline were left out of `facts`.
        refused: how many messages were refused in earlier runs.
        awaits_reinstatement: the ledger has ended, and a `reinstate` is about to come.
        hands_over: at the end an erasure of personal data is started. Old histories decode to False:
            their leads ended without one. A marker would say the same in two more events.
    """

    tenant: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    lead: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    policy: dict[str, Any] = Field(default_factory=dict)
    register: Register | None = None
    preregister: Preregister | None = None
    facts: list[dict[str, Any]] = Field(default_factory=list)
    announced: dict[str, str] | None = None
    set_aside: int = 0
    refused: int = 0
    awaits_reinstatement: bool = False
    hands_over: bool = False


class TellsFact(Protocol):
    """A message that tells a fact."""

    @property
    def by(self) -> str:
        """Who says so."""
        ...

    @property
    def fact_id(self) -> str | None:
        """The sender's idempotency key, if it has one."""
        ...

    @property
    def if_revision(self) -> int | None:
        """The revision the sender has seen, if it matters."""
        ...

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """The fact this message tells, recorded at `now`."""
        ...


M = TypeVar("M")
_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind)
    for kind in (
        RecordActivity,
        PlaceHold,
        ReleaseHold,
        GrantExtension,
        Preregister,
        Register,
        Transfer,
        Convert,
        ReleaseLead,
        Reinstate,
        CorrectFact,
        RequestHold,
        DecideHold,
        RequestExtension,
        DecideExtension,
        WithdrawRequest,
        AdoptPolicy,
        Erase,
        RetryReminder,
        BounceReminder,
        StartInboundMail,
        StartMail,
        StartLead,
        StartErasure,
        StartCampaign,
        StartCredit,
        StartClassify,
        StartErp,
        StartErpOrder,
        StartReconciliation,
        StartSample,
        SampleNews,
        StartWebhookEvent,
    )
}


def parse(kind: type[M], raw: Any) -> M:
    """The message in a JSON value, whoever sent it.

    Raises:
        Refused: code `malformed`; names the field. The value itself is never repeated.
    """
    if not isinstance(raw, dict):
        raise Refused(Code.MALFORMED, "", "expected one JSON object with the fields of the message")
    try:
        message: M = _ADAPTERS[kind].validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(Code.MALFORMED, where, f"{where or 'message'}: {first['msg']}") from None
    return message


def to_json(message: Any) -> dict[str, Any]:
    """The message as plain JSON, fields at their defaults left out."""
    plain: dict[str, Any] = _ADAPTERS[type(message)].dump_python(message, mode="json", exclude_defaults=True)
    return plain
