"""What a lead is opened with, and what is demanded of it (domain.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from adapters.lead_entry import ContactEntry, ContactKind
from adapters.normalise import email_key
from adapters.note_store import note_entry
from protection.basis import UNDER_WAY
from services.words import (
    MAX_EXTERNAL_ID,
    MAX_LINK,
    MAX_NAME,
    MAX_NOTE,
    MAX_PHONE,
    MAX_POSTCODE,
    MIN_FIRST_CONTACT,
    MIN_GRAVE_REASON,
    LeadSource,
    is_address,
    line,
    malformed,
    maybe_line,
    reason,
)

NEEDS_FIRST_CONTACT: Final = frozenset({LeadSource.TRADE_FAIR, LeadSource.PHONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Company and place; nothing personal."""

    company: str
    city: str
    postcode: str | None = None
    industry: str | None = None
    source: LeadSource | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask for; personal."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact:
    """What was said at first; personal. `at` is a UTC instant, None is now."""

    note: str | None = None
    at: datetime | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdating:
    """Why protection began before it was entered; `registered_at` is a UTC instant."""

    registered_at: datetime
    reason: str
    evidence: str

    @property
    def words(self) -> str:
        """Reason and evidence as they are kept."""
        return f"{self.reason}\n{self.evidence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a registration says beside company and owner.

    Attributes:
        override: why a second live lead of the same company is right.
        similar: why this is another company than the similar ones.
    """

    contact: Contact | None = None
    first_contact: FirstContact | None = None
    backdating: Backdating | None = None
    override: str | None = None
    similar: str | None = None


def checked_company(said: Company) -> Company:
    """The same, trimmed.

    Raises:
        Refused: names the field at fault.
    """
    return replace(
        said,
        company=line(said.company, "company"),
        city=line(said.city, "city"),
        postcode=maybe_line(said.postcode, "postcode", MAX_POSTCODE),
        industry=maybe_line(said.industry, "industry"),
        external_id=maybe_line(said.external_id, "external_id", MAX_EXTERNAL_ID),
    )


def checked_contact(said: Contact | None) -> Contact | None:
    """The same with its address in lower case; None where it says nothing.

    Raises:
        Refused: names the field at fault.
    """
    if said is None:
        return None
    email = None if said.email is None else email_key(said.email)
    if email is not None and not is_address(email):
        raise malformed("contact.email", "this is no mail address")
    contact = Contact(
        name=maybe_line(said.name, "contact.name"),
        email=email,
        phone=maybe_line(said.phone, "contact.phone", MAX_PHONE),
    )
    return None if contact == Contact() else contact


def _checked_first_contact(
    said: FirstContact | None, source: LeadSource | None, now: datetime
) -> FirstContact | None:
    if said is None or said.note is None:
        if said is not None and (said.at or said.channel) is not None:
            raise malformed("first_contact.note", "say what was spoken about at the first contact")
        if source in NEEDS_FIRST_CONTACT:
            raise malformed("first_contact.note", f"leads of source {source} need a documented first contact")
        return None
    note = said.note.strip()
    if not MIN_FIRST_CONTACT <= len(note) <= MAX_NOTE or "\0" in note:
        raise malformed(
            "first_contact.note", f"say what was spoken about, in {MIN_FIRST_CONTACT} characters or more"
        )
    if said.at is not None and said.at > now + UNDER_WAY:
        raise malformed("first_contact.occurred_at", "lies in the future; it must have happened")
    channel = maybe_line(said.channel, "first_contact.channel", MAX_NAME) or source
    return FirstContact(note=note, at=said.at or now, channel=channel)


def checked_backdating(said: Backdating, now: datetime, *, within: str = "") -> Backdating:
    """The same, trimmed.

    Args:
        within: what its fields are part of, ending in a dot; empty where they stand alone.

    Raises:
        Refused: names the field at fault.
    """
    if said.registered_at > now + UNDER_WAY:
        raise malformed(
            f"{within}registered_at", "lies in the future; a registration counts from now at the latest"
        )
    return Backdating(
        registered_at=said.registered_at,
        reason=reason(said.reason, f"{within}reason", least=MIN_GRAVE_REASON),
        evidence=line(said.evidence, f"{within}evidence", MAX_LINK),
    )


def checked_opening(said: Opening, source: LeadSource | None, now: datetime) -> Opening:
    """The same, trimmed and complete.

    Args:
        said: what was written.
        source: where the lead came from.
        now: UTC instant.

    Raises:
        Refused: names the field at fault, and what is missing.
    """
    first = _checked_first_contact(said.first_contact, source, now)
    contact = checked_contact(said.contact)
    if first is None and contact is None:
        raise malformed("contact", "name a contact, or document the first contact")
    return Opening(
        contact=contact,
        first_contact=first,
        backdating=None
        if said.backdating is None
        else checked_backdating(said.backdating, now, within="backdating."),
        override=None if said.override is None else _grave(said.override, "override_duplicate.reason"),
        similar=None if said.similar is None else _grave(said.similar, "confirm_similar.reason"),
    )


def checked_preregistration(company: Company, said: Opening) -> Opening:
    """What a pre-registration may say: company, city, industry, and why it is no duplicate.

    Raises:
        Refused: it says more; names the field.
    """
    for name, value in (
        ("contact", said.contact),
        ("first_contact", said.first_contact),
        ("backdating", said.backdating),
        ("postcode", company.postcode),
        ("source", company.source),
    ):
        if value is not None:
            raise malformed(name, "a pre-registration holds company, city and industry only")
    return Opening(
        override=None if said.override is None else _grave(said.override, "override_duplicate.reason"),
        similar=None if said.similar is None else _grave(said.similar, "confirm_similar.reason"),
    )


def personal_rows(opening: Opening, lead: UUID, fact_id: str) -> list[ContactEntry]:
    """The personal data of an opening; the same opening always gives the same ids."""
    rows: list[ContactEntry] = []
    if (contact := opening.contact) is not None:
        rows.append(
            ContactEntry(
                id=uuid5(lead, f"contact/{fact_id}"),
                kind=ContactKind.CONTACT,
                fact_id=fact_id,
                name=contact.name,
                email=contact.email,
                phone=contact.phone,
            )
        )
    if (first := opening.first_contact) is not None:
        rows.append(
            ContactEntry(
                id=uuid5(lead, f"first-contact/{fact_id}"),
                kind=ContactKind.FIRST_CONTACT,
                fact_id=fact_id,
                note=first.note,
                occurred_at=first.at,
                channel=first.channel,
            )
        )
    words = {
        "backdated": None if opening.backdating is None else opening.backdating.words,
        "override": opening.override,
        "similar": opening.similar,
    }
    return rows + [
        note_entry(lead, fact_id, text, part=part) for part, text in words.items() if text is not None
    ]


def _grave(text: str, field: str) -> str:
    return reason(text, field, least=MIN_GRAVE_REASON)
