"""Commands about personal data, as people call them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from adapters.keyring import Keyring
from adapters.settings import DEMO_TENANT
from tests.cli.house import House
from tests.vaultfixtures import KEY_ENVIRONMENT, RING, VAULT, key_of

WHY = ("--reason", "Request of today")
LONE = dict.fromkeys(KEY_ENVIRONMENT, "")


def opened(house: House, lead: str) -> set[str | None]:
    return {word for kept in house.personal(lead) for word in (kept.name, kept.email, kept.phone, kept.note)}


def test_a_living_lead_is_erased_on_request_once(house: House, lead: str) -> None:
    house.done("log", lead, "QUALIFIED_CALL", "--note", "Frau Unikat am Apparat")
    assert opened(house, lead) == {"E. Muster", "Frau Unikat am Apparat", None}
    looked = house.done("erase", lead, *WHY, "--dry-run")
    assert (looked["status"], looked["obstacle"]) == ("ACTIVE", None)
    held = {name: number for name, number in looked["held"].items() if number}
    assert held == {"keys": 1, "contacts": 1, "notes": 1}
    assert "Nothing was done" in house.run("erase", lead, *WHY, "--dry-run").out
    assert opened(house, lead) == {"E. Muster", "Frau Unikat am Apparat", None}
    told = house.done("erase", lead, *WHY)
    assert (told["obstacle"], told["rows"]) == (None, 2)
    assert house.done("lead", lead)["status"] == "ERASED"
    assert opened(house, lead) == {None}
    assert house.sql("select count(*) as n from lead_key where lead = $1::uuid", lead)[0]["n"] == 0
    (asked,) = house.sql(
        "select actor, reason from audit_event where lead = $1::uuid and what = 'erasure-requested'", lead
    )
    assert (asked["actor"], asked["reason"]) == ("operator", WHY[1])
    (receipt,) = house.done("receipts", lead)
    assert (receipt["receipt"], receipt["cause"]) == (told["receipt"], "request")
    shown = house.run("receipts", lead).out
    assert "unreadable without the key" in shown
    again = house.run("erase", lead, *WHY)
    assert (again.code, "nothing left" in again.out) == (0, True)
    assert house.done("verify", lead)["findings"] == []
    assert house.run("verify", "audit").code == 0


def test_only_an_administrator_erases(house: House, lead: str) -> None:
    for words in (
        ("erase", lead, *WHY),
        ("legal-hold", lead, *WHY),
        ("retention",),
        ("keys", "rotate"),
    ):
        said = house.run(*words, "--by", "anna@agents.example")
        assert (said.code, "administrator" in said.err) == (1, True), words
    assert opened(house, lead) == {"E. Muster", None}


def test_a_customer_is_not_erased(house: House, lead: str) -> None:
    house.done("convert", lead, "--customer-no", "K-77")
    said = house.run("erase", lead, *WHY)
    assert (said.code, "customer" in said.err) == (1, True)
    assert house.run("erase", lead, *WHY, "--dry-run", "--json").json["obstacle"] == "converted"


def test_a_legal_hold_stands_against_it_until_it_is_lifted(house: House, lead: str) -> None:
    house.done("legal-hold", lead, "--reason", "Dispute 12", "--until", "2099-01-01T00:00:00Z")
    said = house.run("erase", lead, *WHY)
    assert (said.code, "legal-hold" in said.err) == (1, True)
    assert house.done("legal-hold", lead, "--lift", "--reason", "Settled")["changed"]
    assert not house.done("legal-hold", lead, "--lift", "--reason", "Settled")["changed"]
    assert house.done("erase", lead, *WHY)["rows"] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("erase", "no-such-lead", *WHY), 1, "no lead"),
        (("erase", "DEMO-0001", "--reason", "x"), 2, "--reason"),
        (("erase", "DEMO-0001", "--reason", "x" * 251), 2, "--reason"),
        (("erase", "DEMO-0001", *WHY, "--by", "a b"), 2, "--by"),
        (("legal-hold", "DEMO-0001", *WHY, "--until", "tomorrow"), 2, "--until"),
        (("export-own", "nobody"), 1, "nobody"),
        (("find-contact",), 2, "--email"),
        (("find-contact", "--email", " "), 2, "--email"),
        (("keys", "rotate", "--new"), 2, "FRISTWERK_MASTER_KEY_FILE"),
    ],
)
def test_what_makes_no_sense_is_named(house: House, words: tuple[str, ...], code: int, said: str) -> None:
    answer = house.run(*words)
    assert (answer.code, said in answer.err) == (code, True), answer


def test_retention_counts_and_erases_what_is_overdue(house: House, lead: str) -> None:
    house.done("release-lead", lead, "--yes")
    house.eventually(lambda: opened(house, lead) == {None}, "erased after the release")
    # As a note does that is kept at the very moment of an erasure.
    late = house.personal(lead)[0]
    house.sql("delete from lead_contact where lead = $1::uuid", lead)
    house.vault(lambda db: VAULT.seal_entries(db, DEMO_TENANT, UUID(lead), [replace(late, name="E. Late")]))
    seen = house.run("retention", "--json")
    assert (seen.code, lead in seen.json["overdue"]) == (1, True)
    (released,) = [row for row in seen.json["states"] if row["status"] == "RELEASED"]
    assert released["holding"] >= released["overdue"] >= 1
    assert "overdue" in house.run("retention").out
    done = house.run("retention", "--erase-overdue", "--json", "--by", "nightly")
    assert (done.code, lead in done.json["erased"]) == (0, True)
    assert "personal-data-erased" in house.audited("nightly", lead)
    assert opened(house, lead) == {None}
    assert house.run("retention").code == 0


def test_an_agent_gets_his_own_data_and_nobody_elses(house: House, lead: str) -> None:
    house.done("log", lead, "QUALIFIED_CALL", "--by", "anna@agents.example", "--note", "Frau Muster rief an")
    mine = house.run("export-own", "anna@agents.example")
    assert mine.code == 0
    assert mine.json["account"]["id"] == "anna"
    assert lead in {row["lead"] for row in mine.json["leads"]}
    assert {"lead", "type", "recorded_at"} <= set(mine.json["activities"][0])
    assert "E. Muster" not in mine.out
    assert "Frau Muster" not in mine.out
    theirs = house.run("export-own", "ben").json
    assert lead not in str(theirs)
    assert theirs["account"]["id"] == "ben"


def test_keys_turn_over_without_losing_anything(house: House, lead: str, tmp_path: Path) -> None:
    file = tmp_path / "master.keys"
    file.write_text(RING.text())
    environment = {**LONE, "FRISTWERK_MASTER_KEY_FILE": str(file)}
    before = house.run("keys", "status", "--json", **environment).json
    assert {row["key"] for row in before["in_use"]} == {RING.newest.id}
    turned = house.run("keys", "rotate", "--new", "--json", "--by", "keeper", **environment).json
    assert house.audited("keeper") == ["keys-rotated"]
    assert turned["rewrapped"] == sum(row["leads"] for row in before["in_use"])
    after = house.run("keys", "status", "--json", **environment).json
    assert {row["key"] for row in after["in_use"]} == {turned["newest"]} != {RING.newest.id}
    assert (after["configured"], after["unknown"]) == ([turned["newest"], RING.newest.id], [])
    assert house.run("keys", "rotate", "--json", **environment).json["rewrapped"] == 0
    assert "newest" in house.run("keys", "status", **environment).out
    assert "E. Muster" in house.run("lead", lead, **environment).out
    old = house.run("keys", "status")
    assert (old.code, turned["newest"] in old.err) == (1, True)
    # Back again, because the others of this house know the old key only.
    back = Keyring.of([RING.newest, Keyring.from_text(file.read_text()).newest], key_of("index"))
    file.write_text(back.text())
    assert house.run("keys", "rotate", "--json", **environment).json["rewrapped"] == turned["rewrapped"]
    assert "E. Muster" in house.run("lead", lead).out


def test_a_new_key_file_is_made_once(house: House, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    assert house.run("keys", "generate", str(file)).code == 0
    assert len(Keyring.from_text(file.read_text()).keys) == 1
    assert file.stat().st_mode & 0o077 == 0
    again = house.run("keys", "generate", str(file))
    assert (again.code, "exists" in again.err) == (1, True)
    assert house.run("keys", "generate", "/nowhere/at/all").code == 1


def test_a_contact_is_found_by_its_whole_address_only(house: House) -> None:
    contact = ("--contact-email", "Such.Mich@gasthof-unikat.example", "--contact-phone", "0361 / 12 34-56")
    lead = house.done("register", "Gasthof Suchbild", "Jena", "--owner", "anna", *contact)["lead"]
    for asked in (
        ("--email", "such.mich@GASTHOF-unikat.example"),
        ("--phone", "+49 361 123456"),
        ("--phone", "0361123456", "--email", "such.mich@gasthof-unikat.example"),
    ):
        assert [found["lead"] for found in house.done("find-contact", *asked)] == [lead], asked
    assert "Suchbild" in house.run("find-contact", "--phone", "0361123456").out
    assert house.done("find-contact", "--email", "mich@gasthof-unikat.example") == []
    assert "No lead" in house.run("find-contact", "--phone", "0361").out
    assert house.done("erase", lead, *WHY)["rows"] == 1
    assert house.done("find-contact", "--phone", "0361123456") == []
