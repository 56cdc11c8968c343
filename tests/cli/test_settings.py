"""`fristwerk settings` and `fristwerk policy`: seen, changed, tried out, adopted."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.setting_definitions import DEFINITIONS
from protection.policy import Policy, policy_to_json
from tests.cli.house import House

MAX_HOLD = "lead.protection.maxHoldDays"
GRACE = "lead.protection.graceDays"


@pytest.fixture
def clean(house: House) -> Iterator[House]:
    """Settings as they were before."""
    yield house
    for key, scope in ((MAX_HOLD, "tenant"), (GRACE, "global"), ("lead.protection.mode", "global")):
        assert house.run("settings", "unset", key, "--scope", scope).code == 0


def test_all_settings(house: House) -> None:
    rows = house.done("settings", "list")
    assert [row["key"] for row in rows] == sorted(DEFINITIONS)
    said = house.run("settings", "list")
    assert all(key in said.out for key in DEFINITIONS)


def test_setting_and_taking_back(clean: House) -> None:
    told = clean.done(
        "settings", "set", MAX_HOLD, '{"days": 30}', "--reason", "Agreed in May", "--by", "rita"
    )
    assert told["effective"]["value"] == {"days": 30}
    assert told["changed"] is True
    again = clean.run("settings", "set", MAX_HOLD, '{"days": 30}')
    assert (again.code, "already" in again.out) == (0, True)
    said = clean.run("settings", "get", MAX_HOLD)
    assert said.out.splitlines() == [f'{MAX_HOLD} = {{"days": 30}}', "  all of it: tenant"]
    row = clean.sql(
        "select actor, reason from audit_event where what = 'setting-changed' order by seq desc limit 1"
    )[0]
    assert (row["actor"], row["reason"]) == ("rita", "Agreed in May")
    unset = clean.done("settings", "unset", MAX_HOLD, "--by", "rosa")
    assert unset["effective"]["value"] == {"days": 60}
    assert clean.audited("rosa") == ["setting-changed"]


def test_values_of_orgs_people_and_everybody(clean: House) -> None:
    words = ("settings", "set", "ai.cache.ttl", "PT1H", "--scope", "org", "--scope-id", "north")
    assert clean.done(*words)["effective"]["parts"] == [{"pointer": "", "scope": "org", "scope_id": "north"}]
    assert clean.done("settings", "get", "ai.cache.ttl", "--org", "north")["value"] == "PT1H"
    assert clean.done("settings", "get", "ai.cache.ttl")["value"] == "PT8H"
    told = clean.done("settings", "set", GRACE, '{"days": 14}', "--scope", "global", "--by", "gina")
    assert "setting-changed" in clean.audited("gina")
    assert told["policy_version"] == clean.done("policy", "show")["version"]
    assert clean.done("policy", "show")["grace_days"] == 14


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        (("set", MAX_HOLD, "30"), "VALUE"),
        (("set", MAX_HOLD, '{"days": 0}'), "VALUE/days"),
        (("set", MAX_HOLD, "{"), "VALUE"),
        (("set", MAX_HOLD, "null"), "VALUE"),
        (("set", MAX_HOLD, "[" * 100_000), "VALUE"),
        (("set", GRACE, '{"days": 14}'), "--scope"),
        (("set", MAX_HOLD, '{"days": 3}', "--scope", "org"), "--scope"),
        (("set", "ai.cache.ttl", "PT1H", "--scope", "org"), "--scope-id"),
        (("set", MAX_HOLD, '{"days": 3}', "--reason", "x"), "--reason"),
        (("set", "lead.protection.workingDayRoll", '{"roll": "next_working_day", "land": "TH"}'), "VALUE"),
        (("set", MAX_HOLD, '{"days": 3}', "--by", "no one"), "--by"),
    ],
)
def test_what_makes_no_sense(house: House, words: tuple[str, ...], trouble: str) -> None:
    said = house.run("settings", *words)
    assert (said.code, said.err.startswith(trouble)) == (2, True), said
    assert said.out == ""


def test_a_setting_there_is_none_of(house: House) -> None:
    for words in (("get", "no.such"), ("set", "no.such", "1"), ("unset", "no.such")):
        said = house.run("settings", *words)
        assert (said.code, "There is no setting" in said.err) == (1, True)


def test_people_act_with_the_roles_that_are_theirs(house: House) -> None:
    for words in (
        ("settings", "set", MAX_HOLD, '{"days": 3}'),
        ("settings", "set", GRACE, '{"days": 3}', "--scope", "global"),
        ("policy", "adopt", "--all", "--yes"),
    ):
        said = house.run(*words, "--by", "anna")
        assert (said.code, "anna may not" in said.err) == (1, True), said


def test_versions_and_who_lives_under_them(house: House) -> None:
    found = house.done("policy", "versions")
    assert found[0]["version"] == "contract-1"
    assert sum(one["leads"] for one in found) > 0
    assert [one["current"] for one in found].count(True) == 1
    said = house.run("policy", "versions")
    assert "contract-1" in said.out
    assert "current" in said.out
    assert "Europe/Berlin" in house.run("policy", "show").out


def test_rehearsing(house: House, tmp_path: Path) -> None:
    before = house.done("policy", "versions")
    told = house.done("policy", "rehearse", "--grace-days", "14")
    summary = told["summary"]
    assert told["policy"]["grace_days"] == 14
    assert summary["leads"] == sum(one["leads"] for one in before)
    assert summary["by_effect"]["gains"] > 0
    assert len(told["leads"]) == summary["leads"] - summary["by_effect"]["same"]
    file = tmp_path / "who.csv"
    said = house.run("policy", "rehearse", "--grace-days", "14", "--csv", str(file), "-n", "3")
    assert said.code == 0
    assert "more; all of them" in said.out
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["lead"] for row in rows} == {lead["lead"] for lead in told["leads"]}
    assert house.done("policy", "versions") == before


def test_rehearsing_a_file(house: House, tmp_path: Path) -> None:
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(policy_to_json(Policy(progress_days=90))))
    assert house.done("policy", "rehearse", "--file", str(file))["policy"]["progress_days"] == 90
    words = (
        "policy",
        "rehearse",
        "--counting",
        "calendar_days",
        "--roll",
        "next_working_day",
        "--land",
        "TH",
    )
    assert house.done(*words)["policy"]["closed_days"]


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        (("--grace-days", "0"), "--grace-days"),
        (("--grace-days", "31"), "--grace-days"),
        (("--roll", "next_working_day"), "--roll"),
        (("--counting", "calendar_days", "--roll", "next_working_day"), "--land"),
        (("--land", "Bavaria"), "--land"),
        (("--file", "/no/such/file"), "--file"),
        (("--csv", "/no/such/folder/who.csv"), "--csv"),
        (("-n", "-1"), "--limit"),
    ],
)
def test_a_draft_that_makes_no_sense(house: House, words: tuple[str, ...], trouble: str) -> None:
    said = house.run("policy", "rehearse", *words)
    assert (said.code, said.err.splitlines()[-1].startswith(trouble)) == (2, True), said


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"grace": 3}', '{"grace_days": "3"}'])
def test_a_file_that_holds_no_draft(house: House, tmp_path: Path, text: str) -> None:
    file = tmp_path / "draft.json"
    file.write_text(text)
    said = house.run("policy", "rehearse", "--file", str(file))
    assert said.code == 2
    assert said.out == ""


def test_adopting(clean: House) -> None:
    clean.done("settings", "set", GRACE, '{"days": 20}', "--scope", "global")
    version = clean.done("policy", "show")["version"]
    leads = clean.done("policy", "rehearse", "--grace-days", "20")["summary"]["leads"]
    one = clean.done("leads", "--status", "ACTIVE")["leads"][0]["lead"]
    before = clean.done("lead", one)["revision"]

    said = clean.run("policy", "adopt", "--all")
    assert (said.code, "Nothing was done" in said.err) == (0, True), said
    assert clean.done("lead", one)["revision"] == before

    told = clean.done("policy", "adopt", "--lead", one, "--yes", "--by", "rita")
    assert told["leads"] == {"adopted": 1, "refused": 0, "not-running": 0, "silent": 0}
    assert clean.audited("rita", one) == ["policy_adopted"]
    row = clean.sql("select payload from fact where lead = $1 and type = 'policy_adopted'", one)
    assert [json.loads(found["payload"])["by"] for found in row] == ["rita"]

    told = clean.done("policy", "adopt", "--from-version", "contract-1", "--yes", "--per-second", "200")
    assert told["leads"]["adopted"] == leads - 1
    assert clean.done("policy", "adopt", "--all", "--yes")["leads"]["adopted"] == 0
    living = {one["version"]: one["leads"] for one in clean.done("policy", "versions")}
    assert living[version] == leads
    said = clean.run("verify")
    assert said.code == 0, said.out

    back = clean.done("policy", "adopt", "--all", "--version", "contract-1", "--yes", "--per-second", "200")
    assert back["leads"]["adopted"] == leads


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("--all", "--per-second", "0"), 2),
        (("--all", "--version", "contract-99"), 1),
        (("--lead", "no-such-lead"), 1),
        (("--all", "--by", "no one", "--yes"), 2),
    ],
)
def test_adopting_what_makes_no_sense(house: House, words: tuple[str, ...], code: int) -> None:
    assert house.run("policy", "adopt", *words).code == code
