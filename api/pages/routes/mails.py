"""Mails as administrators see them: what each kind looks like, which went out, which were refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from activities.letters import Letter
from activities.orders import InvitationKind, MailKind, NotificationKind
from activities.ports import DeliveryStatus, Language, Reader, Written
from adapters.lead_reading import names_of
from adapters.mail import CALENDAR_FILE
from adapters.mail_list import mailed_ledger, recent_mails
from adapters.mail_texts.preview import sample_invitation, sample_letters
from adapters.mail_texts.upcoming import letters_to_come
from adapters.mail_texts.writer import MailTexts
from api.pages.asked import address, read_query
from api.pages.forms import Form, FormModel, read_form
from api.pages.refusals import refusal_text
from api.pages.texts import N_
from api.pages.view import PAGE_POLICY, CurrentView, View
from api.problems import ApiError, Kind
from protection.dates import format_instant
from protection.permission import Role
from protection.policy import Policy
from protection.refusal import Refused
from services.mailing import resend_reminder

PAGE: Final = "/mails"
PREVIEW: Final = "/mails/preview"
_ROWS: Final = 50
_PATH: Final = re.compile(r"\s*(?:https?://\S+)?/leads/([0-9a-fA-F-]{36})(?:[/?#]\S*)?\s*")
# The mail brings its own looks, and nothing else: no script, no foreign host, no way out of its frame.
_LETTER_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

router: Final = APIRouter(include_in_schema=False)

KINDS: Final[Mapping[MailKind, str]] = MappingProxyType(
    {
        NotificationKind.NOTICE_PROGRESS: N_("Advance notice: progress due"),
        NotificationKind.REMINDER: N_("Reminder that opens grace"),
        NotificationKind.NOTICE_BASE: N_("Advance notice: base period ends"),
        NotificationKind.LAPSE: N_("Protection has ended"),
        NotificationKind.REQUEST_MADE: N_("Request to decide"),
        NotificationKind.REQUEST_DECIDED: N_("Request decided"),
        NotificationKind.NOTICE_HOLD: N_("Hold at its limit"),
        NotificationKind.NOTICE_PREREGISTRATION: N_("Pre-registration about to end"),
        InvitationKind.INVITATION: N_("Customer: invitation to give feedback"),
        InvitationKind.REMINDER: N_("Customer: reminder of the invitation"),
    }
)
_SHOWN: Final[Mapping[str, frozenset[DeliveryStatus]]] = MappingProxyType(
    {
        "refused": frozenset({DeliveryStatus.BOUNCED, DeliveryStatus.DEAD}),
        "waiting": frozenset({DeliveryStatus.SENDING}),
    }
)


class ListAsked(FormModel):
    """Which mails.

    Attributes:
        at: of the last mail of the page before.
        id: the same.
    """

    show: Literal["refused", "waiting"] | None = None
    at: datetime | None = None
    id: UUID | None = None

    @property
    def before(self) -> tuple[datetime, UUID] | None:
        """Where the page before ended; None where something of it is missing."""
        if self.at is None or self.at.tzinfo is None or self.id is None:
            return None
        return self.at, self.id


def _pasted(value: object) -> object:
    """The id in the address of a lead's page, or the id itself."""
    found = _PATH.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else found[1]


class PreviewAsked(FormModel):
    """Which mail, in which language, of which lead; of a made-up one if none is named."""

    kind: NotificationKind | InvitationKind = NotificationKind.REMINDER
    language: Language | None = None
    lead: Annotated[UUID | None, BeforeValidator(_pasted)] = None


class _NoFields(FormModel):
    """A form of which only the key of its act counts."""


@dataclass(frozen=True, slots=True)
class _Shown:
    written: Written
    language: Language


@router.get(PAGE)
async def read_mails(view: CurrentView) -> Response:
    """Mails that went out, wait or were refused, the newest first."""
    return await _list(view)


@router.post("/mails/{lead}/resend")
async def resend(view: CurrentView, request: Request, lead: UUID) -> Response:
    """Send the reminder again that was refused for good."""
    _only_administrators(view)
    form = await read_form(request, _NoFields)
    try:
        await resend_reminder(view.desk, view.asking(form.act), lead)
    except Refused as refused:
        form.errors.setdefault("", refusal_text(refused, view.text))
        return await _list(view, form=form, status=409)
    return view.to(PAGE, said=N_("The reminder is on its way again."))


