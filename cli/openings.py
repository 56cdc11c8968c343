"""How a new lead is opened at the command line: typed, then done by the services, then shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from adapters.lead_entry import LeadEntry
from adapters.read_model import Lead, protection_of
from cli.acting import (
    Manner,
    asking_of,
    by_engine,
    not_done,
    recorded,
    senseless,
    show_refused,
)
from cli.console import DONE, UsageError
from cli.desk import Acting, acting
from cli.moments import maybe_moment, now
from cli.output import CommandFailed
from cli.standing import Standing, show, standing
from protection.refusal import Refused
from protection.state import Status
from services import registering
from services.asking import Asking
from services.door import Done
from services.errors import ServiceError
from services.openings import (
    Backdating,
    Company,
    Contact,
    FirstContact,
    Opening,
    checked_company,
    checked_opening,
)
from services.words import LeadSource, Malformed

_OPTIONS: Final = {
    "by": "--by",
    "fact_id": "--fact-id",
    "owner": "--owner",
    "company": "COMPANY",
    "city": "CITY",
    "postcode": "--postcode",
    "industry": "--industry",
    "external_id": "--external-id",
    "contact": "--contact-name",
    "contact.name": "--contact-name",
    "contact.email": "--contact-email",
    "contact.phone": "--contact-phone",
    "first_contact.note": "--first-contact",
    "first_contact.occurred_at": "--first-contact-at",
    "first_contact.channel": "--channel",
    "backdating.registered_at": "--registered-at",
    "backdating.reason": "--reason",
    "backdating.evidence": "--evidence",
    "override_duplicate.reason": "--override-duplicate",
    "confirm_similar.reason": "--confirm-similar",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Whom to ask for, what was said at first, and what needs a reason; as typed."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    at: str | None = None
    channel: str | None = None
    registered_at: str | None = None
    reason: str | None = None
    evidence: str | None = None
    override_duplicate: str | None = None
    confirm_similar: str | None = None


def read_opening(typed: Typed, source: LeadSource | None) -> Opening:
    """What a registration says beside company and owner.

    Raises:
        UsageError: names the option at fault, and what is missing.
    """
    at = maybe_moment(typed.at, "--first-contact-at")
    said = Opening(
        contact=Contact(name=typed.name, email=typed.email, phone=typed.phone),
        first_contact=FirstContact(note=typed.note, at=at, channel=typed.channel),
        backdating=_backdating(typed),
        override=typed.override_duplicate,
        similar=typed.confirm_similar,
    )
    try:
        checked_opening(said, source, now())
    except Malformed as error:
        raise senseless(error, _OPTIONS) from error
    return said


def _backdating(typed: Typed) -> Backdating | None:
    registered_at = maybe_moment(typed.registered_at, "--registered-at")
    if registered_at is None:
        if typed.reason is not None or typed.evidence is not None:
            raise UsageError("--registered-at: --reason and --evidence belong to a registration of the past")
        return None
    if typed.reason is None or not (typed.evidence or "").strip():
        raise UsageError("--registered-at: a registration of the past needs --reason and --evidence")
    return Backdating(registered_at=registered_at, reason=typed.reason, evidence=typed.evidence or "")


async def open_lead(
    company: Company,
    opening: Opening | None,
    owner: str,
    manner: Manner,
    *,
    similar: str | None = None,
) -> int:
    """Open a lead; the exit status.

    Args:
        opening: what a registration says; None for a pre-registration with nothing personal.
        similar: why a pre-registered company is another one than the similar ones.
    """
    try:
        checked_company(company)
    except Malformed as error:
        raise senseless(error, _OPTIONS) from error
    async with acting() as desk:
        asking = await asking_of(desk, manner)
        person = await desk.reading.person(owner, "--owner")
        wanted = registering.NewLead(
            company=company,
            opening=opening or Opening(similar=similar),
            owner=person.id,
            preregistration=opening is None,
        )
        try:
            if manner.dry_run:
                seen = await registering.foresee_opening(desk.desk, asking, wanted)
                _show_tried(seen.entry, asking, by_engine(seen.state, seen.at), json=manner.json)
                return DONE
            done = await registering.register(desk.desk, asking, wanted)
        except Malformed as error:
            raise senseless(error, _OPTIONS) from error
        except Refused as refused:
            return show_refused(refused, _OPTIONS, json=manner.json)
        except ServiceError as error:
            raise not_done(error, asking, company.external_id or "--all") from error
        lead, after = await _recorded(desk, done)
    show(
        lead,
        _facts(done),
        None,
        after,
        headline=("This was registered before; nothing changed" if done.duplicate else "Registered")
        + f". lead {done.lead}",
        json=manner.json,
    )
    return DONE


async def register_noted(
    key: str, opening: Opening, source: LeadSource | None, owner: str | None, manner: Manner
) -> int:
    """Register a lead that was pre-registered; the exit status."""
    async with acting() as desk:
        asking = await asking_of(desk, manner)
        lead = await desk.reading.find(key)
        async with desk.reading.look() as connection:
            before = await protection_of(connection, desk.tenant, lead.id)
        if before is None:
            raise CommandFailed(f"Nothing has been recorded of lead {key} yet. See: fristwerk verify {key}")
        person = None if owner is None else (await desk.reading.person(owner, "--owner")).id
        try:
            done = await registering.register_known(
                desk.desk, asking, lead.id, opening, source=source, owner=person
            )
        except Malformed as error:
            raise senseless(error, _OPTIONS) from error
        except Refused as refused:
            if before.status is not Status.PREREGISTERED:
                raise CommandFailed(
                    f"Lead {key} is not pre-registered; see: fristwerk lead {key}"
                ) from refused
            return show_refused(refused, _OPTIONS, json=manner.json)
        except ServiceError as error:
            raise not_done(error, asking, key) from error
        _, after = await _recorded(desk, done)
    show(
        lead,
        _facts(done),
        standing(before),
        after,
        headline="This was registered before; nothing changed."
        if done.duplicate
        else f"Registered. lead {lead.id}",
        json=manner.json,
    )
    return DONE


def _facts(done: Done) -> dict[str, object]:
    return {
        "dry_run": False,
        "fact_id": done.fact_id,
        "revision": done.revision,
        "duplicate": done.duplicate,
    }


async def _recorded(desk: Acting, done: Done) -> tuple[Lead, Standing]:
    """The lead, and where it stands as recorded."""
    lead = await desk.reading.find(str(done.lead))
    return lead, await recorded(desk, lead)


def _show_tried(entry: LeadEntry, asking: Asking, after: Standing, *, json: bool) -> None:
    show(
        Lead(
            id=entry.id,
            external_id=entry.external_id,
            company=entry.company,
            city=entry.city,
            postcode=entry.postcode,
            industry=entry.industry,
            source=entry.source,
            owner=entry.owner,
            created_at=entry.created_at,
        ),
        {"dry_run": True, "fact_id": asking.fact_id, "duplicate": False},
        None,
        after,
        headline="Nothing was done. This is what would come of it:",
        json=json,
    )
