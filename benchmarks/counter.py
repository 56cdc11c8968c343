"""Numbers that a bare worker counts up and the benchmark reads, shared through a small file."""

from __future__ import annotations

import mmap
import struct
from enum import IntEnum
from pathlib import Path
from typing import Final, Self

_SLOT: Final = struct.Struct("<q")


class Counted(IntEnum):
    """What is counted; the value is the place in the file."""

    ACTIVITIES = 0
    SIGNALS = 1


class Counters:
    """Counters in a file. One process counts, any may read."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(_SLOT.size * len(Counted)))
        with file.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._memory.close()

    def read(self, what: Counted) -> int:
        """How many there were so far."""
        return int(_SLOT.unpack_from(self._memory, what * _SLOT.size)[0])

    def add(self, what: Counted) -> None:
        """One more."""
        _SLOT.pack_into(self._memory, what * _SLOT.size, self.read(what) + 1)


_shared: list[Counters] = []


def count_in(counters: Counters) -> None:
    """From now on this process counts there."""
    _shared[:] = [counters]


def count(what: Counted) -> None:
    """One more, in the counters of this process; a process without any does not count."""
    for counters in _shared:
        counters.add(what)
