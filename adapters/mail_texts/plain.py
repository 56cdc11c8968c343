"""Names as they may stand in a mail: one line, nothing that moves the text around it."""

from __future__ import annotations

import unicodedata
from typing import Final

NAME_LIMIT: Final = 200
SUBJECT_NAME_LIMIT: Final = 60

# Direction overrides and isolates turn the text after them around; zero-width marks hide in names.
_MOVERS: Final = frozenset(
    map(chr, [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
)
_DROPPED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def one_line(text: str, limit: int = NAME_LIMIT) -> str:
    """The text as one line of at most `limit` characters, without control characters."""
    kept = "".join(
        " " if unicodedata.category(char) in _DROPPED else char for char in text if char not in _MOVERS
    )
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
