"""What can be done about a lead on its page: which form, for whom, in which state; and what it sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from api.pages.forms import FormModel, Moment
from api.pages.texts import N_
from api.pages.view import View
from protection.facts import HoldReason
from protection.holds import Hold
from protection.permission import Act, Relation, Share
from protection.requests import Request
from protection.state import ALIVE, OPEN, Status
from services.lead_view import LeadView
from services.words import LeadSource

Note = Annotated[str, Field(max_length=10_000)]
Why = Annotated[str, Field(min_length=3, max_length=250)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Days = Annotated[int, Field(ge=1, le=730)]
Grave = Annotated[str, Field(min_length=10, max_length=250)]


class LeadForm(FormModel):
    """What every form about a lead may say: which state of it was on the screen."""

    seen: int | None = None


class ActivityForm(LeadForm):
    """Something the agent did or the customer said; left out, `occurred_at` is now."""

    kind: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Z][A-Z_]*$")]
    occurred_at: Moment | None = None
    note: Note | None = None


class NoteForm(LeadForm):
    """A note that moves no deadline."""

    note: Note


class MaybeNoteForm(LeadForm):
    """An act that needs no words, but may have some."""

    note: Note | None = None


class HoldForm(LeadForm):
    """A hold; left out, it begins now and ends when it is released."""

    reason: HoldReason
    start_at: Moment | None = None
    end_at: Moment | None = None
    note: Note | None = None


class ExtensionForm(LeadForm):
    """More days of base period, and why."""

    reason: Annotated[str, Field(min_length=3, max_length=10_000)]
    days: Days | None = None
    next_step: Note | None = None
    next_step_at: Moment | None = None


class ApproveForm(LeadForm):
    """Yes: an extension by so many days, a hold as asked for or with other limits."""

    days: Days | None = None
    start_at: Moment | None = None
    end_at: Moment | None = None
    note: Note | None = None


class WhyForm(LeadForm):
    """An act that needs a reason."""

    reason: Why


class TransferForm(LeadForm):
    """Who takes the lead over."""

    owner: Name
    reason: Why
    restart_base: bool = False


class ReinstateForm(LeadForm):
    """Why a lapsed or released lead comes back."""

    reason: Why
    restart_base: bool = False


class ConvertForm(LeadForm):
    """The customer agreement."""

    customer_no: Annotated[str, Field(max_length=100)] | None = None
    agreement_date: date | None = None
    note: Note | None = None


class ContactForm(LeadForm):
    """Whom to ask for from now on."""

    name: Name | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    phone: Annotated[str, Field(max_length=50)] | None = None


class RegisterForm(ContactForm):
    """What makes a pre-registered lead a registered one."""

    first_note: Note | None = None
    first_channel: Annotated[str, Field(max_length=200)] | None = None
    first_at: Moment | None = None
    source: LeadSource | None = None
    similar: Grave | None = None
    override: Grave | None = None


class ShareForm(LeadForm):
    """With whom the lead is shared, and how."""

    user: Name
    role: Share


class UnshareForm(LeadForm):
    """With whom no longer."""

    user: Name


class CorrectionForm(LeadForm):
    """An earlier entry was wrong: it never was, or these are its right values."""

    corrects: Name
    never: bool = False
    kind: Annotated[str, Field(max_length=60)] | None = None
    occurred_at: Moment | None = None
    registered_at: Moment | None = None
    hold_reason: HoldReason | None = None
    start_at: Moment | None = None
    end_at: Moment | None = None
    ended_at: Moment | None = None
    days: Days | None = None
    reason: Why


class WhatIfForm(FormModel):
    """What to suppose; what is left out is as it is."""

    hold_days: Annotated[int, Field(ge=0, le=365)] = 0
    hold_open: bool = False
    extension_days: Annotated[int, Field(ge=0, le=365)] = 0
    progress: bool = False
    grace_days: Annotated[int, Field(ge=1, le=30)] | None = None


# -------------------------------------------------------------------------------- what is offered


class ActName(StrEnum):
    """The forms of the page, as `?act=` names them."""

    LOG = "log"
    HOLD = "hold"
    EXTENSION = "extension"
    NOTE = "note"
    CONTACT = "contact"
    SHARE = "share"
    REGISTER = "register"
    TRANSFER = "transfer"
    CONVERT = "convert"
    RELEASE = "release"
    REINSTATE = "reinstate"
    CORRECT = "correct"
    APPROVE = "approve"
    REJECT = "reject"
    RELEASE_HOLD = "release-hold"


@dataclass(frozen=True, slots=True)
class Offer:
    """An act the caller may do now.

    Attributes:
        text: English wording of its button.
        tone: primary, plain or danger.
    """

    name: ActName
    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Decidable:
    """Something asked for that waits for a decision, and what the caller may say to it."""

    request: Request
    decide: bool
    withdraw: bool
    words: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Everything the caller may do about the lead now."""

    acts: tuple[Offer, ...]
    requests: tuple[Decidable, ...]
    holds: tuple[Hold, ...]
    resend: bool
    share: bool
    governs: bool
    asks: bool
    correct: bool
    read_audit: bool

    def has(self, name: ActName) -> bool:
        """Whether this form may be shown."""
        match name:
            case ActName.APPROVE | ActName.REJECT:
                return any(one.decide for one in self.requests)
            case ActName.RELEASE_HOLD:
                return bool(self.holds)
            case ActName.CORRECT:
                return self.correct
        return any(offer.name == name for offer in self.acts)


