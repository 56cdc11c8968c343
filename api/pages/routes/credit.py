"""The credit of a lead's company: checks that were made, and a form for another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from babel.numbers import format_currency
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from adapters.credit.records import CreditCheck, CreditStatus, GivenUp, Postponed, Purpose
from adapters.read_model import find_lead
from api.pages.forms import Form, FormModel, read_form
from api.pages.outside.shape import FAULTS
from api.pages.routes.lead_credit import STATUSES, connected
from api.pages.routes.lead_shown import lead_id
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.permission import Act
from protection.refusal import Refused
from services import credit
from services.door import relation, stand
from services.errors import NotConfigured, NotFound

router: Final = APIRouter(include_in_schema=False)

PURPOSES: Final = MappingProxyType(
    {
        Purpose.FIRST_ORDER: N_("First order"),
        Purpose.SAMPLES: N_("Samples"),
        Purpose.CONVERSION: N_("Becoming a customer"),
        Purpose.CREDIT_LINE: N_("Lasting credit line"),
        Purpose.OTHER: N_("Other"),
    }
)
_WHY: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{str(fault): text for fault, text in FAULTS.items()},
        GivenUp.NO_ANSWER: N_("no answer within a week"),
        GivenUp.REFUSED: N_("the bureau did not take the question"),
        GivenUp.ERASED: N_("ended by the erasure of personal data"),
        Postponed.ASKED_TOGETHER: N_("asked together with another lead of the company; it is asked again"),
    }
)
_FIELDS: Final = {"registration_number": "registration", "vat_number": "vat", "account_id": "account"}
_Line = Annotated[str, Field(max_length=100)] | None


class CheckForm(FormModel):
    """How much credit, and who exactly it is about."""

    amount: Annotated[str, Field(max_length=20)]
    currency: Annotated[str, Field(max_length=3)] = "EUR"
    purpose: Annotated[Purpose, Field(strict=False)]
    country: Annotated[str, Field(max_length=2)] = "DE"
    registration: _Line = None
    vat: _Line = None
    account: _Line = None


@router.get("/leads/{lead}/credit")
async def read_credit(lead: str, view: CurrentView) -> Response:
    """All checks of a lead."""
    return await _show(view, lead_id(lead), Form(view.text))


@router.post("/leads/{lead}/credit")
async def check_credit(lead: str, request: Request, view: CurrentView) -> Response:
    """Have its company checked."""
    identity = lead_id(lead)
    form = await read_form(request, CheckForm)
    amount = _amount(form) if form.ok else None
    if amount is not None:
        said: CheckForm = form.values
        wanted = credit.WantedCheck(
            lead=identity,
            amount=amount,
            currency=said.currency.upper(),
            purpose=said.purpose,
            country=said.country.upper(),
            account=said.account,
            registration_no=said.registration,
            vat_no=None if said.vat is None else said.vat.upper().replace(" ", ""),
        )
        try:
            check = await credit.check(view.desk, view.wiring.credit, view.asking(form.act), wanted)
            return view.to(f"/leads/{identity}/credit", said=_said(check.status, cached=check.cached))
        except NotConfigured:
            form.fail("", N_("No credit bureau is connected in this installation."))
        except Refused as refused:
            form.refuse(refused, **_FIELDS)
    return await _show(view, identity, form, status=422)


def _said(status: CreditStatus, *, cached: bool) -> str:
    if status is CreditStatus.PENDING:
        return N_("The bureau has not decided yet. The answer appears here by itself.")
    if cached:
        return N_("This was answered lately; the bureau was not asked again.")
    return N_("The bureau has answered.")


async def _show(view: View, lead: UUID, form: Form[Any], *, status: int = 200) -> Response:
    asking = view.asking()
    async with view.looking() as connection:
        standing = await stand(connection, asking, lead)
        found = await find_lead(connection, asking.tenant, str(lead))
    if found is None:
        raise NotFound
    checks = await credit.checks_of(view.desk, asking, lead)
    return view.page(
        "credit/on_lead.html.j2",
        status=status,
        lead=found,
        may=connected(view) and view.can(Act.LOG_ACTIVITY, relation(standing)),
        connected=connected(view),
        form=form,
        checks=checks,
        last=checks[0] if checks else None,
        money={check.id: _money(view, check) for check in checks},
        statuses={one: (view.text(text), tone) for one, (text, tone) in STATUSES.items()},
        purposes=[(one, view.text(text)) for one, text in PURPOSES.items()],
        why={one: view.text(text) for one, text in _WHY.items()},
        now=view.now(),
    )


def _money(view: View, check: CreditCheck) -> tuple[str, str | None]:
    """How much was asked for, and up to how much the bureau covers, as people write it here."""

    def written(amount: Decimal) -> str:
        return str(format_currency(amount, check.subject.currency, locale=view.language))

    return written(check.subject.amount), None if check.limit is None else written(check.limit)


def _amount(form: Form[CheckForm]) -> Decimal | None:
    """An amount as people type it: 2.500,00 and 2,500.00, with or without the cents."""
    text = form.values.amount.replace(" ", "").replace("\u00a0", "").replace("€", "")
    point, comma = text.rfind("."), text.rfind(",")
    cents = max(point, comma)
    if cents >= 0 and len(text) - cents - 1 <= 2:
        whole = text[:cents].replace(".", "").replace(",", "")
        text = f"{whole}.{text[cents + 1 :]}"
    else:
        text = text.replace(".", "").replace(",", "")
    try:
        if not text.replace(".", "", 1).isascii() or not text.replace(".", "", 1).isdigit():
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        form.fail("amount", N_("An amount, please, such as 2500 or 2500.00."))
        return None
