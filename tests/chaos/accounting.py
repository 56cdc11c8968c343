"""Holds the ledger against the journal: what was answered is there once, what was refused is not there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tests.chaos.journal import Ending, Kind, Operation

CLOCK: Final = "clock"
_TYPES: Final[Mapping[Kind, str]] = {
    Kind.REGISTER: "registered",
    Kind.ACTIVITY: "activity",
    Kind.HOLD: "hold_placed",
    Kind.RELEASE_HOLD: "hold_released",
    Kind.EXTEND: "extension_granted",
    Kind.CONVERT: "converted",
    Kind.SIGNAL: "activity",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as the ledger has it.

    Attributes:
        hold: the hold it places or releases.
    """

    lead: UUID
    revision: int
    fact: str
    type: str
    by: str
    hold: str | None = None


def account(
    operations: Sequence[Operation],
    ledger: Sequence[Entry],
    *,
    before: Collection[tuple[UUID, str]],
    ended: Collection[UUID],
) -> Iterator[str]:
    """Everything on which journal and ledger do not agree, in words.

    Args:
        before: facts that were there before anybody acted: lead and id.
        ended: leads whose protection is over; a signal may have come too late for them.
    """
    yield from _whole(ledger)
    kept = {(entry.lead, entry.fact): entry for entry in ledger}
    released = Counter(entry.hold for entry in ledger if entry.type == _TYPES[Kind.RELEASE_HOLD])
    explained: set[tuple[UUID, str]] = set(before)
    freed: set[str] = set()
    for operation in operations:
        if operation.kind is Kind.JUMP:
            continue
        if operation.ending is Ending.OPEN:
            yield f"{_name(operation)} was never answered"
        elif operation.kind is Kind.RELEASE_HOLD:
            freed.add(str(operation.hold))
            if operation.ending is Ending.ANSWERED and released[operation.hold] != 1:
                yield f"{_name(operation)}: {released[operation.hold]} releases of {operation.hold}"
        elif operation.ending is Ending.ANSWERED:
            assert operation.lead is not None
            assert operation.fact is not None
            mark = (operation.lead, operation.fact)
            explained.add(mark)
            yield from _answered(operation, kept.get(mark), late=operation.lead in ended)
    for entry in ledger:
        is_release = entry.type == _TYPES[Kind.RELEASE_HOLD] and entry.hold in freed
        if (entry.lead, entry.fact) not in explained and entry.by != CLOCK and not is_release:
            yield f"{entry.type} {entry.fact} of {entry.lead} is on record, and nobody was told so"


def _answered(operation: Operation, entry: Entry | None, *, late: bool) -> Iterator[str]:
    if entry is None:
        if operation.kind is not Kind.SIGNAL or not late:
            yield f"{_name(operation)} was answered and is lost"
    elif entry.type != _TYPES[operation.kind]:
        yield f"{_name(operation)} was answered and is a {entry.type}"
    elif operation.revision is not None and operation.revision != entry.revision:
        yield f"{_name(operation)} was answered as revision {operation.revision}, is {entry.revision}"


def _whole(ledger: Sequence[Entry]) -> Iterator[str]:
    """Every ledger counts its revisions from 1 without a gap, and has no fact twice."""
    revisions: defaultdict[UUID, list[int]] = defaultdict(list)
    for entry in ledger:
        revisions[entry.lead].append(entry.revision)
    for lead, numbers in revisions.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"the ledger of {lead} counts {sorted(numbers)}"
    for (lead, fact), times in Counter((entry.lead, entry.fact) for entry in ledger).items():
        if times > 1:
            yield f"{fact} of {lead} is on record {times} times"
    for hold, times in Counter(entry.hold for entry in ledger if entry.type == "hold_released").items():
        if times > 1:
            yield f"hold {hold} is released {times} times"


def _name(operation: Operation) -> str:
    return f"{operation.kind} {operation.key} of {operation.lead}"
