"""Registering a lead, or only noting it, with a look at duplicates on the way."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from adapters.console_model import people
from api.pages.asked import read_query
from api.pages.forms import Form, FormModel, Moment, read_form
from api.pages.opening_texts import ID_TAKEN, SIMILAR, SOURCES, TAKEN, trouble_with
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.permission import Act
from protection.refusal import Code, Refused
from services.duplicates import Met, duplicates_of
from services.errors import ExternalIdTaken, KeyReused, LiveDuplicate, Similar, Unavailable
from services.openings import Backdating, Company, Contact, FirstContact, Opening
from services.registering import NewLead, register
from services.words import LeadSource

router: Final = APIRouter(include_in_schema=False)

# Where the service's field stands in the form.
_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contact": "contact_name",
        "contact.name": "contact_name",
        "contact.email": "email",
        "contact.phone": "phone",
        "first_contact": "first_note",
        "first_contact.note": "first_note",
        "first_contact.occurred_at": "first_at",
        "first_contact.channel": "channel",
        "backdating": "registered_at",
        "backdating.registered_at": "registered_at",
        "backdating.reason": "backdating_reason",
        "backdating.evidence": "evidence",
        "override_duplicate.reason": "override",
        "confirm_similar.reason": "similar",
    }
)


class RegisterForm(FormModel):
    """A lead to open; the rules are the service's.

    Attributes:
        kind: whether protection is to begin, or company and place are only noted.
        registered_at: since when protection counts, a UTC instant; for those who may backdate.
        override: why a second live lead of the company is right; for those who may say so.
        similar: why this is another company than the similar ones.
    """

    kind: Literal["register", "note"] = "register"
    company: str
    city: str
    postcode: str | None = None
    industry: str | None = None
    source: LeadSource | None = None
    external_id: str | None = None
    owner: str | None = None
    contact_name: str | None = None
    email: str | None = None
    phone: str | None = None
    first_note: str | None = None
    first_at: Moment | None = None
    channel: str | None = None
    registered_at: Moment | None = None
    backdating_reason: str | None = None
    evidence: str | None = None
    override: str | None = None
    similar: str | None = None

    def wanted(self) -> NewLead:
        """The same for the service."""
        contact = Contact(name=self.contact_name, email=self.email, phone=self.phone)
        first = FirstContact(note=self.first_note, at=self.first_at, channel=self.channel)
        return NewLead(
            company=Company(
                company=self.company,
                city=self.city,
                postcode=self.postcode,
                industry=self.industry,
                source=self.source,
                external_id=self.external_id,
            ),
            opening=Opening(
                contact=None if contact == Contact() else contact,
                first_contact=None if first == FirstContact() else first,
                backdating=self._backdating(),
                override=self.override,
                similar=self.similar,
            ),
            owner=self.owner,
            preregistration=self.kind == "note",
        )

    def _backdating(self) -> Backdating | None:
        if self.registered_at is None:
            return None
        return Backdating(
            registered_at=self.registered_at,
            reason=self.backdating_reason or "",
            evidence=self.evidence or "",
        )


class CheckAsked(FormModel):
    """Which company may be taken."""

    company: str
    city: str
    postcode: str | None = None


@router.get("/register")
async def show_register(view: CurrentView) -> Response:
    """The form, empty."""
    view.asking().require(Act.REGISTER)
    return await _shown(view, Form(view.text), Met(taken=False))


@router.get("/register/check")
async def check_duplicates(view: CurrentView) -> Response:
    """Whether the company is taken: what a registration would be told, and nothing else."""
    form = read_query(view, CheckAsked)
    met = None
    if form.ok:
        asked = form.values
        said = Company(company=asked.company, city=asked.city, postcode=asked.postcode)
        try:
            met = await duplicates_of(view.desk, view.asking(), said)
        except Refused as refused:
            _refuse(form, refused)
    else:
        view.asking().require(Act.REGISTER)
    return view.part("register/_check.html.j2", form=form, met=met)


@router.post("/register")
async def register_lead(request: Request, view: CurrentView) -> Response:
    """Register the lead, or show the form again with what is wrong."""
    form = await read_form(request, RegisterForm)
    asking = view.asking(form.act)
    asking.require(Act.REGISTER)
    met, status = Met(taken=False), HTTPStatus.UNPROCESSABLE_ENTITY
    if form.ok:
        try:
            _check_alone(form.values)
            done = await register(view.desk, asking, form.values.wanted())
        except Refused as refused:
            _refuse(form, refused)
        except LiveDuplicate:
            met = Met(taken=True)
            form.fail("company", TAKEN)
        except Similar as similar:
            met = Met(taken=False, similar=similar.candidates)
            form.fail("similar", SIMILAR)
        except ExternalIdTaken:
            form.fail("external_id", ID_TAKEN)
        except KeyReused:
            form.fail("", N_("This form was sent before with other contents. Please send it once more."))
        except Unavailable:
            # The same key again, so that sending it once more makes no second lead.
            status = HTTPStatus.SERVICE_UNAVAILABLE
            form.fail("", N_("The lead's clock did not answer in time. Please send it once more."))
        else:
            noted = form.values.kind == "note"
            return view.to(
                f"/leads/{done.lead}",
                said=N_("Noted. Register it before the pre-registration ends.")
                if noted
                else N_("Registered. Protection has begun."),
            )
    return await _shown(view, form, met, status, form.act if status >= 500 else None)


def _check_alone(said: RegisterForm) -> None:
    """Reason and evidence belong to a date; without one they would be lost."""
    if said.registered_at is None and (said.backdating_reason or said.evidence):
        raise Refused(Code.MALFORMED, "backdating.registered_at", "since when it counts is missing")


async def _shown(
    view: View, form: Form[Any], met: Met, status: int = HTTPStatus.OK, act: str | None = None
) -> Response:
    owners: list[tuple[str, str]] = []
    if view.can(Act.REGISTER_FOR_OTHERS):
        async with view.looking() as connection:
            found = await people(connection, view.caller.tenant)
        owners = sorted(
            ((name, one.display_name) for name, one in found.items() if name != view.caller.user),
            key=lambda one: one[1].casefold(),
        )
    return view.page(
        "register/form.html.j2",
        status=status,
        form=form,
        met=met,
        act=act,
        owners=owners,
        sources=[(str(source), view.text(text)) for source, text in SOURCES.items()],
        govern=view.can(Act.GOVERN),
        backdated=any(form.given.get(name) for name in ("registered_at", "backdating_reason", "evidence")),
    )


def _refuse(form: Form[Any], refused: Refused) -> None:
    name = _PLACES.get(refused.field, refused.field)
    text = trouble_with(refused.field) if refused.code is Code.MALFORMED else None
    if text is None:
        form.refuse(refused, **{refused.field.rpartition(".")[2]: name})
    else:
        form.fail(name if name in form.given else "", text)
