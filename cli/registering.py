"""Commands for new leads: `fristwerk register` and `fristwerk preregister`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from cli.acting import Manner
from cli.acts import By, DryRun, FactId, Json, MaybeText
from cli.console import OPERATOR, UsageError, perform
from cli.openings import Typed, open_lead, read_opening, register_noted
from cli.teaching import add
from services.openings import Company
from services.words import LeadSource


def register(app: App) -> None:
    """Add the commands to the application."""
    add(app, register_lead, name="register")
    add(app, preregister)


def register_lead(
    company: Annotated[str | None, Parameter(name="COMPANY")] = None,
    city: Annotated[str | None, Parameter(name="CITY")] = None,
    /,
    *,
    owner: str | None = None,
    lead: str | None = None,
    postcode: str | None = None,
    industry: str | None = None,
    source: Annotated[LeadSource, Parameter(name_transform=str)] = LeadSource.OTHER,
    external_id: str | None = None,
    contact_name: str | None = None,
    contact_email: str | None = None,
    contact_phone: MaybeText = None,
    first_contact: MaybeText = None,
    first_contact_at: str | None = None,
    channel: str | None = None,
    registered_at: str | None = None,
    reason: MaybeText = None,
    evidence: str | None = None,
    override_duplicate: MaybeText = None,
    confirm_similar: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Register a lead: its protection starts.

    Needed are company, city, owner, and a contact or a documented first contact. A company that a live lead
    in the same place already stands for is refused.

    Examples:
        `fristwerk register "Gasthof Muster GmbH" Erfurt --owner anna.muster --contact-name "E. Muster"`

        With a documented first contact:
        `fristwerk register "Hotel Muster" Jena --owner anna.muster --source TRADE_FAIR
        --first-contact "Tasting at the stand" --first-contact-at 2026-11-20T10:00+01:00`

        One that was pre-registered:
        `fristwerk register --lead 1f3a5c77 --contact-name "E. Muster"`

    Args:
        company: Name of the company.
        city: Where it is.
        owner: Whose lead it is: id or mail address.
        lead: Register this pre-registered lead, instead of a new COMPANY and CITY.
        postcode: Postcode.
        industry: Industry, in a word.
        source: TRADE_FAIR, REFERRAL, PHONE, WEB_FORM, PARTNER or OTHER.
        external_id: Its id in another system, if it has one.
        contact_name: Whom to ask for.
        contact_email: Mail address of the contact.
        contact_phone: Phone number of the contact.
        first_contact: What was said at the first contact, in 10 characters or more.
        first_contact_at: When that was (ISO 8601 with a zone); default: now. Not in the future.
        channel: How: VISIT, PHONE, EMAIL …
        registered_at: Start of protection in the past (ISO 8601 with a zone); needs --reason and --evidence.
        reason: Why the registration is backdated, in 10 to 250 characters.
        evidence: Link to what proves it.
        override_duplicate: Why a second live lead of the same company is right, in 10 to 250 characters.
        confirm_similar: Why this is another company than the similar ones that were named.
    """
    typed = Typed(
        name=contact_name,
        email=contact_email,
        phone=contact_phone,
        note=first_contact,
        at=first_contact_at,
        channel=channel,
        registered_at=registered_at,
        reason=reason,
        evidence=evidence,
        override_duplicate=override_duplicate,
        confirm_similar=confirm_similar,
    )
    said = Company(
        company=company or "",
        city=city or "",
        postcode=postcode,
        industry=industry,
        source=source,
        external_id=external_id,
    )
    manner = Manner(by, fact_id, dry_run, json)
    if lead is not None:
        return perform(_register_noted(lead, said, typed, owner, manner))
    return perform(_register(said, typed, owner, manner))


async def _register_noted(
    lead: str, company: Company, typed: Typed, owner: str | None, manner: Manner
) -> int:
    opening = read_opening(typed, company.source)
    if company.company or company.city or company.external_id or company.postcode or manner.dry_run:
        raise UsageError("--lead: company and place of a pre-registered lead are entered already")
    return await register_noted(lead, opening, company.source, owner, manner)


async def _register(company: Company, typed: Typed, owner: str | None, manner: Manner) -> int:
    opening = read_opening(typed, company.source)
    if owner is None:
        raise UsageError("--owner: say whose lead it is, by id or mail address")
    return await open_lead(company, opening, owner, manner)


def preregister(
    company: Annotated[str, Parameter(name="COMPANY")],
    city: Annotated[str, Parameter(name="CITY")],
    /,
    *,
    owner: str,
    industry: str | None = None,
    external_id: str | None = None,
    confirm_similar: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    json: Json = False,
) -> int:
    """Note a company and its place for an agent; nothing personal, and nothing is protected yet.

    Examples:
        `fristwerk preregister "Gasthof Muster GmbH" Erfurt --owner anna.muster@example.org`

    Args:
        company: Name of the company.
        city: Where it is.
        owner: Who wants to pursue it: id or mail address.
        industry: Industry, in a word.
        external_id: Its id in another system, if it has one.
        confirm_similar: Why this is another company than the similar ones that were named.
    """
    said = Company(company=company, city=city, industry=industry, external_id=external_id)
    manner = Manner(by, fact_id, dry_run=False, json=json)
    return perform(open_lead(said, None, owner, manner, similar=confirm_similar))
