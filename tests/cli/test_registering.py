"""`fristwerk register` and `fristwerk preregister`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from protection.dates import format_instant
from tests.cli.house import House

CONTACT = ("--contact-name", "E. Muster", "--contact-email", "E.Muster@Haus.example", "--contact-phone", "-")


def at(days: float) -> str:
    return format_instant(datetime.now(UTC).replace(microsecond=0) + timedelta(days=days))


def company() -> str:
    return f"Haus {uuid4().hex[:10]} GmbH"


def personal(house: House, lead: str) -> dict[str, dict[str, object]]:
    return {str(kept.kind): asdict(kept) for kept in house.personal(lead)}


def test_a_registered_lead_is_protected_and_its_contact_stays_in_one_table(house: House) -> None:
    name = company()
    told = house.done("register", f"  {name} ", "Jena", "--owner", "anna@agents.example", *CONTACT)
    assert told["status"] == "ACTIVE"
    assert told["after"]["owner"] == "anna"
    shown = house.done("lead", told["lead"])
    assert (shown["company"], shown["source"], shown["external_id"]) == (name, "OTHER", None)
    assert personal(house, told["lead"])["CONTACT"]["email"] == "e.muster@haus.example"
    assert house.done("verify", told["lead"])["findings"] == []
    assert told["lead"][:8] in house.run("leads", "--all").out


@pytest.mark.parametrize("known", ["--fact-id", "--external-id"])
def test_the_same_registration_again_enters_nothing_twice(house: House, known: str) -> None:
    word = uuid4().hex[:10]
    ids = ("--fact-id", f"reg-{word}") + (("--external-id", f"X-{word}") if known == "--external-id" else ())
    start = ("register", f"Haus {word}", "Jena", "--contact-name", "Jo", *ids)
    first, second = (house.done(*start, "--owner", "anna") for _ in range(2))
    assert first["lead"] == second["lead"]
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert first["revision"] == second["revision"] == 1
    other = house.run(*start, "--owner", "ben")
    assert other.code == 1
    assert "known already" in other.err


def test_a_live_duplicate_is_refused_without_telling_whose_it_is(house: House) -> None:
    name = company()
    house.done("register", name, "Jena", "--owner", "anna", *CONTACT)
    twin = name.upper().replace("GMBH", "G.m.b.H.")
    for words in (
        ("register", twin, "JENA", "--owner", "ben", *CONTACT),
        ("preregister", twin, "Jena", "--owner", "ben"),
    ):
        said = house.run(*words)
        assert said.code == 1
        assert "duplicate" in said.err
        assert "nna" not in said.err
    assert house.run("register", twin, "Jena", "--owner", "ben", *CONTACT, "--dry-run").code == 1
    assert (
        house.run("register", twin, "Jena", "--owner", "ben", *CONTACT, "--override-duplicate", "x").code == 2
    )
    right = ("--override-duplicate", "Second kitchen of the same house")
    second = house.done("register", twin, "Jena", "--owner", "ben", *CONTACT, *right)
    assert personal(house, second["lead"])["NOTE"]["note"] == "Second kitchen of the same house"
    assert house.done("register", name, "Weimar", "--owner", "ben", *CONTACT)["status"] == "ACTIVE"


def test_a_first_contact_is_documented(house: House) -> None:
    met = ("--first-contact", "Tasting at the stand", "--first-contact-at", at(-2), "--channel", "VISIT")
    told = house.done("register", company(), "Jena", "--owner", "anna", "--source", "TRADE_FAIR", *met)
    row = personal(house, told["lead"])["FIRST_CONTACT"]
    assert (row["note"], row["channel"]) == ("Tasting at the stand", "VISIT")
    assert row["fact_id"] == house.done("lead", told["lead"])["facts"][0]["fact_id"]


def test_a_registration_of_the_past_moves_the_base_period_only(house: House) -> None:
    past = (
        "--registered-at",
        at(-30),
        "--reason",
        "Entered a month too late",
        "--evidence",
        "https://x.example/1",
    )
    told = house.done("register", company(), "Jena", "--owner", "anna", *CONTACT, *past)
    plain = house.done("register", company(), "Jena", "--owner", "anna", *CONTACT)
    assert told["after"]["base_until"] < plain["after"]["base_until"][:10]
    assert told["after"]["progress_until"][:10] == plain["after"]["progress_until"][:10]
    assert "Entered a month too late" in str(personal(house, told["lead"])["NOTE"]["note"])


def test_a_dry_run_enters_nothing(house: House) -> None:
    name = company()
    told = house.done("register", name, "Jena", "--owner", "anna", *CONTACT, "--dry-run")
    assert told["dry_run"]
    assert told["after"]["valid_until"]
    assert house.sql("select count(*) as n from lead where company = $1", name)[0]["n"] == 0


def test_a_preregistered_lead_holds_nothing_personal_until_it_is_registered(house: House) -> None:
    noted = house.done("preregister", company(), "Jena", "--owner", "anna", "--industry", "HOTEL")
    lead = noted["lead"]
    assert noted["status"] == "PREREGISTERED"
    assert personal(house, lead) == {}
    assert "pre-registered" in house.run("lead", lead).out
    assert "pre-registered" in house.run("lead", lead, "--explain").out
    early = house.run("log", lead, "QUALIFIED_CALL")
    assert early.code == 1
    assert "not-registered" in early.err
    call = ("register", "--lead", lead, *CONTACT, "--fact-id", "real")
    assert house.done(*call)["status"] == "ACTIVE"
    assert house.done(*call)["duplicate"]
    assert personal(house, lead)["CONTACT"]["name"] == "E. Muster"
    late = house.run("register", "--lead", lead, *CONTACT)
    assert late.code == 1
    assert "not pre-registered" in late.err
    assert house.run("register", "Haus", "Jena", "--lead", lead, *CONTACT).code == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "--contact-name"),
        (("--contact-name", "Jo", "--source", "PHONE"), 2, "--first-contact"),
        (("--contact-name", "Jo", "--channel", "VISIT"), 2, "--first-contact"),
        (("--contact-name", ""), 2, "--contact-name"),
        (("--contact-name", "a\nb"), 2, "--contact-name"),
        (("--contact-email", "no address"), 2, "--contact-email"),
        (("--first-contact", "short"), 2, "--first-contact"),
        (("--first-contact", "x" * 10_001), 2, "--first-contact"),
        (("--first-contact", "Talked for long", "--first-contact-at", at(1)), 2, "--first-contact-at"),
        (("--first-contact", "Talked for long", "--first-contact-at", "2026-11-20T10:00"), 2, "+01:00"),
        (("--contact-name", "Jo", "--source", "DREAM"), 2, "--source"),
        (
            ("--contact-name", "Jo", "--registered-at", at(1), "--reason", "x" * 20, "--evidence", "x"),
            2,
            "future",
        ),
        (("--contact-name", "Jo", "--registered-at", at(-1)), 2, "--reason"),
        (
            ("--contact-name", "Jo", "--registered-at", at(-1), "--reason", "no", "--evidence", "x"),
            2,
            "--reason",
        ),
        (("--contact-name", "Jo", "--reason", "x" * 20), 2, "--registered-at"),
        (("--contact-name", "Jo", "--postcode", "x" * 30), 2, "--postcode"),
        (("--contact-name", "Jo", "--fact-id", "a b"), 2, "--fact-id"),
    ],
)
def test_bad_registrations_are_named_and_nothing_is_entered(
    house: House, words: tuple[str, ...], code: int, told: str
) -> None:
    name = company()
    said = house.run("register", name, "Jena", "--owner", "anna", *words)
    assert said.code == code, said
    assert told in said.err
    assert house.sql("select count(*) as n from lead where company = $1", name)[0]["n"] == 0


def test_what_cannot_be_left_out(house: House) -> None:
    for words, told in (
        (("register", "Haus", "Jena", *CONTACT), "--owner"),
        (("register", "", "Jena", "--owner", "anna", *CONTACT), "COMPANY"),
        (("register", "Haus", " ", "--owner", "anna", *CONTACT), "CITY"),
        (("register", "--owner", "anna", *CONTACT), "COMPANY"),
        (("preregister", "Haus"), "CITY"),
    ):
        said = house.run(*words)
        assert said.code == 2, words
        assert told in said.err
    assert house.run("register", company(), "Jena", "--owner", "nobody", *CONTACT).code == 1
