"""What is done about a lead on its page: forms; a refused one is shown again with what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.request_store import request_of
from api.pages.forms import Form, read_form
from api.pages.refusals import CREDIT_WANTED
from api.pages.routes.lead_corrections import replacement_of
from api.pages.routes.lead_forms import (
    ActivityForm,
    ActName,
    ApproveForm,
    ContactForm,
    ConvertForm,
    CorrectionForm,
    ExtensionForm,
    HoldForm,
    LeadForm,
    MaybeNoteForm,
    NoteForm,
    RegisterForm,
    ReinstateForm,
    ShareForm,
    TransferForm,
    UnshareForm,
    WhyForm,
)
from api.pages.routes.lead_shown import Tab, Wanted, lead_id, show
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.refusal import Refused
from protection.requests import RequestKind
from services import governing, holding, mailing, sharing
from services.asking import Asking
from services.clock_reading import whole_ledger
from services.door import Done
from services.editing import Change, edit
from services.errors import CreditWanted, LiveDuplicate, Missing, NotFound, Similar
from services.holding import Decision, Effect, WantedExtension, WantedHold
from services.openings import Contact, FirstContact, Opening
from services.registering import register_known

router: Final = APIRouter(include_in_schema=False)

M = TypeVar("M", bound=LeadForm)
# The names of services' fields on our forms.
_FIELDS: Final = {
    "what": "next_step",
    "at": "first_at",
    "channel": "first_channel",
    "user_id": "user",
    "customerNo": "customer_no",
}


async def _do(
    request: Request,
    view: View,
    wanted: tuple[UUID, Wanted],
    model: type[M],
    act: Callable[[M, Asking], Awaitable[str]],
) -> Response:
    """Read the form, act, and go on; or show it again.

    Args:
        wanted: about which lead, and what of its page is shown with a refused form.
        act: does it and says in English what was done.
    """
    form = await read_form(request, model)
    lead, page = wanted
    if form.ok:
        asking = replace(view.asking(form.act), if_revision=form.values.seen)
        try:
            said = await act(form.values, asking)
            return view.to(form.back or f"/leads/{lead}", said=said)
        except Refused as refused:
            form.refuse(refused, **_FIELDS)
        except CreditWanted:
            form.fail("", CREDIT_WANTED)
        except LiveDuplicate:
            form.fail("", N_("A live lead of this company and place exists already."))
        except Similar as similar:
            form.fail("similar", N_("There are similar companies. Say why this is another one."))
            page = replace(page, similar=similar)
    page = replace(page, form=_shown(form), about=page.about or str(form.given.get("corrects", "")))
    return await show(view, lead, page, status=422)


def _shown(form: Form[M]) -> Form[M]:
    # What was on the screen is shown anew, and with it its revision.
    form.given.pop("seen", None)
    return form


def _about(lead: str, act: ActName, about: str = "") -> tuple[UUID, Wanted]:
    return lead_id(lead), Wanted(act=act, about=about)


# -------------------------------------------------------------------------------- progress and words


@router.post("/leads/{lead}/activities")
async def log_activity(lead: str, request: Request, view: CurrentView) -> Response:
    """Log something the agent did or the customer said."""

    async def act(said: ActivityForm, asking: Asking) -> str:
        await governing.log_activity(
            view.desk, asking, lead_id(lead), kind=said.kind, occurred_at=said.occurred_at, note=said.note
        )
        return N_("Recorded.")

    return await _do(request, view, _about(lead, ActName.LOG), ActivityForm, act)


@router.post("/leads/{lead}/notes")
async def add_note(lead: str, request: Request, view: CurrentView) -> Response:
    """Write a note that moves no deadline."""

    async def act(said: NoteForm, asking: Asking) -> str:
        await governing.log_activity(view.desk, asking, lead_id(lead), kind="NOTE", note=said.note)
        return N_("The note was added.")

    return await _do(request, view, _about(lead, ActName.NOTE), NoteForm, act)


@router.post("/leads/{lead}/contact")
async def change_contact(lead: str, request: Request, view: CurrentView) -> Response:
    """Change whom to ask for."""

    async def act(said: ContactForm, asking: Asking) -> str:
        contact = Contact(name=said.name, email=said.email, phone=said.phone)
        await edit(view.desk, asking, lead_id(lead), Change(fields={}, contact=contact))
        return N_("The contact was changed.")

    return await _do(request, view, _about(lead, ActName.CONTACT), ContactForm, act)


# -------------------------------------------------------------------------------- holds and extensions


@router.post("/leads/{lead}/holds")
async def place_hold(lead: str, request: Request, view: CurrentView) -> Response:
    """Stop the clock, or ask for it."""

    async def act(said: HoldForm, asking: Asking) -> str:
        wanted = WantedHold(reason=said.reason, start_at=said.start_at, end_at=said.end_at, note=said.note)
        done = await holding.place_hold(view.desk, asking, lead_id(lead), wanted)
        return _effect(done, N_("The clock stands still for this hold."), N_("The hold was asked for."))

    return await _do(request, view, _about(lead, ActName.HOLD), HoldForm, act)


@router.post("/leads/{lead}/holds/{hold}/release")
async def release_hold(lead: str, hold: str, request: Request, view: CurrentView) -> Response:
    """Let the clock run again."""

    async def act(said: MaybeNoteForm, asking: Asking) -> str:
        await holding.release_hold(view.desk, asking, lead_id(lead), hold, note=said.note)
        return N_("The hold is over.")

    return await _do(request, view, _about(lead, ActName.RELEASE_HOLD, hold), MaybeNoteForm, act)


@router.post("/leads/{lead}/extensions")
async def ask_extension(lead: str, request: Request, view: CurrentView) -> Response:
    """Ask for more days of base period, or grant them."""

    async def act(said: ExtensionForm, asking: Asking) -> str:
        wanted = WantedExtension(
            reason=said.reason, days=said.days, next_step=said.next_step, next_step_at=said.next_step_at
        )
        done = await holding.ask_extension(view.desk, asking, lead_id(lead), wanted)
        return _effect(done, N_("The base period was extended."), N_("The extension was asked for."))

    return await _do(request, view, _about(lead, ActName.EXTENSION), ExtensionForm, act)


def _effect(done: Done, at_once: str, asked: str) -> str:
    return asked if done.detail.get("effect") == Effect.REQUESTED else at_once


@router.post("/leads/{lead}/requests/{name}/approve")
async def approve(lead: str, name: str, request: Request, view: CurrentView) -> Response:
    """Say yes to what somebody asked for."""

    async def act(said: ApproveForm, asking: Asking) -> str:
        kind = await _kind(view, lead_id(lead), name)
        days = None if kind is RequestKind.HOLD else said.days
        decision = Decision(
            kind=kind, approve=True, days=days, start_at=said.start_at, end_at=said.end_at, why=said.note
        )
        await holding.decide(view.desk, asking, lead_id(lead), name, decision)
        return N_("Approved.")

    return await _do(request, view, _about(lead, ActName.APPROVE, name), ApproveForm, act)


@router.post("/leads/{lead}/requests/{name}/reject")
async def reject(lead: str, name: str, request: Request, view: CurrentView) -> Response:
    """Say no, and why."""

    async def act(said: WhyForm, asking: Asking) -> str:
        kind = await _kind(view, lead_id(lead), name)
        decision = Decision(kind=kind, approve=False, why=said.reason)
        await holding.decide(view.desk, asking, lead_id(lead), name, decision)
        return N_("Rejected.")

    return await _do(request, view, _about(lead, ActName.REJECT, name), WhyForm, act)


@router.post("/leads/{lead}/requests/{name}/withdraw")
async def withdraw(lead: str, name: str, request: Request, view: CurrentView) -> Response:
    """Ask no longer."""

    async def act(_: LeadForm, asking: Asking) -> str:
        kind = await _kind(view, lead_id(lead), name)
        await holding.withdraw(view.desk, asking, lead_id(lead), name, kind)
        return N_("Withdrawn.")

    return await _do(request, view, (lead_id(lead), Wanted()), LeadForm, act)


async def _kind(view: View, lead: UUID, name: str) -> RequestKind:
    """What was asked for; a request the caller may not see does not exist."""
    async with view.looking() as connection:
        found = await request_of(connection, view.caller.tenant, lead, name)
    if found is None:
        raise NotFound(Missing.REQUEST)
    return found.kind


# -------------------------------------------------------------------------------- what governs a lead


@router.post("/leads/{lead}/transfer")
async def transfer(lead: str, request: Request, view: CurrentView) -> Response:
    """Hand the lead over."""

    async def act(said: TransferForm, asking: Asking) -> str:
        await governing.transfer(
            view.desk,
            asking,
            lead_id(lead),
            owner=said.owner,
            reason=said.reason,
            restart_base=said.restart_base,
        )
        return N_("The lead was handed over.")

    return await _do(request, view, _about(lead, ActName.TRANSFER), TransferForm, act)


@router.post("/leads/{lead}/release")
async def release_lead(lead: str, request: Request, view: CurrentView) -> Response:
    """Give the lead up."""

    async def act(said: MaybeNoteForm, asking: Asking) -> str:
        await governing.release_lead(view.desk, asking, lead_id(lead), note=said.note)
        return N_("The lead was given up.")

    return await _do(request, view, _about(lead, ActName.RELEASE), MaybeNoteForm, act)


@router.post("/leads/{lead}/convert")
async def convert(lead: str, request: Request, view: CurrentView) -> Response:
    """The lead has become a customer."""

    async def act(said: ConvertForm, asking: Asking) -> str:
        await governing.convert(
            view.desk,
            asking,
            lead_id(lead),
            customer_no=said.customer_no,
            agreement_date=said.agreement_date,
            note=said.note,
        )
        return N_("It is a customer now.")

    return await _do(request, view, _about(lead, ActName.CONVERT), ConvertForm, act)


@router.post("/leads/{lead}/reinstate")
async def reinstate(lead: str, request: Request, view: CurrentView) -> Response:
    """Bring a lapsed or released lead back."""

    async def act(said: ReinstateForm, asking: Asking) -> str:
        await governing.reinstate(
            view.desk, asking, lead_id(lead), reason=said.reason, restart_base=said.restart_base
        )
        return N_("The lead is protected again.")

    return await _do(request, view, _about(lead, ActName.REINSTATE), ReinstateForm, act)


@router.post("/leads/{lead}/register")
async def register(lead: str, request: Request, view: CurrentView) -> Response:
    """Register a lead that was only noted."""

    async def act(said: RegisterForm, asking: Asking) -> str:
        opening = Opening(
            contact=_contact(said),
            first_contact=_first_contact(said),
            override=said.override,
            similar=said.similar,
        )
        await register_known(view.desk, asking, lead_id(lead), opening, source=said.source)
        return N_("Registered: the protection has begun.")

    return await _do(request, view, _about(lead, ActName.REGISTER), RegisterForm, act)


def _contact(said: RegisterForm) -> Contact | None:
    if not any((said.name, said.email, said.phone)):
        return None
    return Contact(name=said.name, email=said.email, phone=said.phone)


def _first_contact(said: RegisterForm) -> FirstContact | None:
    if not any((said.first_note, said.first_channel, said.first_at)):
        return None
    return FirstContact(note=said.first_note, channel=said.first_channel, at=said.first_at)


@router.post("/leads/{lead}/corrections")
async def correct(lead: str, request: Request, view: CurrentView) -> Response:
    """Say that an earlier entry was wrong."""

    async def act(said: CorrectionForm, asking: Asking) -> str:
        async with view.looking() as connection:
            ledger = await whole_ledger(connection, view.caller, lead_id(lead))
        await governing.correct(
            view.desk,
            asking,
            lead_id(lead),
            corrects=said.corrects,
            replacement=replacement_of(ledger.facts, said, view.reader),
            reason=said.reason,
        )
        return N_("Corrected; both entries are kept.")

    return await _do(request, view, _about(lead, ActName.CORRECT), CorrectionForm, act)


@router.post("/leads/{lead}/reminder")
async def resend_reminder(lead: str, request: Request, view: CurrentView) -> Response:
    """Have a refused reminder sent again."""

    async def act(_: LeadForm, asking: Asking) -> str:
        await mailing.resend_reminder(view.desk, asking, lead_id(lead))
        return N_("The reminder is being sent again.")

    return await _do(request, view, (lead_id(lead), Wanted()), LeadForm, act)


# -------------------------------------------------------------------------------- people


@router.post("/leads/{lead}/collaborators")
async def share(lead: str, request: Request, view: CurrentView) -> Response:
    """Share the lead with somebody."""

    async def act(said: ShareForm, asking: Asking) -> str:
        await sharing.share(view.desk, asking, lead_id(lead), said.user, said.role)
        return N_("The lead is shared.")

    return await _do(request, view, _about(lead, ActName.SHARE), ShareForm, act)


@router.post("/leads/{lead}/collaborators/remove")
async def unshare(lead: str, request: Request, view: CurrentView) -> Response:
    """Share the lead with somebody no longer."""

    async def act(said: UnshareForm, asking: Asking) -> str:
        await sharing.unshare(view.desk, asking, lead_id(lead), said.user)
        return N_("The lead is no longer shared with them.")

    return await _do(request, view, (lead_id(lead), Wanted(tab=Tab.PEOPLE)), UnshareForm, act)
