"""What happened to a lead, for those who may read it: timeline, holds, requests, audit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from adapters.act_store import Standing, standing_of
from adapters.database import Caller, Connection
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.lead_reading import (
    FROM_THE_NEWEST,
    AuditRow,
    AuditStanding,
    Place,
    RequestRow,
    TimelineRow,
    audit_holds,
    audit_rows,
    audit_standing,
    facts_by_id,
    names_of,
    requests_of,
    timeline_of,
    zone_of,
)
from adapters.note_store import note_entry
from adapters.read_model import Hold, holds_of
from adapters.share_store import Collaborator, shares_of
from adapters.vault import Vault
from protection.dates import zone
from protection.explain_texts import Language
from protection.facts import Corrected, ExtensionGranted, Fact
from protection.permission import Act, Relation
from protection.policy import Policy
from protection.requests import RequestKind, RequestStatus
from protection.state import ALIVE
from protection.wire import fact_from_json
from services.asking import Asking
from services.errors import Missing, NotFound
from services.fact_texts import fact_words, mail_words

# What is written about a fact is told apart by part (`services.acting.Words`).
PARTS: Final = ("reason", "next-step", "note")
# At most 18 digits, which is less than a bigint holds.
KEPT_HEAD: Final = "^([0-9]{1,18}):([0-9a-fA-F]{64})$"


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact or a mail, in words.

    Attributes:
        row: as recorded.
        fact: the fact; None for a mail.
        text: in the language asked for.
        by_name: what its author, or whom the mail went to, is called; None where the caller may not know.
        notes: what was written about it, where the caller may read it.
    """

    row: TimelineRow
    fact: Fact | None
    text: str
    by_name: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, with what was written about it and about its decision, by part."""

    row: RequestRow
    words: Mapping[str, str]
    decision_words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HoldStanding:
    """A hold, the request for it, or both; they have one id.

    Attributes:
        active: the clock stands still because of it now.
    """

    hold: Hold | None
    active: bool
    asked: Asked | None


@dataclass(frozen=True, slots=True)
class Grant:
    """Days of base period, who gave them and when (UTC)."""

    days: int | None
    by: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ExtensionStanding:
    """What was granted, what was asked for, or both."""

    granted: Grant | None
    asked: Asked | None


async def seen(connection: Connection, caller: Caller, lead: UUID) -> Standing:
    """The lead, if the caller may read it.

    Raises:
        NotFound: there is none, or not for him.
    """
    standing = await standing_of(connection, caller.tenant, lead, caller.user)
    if standing is None:
        raise NotFound
    return standing


async def timeline(
    connection: Connection,
    vault: Vault,
    caller: Caller,
    lead: UUID,
    *,
    language: Language,
    before: Place | None = None,
    most: int,
) -> tuple[list[Happened], Place | None]:
    """Facts and mails, the newest first; and where the next page begins, None at the end.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    await seen(connection, caller, lead)
    rows = await timeline_of(connection, caller.tenant, lead, before=before or FROM_THE_NEWEST, most=most + 1)
    listed = rows[:most]
    facts = {row.key: fact_from_json(row.payload) for row in listed if row.payload is not None}
    corrected = {fact.corrects for fact in facts.values() if isinstance(fact, Corrected)}
    about = {
        name: fact_from_json(payload)
        for name, payload in (await facts_by_id(connection, caller.tenant, lead, corrected)).items()
    }
    notes = _notes(await vault.open_contacts(connection, caller.tenant, lead))
    people = {row.by for row in listed} | {str(getattr(fact, "owner", "")) for fact in facts.values()}
    names = await names_of(connection, caller.tenant, people)
    tz = zone(await zone_of(connection, caller.tenant, lead) or Policy().timezone)

    def in_words(row: TimelineRow) -> str:
        fact = facts.get(row.key)
        if fact is None:
            return mail_words(row.type, row.status or "", names.get(row.by, row.by), language)
        wrong = about.get(fact.corrects) if isinstance(fact, Corrected) else None
        return fact_words(fact, language=language, tz=tz, named=lambda key: names.get(key, key), about=wrong)

    told = [
        Happened(row, facts.get(row.key), in_words(row), names.get(row.by), tuple(notes[row.fact_id or ""]))
        for row in listed
    ]
    last = listed[-1] if len(rows) > most else None
    return told, None if last is None else (last.at, last.key)


async def notes_of(
    connection: Connection, vault: Vault, caller: Caller, lead: UUID
) -> Mapping[str, Sequence[str]]:
    """What was written about the lead's facts, by fact; nothing where the caller may not read it."""
    return _notes(await vault.open_contacts(connection, caller.tenant, lead))


def _notes(entries: Sequence[ContactEntry]) -> defaultdict[str, list[str]]:
    """What was written, by the fact it speaks of."""
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.kind is not ContactKind.CONTACT and entry.fact_id and entry.note:
            notes[entry.fact_id].append(entry.note)
    return notes


