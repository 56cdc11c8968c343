"""Translations: message ids are English sentences, a language is one .po file read at start."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from activities.ports import Language

LOCALES: Final = Path(__file__).with_name("locales")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language."""

    language: Language
    translations: NullTranslations

    def say(self, sentence: str) -> str:
        """The sentence in this language; placeholders stay as they are."""
        return self.translations.gettext(sentence)

    def count(self, one: str, many: str, num: int) -> str:
        """The form for this number, with the number put in."""
        return self.translations.ngettext(one, many, num) % {"num": num}


def read_catalogue(language: Language) -> Catalog:
    """The catalogue of a language as people edit it."""
    with (LOCALES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=str(language), abort_invalid=True)


@cache
def phrases(language: Language) -> Phrases:
    """The sentences of a language. English is what stands in the source."""
    if language is Language.EN:
        return Phrases(language, NullTranslations())
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Phrases(language, GNUTranslations(compiled))
