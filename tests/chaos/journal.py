"""What clients asked for and what they were told, written to a file before and after every call.

The checker reads the file, not the clients' memory: it is the one record that nothing under test has written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from pydantic import TypeAdapter


class Kind(StrEnum):
    """What is asked for."""

    REGISTER = "register"
    ACTIVITY = "activity"
    HOLD = "hold"
    RELEASE_HOLD = "release-hold"
    EXTEND = "extend"
    CONVERT = "convert"
    SIGNAL = "signal"
    JUMP = "jump"


class Ending(StrEnum):
    """How it ended for the client; OPEN is a client that never heard."""

    OPEN = "open"
    ANSWERED = "answered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing a client wanted.

    Attributes:
        number: of this run, from 1.
        lead: None for a registration until it is answered.
        key: under which it is repeated: an idempotency key, or the id of a fact.
        hold: the hold it is about.
        tries: how often it was said.
        fact: id of the fact that was answered.
        revision: of the ledger that holds it, as answered.
        code: of the refusal.
        at: UTC instant of this line.
    """

    number: int
    kind: Kind
    lead: UUID | None
    key: str
    hold: str | None = None
    ending: Ending = Ending.OPEN
    tries: int = 0
    fact: str | None = None
    revision: int | None = None
    code: str | None = None
    at: datetime


_OPERATION = TypeAdapter(Operation)


class Journal:
    """The file; use it as a context manager.

    Attributes:
        begun: how many operations were begun.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stream = file.open("a", encoding="utf-8", buffering=1)
        self.begun = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def begin(self, kind: Kind, lead: UUID | None, key: str, hold: str | None = None) -> Operation:
        """Write down what is about to be asked for."""
        self.begun += 1
        operation = Operation(
            number=self.begun, kind=kind, lead=lead, key=key, hold=hold, at=datetime.now(UTC)
        )
        self.end(operation)
        return operation

    def end(self, operation: Operation) -> None:
        """Write down how it ended, before anybody acts on it."""
        self._stream.write(json.dumps(asdict(operation), default=str) + "\n")


def read(file: Path) -> list[Operation]:
    """Every operation of a journal as it ended, by number."""
    last: dict[int, Operation] = {}
    for operation in _lines(file):
        last[operation.number] = operation
    return [last[number] for number in sorted(last)]


def _lines(file: Path) -> Iterator[Operation]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield _OPERATION.validate_json(line)
