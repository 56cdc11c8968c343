"""The checker finds what it is there for: facts lost, taken twice, recorded though refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from tests.chaos.accounting import Entry, account
from tests.chaos.journal import Ending, Journal, Kind, Operation, read

LEAD, OTHER = UUID(int=1), UUID(int=2)
REGISTERED = Entry(LEAD, 1, "import", "registered", "import")
CALL = Entry(LEAD, 2, "f-1", "activity", "anna")
HELD = Entry(LEAD, 3, "f-2", "hold_placed", "maria", "h-1")
FREED = Entry(LEAD, 4, "f-3", "hold_released", "maria", "h-1")
REMINDED = Entry(LEAD, 5, "reminder/1", "reminder_sent", "clock")
LEDGER = [REGISTERED, CALL, HELD, FREED, REMINDED]


def _operation(number: int, kind: Kind, ending: Ending, fact: str | None = None, **more: str) -> Operation:
    entry = next((one for one in LEDGER if one.fact == fact), None)
    return Operation(
        number=number,
        kind=kind,
        lead=LEAD,
        key=f"k-{number}",
        ending=ending,
        tries=1,
        fact=fact,
        revision=None if entry is None else entry.revision,
        at=datetime(2026, 11, 23, tzinfo=UTC),
        **more,
    )


SAID = [
    _operation(1, Kind.ACTIVITY, Ending.ANSWERED, "f-1"),
    _operation(2, Kind.HOLD, Ending.ANSWERED, "f-2", hold="h-1"),
    _operation(3, Kind.RELEASE_HOLD, Ending.ANSWERED, hold="h-1"),
    _operation(4, Kind.CONVERT, Ending.REFUSED, code="protection-ended"),
    _operation(5, Kind.JUMP, Ending.OPEN),
]


def _wrong(operations: list[Operation], ledger: list[Entry], *ended: UUID) -> list[str]:
    return list(account(operations, ledger, before={(LEAD, "import")}, ended=ended))


def test_what_agrees_is_left_alone() -> None:
    assert _wrong(SAID, LEDGER) == []


@pytest.mark.parametrize(
    ("ledger", "what"),
    [
        ([REGISTERED, replace(HELD, revision=2), replace(FREED, revision=3)], "is lost"),
        ([*LEDGER, replace(CALL, revision=6)], "on record 2 times"),
        ([*LEDGER, replace(CALL, revision=6, fact="f-9")], "nobody was told so"),
        ([*LEDGER, replace(FREED, revision=6, fact="f-9")], "released 2 times"),
        ([one for one in LEDGER if one != FREED], "0 releases of h-1"),
        ([replace(one, type="converted") if one == CALL else one for one in LEDGER], "is a converted"),
        ([one for one in LEDGER if one != HELD], "counts [1, 2, 4, 5]"),
        ([*LEDGER, Entry(OTHER, 2, "f-8", "activity", "anna")], "counts [2]"),
    ],
)
def test_what_does_not_agree_is_named(ledger: list[Entry], what: str) -> None:
    assert any(what in one for one in _wrong(SAID, ledger)), _wrong(SAID, ledger)


def test_an_answer_tells_the_revision_that_holds_the_fact() -> None:
    said = [replace(SAID[0], revision=7), *SAID[1:]]
    assert _wrong(said, LEDGER) == [f"activity k-1 of {LEAD} was answered as revision 7, is 2"]


def test_whoever_waits_for_ever_is_named() -> None:
    assert _wrong([replace(SAID[0], ending=Ending.OPEN), *SAID[1:]], LEDGER) == [
        f"activity k-1 of {LEAD} was never answered",
        f"activity f-1 of {LEAD} is on record, and nobody was told so",
    ]


def test_a_signal_may_come_too_late_for_a_lead_that_has_ended_and_for_no_other() -> None:
    signal = _operation(6, Kind.SIGNAL, Ending.ANSWERED, "s-1")
    assert _wrong([*SAID, signal], LEDGER, LEAD) == []
    assert _wrong([*SAID, signal], LEDGER) == [f"signal k-6 of {LEAD} was answered and is lost"]


def test_the_journal_gives_back_how_everything_ended(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    with Journal(file) as journal:
        first = journal.begin(Kind.ACTIVITY, LEAD, "k-1")
        second = journal.begin(Kind.REGISTER, None, "k-2")
        answered = replace(first, ending=Ending.ANSWERED, tries=3, fact="f-1", revision=2)
        journal.end(answered)
    assert read(file) == [answered, second]


@pytest.mark.parametrize("line", ["", "{}", '{"number": 1}', "nonsense"])
def test_a_damaged_journal_is_no_journal(tmp_path: Path, line: str) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_text(f"{line}\n")
    with pytest.raises(ValidationError):
        read(file)
