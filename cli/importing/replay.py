"""Plays one lead's rows through the contract, in the order in which they were recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from adapters.import_store import user_id
from cli.importing.shapes import (
    ActivityRow,
    ChildRow,
    ConversionRow,
    ExtensionRow,
    HoldRow,
    LeadRow,
    SourceFile,
)
from cli.importing.staging import StagedLead
from protection.dates import format_instant
from protection.facts import (
    ActivityRecorded,
    Converted,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReleased,
    Registered,
)
from protection.lifecycle import Snapshot, apply, begin, snapshot
from protection.policy import Policy
from protection.refusal import Code, Refused
from protection.simulator import next_by_time
from protection.state import ALIVE, LeadState

IMPORTED_BY = "import"


def lead_id(tenant: UUID, external_id: str) -> UUID:
    """Name the lead that an export calls `external_id`; the same in every run."""
    return uuid5(tenant, external_id)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person wrote about a fact; it goes to the personal-data table, never into the fact.

    Attributes:
        fact_id: the fact it speaks of.
        text: as written.
        occurred_at: UTC instant of what it speaks of.
    """

    fact_id: str
    text: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact of the export and where it stands there."""

    fact: Fact
    file: SourceFile
    line: int


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """A fact the contract did not allow, mostly because protection had ended."""

    entry: Entry
    refused: Refused


@dataclass(frozen=True, slots=True)
class Step:
    """An accepted fact, and the lead before (None: it began the ledger) and after it."""

    fact: Fact
    before: LeadState | None
    after: LeadState


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one lead by the instant of the import.

    Attributes:
        lead: its id.
        row: its row of leads.csv.
        state: after the last fact and deadline.
        snapshot: status and deadlines at the instant of the import.
        steps: the ledger: every accepted fact, with the reminders and the lapse that the time brought.
        entries: the facts of the export that were recorded by then, in order of recording.
        refused: those among them that the contract did not allow.
        later: how many facts were recorded after the instant of the import.
        remarks: what people wrote about accepted facts.
    """

    lead: UUID
    row: LeadRow
    state: LeadState
    snapshot: Snapshot
    steps: tuple[Step, ...]
    entries: tuple[Entry, ...]
    refused: tuple[RefusedEntry, ...]
    later: int
    remarks: tuple[Remark, ...]

    @property
    def alive(self) -> bool:
        """Whether the lead is still protected and needs its workflow."""
        return self.snapshot.status in ALIVE

    @property
    def ended_at(self) -> datetime | None:
        """The UTC instant protection ended; None while it lasts."""
        return None if self.alive else self.snapshot.valid_until


def replay(
    staged: StagedLead, *, tenant: UUID, policy: Policy, as_of: datetime, owner: str | None = None
) -> Outcome:
    """Play a lead's rows from its registration to `as_of`; reminders are taken as sent when due.

    Args:
        staged: the lead and its rows; registered not after `as_of`.
        tenant: whose lead it is.
        policy: the version it is registered under.
        as_of: UTC instant to stop at; facts recorded later are only counted.
        owner: the user id behind the owner's address; default: what `user_id` makes of it.
    """
    row = staged.row
    lead = lead_id(tenant, row.external_id)
    first = Registered(
        fact_id=str(uuid5(lead, "registered")),
        recorded_at=row.registered_at,
        by=IMPORTED_BY,
        owner=owner or user_id(row.owner),
        registered_at=row.registered_at,
    )
    drawn_up = _Entries(lead)
    everything = sorted(drawn_up.draw_up(staged.children), key=lambda entry: entry.fact.recorded_at)
    entries = [entry for entry in everything if entry.fact.recorded_at <= as_of]
    play = _Play(policy, first)
    refused: list[RefusedEntry] = []
    for entry in entries:
        play.settle(entry.fact.recorded_at)
        try:
            play.take(entry.fact)
        except Refused as refusal:
            refused.append(RefusedEntry(entry, refusal))
        except OverflowError:
            beyond = Refused(Code.DAYS_OUT_OF_RANGE, "days", "the deadline would lie beyond the calendar")
            refused.append(RefusedEntry(entry, beyond))
    play.settle(as_of)
    accepted = {step.fact.fact_id for step in play.steps}
    return Outcome(
        lead=lead,
        row=row,
        state=play.state,
        snapshot=snapshot(play.state, as_of),
        steps=tuple(play.steps),
        entries=tuple(entries),
        refused=tuple(refused),
        later=len(everything) - len(entries),
        remarks=tuple(remark for remark in drawn_up.remarks if remark.fact_id in accepted),
    )