async def holds(
    connection: Connection, caller: Caller, lead: UUID, *, now: datetime
) -> list[tuple[Hold, bool]]:
    """Every hold of the lead, by start, and whether the clock stands still because of it.

    Args:
        now: UTC instant.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    standing = await seen(connection, caller, lead)
    alive = standing.status in ALIVE
    return [
        (hold, alive and hold.start_at <= now and (hold.end_at is None or now < hold.end_at))
        for hold in await holds_of(connection, caller.tenant, lead)
    ]


async def hold(
    connection: Connection, vault: Vault, caller: Caller, lead: UUID, name: str, *, now: datetime
) -> HoldStanding:
    """One hold, or the request for it.

    Args:
        now: UTC instant.

    Raises:
        NotFound: there is no such lead for this caller, or nothing of this id.
    """
    listed = await holds(connection, caller, lead, now=now)
    placed, active = next((one for one in listed if one[0].hold == name), (None, False))
    asked = await _asked(connection, vault, caller, lead, name=name, kind=RequestKind.HOLD)
    if placed is None and asked is None:
        raise NotFound(Missing.HOLD)
    return HoldStanding(placed, active, asked)


async def extension(
    connection: Connection, vault: Vault, caller: Caller, lead: UUID, name: str
) -> ExtensionStanding:
    """One extension, by the id of its request, or of the fact that granted it without one.

    Raises:
        NotFound: there is no such lead for this caller, or nothing of this id.
    """
    asked = await _asked(connection, vault, caller, lead, name=name, kind=RequestKind.EXTENSION)
    if asked is not None:
        row = asked.row
        approved = row.status == RequestStatus.APPROVED
        return ExtensionStanding(Grant(row.days, row.decided_by, row.decided_at) if approved else None, asked)
    for payload in (await facts_by_id(connection, caller.tenant, lead, (name,))).values():
        fact = fact_from_json(payload)
        if isinstance(fact, ExtensionGranted):
            return ExtensionStanding(Grant(fact.days, fact.by, fact.recorded_at), None)
    raise NotFound(Missing.REQUEST)


async def _asked(
    connection: Connection, vault: Vault, caller: Caller, lead: UUID, *, name: str, kind: RequestKind
) -> Asked | None:
    for one in await requests(connection, vault, caller, lead):
        if one.row.request == name and one.row.kind == kind:
            return one
    return None


async def collaborator(connection: Connection, caller: Caller, lead: UUID, user: str) -> Collaborator:
    """How the lead is shared with somebody.

    Raises:
        NotFound: there is no such lead for this caller, or it is not shared with that user.
    """
    for one in await collaborators(connection, caller, lead):
        if one.user == user:
            return one
    raise NotFound(Missing.COLLABORATOR)


async def collaborators(connection: Connection, caller: Caller, lead: UUID) -> tuple[Collaborator, ...]:
    """Everybody the lead is shared with.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    await seen(connection, caller, lead)
    return await shares_of(connection, caller.tenant, lead)


async def requests(connection: Connection, vault: Vault, caller: Caller, lead: UUID) -> list[Asked]:
    """Everything that was asked for about the lead, in order of asking.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    await seen(connection, caller, lead)
    rows = await requests_of(connection, caller.tenant, lead)
    written = {
        entry.id: entry.note
        for entry in await vault.open_contacts(connection, caller.tenant, lead)
        if entry.note
    }

    def words(fact_id: str | None) -> dict[str, str]:
        if fact_id is None:
            return {}
        ids = {part: note_entry(lead, fact_id, "", part=part).id for part in PARTS}
        return {part: written[name] for part, name in ids.items() if name in written}

    return [Asked(row, words(row.asked_by_fact), words(row.decided_by_fact)) for row in rows]


async def audit_of(
    connection: Connection, caller: Caller, lead: UUID | None, *, before: int | None = None, most: int
) -> tuple[tuple[AuditRow, ...], int | None]:
    """Rows of the audit, the newest first; and the number before which the next page begins.

    Args:
        lead: of one lead; None is the whole tenant.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: he may read the lead, but not its audit; or not the tenant's.
    """
    about = None
    if lead is not None:
        standing = await seen(connection, caller, lead)
        about = Relation(standing.owner, standing.share)
    Asking.of(caller).require(Act.READ_AUDIT, about)
    rows = await audit_rows(connection, caller.tenant, lead=lead, before=before, most=most + 1)
    return rows[:most], rows[most - 1].seq if len(rows) > most else None


@dataclass(frozen=True, slots=True)
class KeptHead:
    """The end of the chain as somebody noted it earlier, outside of the database.

    Attributes:
        seq: number of the row; 0 is the head of a chain without rows.
        hash: its hash, in hexadecimal.
    """

    seq: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `SEQ:HASH`.

        Raises:
            ValueError: it is nothing of the kind.
        """
        found = re.fullmatch(KEPT_HEAD, text)
        if found is None:
            raise ValueError("a head is SEQ:HASH, such as 4711:9f86d081… with all 64 digits")
        return cls(int(found[1]), found[2].lower())


@dataclass(frozen=True, slots=True)
class VerifiedAudit:
    """The tenant's chain, and whether a head kept elsewhere still belongs to it (None: nobody asked)."""

    standing: AuditStanding
    kept_is_there: bool | None

    @property
    def whole(self) -> bool:
        """Nothing was changed, taken out, put in, or written anew."""
        return self.standing.first_broken is None and self.kept_is_there is not False


async def verified_audit(
    connection: Connection, caller: Caller, kept: KeptHead | None = None
) -> VerifiedAudit:
    """The tenant's audit chain, checked from its first row.

    Args:
        kept: its head as noted earlier. Whoever has all rights on the database can write a whole chain
            anew; this shows it.

    Raises:
        Forbidden: he may not read the tenant's audit.
    """
    Asking.of(caller).require(Act.READ_AUDIT)
    standing = await audit_standing(connection)
    there = None
    if kept is not None:
        there = await audit_holds(connection, caller.tenant, kept.seq, kept.hash)
    return VerifiedAudit(standing, there)
