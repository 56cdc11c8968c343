"""The page of a lead, put together: the sentence, the picture, what can be done, and what lies behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from adapters.console_model import Person, mails_of, people
from adapters.database import Connection
from adapters.lead_reading import names_of
from adapters.proposal_store import contact_roles_of
from api.pages.forms import Form
from api.pages.proposal_texts import CONTACT_ROLES, proposed_on
from api.pages.refusals import refusal_text
from api.pages.routes.lead_credit import credit_on
from api.pages.routes.lead_erp import known_customer_on
from api.pages.routes.lead_forms import ActName, Offers, WhatIfForm, first_act, offers
from api.pages.routes.lead_words import CLAUSES, LANES, Words
from api.pages.texts import N_
from api.pages.view import View
from protection.basis import CORRECTABLE, effective
from protection.dates import add_period, format_instant, zone
from protection.facts import Fact, HoldReason
from protection.permission import Share
from protection.policy import Policy
from services.errors import NotFound, Similar
from services.fact_texts import mail_words
from services.history import audit_of
from services.lead_view import Course, LeadView, view_lead
from services.preview import Supposed, WhatIf
from services.timeline_picture import NARROW, WIDE, draw
from services.words import LeadSource

LEDGER_ROWS: Final = 50
AUDIT_ROWS: Final = 50
_NEEDS_PEOPLE: Final = frozenset({ActName.SHARE, ActName.TRANSFER})
SOURCES: Final[Mapping[LeadSource, str]] = MappingProxyType(
    {
        LeadSource.TRADE_FAIR: N_("Trade fair"),
        LeadSource.REFERRAL: N_("Referral"),
        LeadSource.PHONE: N_("Phone"),
        LeadSource.WEB_FORM: N_("Web form"),
        LeadSource.PARTNER: N_("Partner"),
        LeadSource.OTHER: N_("Something else"),
    }
)
ROLES: Final[Mapping[Share, str]] = MappingProxyType(
    {
        Share.VIEW: N_("may read it"),
        Share.ASSIST: N_("may log activities, too"),
        Share.NEGOTIATE: N_("may request holds and extensions, too"),
    }
)


class Tab(StrEnum):
    """What lies beside the clock. Addresses below the lead's own."""

    LEDGER = "ledger"
    MAILS = "mails"
    PEOPLE = "people"
    AUDIT = "audit"


