"""How a new lead is opened: checked, stored with its personal data, then told to its workflow."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from adapters.console_model import ledger_of
from adapters.import_store import PostgresImportStore, UnknownTenant
from adapters.lead_entry import ContactEntry, ContactKind, LeadEntry
from adapters.lead_gateway import LeadsUnavailable
from adapters.lead_store import ExternalIdTaken, LiveDuplicate
from adapters.normalise import email_key, lead_key
from adapters.note_store import note_entry
from adapters.read_model import Lead, Protection, protection_of
from cli.acting import Manner, already, checked_reason, new_fact_id, read_message, show_refused, with_notes
from cli.console import DONE, UsageError
from cli.desk import Acting, acting
from cli.moments import maybe_moment, now
from cli.output import CommandFailed
from cli.standing import show, standing, standing_of
from protection.basis import UNDER_WAY
from protection.facts import Fact
from protection.lifecycle import begin, snapshot
from protection.policy import Policy
from protection.refusal import Refused
from protection.state import Status
from services.words import MAX_NAME, MAX_NOTE, MAX_PHONE, MIN_FIRST_CONTACT, LeadSource, is_address
from workflows.messages import Preregister, Register

NEEDS_FIRST_CONTACT: Final = frozenset({LeadSource.TRADE_FAIR, LeadSource.PHONE})
MIN_REASON: Final = 10
_RECORDED_WITHIN: Final = timedelta(seconds=10)
_LOOK_AGAIN: Final = timedelta(milliseconds=100)
_OPTIONS: Final = {
    "by": "--by",
    "fact_id": "--fact-id",
    "owner": "--owner",
    "registered_at": "--registered-at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Company and place, as typed."""

    company: str
    city: str
    postcode: str | None = None
    industry: str | None = None
    source: LeadSource | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact:
    """Whom to ask for, and what was said at first; as typed."""

    name: str | None
    email: str | None
    phone: str | None
    note: str | None
    at: str | None
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """What needs a reason: a registration of the past, a second lead of the same company; as typed."""

    registered_at: str | None = None
    reason: str | None = None
    evidence: str | None = None
    override_duplicate: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A checked opening; `contacts` still lack their lead."""

    contacts: tuple[ContactEntry, ...]
    notes: dict[str, str]
    registered_at: datetime | None


def _filled(text: str, option: str, longest: int = MAX_NAME) -> str:
    if not text.strip() or len(text) > longest or not text.isprintable():
        raise UsageError(f"{option}: must be text of 1 to {longest} characters on one line")
    return text.strip()


def _maybe(text: str | None, option: str, longest: int = MAX_NAME) -> str | None:
    return None if text is None else _filled(text, option, longest)


def checked_company(typed: Company) -> Company:
    """The same, trimmed.

    Raises:
        UsageError: names the argument at fault.
    """
    return Company(
        company=_filled(typed.company, "COMPANY"),
        city=_filled(typed.city, "CITY"),
        postcode=_maybe(typed.postcode, "--postcode", 20),
        industry=_maybe(typed.industry, "--industry"),
        source=typed.source,
        external_id=_maybe(typed.external_id, "--external-id", 100),
    )


def checked_opening(typed: FirstContact, special: Special, source: LeadSource | None) -> Opening:
    """What a registration needs beside company and owner (domain.md section 5).

    Raises:
        UsageError: names the option at fault, and what is missing.
    """
    moment = now()
    contacts: list[ContactEntry] = []
    name = _maybe(typed.name, "--contact-name")
    phone = _maybe(typed.phone, "--contact-phone", MAX_PHONE)
    email = None if typed.email is None else email_key(typed.email)
    if email is not None and not is_address(email):
        raise UsageError("--contact-email: this is no mail address")
    if name or phone or email:
        contacts.append(
            ContactEntry(id=UUID(int=0), kind=ContactKind.CONTACT, name=name, email=email, phone=phone)
        )
    met_at = maybe_moment(typed.at, "--first-contact-at")
    if typed.note is not None:
        said = typed.note.strip()
        if not MIN_FIRST_CONTACT <= len(said) <= MAX_NOTE or "\0" in said:
            raise UsageError(
                f"--first-contact: say what was spoken about, in {MIN_FIRST_CONTACT} characters or more"
            )
        if met_at is not None and met_at > moment:
            raise UsageError("--first-contact-at: lies in the future; it must have happened")
        channel = _maybe(typed.channel, "--channel") or source
        contacts.append(
            ContactEntry(
                id=UUID(int=0),
                kind=ContactKind.FIRST_CONTACT,
                note=said,
                occurred_at=met_at or moment,
                channel=channel,
            )
        )
    elif typed.at is not None or typed.channel is not None:
        raise UsageError("--first-contact: say what was spoken about at the first contact")
    elif source in NEEDS_FIRST_CONTACT:
        raise UsageError(f"--first-contact: leads of source {source} need a documented first contact")
    if not contacts:
        raise UsageError("--contact-name: name a contact, or document the first contact: --first-contact")
    return Opening(tuple(contacts), *_special(special, moment))


def _special(special: Special, moment: datetime) -> tuple[dict[str, str], datetime | None]:
    """The notes by part, and the start of protection where it lies in the past."""
    notes: dict[str, str] = {}
    registered_at = maybe_moment(special.registered_at, "--registered-at")
    if registered_at is not None:
        if registered_at > moment + UNDER_WAY:
            raise UsageError(
                "--registered-at: lies in the future; a registration counts from now at the latest"
            )
        if special.reason is None or not (special.evidence or "").strip():
            raise UsageError("--registered-at: a registration of the past needs --reason and --evidence")
        evidence = _filled(special.evidence or "", "--evidence", 2000)
        notes["backdated"] = f"{checked_reason(special.reason, least=MIN_REASON)}\n{evidence}"
    elif special.reason is not None or special.evidence is not None:
        raise UsageError("--registered-at: --reason and --evidence belong to a registration of the past")
    if special.override_duplicate is not None:
        notes["override"] = checked_reason(
            special.override_duplicate, "--override-duplicate", least=MIN_REASON
        )
    return notes, registered_at


def rows(opening: Opening, lead: UUID, fact_id: str) -> tuple[ContactEntry, ...]:
    """The rows of the personal-data table; the same opening always gives the same ids."""
    parts = {ContactKind.CONTACT: "contact", ContactKind.FIRST_CONTACT: "first-contact"}
    contacts = [
        ContactEntry(
            id=uuid5(lead, parts[contact.kind]),
            kind=contact.kind,
            fact_id=fact_id if contact.kind is ContactKind.FIRST_CONTACT else None,
            name=contact.name,
            email=contact.email,
            phone=contact.phone,
            note=contact.note,
            occurred_at=contact.occurred_at,
            channel=contact.channel,
        )
        for contact in opening.contacts
    ]
    contacts += [note_entry(lead, fact_id, text, part=part) for part, text in opening.notes.items()]
    return tuple(contacts)


async def open_lead(typed: Company, opening: Opening | None, owner: str, manner: Manner) -> int:
    """Store a new lead and start its workflow; the exit status.

    Args:
        opening: contacts and notes of a registration; None for a pre-registration with nothing personal.
    """
    company = checked_company(typed)
    async with acting() as desk:
        by = await desk.reading.actor(manner.by)
        person = await desk.reading.person(owner, "--owner")
        fact_id = manner.fact_id or new_fact_id()
        values = {"by": by, "fact_id": fact_id, "owner": person.id}
        message: Register | Preregister
        if opening is None:
            message = read_message(Preregister, values, _OPTIONS)
        else:
            message = read_message(Register, {**values, "registered_at": opening.registered_at}, _OPTIONS)
        # The same opening again is the same lead: by its own id elsewhere, else by the id of the act.
        lead = uuid5(desk.tenant, company.external_id or f"lead/{fact_id}")
        entry = LeadEntry(
            id=lead,
            external_id=company.external_id,
            company=company.company,
            city=company.city,
            postcode=company.postcode,
            industry=company.industry,
            source=company.source,
            owner=person.id,
            company_key=lead_key(company.company, company.city),
            created_at=now(),
            contacts=() if opening is None else rows(opening, lead, fact_id),
        )
        if manner.dry_run:
            return await _play(desk, entry, message, fact_id, json=manner.json)
        override = opening is not None and "override" in opening.notes
        return await _open(desk, entry, message, fact_id, override=override, json=manner.json)


async def _policy(desk: Acting) -> Policy:
    try:
        return await PostgresImportStore(desk.worker, None).prepare(desk.tenant, Policy(), None)
    except UnknownTenant as error:
        raise CommandFailed(f"{error}. Import its leads first, or set FRISTWERK_TENANT") from error


def _as_lead(entry: LeadEntry) -> Lead:
    return Lead(
        id=entry.id,
        external_id=entry.external_id,
        company=entry.company,
        city=entry.city,
        postcode=entry.postcode,
        industry=entry.industry,
        source=entry.source,
        owner=entry.owner,
        created_at=entry.created_at,
    )


async def _play(
    desk: Acting, entry: LeadEntry, message: Register | Preregister, fact_id: str, *, json: bool
) -> int:
    """Show the deadlines a registration would have."""
    twin = await desk.leads.live_duplicate(
        desk.tenant, entry.company_key, entry.postcode, at=entry.created_at
    )
    if twin is not None and twin != entry.id:
        raise _duplicate()
    moment = now()
    state = begin(await _policy(desk), message.fact(fact_id, moment))
    show(
        _as_lead(entry),
        {"dry_run": True, "fact_id": fact_id, "duplicate": False},
        None,
        standing_of(snapshot(state, moment), entry.owner),
        headline="Nothing was done. This is what would come of it:",
        json=json,
    )
    return DONE


async def _open(
    desk: Acting,
    entry: LeadEntry,
    message: Register | Preregister,
    fact_id: str,
    *,
    override: bool,
    json: bool,
) -> int:
    policy = await _policy(desk)
    try:
        new = await desk.leads.register_lead(desk.tenant, entry, allow_duplicate=override)
    except LiveDuplicate as error:
        raise _duplicate() from error
    except ExternalIdTaken as error:
        raise CommandFailed(f"--external-id: another lead has the id {entry.external_id}") from error
    await _same_act(desk, entry, message, fact_id, new=new)
    try:
        await desk.gateway.register(desk.tenant, entry.id, policy, message)
        found = await _recorded(desk, entry.id)
    except (LeadsUnavailable, TimeoutError) as error:
        raise CommandFailed(
            "The lead is entered, but nobody has taken it up yet. Repeat the command with "
            f"--fact-id {fact_id}, which enters nothing twice. Is a worker running? See: fristwerk status"
        ) from error
    show(
        _as_lead(entry),
        {"dry_run": False, "fact_id": fact_id, "revision": found.revision, "duplicate": not new},
        None,
        standing(found),
        headline=("Registered" if new else "This was registered before; nothing changed")
        + f". lead {entry.id}",
        json=json,
    )
    return DONE


async def _same_act(
    desk: Acting, entry: LeadEntry, message: Register | Preregister, fact_id: str, *, new: bool
) -> None:
    """Refuse a second, different registration of a lead that is there already."""
    if new:
        return
    async with desk.reading.look() as connection:
        ledger = await ledger_of(connection, desk.tenant, entry.id)
    if ledger is None:
        return
    first: Fact = ledger.facts[0]
    if first.fact_id != fact_id or message.fact(fact_id, first.recorded_at) != first:
        raise CommandFailed(
            f"The lead is known already: fristwerk lead {entry.external_id or entry.id}. "
            "Register another one with another --external-id or --fact-id"
        )


def _duplicate() -> CommandFailed:
    return CommandFailed(
        "Refused (duplicate): a live lead of the same company and place exists. A manager who knows that a "
        "second one is right says why: --override-duplicate REASON"
    )


async def _recorded(desk: Acting, lead: UUID) -> Protection:
    """The lead's protection once its workflow has recorded it.

    Raises:
        TimeoutError: it has not, within ten seconds.
    """
    async with asyncio.timeout(_RECORDED_WITHIN.total_seconds()):
        while True:
            async with desk.reading.look() as connection:
                found = await protection_of(connection, desk.tenant, lead)
            if found is not None:
                return found
            await asyncio.sleep(_LOOK_AGAIN.total_seconds())


async def register_known(key: str, opening: Opening, owner: str | None, manner: Manner) -> int:
    """Register a lead that was pre-registered; the exit status."""
    fact_id = manner.fact_id or new_fact_id()
    async with acting() as desk:
        by = await desk.reading.actor(manner.by)
        lead = await desk.reading.find(key)
        async with desk.reading.look() as connection:
            before = await protection_of(connection, desk.tenant, lead.id)
        if before is None:
            raise CommandFailed(f"Nothing has been recorded of lead {key} yet. See: fristwerk verify {key}")
        person = lead.owner if owner is None else (await desk.reading.person(owner, "--owner")).id
        values = {"by": by, "fact_id": fact_id, "owner": person, "registered_at": opening.registered_at}
        message = read_message(Register, values, _OPTIONS)
        try:
            revision = await already(desk, lead, message, fact_id)
            repeated = revision is not None
            if before.status is not Status.PREREGISTERED and not repeated:
                raise CommandFailed(f"Lead {key} is not pre-registered; see: fristwerk lead {key}")
            if not repeated:
                contacts = list(rows(opening, lead.id, fact_id))
                revision = (await with_notes(desk, lead.id, contacts, fact_id, message)).revision
        except Refused as refused:
            return show_refused(refused, _OPTIONS, json=manner.json)
        found = await _recorded(desk, lead.id)
    show(
        lead,
        {"dry_run": False, "fact_id": fact_id, "revision": revision, "duplicate": repeated},
        standing(before),
        standing(found),
        headline="This was registered before; nothing changed."
        if repeated
        else f"Registered. lead {lead.id}",
        json=manner.json,
    )
    return DONE
