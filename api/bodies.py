"""What is read of a body, by address: how much, and of which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

JSON: Final = "application/json"
CSV: Final = "text/csv"
FORM: Final = "application/x-www-form-urlencoded"
PARTS: Final = "multipart/form-data"
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
_PUBLIC: Final = Bodies(64_000, frozenset({JSON.encode()}), JSON, f"Send JSON: {JSON}.")
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


_FORMS: Final = frozenset({FORM.encode(), PARTS.encode()})
_ADVICE: Final = "Send a form."
_PAGE: Final = Bodies(1_000_000, _FORMS, f"{FORM}, {PARTS}", _ADVICE)
_PAGE_WITH_FILE: Final = Bodies(16_100_000, _FORMS, f"{FORM}, {PARTS}", _ADVICE)
_PUBLIC_PAGE: Final = Bodies(64_000, _FORMS, f"{FORM}, {PARTS}", _ADVICE)


def bodies_at(path: str) -> Bodies:
    """What is read there."""
    if path.startswith(("/api/feedback/", "/api/webhooks/")):
        return _PUBLIC
    if path.startswith("/api/"):
        return _OTHERS.get(path, _USUAL)
    if path == "/import" or path.startswith("/import/"):
        return _PAGE_WITH_FILE
    return _PUBLIC_PAGE if path.startswith("/feedback/") else _PAGE
