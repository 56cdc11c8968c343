"""Texts of the pages: message ids are English sentences, German stands in `locales/de/<area>.po`."""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from protection.explain_texts import Language

LOCALES: Final = Path(__file__).with_name("locales")


def N_(text: str) -> str:  # noqa: N802 - the name every gettext tool knows
    """Marks a text to be translated later, where it is shown."""
    return text


def read_catalogue(language: Language) -> Catalog:
    """All areas' texts of a language as one catalogue; of a sentence that stands in two, the first one's."""
    merged = Catalog(locale=language)
    for file in sorted((LOCALES / language).glob("*.po")):
        with file.open("rb") as opened:
            for message in read_po(opened, locale=language, abort_invalid=True):
                if message.id and message.id not in merged:
                    merged[message.id] = message
    return merged


@cache
def translations(language: Language) -> NullTranslations:
    """The texts of a language. English is what stands in the source."""
    if language == "en":
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def known_texts() -> frozenset[str]:
    """Every text there is a German one for; the name of a text that a browser brings back is one of these."""
    return frozenset(str(message.id) for message in read_catalogue("de") if isinstance(message.id, str))


def say(language: Language, text: str, **values: object) -> str:
    """The text in this language, with the values put in."""
    said = translations(language).gettext(text)
    return said % values if values else said


def count(language: Language, one: str, many: str, num: int, **values: object) -> str:
    """The form for this number, with the number and the values put in."""
    return translations(language).ngettext(one, many, num) % {"num": num, **values}
