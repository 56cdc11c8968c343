"""Every text of the pages is there in both languages, and says the same."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from api.pages.reader import ROLE_TEXTS, STATUS_TEXTS
from api.pages.texts import LOCALES, known_texts, read_catalogue
from tests.pages.extracting import texts

_VALUE = re.compile(r"%\(([^)]+)\)s")


def _formatted(text: str, values: set[str]) -> str:
    return text % dict.fromkeys(values, "x") if values else text


def test_every_text_has_a_german_one() -> None:
    catalogue = read_catalogue("de")
    missing = sorted({f"{where} {text}" for where, text in texts() if text not in catalogue})
    assert missing == []
    wanted = {*STATUS_TEXTS.values(), *ROLE_TEXTS.values()}
    assert wanted <= known_texts()


@pytest.mark.parametrize("file", sorted((LOCALES / "de").glob("*.po")), ids=lambda file: file.stem)
def test_what_is_put_into_a_text_is_put_into_the_german_one(file: Path) -> None:
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale="de", abort_invalid=True)
    for message in catalogue:
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, list | tuple) else [message.id]
        strings = message.string if isinstance(message.string, list | tuple) else [message.string]
        told = [text or "" for text in strings]
        assert all(told), f"{sources[0]}: no German text"
        values = {name for source in sources for name in _VALUE.findall(source)}
        for text in told:
            assert set(_VALUE.findall(text)) <= values, text
            _formatted(text, values)
        assert not message.fuzzy, sources[0]


def test_no_text_has_two_german_ones() -> None:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for file in sorted((LOCALES / "de").glob("*.po")):
        with file.open("rb") as opened:
            for message in read_po(opened, locale="de", abort_invalid=True):
                if message.id:
                    found[str(message.id)][file.stem] = str(message.string)
    assert {text: where for text, where in found.items() if len(set(where.values())) > 1} == {}
