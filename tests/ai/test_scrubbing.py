"""What models are told holds nothing personal: neither what has its form, nor people known by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ai.scrubbing import KnownNames, scrubbed

KNOWN = KnownNames(
    ["Zdeněk O'Wrzesień-Kœnig", "Öttilie Verpflanzt-Unikat", "Ng Li", "Dr. Max Müller"],
    ["zdenek.koenig@x.example"],
    ["+493619988001"],
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Von DE02120300000000202051", "Von [iban]"),
        ("von de02 1203 0000 0000 2020 51", "von [iban]"),
        ("Jo.Haus(at)gasthöfe.example", "[email]"),
        ("jo @ haus.example", "[email]"),
        ("Tel. (0361) 99 88 - 001", "Tel. [phone]"),
        ("Tel. 36199 88001", "Tel. [phone]"),
        ("0049 30 555000001", "[phone]"),
        ("O'Wrzesień rief an", "O'[person] rief an"),
        ("ZDENEK KOENIG, König, Kœnig", "[person] [person], [person], [person]"),
        ("OETTILIE und Ottilie", "[person] und [person]"),
        ("Verpflanzts Küche", "[person] Küche"),
        ("bei Müllers, MUELLER'S, Mueller_Max.pdf", "bei [person], [person], [person]_[person].pdf"),
        ("Li und NG", "[person] und [person]"),
        ("Herr Unbekannt", "Herr [person]"),
    ],
)
def test_what_is_personal_is_taken_out(text: str, told: str) -> None:
    assert scrubbed({"words": [text]}, KNOWN) == {"words": [told]}


@pytest.mark.parametrize(
    "text",
    [
        "an der Linie vermüllert",
        "Die neue Mauer steht",
        "12,50 EUR am 2026-11-23",
        "GULASCH-1KG",
        "1.234.567",
    ],
)
def test_what_is_not_stays(text: str) -> None:
    assert scrubbed(text, KNOWN) == text


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_name_among_any_words_is_found(before: str, after: str) -> None:
    told = scrubbed(f"{before} Verpflanzt {after}", KNOWN)
    assert "Verpflanzt" not in told


@given(st.text(max_size=30), st.text(max_size=200))
def test_any_name_and_any_text_can_be_read(name: str, text: str) -> None:
    assert isinstance(scrubbed(text, KnownNames([name])), str)