class _Play:
    """A state and the whole ledger that led to it; the state itself sets idle facts aside."""

    def __init__(self, policy: Policy, first: Fact) -> None:
        self.state = begin(policy, first)
        self.steps = [Step(first, None, self.state)]

    def take(self, fact: Fact) -> None:
        before = self.state
        self.state = apply(before, fact)
        self.steps.append(Step(fact, before, self.state))

    def settle(self, moment: datetime) -> None:
        while (fact := next_by_time(self.state, assume_reminders=True)) is not None:
            if fact.recorded_at > moment:
                return
            self.take(fact)


class _Entries:
    """Makes facts of rows. Their ids depend on what a row says, not on where it stands."""

    def __init__(self, lead: UUID) -> None:
        self._lead = lead
        self._seen: dict[str, int] = {}
        self.remarks: list[Remark] = []

    def draw_up(self, rows: tuple[ChildRow, ...]) -> Iterator[Entry]:
        for row in rows:
            match row:
                case ActivityRow():
                    yield self._activity(row)
                case HoldRow():
                    yield from self._hold(row)
                case ExtensionRow():
                    yield self._extension(row)
                case ConversionRow():
                    yield self._conversion(row)

    def _id(self, *identity: str) -> str:
        name = "\x1f".join(identity)
        count = self._seen[name] = self._seen.get(name, 0) + 1
        return str(uuid5(self._lead, name if count == 1 else f"{name}\x1f{count}"))

    def _remark(self, fact: Fact, text: str, occurred_at: datetime) -> None:
        if text.strip():
            self.remarks.append(Remark(fact.fact_id, text, occurred_at))

    def _activity(self, row: ActivityRow) -> Entry:
        fact = ActivityRecorded(
            fact_id=self._id(
                SourceFile.ACTIVITIES,
                format_instant(row.occurred_at),
                format_instant(row.recorded_at),
                row.kind,
            ),
            recorded_at=row.recorded_at,
            by=IMPORTED_BY,
            kind=row.kind,
            occurred_at=row.occurred_at,
        )
        self._remark(fact, row.note, row.occurred_at)
        return Entry(fact, SourceFile.ACTIVITIES, row.line)

    def _hold(self, row: HoldRow) -> Iterator[Entry]:
        placed = HoldPlaced(
            fact_id=self._id(SourceFile.HOLDS, row.hold, "placed"),
            recorded_at=row.placed_at,
            by=IMPORTED_BY,
            hold=row.hold,
            reason=row.reason,
            start_at=row.start_at,
            end_at=row.end_at,
        )
        yield Entry(placed, SourceFile.HOLDS, row.line)
        if row.released_at is not None:
            released = HoldReleased(
                fact_id=self._id(SourceFile.HOLDS, row.hold, "released"),
                recorded_at=row.released_at,
                by=IMPORTED_BY,
                hold=row.hold,
            )
            yield Entry(released, SourceFile.HOLDS, row.line)

    def _extension(self, row: ExtensionRow) -> Entry:
        granted = format_instant(row.granted_at)
        fact = ExtensionGranted(
            fact_id=self._id(SourceFile.EXTENSIONS, granted, str(row.days)),
            recorded_at=row.granted_at,
            by=IMPORTED_BY,
            days=row.days,
        )
        self._remark(fact, row.reason, row.granted_at)
        return Entry(fact, SourceFile.EXTENSIONS, row.line)

    def _conversion(self, row: ConversionRow) -> Entry:
        fact = Converted(
            fact_id=self._id(SourceFile.CONVERSIONS, format_instant(row.converted_at)),
            recorded_at=row.converted_at,
            by=IMPORTED_BY,
            customer_no=row.customer_no,
        )
        return Entry(fact, SourceFile.CONVERSIONS, row.line)
