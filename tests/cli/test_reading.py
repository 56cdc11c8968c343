"""`fristwerk leads` and `fristwerk lead` on the demo leads."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import pytest

from protection.dates import parse_instant
from tests.cli.house import House

STATUSES = {"ACTIVE", "GRACE", "EXPIRED", "CONVERTED", "PREREGISTERED", "RELEASED", "ERASED"}


def test_the_list_shows_who_needs_attention_first(house: House) -> None:
    said = house.run("leads", "--all")
    assert said.code == 0
    assert said.err == ""
    rows = {line.split()[0]: line for line in said.out.splitlines() if line.startswith("DEMO-")}
    # Found by grep, whatever else is in the house: what a lead is about stands in its own line.
    for told in house.done("leads", "--all")["leads"]:
        if (name := str(told["external_id"])).startswith("DEMO-"):
            assert told["company"] in rows[name]
    assert "Anna Muster" in "".join(rows.values())
    assert "FFZ_PRICE_APPROVAL" in "".join(rows.values())
    assert " leads: " in said.out.splitlines()[-1]
    listed = house.done("leads", "--all")
    protected = [each for each in listed["leads"] if each["status"] in {"ACTIVE", "GRACE"}]
    ahead = [each["next_deadline"] for each in protected if each["next_deadline"]]
    assert ahead == sorted(ahead)
    ended = [each["status"] in {"EXPIRED", "CONVERTED", "RELEASED", "ERASED"} for each in listed["leads"]]
    assert ended == sorted(ended)
    assert listed["matching"] == sum(count["leads"] for count in listed["counts"].values())


def test_filters_narrow_the_list(house: House) -> None:
    everything = house.done("leads", "--all")["leads"]
    assert {each["status"] for each in house.done("leads", "--status", "EXPIRED", "--all")["leads"]} == {
        "EXPIRED"
    }
    by_id = house.done("leads", "--owner", "anna", "--all")
    by_address = house.done("leads", "--owner", "Anna@agents.example", "--all")
    assert by_id["leads"] == by_address["leads"]
    assert {each["owner_email"] for each in by_id["leads"]} == {"anna@agents.example"}
    paused = house.done("leads", "--paused", "--all")["leads"]
    assert paused
    assert all(each["paused"] and each["active_holds"] for each in paused)
    soon = house.done("leads", "--due-within", "7", "--all")
    limit = parse_instant(soon["as_of"])
    assert 0 < len(soon["leads"]) < len(everything)
    assert all((parse_instant(each["next_deadline"]) - limit).days < 7 for each in soon["leads"])
    assert all(each["status"] in {"ACTIVE", "GRACE"} for each in soon["leads"])


def test_a_limit_says_what_it_left_out(house: House) -> None:
    assert len(house.done("leads", "--limit", "3")["leads"]) == 3
    assert "(--all shows every one)" in house.run("leads", "-n", "3").out
    assert "No lead matches" in house.run("leads", "--status", "CONVERTED", "--paused").out


def test_an_empty_tenant_is_told_what_to_do(house: House) -> None:
    said = house.run("leads", FRISTWERK_TENANT="0f7e0000-0000-4000-8000-00000000dead")
    assert said.code == 0
    assert "fristwerk register" in said.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--status", "NONSENSE"), 2, "--status"),
        (("--limit", "0"), 2, "--limit"),
        (("--limit", "many"), 2, "--limit"),
        (("--limit", "1.5"), 2, "--limit"),
        (("--due-within", "-1"), 2, "--due-within"),
        (("--due-within", "99999999999"), 2, "--due-within"),
        (("--owner", "nobody@agents.example"), 1, "--owner"),
        (("--owner", "\x1b[31m"), 2, "--owner"),
        (("--owner", ""), 2, "--owner"),
    ],
)
def test_filters_that_make_no_sense_are_named(
    house: House, words: tuple[str, ...], code: int, told: str
) -> None:
    said = house.run("leads", *words)
    assert said.code == code, said
    assert told in said.err
    assert said.out == ""


def test_a_lead_is_found_by_each_of_its_names(house: House) -> None:
    by_external = house.done("lead", "DEMO-0042")
    uuid = by_external["lead"]
    assert str(UUID(uuid)) == uuid
    for key in (uuid, uuid[:8], uuid[:13], uuid.upper(), uuid.replace("-", "")):
        assert house.done("lead", key)["external_id"] == "DEMO-0042"
    assert by_external["status"] == "GRACE"
    assert by_external["facts"][0]["type"] == "registered"


@pytest.mark.parametrize("key", ["nobody", "12345678", "[/red]", "1234567", "' or true --", "ü" * 300, "--"])
def test_a_lead_that_is_not_there_is_said_so(house: House, key: str) -> None:
    said = house.run("lead", key) if key != "--" else house.run("lead", "--", key)
    assert said.code == 1, said
    assert "There is no lead" in said.err
    assert "Traceback" not in said.err


def test_one_lead_for_people(house: House) -> None:
    said = house.run("lead", "DEMO-0042")
    assert said.code == 0
    for part in ("GRACE", "protected until", "CE", "in ", "contact", "registered for", "reminder went out"):
        assert part in said.out
    paused = house.done("leads", "--paused", "--all")["leads"][0]["external_id"]
    assert "the clock stands still" in house.run("lead", paused).out


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (("--lang", "de"), {}, "Dieser Lead ist geschützt"),
        (("--lang", "en"), {"LANG": "de_DE.UTF-8"}, "This lead is protected"),
        ((), {"LANG": "de_DE.UTF-8"}, "Dieser Lead ist geschützt"),
        ((), {"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "This lead is protected"),
        ((), {}, "This lead is protected"),
    ],
)
def test_the_explanation_is_read_aloud_in_the_readers_language(
    house: House, words: tuple[str, ...], environment: dict[str, str], told: str
) -> None:
    said = house.run("lead", "DEMO-0042", "--explain", *words, **environment)
    assert said.code == 0
    assert told in said.out
    assert said.out.count("\n  - ") >= 5


def test_every_status_is_explained(house: House) -> None:
    seen = set()
    for each in house.done("leads", "--all")["leads"]:
        if each["status"] not in seen:
            seen.add(each["status"])
            told = house.done("lead", each["lead"], "--explain")["explanation"]
            assert told["status"] == each["status"]
            assert told["text"]["de"]
            assert told["text"]["en"]
    assert {"ACTIVE", "GRACE", "EXPIRED", "CONVERTED"} <= seen <= STATUSES


def test_as_of_answers_with_what_was_known_then(house: House) -> None:
    expired = house.done("leads", "--status", "EXPIRED", "-n", "1")["leads"][0]["external_id"]
    now = house.done("lead", expired)
    registered = datetime.fromisoformat(now["facts"][0]["registered_at"])
    then = house.done("lead", expired, "--as-of", registered.isoformat())
    assert then["status"] == "ACTIVE"
    assert len(then["facts"]) == 1
    assert house.run("lead", expired, "--as-of", registered.isoformat(), "--explain").code == 0
    early = house.run("lead", expired, "--as-of", "1990-01-01T00:00:00Z")
    assert early.code == 1
    assert "nothing was known" in early.err
    naive = house.run("lead", expired, "--as-of", "2026-07-01T10:00")
    assert naive.code == 2
    assert "2026-07-01T10:00+02:00" in naive.err


def test_json_is_all_there_is_on_standard_output(house: House) -> None:
    for words in (("leads", "-n", "1"), ("lead", "DEMO-0001"), ("lead", "DEMO-0001", "--explain")):
        said = house.run(*words, "--json")
        assert json.loads(said.out)
        assert said.err == ""
