"""Python and SQL make the same keys of the same text, character by character."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters import normalise
from adapters.database import Pool
from tests.architecture.sources import PROJECT

FUNCTIONS: Final[dict[str, Callable[[str], str]]] = {
    name: getattr(normalise, name)
    for name in ("fold", "company_key", "city_key", "postcode_key", "email_key", "phone_key")
}
FORMS: Final = (
    "GmbH",
    "& Co. KG",
    "u. Co KGaA",
    "e.K.",
    "e. V.",
    "UG (haftungsbeschränkt)",
    "S.p.A.",
    "AG",
    "mbH",
)
EXPORTS: Final = sorted((PROJECT.parent / "shared" / "data").glob("*/leads.csv"))


async def _compare(pool: Pool, name: str, texts: Sequence[str]) -> None:
    made = await pool.fetch(
        f"select u.said, {name}(u.said) as key from unnest($1::text[]) as u (said)", list(texts)
    )
    assert len(made) == len(texts)
    wrong = [(row["said"], row["key"], FUNCTIONS[name](row["said"])) for row in made]
    assert [each for each in wrong if each[1] != each[2]] == []


@pytest.mark.parametrize("name", FUNCTIONS)
async def test_every_character_that_has_a_meaning(name: str, app: Pool) -> None:
    known = [
        chr(point)
        for point in range(1, 0x110000)
        if unicodedata.category(chr(point)) not in {"Cn", "Cs", "Co"}
    ]
    assert len(known) > 140_000
    await _compare(app, name, [f"1{letter}2{letter}a GmbH" for letter in known])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\x00"), max_size=20)
        | st.text(st.sampled_from("äÄßẞéİΑΣς ﬁŁøÆ&+-.()/0123456789 \t\u00a0\u0308\u0301ガ東②½Ⅷ"), max_size=20)
        | st.lists(st.sampled_from([*FORMS, "Müller", "Hotel", "12", "3"]), max_size=6).map(" ".join)
        | st.lists(st.sampled_from(["+", "0", "00", "49", "(0)", "030", "12345", "x", " ", "/"])).map(
            "".join
        ),
        min_size=1,
        max_size=40,
    )
)
@pytest.mark.parametrize("name", FUNCTIONS)
async def test_any_text(name: str, app: Pool, texts: list[str]) -> None:
    await _compare(app, name, texts)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda path: path.parent.name)
async def test_the_companies_of_real_exports(export: Path, app: Pool) -> None:
    with export.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, column in (
        ("company_key", "company"),
        ("city_key", "city"),
        ("postcode_key", "postcode"),
        ("email_key", "contact_email"),
        ("phone_key", "contact_phone"),
    ):
        await _compare(app, name, [row[column] or "" for row in rows])
    pairs = [(row["company"] or "", row["city"] or "") for row in rows]
    made = await app.fetch(
        "select u.company, u.city, lead_key(u.company, u.city) as key"
        " from unnest($1::text[], $2::text[]) as u (company, city)",
        [company for company, _ in pairs],
        [city for _, city in pairs],
    )
    assert all(row["key"] == normalise.lead_key(row["company"], row["city"]) for row in made)
