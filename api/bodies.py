"""What is read of a body, by address: how much, and of which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

JSON: Final = "application/json"
CSV: Final = "text/csv"
IMPORT_PATH: Final = "/api/leads/import"


@dataclass(frozen=True, slots=True)
class Bodies:
    """What may be sent to an address.

    Attributes:
        most: bytes at most.
        media_types: as the head of a request names them, in small letters.
        accepts: the same for the header Accept of a refusal.
        advice: the same in a sentence.
    """

    most: int
    media_types: frozenset[bytes]
    accepts: str
    advice: str


_USUAL: Final = Bodies(
    1_000_000, frozenset({JSON.encode(), b"application/merge-patch+json"}), JSON, f"Send JSON: {JSON}."
)
_OTHERS: Final[Mapping[str, Bodies]] = MappingProxyType(
    {
        IMPORT_PATH: Bodies(
            16_000_000,
            frozenset({JSON.encode(), CSV.encode()}),
            f"{JSON}, {CSV}",
            f"Send JSON: {JSON}, or a table: {CSV}, in UTF-8.",
        )
    }
)


def bodies_at(path: str) -> Bodies:
    """What is read there."""
    return _OTHERS.get(path, _USUAL)