@router.get(PREVIEW)
async def read_preview(view: CurrentView) -> Response:
    """What a mail looks like."""
    _only_administrators(view)
    form = read_query(view, PreviewAsked)
    shown = await _written(view, form.values) if form.ok else None
    asked = form.values if form.ok else PreviewAsked()
    query = {"kind": asked.kind, "language": asked.language, "lead": asked.lead}
    response = view.page(
        "mails/preview.html.j2",
        status=200 if form.ok else 422,
        form=form,
        shown=shown,
        letter=address(f"{PREVIEW}/letter", query),
        entry=address(f"{PREVIEW}/{CALENDAR_FILE}", query),
        kinds=[(kind.value, view.text(text)) for kind, text in KINDS.items()],
        languages=[("de", "Deutsch"), ("en", "English")],
        usual=view.language,
    )
    response.headers["Content-Security-Policy"] = f"{PAGE_POLICY}; frame-src 'self'"
    return response


@router.get(f"{PREVIEW}/letter")
async def read_letter(view: CurrentView) -> Response:
    """The HTML of a mail alone, for a frame in which it can do nothing."""
    shown = await _needed(view)
    return Response(
        shown.written.html, media_type="text/html", headers={"Content-Security-Policy": _LETTER_POLICY}
    )


@router.get(f"{PREVIEW}/{CALENDAR_FILE}")
async def read_entry(view: CurrentView) -> Response:
    """What a mail brings along for its reader's calendar."""
    shown = await _needed(view)
    if shown.written.calendar is None:
        raise HTTPException(404)
    headers = {"Content-Disposition": f'attachment; filename="{CALENDAR_FILE}"'}
    return Response(shown.written.calendar.content, media_type="text/calendar", headers=headers)


def _only_administrators(view: View) -> None:
    if Role.ADMIN not in view.caller.roles or Role.AUDITOR in view.caller.roles:
        raise ApiError(Kind.FORBIDDEN, "Mails are the administrators' to look at.")


async def _list(view: View, *, form: Form[_NoFields] | None = None, status: int = 200) -> Response:
    _only_administrators(view)
    asked = read_query(view, ListAsked)
    wanted = asked.values if asked.ok else ListAsked()
    async with view.looking() as connection:
        found = await recent_mails(
            connection,
            view.caller.tenant,
            statuses=None if wanted.show is None else _SHOWN[wanted.show],
            before=wanted.before,
            most=_ROWS + 1,
        )
    rows, later = found[:_ROWS], None
    if len(found) > _ROWS:
        last = rows[-1]
        place = {"show": wanted.show, "at": format_instant(last.updated_at), "id": last.id}
        later = address(PAGE, place)
    return view.page(
        "mails/list.html.j2",
        status=status if asked.ok else 422,
        form=form or asked,
        rows=rows,
        kinds={kind.value: view.text(text) for kind, text in KINDS.items()},
        show=wanted.show,
        first=None if wanted.before is None else address(PAGE, {"show": wanted.show}),
        later=later,
    )


async def _needed(view: View) -> _Shown:
    _only_administrators(view)
    form = read_query(view, PreviewAsked)
    shown = await _written(view, form.values) if form.ok else None
    if shown is None:
        raise HTTPException(404)
    return shown


async def _written(view: View, asked: PreviewAsked) -> _Shown | None:
    """The mail as it would be written to whoever looks at it; None if this lead gives no reason for it."""
    language = asked.language or Language(view.language)
    writer, signed = MailTexts(view.wiring.public_url), view.caller
    if isinstance(asked.kind, InvitationKind):
        invitation, contact = sample_invitation(view.now(), language)
        link = f"{view.wiring.public_url.rstrip('/')}/feedback/{'x' * 43}"
        written = writer.invite(asked.kind, invitation, contact, "Erika Muster", link)
        return _Shown(written, language)
    letter = await _letter(view, asked.kind, asked.lead)
    if letter is None:
        return None
    name = view.signed.name if view.signed is not None else signed.user
    reader = Reader(signed.user, None, name, language, view.zone.key)
    return _Shown(writer.write(letter, reader), language)


async def _letter(view: View, kind: NotificationKind, lead: UUID | None) -> Letter | None:
    now = view.now()
    if lead is None:
        return next((letter for letter in sample_letters(now, Policy()) if letter.kind is kind), None)
    async with view.looking() as connection:
        ledger = await mailed_ledger(connection, view.caller.tenant, lead)
        if ledger is None:
            return None
        letter = letters_to_come(lead, ledger, now).get(kind)
        if letter is None:
            return None
        return replace(letter, names=await names_of(connection, view.caller.tenant, letter.people))
