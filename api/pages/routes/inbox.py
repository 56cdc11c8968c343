"""Mails that came in: those of one's leads, and for managers those that are nobody's yet."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from adapters.inbox.listing import MailPlace
from adapters.inbox.store import MailState
from api.pages.asked import address, read_query
from api.pages.forms import FormModel, read_form
from api.pages.inbox_texts import inbox_words
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.dates import format_instant
from services import inbox
from services.errors import Forbidden, NotFound
from services.inbox import MailSettled

router: Final = APIRouter(include_in_schema=False)
PAGE: Final = "/inbox"
_ROWS: Final = 30
_PATH: Final = re.compile(r"\s*(?:https?://\S+)?(?:/leads/)?([0-9a-fA-F-]{36})(?:[/?#]\S*)?\s*")
_SHOWN: Final[Mapping[str, tuple[MailState, ...]]] = MappingProxyType(
    {
        "matched": (MailState.MATCHED,),
        "unmatched": (MailState.UNMATCHED, MailState.RECEIVED),
        "ignored": (MailState.IGNORED, MailState.DISMISSED),
        "bounces": (MailState.BOUNCE,),
    }
)


class InboxAsked(FormModel):
    """Which mails, after which one."""

    show: Literal["matched", "unmatched", "ignored", "bounces"] | None = None
    lead: UUID | None = None
    at: datetime | None = None
    after: UUID | None = None

    @property
    def place(self) -> MailPlace | None:
        """As the store has it; None where something of it is missing."""
        if self.at is None or self.at.tzinfo is None or self.after is None:
            return None
        return MailPlace(self.at, self.after)


def _pasted(value: object) -> object:
    """The id in the address of a lead's page, or the id itself."""
    found = _PATH.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else found[1]


class Assigned(FormModel):
    """Whose a mail is."""

    lead: Annotated[UUID, BeforeValidator(_pasted)]


class NothingMore(FormModel):
    """A form of buttons alone."""


@router.get(PAGE)
async def read_inbox(view: CurrentView) -> Response:
    """Mails, the newest first."""
    query = read_query(view, InboxAsked)
    asked = query.values if query.ok else InboxAsked()
    decides = inbox.may_decide(view.asking())
    show = asked.show or ("unmatched" if decides and asked.lead is None else "matched")
    page = await inbox.list_mails(
        view.desk, view.asking(), states=_SHOWN[show], lead=asked.lead, after=asked.place, most=_ROWS
    )
    later = None
    if page.after is not None:
        place = {"at": format_instant(page.after.received_at), "after": page.after.id}
        later = address(PAGE, {"show": show, "lead": asked.lead, **place})
    return view.page(
        "inbox/list.html.j2",
        status=200 if query.ok else 422,
        mails=page.mails,
        counts={name: sum(page.counts.get(one, 0) for one in states) for name, states in _SHOWN.items()},
        show=show,
        lead=asked.lead,
        decides=decides,
        first=None if asked.place is None else address(PAGE, {"show": show, "lead": asked.lead}),
        later=later,
        **inbox_words(view),
    )


@router.get("/inbox/{mail}")
async def read_mail(mail: UUID, view: CurrentView) -> Response:
    """One mail, and who may say so: whose it is."""
    return await _mail(view, mail)


@router.post("/inbox/{mail}/assign")
async def assign_mail(mail: UUID, request: Request, view: CurrentView) -> Response:
    """It is this lead's."""
    form = await read_form(request, Assigned)
    if not form.ok:
        return view.to(f"{PAGE}/{mail}", said=N_("Name a lead: its id, or the address of its page."))
    lead = form.values.lead
    return await _done(
        view,
        mail,
        inbox.assign(view.desk, view.asking(form.act), mail, lead),
        N_("It is that lead's now, and proposed as a reaction of the customer."),
    )


@router.post("/inbox/{mail}/dismiss")
async def dismiss_mail(mail: UUID, request: Request, view: CurrentView) -> Response:
    """It is nobody's."""
    form = await read_form(request, NothingMore)
    return await _done(
        view, mail, inbox.dismiss(view.desk, view.asking(form.act), mail), N_("It is put aside.")
    )


async def _done(view: View, mail: UUID, act: Awaitable[None], said: str) -> Response:
    try:
        await act
    except Forbidden:
        return view.to(PAGE, said=N_("Whose a mail is, managers and administrators say."))
    except NotFound:
        return view.to(f"{PAGE}/{mail}", said=N_("There is no such mail, or no such lead."))
    except MailSettled:
        return view.to(f"{PAGE}/{mail}", said=N_("That was settled before. Nothing has changed."))
    return view.to(f"{PAGE}/{mail}", said=said)


async def _mail(view: View, mail: UUID) -> Response:
    try:
        read = await inbox.read_mail(view.desk, view.asking(), mail)
    except NotFound:
        raise HTTPException(404) from None
    return view.page(
        "inbox/mail.html.j2",
        mail=read.mail,
        candidates=read.candidates,
        decides=inbox.may_decide(view.asking()),
        **inbox_words(view),
    )