TABS: Final[Mapping[Tab, str]] = MappingProxyType(
    {
        Tab.LEDGER: N_("What happened"),
        Tab.MAILS: N_("Mails"),
        Tab.PEOPLE: N_("People and contacts"),
        Tab.AUDIT: N_("Audit"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of the page is wanted.

    Attributes:
        act: the form to show; None is the one most needed.
        about: the request, hold or entry it is about.
        form: as it was refused.
        similar: companies a registration has to be told apart from.
        question: what is supposed, and the form that says so.
        before: audit rows before this number.
        everything: the whole ledger.
    """

    tab: Tab = Tab.LEDGER
    act: ActName | None = None
    about: str = ""
    form: Form[Any] | None = None
    similar: Similar | None = None
    question: Form[WhatIfForm] | None = None
    before: int | None = None
    everything: bool = False


def lead_id(text: str) -> UUID:
    """The id in an address.

    Raises:
        NotFound: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


async def show(view: View, lead: UUID, wanted: Wanted, *, status: int = 200) -> Response:
    """The page."""
    known = await known_customer_on(view, lead)
    async with view.looking() as connection:
        found = await _found(view, connection, lead, wanted.question)
        offered = offers(view, found)
        more = await _tab(connection, view, found, offered, wanted)
        proposed = await proposed_on(view, connection, lead)
        act = _act(wanted, offered, found)
        persons = await people(connection, view.caller.tenant) if act in _NEEDS_PEOPLE else {}
    context = {
        **more,
        **proposed,
        **known,
        **_form(view, wanted, found, act, persons),
        **_clock(view, found.course, Words(view, found), wanted.question),
    }
    return view.page("lead/page.html.j2", status, lead=found, offers=offered, **context)


async def show_what_if(view: View, lead: UUID, question: Form[WhatIfForm]) -> Response:
    """Only the picture, as it would be."""
    async with view.looking() as connection:
        found = await _found(view, connection, lead, question)
    clock = _clock(view, found.course, Words(view, found), question)
    status = 200 if question.ok else 422
    return view.part("lead/_what_if_answer.html.j2", status, lead=found, **clock)


async def show_tab(view: View, lead: UUID, wanted: Wanted) -> Response:
    """Only what lies beside the clock."""
    async with view.looking() as connection:
        found = await _found(view, connection, lead, None)
        offered = offers(view, found)
        more = await _tab(connection, view, found, offered, wanted)
    return view.part("lead/_more.html.j2", lead=found, offers=offered, **more)


async def _found(
    view: View, connection: Connection, lead: UUID, question: Form[WhatIfForm] | None
) -> LeadView:
    now = view.now()
    asked = question if question is not None and question.ok else None

    def supposed(policy: Policy) -> WhatIf:
        return _what_if(asked.values if asked is not None else WhatIfForm(), policy, now)

    return await view_lead(
        connection,
        view.desk.vault,
        view.caller,
        lead,
        now=now,
        question=None if asked is None else supposed,
    )


def _what_if(said: WhatIfForm, policy: Policy, now: datetime) -> WhatIf:
    """What the sliders suppose."""
    facts: list[Supposed] = []
    if said.progress:
        facts.append(Supposed("activity", values={"kind": policy.qualifying_kinds[0]}))
    if said.hold_open:
        facts.append(Supposed("hold_placed", values={"reason": HoldReason.OTHER}))
    elif said.hold_days:
        until = format_instant(hold_end(said.hold_days, policy, now))
        facts.append(Supposed("hold_placed", values={"reason": HoldReason.OTHER, "end_at": until}))
    if said.extension_days:
        facts.append(Supposed("extension_granted", values={"days": said.extension_days}))
    other = said.grace_days is not None and said.grace_days != policy.grace_days
    return WhatIf(facts=tuple(facts), policy={"grace_days": said.grace_days} if other else {})


def hold_end(days: int, policy: Policy, now: datetime) -> datetime:
    """When a supposed hold of so many days, from now, ends."""
    return add_period(now, 0, days, zone(policy.timezone))


# -------------------------------------------------------------------------------- beside the clock


async def _tab(
    connection: Connection, view: View, lead: LeadView, offered: Offers, wanted: Wanted
) -> dict[str, Any]:
    """What the open tab shows."""
    tab = wanted.tab
    tabs = [one for one in Tab if one is not Tab.AUDIT or offered.read_audit]
    more: dict[str, Any] = {"tab": tab, "tabs": tabs, "tab_texts": TABS}
    more |= await credit_on(view, connection, lead.lead.id)
    if tab is Tab.LEDGER:
        facts = lead.ledger.facts if wanted.everything else lead.ledger.facts[-LEDGER_ROWS:]
        more["happened"] = Words(view, lead).ledger(facts, frozenset(CORRECTABLE))
        more["earlier"] = len(lead.ledger.facts) - len(facts)
    elif tab is Tab.MAILS:
        mails = list(reversed(await mails_of(connection, view.caller.tenant, lead.lead.id)))
        names = await names_of(connection, view.caller.tenant, {mail.recipient for mail in mails})
        more["mails"] = [
            (
                mail,
                mail_words(mail.kind, mail.status, names.get(mail.recipient, mail.recipient), view.language),
            )
            for mail in mails
        ]
    elif tab is Tab.PEOPLE:
        known = await contact_roles_of(connection, view.caller.tenant, lead.lead.id)
        more["known_roles"] = {one.contact: view.text(CONTACT_ROLES[one.role]) for one in known}
    elif tab is Tab.AUDIT:
        rows, following = await audit_of(
            connection, view.caller, lead.lead.id, before=wanted.before, most=AUDIT_ROWS
        )
        more["rows"], more["following"] = rows, following
        more["actors"] = await names_of(connection, view.caller.tenant, {row.actor for row in rows})
    return more


# -------------------------------------------------------------------------------- the form


def _act(wanted: Wanted, offered: Offers, lead: LeadView) -> ActName | None:
    if wanted.act is not None and offered.has(wanted.act):
        return wanted.act
    return first_act(offered, lead.answer.status)


def _form(
    view: View, wanted: Wanted, lead: LeadView, act: ActName | None, persons: Mapping[str, Person]
) -> dict[str, Any]:
    """The form that is open, and what it needs."""
    policy = lead.state.policy
    about = None
    if act is ActName.CORRECT:
        known = effective(lead.ledger.facts)
        about = next((fact for fact in known if fact.fact_id == wanted.about), None)
    form = wanted.form or Form(view.text, _filled(view, about))
    kinds = [
        *((kind, view.reader.word(kind), True) for kind in policy.qualifying_kinds),
        *((kind, view.reader.word(kind), False) for kind in policy.other_kinds),
    ]
    return {
        "act": act,
        "fact": about,
        "fact_text": None if about is None else Words(view, lead).fact(about),
        "fields": () if about is None else sorted(CORRECTABLE.get(type(about), ())),
        "request": next((one for one in lead.waiting if one.request == wanted.about), None),
        "hold": next((one for one in lead.releasable if one.hold == wanted.about), None),
        "form": form,
        "similar": wanted.similar,
        "kinds": kinds,
        "kind_options": [(kind, text) for kind, text, _ in kinds],
        "reasons": [(reason, view.reader.word(reason)) for reason in HoldReason],
        "sources": [(source, view.text(SOURCES[source])) for source in LeadSource],
        "roles": [(role, view.text(ROLES[role])) for role in Share],
        "persons": sorted(persons.values(), key=lambda one: one.display_name.casefold()),
    }


def _filled(view: View, fact: Fact | None) -> dict[str, Any]:
    """What stands in a correction before anything is changed."""
    if fact is None:
        return {}
    given: dict[str, Any] = {}
    for name in CORRECTABLE.get(type(fact), ()):
        value = getattr(fact, name)
        shown = view.reader.typed(value) if isinstance(value, datetime) else value
        given["hold_reason" if name == "reason" else name] = "" if shown is None else str(shown)
    return given


# -------------------------------------------------------------------------------- the clock


def _clock(view: View, course: Course, words: Words, form: Form[WhatIfForm] | None) -> dict[str, Any]:
    wide, narrow = draw(course.story, WIDE), draw(course.story, NARROW)
    return {
        "course": course,
        "sentence": course.sentence,
        "wide": wide,
        "wide_labels": words.labels(wide),
        "narrow": narrow,
        "narrow_labels": words.labels(narrow),
        "words": words,
        "table": words.said(wide.entries),
        "deadlines": words.deadlines(course.reading.explanation, course.story),
        "lanes": LANES,
        "clauses": CLAUSES,
        "question": form,
        "refused": [refusal_text(one.refused, view.text) for one in course.preview.refused],
    }