_FIRST: Final = {
    Status.PREREGISTERED: ActName.REGISTER,
    Status.ACTIVE: ActName.LOG,
    Status.GRACE: ActName.LOG,
    Status.EXPIRED: ActName.REINSTATE,
    Status.RELEASED: ActName.REINSTATE,
}


def relation(lead: LeadView) -> Relation:
    """What makes the lead somebody's."""
    return Relation(lead.standing.owner, lead.standing.share)


def offers(view: View, lead: LeadView) -> Offers:
    """What the caller may do about the lead, by the matrix of rights and by the lead's state."""
    about, status = relation(lead), lead.answer.status
    alive = status in ALIVE
    decides = alive and view.can(Act.DECIDE, about)
    return Offers(
        acts=tuple(_acts(view, lead, about, status)),
        requests=tuple(
            Decidable(
                request,
                decide=decides and request.requested_by != view.caller.user,
                withdraw=view.can(Act.REQUEST, about)
                and view.caller.user in {request.requested_by, about.owner},
                words=dict(lead.notes.get(lead.asked_in(request.request) or "", {})),
            )
            for request in lead.waiting
            if alive
        ),
        holds=lead.releasable if decides else (),
        resend=alive and lead.state.problem is not None and view.can(Act.RESEND_MAIL, about),
        share=view.can(Act.SHARE, about),
        governs=view.can(Act.GOVERN, about),
        asks=_asks(view, about),
        correct=alive and view.can(Act.GOVERN, about),
        read_audit=view.can(Act.READ_AUDIT, about),
    )


def _acts(view: View, lead: LeadView, about: Relation, status: Status) -> Iterator[Offer]:
    alive, converted = status in ALIVE, status is Status.CONVERTED
    if status is Status.PREREGISTERED and view.can(Act.REGISTER, about):
        yield Offer(ActName.REGISTER, N_("Register it now"), "primary")
    if alive and view.can(Act.LOG_ACTIVITY, about):
        yield Offer(ActName.LOG, N_("Log progress"), "primary")
    asks = _asks(view, about)
    if alive and (asks or view.can(Act.DECIDE, about)):
        yield Offer(ActName.HOLD, N_("Request a hold") if asks else N_("Stop the clock"))
        yield Offer(ActName.EXTENSION, N_("Request an extension") if asks else N_("Extend"))
    if alive and view.can(Act.ADD_NOTE, about):
        yield Offer(ActName.NOTE, N_("Add a note"))
    if (alive or converted) and view.can(Act.EDIT_LEAD, about):
        yield Offer(ActName.CONTACT, N_("Change the contact"))
    if view.can(Act.SHARE, about):
        yield Offer(ActName.SHARE, N_("Share"))
    if alive and view.can(Act.GOVERN, about):
        yield Offer(ActName.TRANSFER, N_("Hand over"))
        yield Offer(ActName.CONVERT, N_("Became a customer"))
    brings_back = status in {Status.EXPIRED, Status.RELEASED} and view.can(Act.GOVERN, about)
    if brings_back and lead.state.basis.base_anchor is not None:
        yield Offer(ActName.REINSTATE, N_("Bring it back"), "primary")
    if status in OPEN and view.can(Act.RELEASE_LEAD, about):
        yield Offer(ActName.RELEASE, N_("Give it up"), "danger")


def _asks(view: View, about: Relation) -> bool:
    """Whether a hold or an extension is asked for; nobody decides about a lead of his own."""
    return view.can(Act.REQUEST, about)


def first_act(found: Offers, status: Status) -> ActName | None:
    """The form that is open when nobody chose one: what waits for a decision, else what is most needed."""
    usual = _FIRST.get(status)
    return usual if usual is not None and found.has(usual) else None
