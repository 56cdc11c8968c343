"""The command `fristwerk credit`: what the credit bureau said of a lead's company, and asking it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from cyclopts import App, Parameter

from adapters import outside_settings
from adapters import settings as configuration
from adapters.credit.bureau import CreditBureau
from adapters.credit.records import CreditCheck, Purpose
from cli.acting import not_done, show_refused
from cli.acts import By, Json, LeadKey, shouted
from cli.console import DONE, OPERATOR, UsageError, open_database, perform
from cli.desk import acting
from cli.moments import iso
from cli.output import CommandFailed, out, print_json, table
from cli.teaching import add
from protection.refusal import Refused
from services import credit as checks
from services.asking import Asking
from services.credit import Credits, WantedCheck
from services.errors import ServiceError

_OPTIONS = {
    "amount": "AMOUNT",
    "currency": "--currency",
    "country": "--country",
    "registration_number": "--registration",
    "vat_number": "--vat",
    "account_id": "--account",
}


def register(app: App) -> None:
    """Add the commands to the application."""
    credit = App(name="credit", help="Credit checks of leads' companies.")
    add(credit, list_checks, name="list")
    add(credit, check, name="check")
    app.command(credit)


def list_checks(key: LeadKey, /, *, by: By = OPERATOR, json: Json = False) -> int:
    """Show what the credit bureau said of a lead's company, the newest first.

    Examples:
        `fristwerk credit list DEMO-0001`
    """
    return perform(_list(key, by, json=json))


async def _list(key: str, by: str, *, json: bool) -> int:
    async with acting() as opened:
        lead = (await opened.reading.find(key)).id
        asking = Asking.of(await opened.reading.acts_as(by))
        try:
            found = await checks.checks_of(opened.desk, asking, lead)
        except ServiceError as error:
            raise not_done(error, asking, key) from error
    if json:
        print_json([_told(one) for one in found])
    elif not found:
        out().print("Nobody has asked the bureau about this company yet.")
    else:
        _show(found)
    return DONE


def check(
    key: LeadKey,
    amount: Annotated[str, Parameter(name="AMOUNT", help="How much credit, such as 2500 or 2500.00.")],
    /,
    *,
    currency: str = "EUR",
    purpose: str = "OTHER",
    country: str = "DE",
    registration: str | None = None,
    vat: str | None = None,
    account: str | None = None,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Ask the credit bureau about a lead's company, or answer from what it has said lately.

    Examples:
        `fristwerk credit check DEMO-0001 2500 --purpose first-order --by anna`

    Args:
        currency: Three letters.
        purpose: SAMPLES, FIRST_ORDER, CONVERSION, CREDIT_LINE or OTHER.
        country: Two letters.
        registration: Number in the register of companies.
        vat: VAT number with its country, such as DE123456789.
        account: The customer's account; left out it is the lead's own.
    """
    words = {"currency": currency, "country": country, "registration_no": registration, "vat_no": vat}
    return perform(_check(key, amount, purpose, {**words, "account": account}, by, json=json))


async def _check(
    key: str, amount: str, purpose: str, words: dict[str, str | None], by: str, *, json: bool
) -> int:
    if shouted(purpose) not in set(Purpose):
        raise UsageError(f"--purpose: must be one of {', '.join(Purpose)}")
    try:
        wanted = Decimal(amount)
    except InvalidOperation:
        raise UsageError("AMOUNT: must be a number such as 2500 or 2500.00") from None
    async with acting() as opened, AsyncExitStack() as stack:
        lead = (await opened.reading.find(key)).id
        asking = Asking.of(await opened.reading.acts_as(by))
        credits_ = await _credits(stack)
        told: dict[str, Any] = {**words, "purpose": Purpose(shouted(purpose))}
        asked = WantedCheck(lead=lead, amount=wanted, **told)
        try:
            found = await checks.check(opened.desk, credits_, asking, asked)
        except Refused as refused:
            return show_refused(refused, _OPTIONS, json=json)
        except ServiceError as error:
            raise not_done(error, asking, key) from error
    if json:
        print_json(_told(found))
    else:
        _show((found,))
    return DONE


async def _credits(stack: AsyncExitStack) -> Credits:
    """The installation's account at the bureau.

    Raises:
        CommandFailed: there is none.
    """
    outside = outside_settings.load()
    account = outside.credit()
    if account is None:
        raise CommandFailed(
            "No credit bureau is connected. Set CREDIT_URL and what belongs to it: .env.example."
        )
    worker = await open_database(configuration.load().worker_login())
    stack.push_async_callback(worker.close)
    bureau = await stack.enter_async_context(CreditBureau(account))
    made = Credits(outside.tenant, bureau, worker)
    stack.push_async_callback(made.stop)
    return made


def _told(one: CreditCheck) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "lead": str(one.lead),
        "account": one.subject.account,
        "amount": f"{one.subject.amount:.2f}",
        "currency": one.subject.currency,
        "purpose": one.purpose,
        "requested_at": iso(one.requested_at),
        "status": one.status,
        "degraded": one.degraded,
        "grade": one.grade,
        "limit": None if one.limit is None else f"{one.limit:.2f}",
        "conditions": list(one.conditions),
        "valid_until": None if one.valid_until is None else iso(one.valid_until),
        "cached": one.cached,
    }


def _show(found: tuple[CreditCheck, ...]) -> None:
    rows = table(None, "asked", "amount", "status", "grade", "covers", "valid until", "why, conditions")
    for one in found:
        rows.add_row(
            iso(one.requested_at),
            f"{one.subject.amount:,.2f} {one.subject.currency}",
            str(one.status),
            one.grade or "",
            "" if one.limit is None else f"{one.limit:,.2f} {one.subject.currency}",
            "" if one.valid_until is None else iso(one.valid_until),
            "; ".join(part for part in (one.degraded, *one.conditions) if part),
        )
    out().print(rows)
