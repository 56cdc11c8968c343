"""One lead as its page shows it: read in few statements, the clock and its picture made of one ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.act_store import Standing
from adapters.console_model import Ledger
from adapters.database import Caller, Connection
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.lead_reading import names_of
from adapters.note_store import note_entry
from adapters.read_model import Lead, find_lead
from adapters.share_store import Collaborator, shares_of
from adapters.vault import Vault
from protection.facts import ExtensionRequested, Fact, HoldRequested, PolicyAdopted
from protection.holds import Hold
from protection.lifecycle import Snapshot, snapshot
from protection.policy import Policy, policy_from_json
from protection.requests import Request
from protection.simulator import run_on
from protection.state import LeadState
from services.clock_reading import Knowledge, Reading, whole_ledger
from services.errors import NotFound
from services.history import PARTS, seen
from services.lead_sentence import Sentence, sentence_of
from services.preview import END_OF_TIME, Preview, WhatIf, ahead, preview
from services.timeline_picture_parts import Story
from services.timeline_picture_story import tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A lead's clock as it is and goes on, or as it would with what is supposed.

    Attributes:
        preview: both courses; without a question they are the same.
        reading: the protection now, as it is or would be.
        story: what to draw.
        sentence: what to say of it in one sentence.
    """

    preview: Preview
    reading: Reading
    story: Story
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadView:
    """A lead as its caller may see it.

    Attributes:
        course: its clock.
        contacts: contacts and the first contact; none where they are not the caller's to read, or erased.
        notes: what was written about facts, by fact and part.
        names: what people are called, as far as the caller may know.
    """

    lead: Lead
    standing: Standing
    ledger: Ledger
    course: Course
    collaborators: tuple[Collaborator, ...]
    contacts: tuple[ContactEntry, ...]
    notes: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]

    @property
    def state(self) -> LeadState:
        """The lead as it stands now, without anything supposed."""
        return self.course.preview.stands

    @property
    def answer(self) -> Snapshot:
        """The protection as it is now, without anything supposed."""
        return snapshot(self.state, self.course.preview.now)

    @property
    def waiting(self) -> tuple[Request, ...]:
        """What waits for a decision, in order of asking."""
        return tuple(request for request in self.state.basis.requests if request.pending)

    @property
    def releasable(self) -> tuple[Hold, ...]:
        """Holds in force or ahead, by start."""
        now = self.course.preview.now
        ahead = [hold for hold in self.state.basis.holds if hold.end_at is None or hold.end_at > now]
        return tuple(sorted((h for h in ahead if h.end_at != h.start_at), key=lambda hold: hold.start_at))

    def asked_in(self, request: str) -> str | None:
        """The fact that asked for something."""
        return next(
            (
                fact.fact_id
                for fact in self.ledger.facts
                if isinstance(fact, HoldRequested | ExtensionRequested) and fact.request == request
            ),
            None,
        )


async def view_lead(
    connection: Connection,
    vault: Vault,
    caller: Caller,
    lead: UUID,
    *,
    now: datetime,
    question: Callable[[Policy], WhatIf] | None = None,
) -> LeadView:
    """Everything the page of a lead shows.

    Args:
        connection: of a reading transaction in the caller's context.
        now: UTC instant.
        question: what to suppose of a lead that lives under this policy.

    Raises:
        NotFound: there is no such lead for this caller.
        Refused: what is supposed makes no sense.
    """
    standing = await seen(connection, caller, lead)
    described = await find_lead(connection, caller.tenant, str(lead))
    if described is None:
        raise NotFound
    ledger = await whole_ledger(connection, caller, lead)
    entries = await vault.open_contacts(connection, caller.tenant, lead)
    shares = await shares_of(connection, caller.tenant, lead)
    people = {standing.owner, *(fact.by for fact in ledger.facts)}
    people |= {str(getattr(fact, "owner", standing.owner)) for fact in ledger.facts}
    people |= {one.user for one in shares} | {one.added_by for one in shares}
    return LeadView(
        lead=described,
        standing=standing,
        ledger=ledger,
        course=course_of(
            ledger, now=now, question=None if question is None else question(present_policy(ledger))
        ),
        collaborators=shares,
        contacts=tuple(
            entry
            for entry in entries
            if entry.kind is not ContactKind.NOTE and any((entry.name, entry.email, entry.phone, entry.note))
        ),
        notes=_notes(lead, ledger.facts, entries),
        names=await names_of(connection, caller.tenant, people),
    )


def present_policy(ledger: Ledger) -> Policy:
    """The version the lead lives under: the one adopted last, else the one it began under."""
    adopted = [fact for fact in ledger.facts if isinstance(fact, PolicyAdopted)]
    return policy_from_json(adopted[-1].policy) if adopted else ledger.policy


def course_of(ledger: Ledger, *, now: datetime, question: WhatIf | None = None) -> Course:
    """The clock of a ledger, now and on, with what is supposed."""
    told = preview(ledger, question or WhatIf(), now=now)
    reading, course = told.comparisons[-1].after, told.supposed
    if question is None:
        stands = told.stands
        reading = Reading(snapshot(stands, told.now), stands, Knowledge.NOW, stands.revision)
        if stands.problem is not None:
            # The reminder was refused, so none goes out by time alone.
            on = run_on(stands, (), since=told.now, until=END_OF_TIME, assume_reminders=False)
            course = ahead(ledger, on)
    return Course(
        preview=told,
        reading=reading,
        story=tell(ledger.policy, ledger.facts, course, now=told.now),
        sentence=sentence_of(reading.state, reading.answer),
    )


def _notes(
    lead: UUID, facts: tuple[Fact, ...], entries: tuple[ContactEntry, ...]
) -> dict[str, dict[str, str]]:
    """What was written about each fact, by part (`services.history.PARTS`)."""
    written = {entry.id: entry.note for entry in entries if entry.note}
    if not written:
        return {}
    found: dict[str, dict[str, str]] = {}
    for fact in facts:
        for part in (*PARTS, "backdated"):
            name = note_entry(lead, fact.fact_id, "", part=part).id
            if name in written:
                found.setdefault(fact.fact_id, {})[part] = written[name]
    return found
