"""Every text of the pages, found where it stands: in templates and in Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.extract import extract
from jinja2.ext import babel_extract

from api.pages.texts import LOCALES

PAGES: Final = LOCALES.parent
_KEYWORDS: Final[dict[str, tuple[int, ...] | None]] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "text": None,
    "count": (1, 2),
}
_OPTIONS: Final = {
    "trimmed": "true",
    "silent": "false",
    "extensions": "jinja2.ext.do",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
}


def texts() -> Iterator[tuple[str, str]]:
    """Where a text stands, and the text; of one with a plural the singular."""
    for file in sorted(PAGES.rglob("*.j2")):
        with file.open("rb") as opened:
            for line, _, message, _ in babel_extract(opened, ("_", "gettext", "ngettext"), [], _OPTIONS):
                yield from _each(file, line, message)
    for file in sorted(PAGES.rglob("*.py")):
        with file.open("rb") as opened:
            for line, message, _, _ in extract("python", opened, _KEYWORDS, (), {}):
                yield from _each(file, line, message)


def _each(file: Path, line: int, message: object) -> Iterator[tuple[str, str]]:
    first = message[0] if isinstance(message, list | tuple) else message
    if isinstance(first, str) and first:
        yield f"{file.relative_to(PAGES)}:{line}", first
