"""Acts on leads through the command line, the real workflow and the real database."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.note_store import note_entry
from adapters.settings import DEMO_TENANT
from cli.importing.shapes import COLUMNS, SourceFile
from protection.dates import add_period, format_instant, zone
from tests.cli.house import House
from tests.vaultfixtures import VAULT

DAY = timedelta(days=1)


def ago(days: float) -> str:
    return format_instant(datetime.now(UTC).replace(microsecond=0) - days * DAY)


def facts(house: House, lead: str) -> list[dict[str, Any]]:
    return list(house.done("lead", lead)["facts"])


def test_progress_moves_the_deadline_and_its_note_stays_out_of_temporal(house: House) -> None:
    told = house.done("log", "DEMO-0041", "QUALIFIED_CALL", "--note", "- Frau Geheim war nett", "--by", "ben")
    assert told["before"]["status"] == "GRACE"
    assert told["after"]["status"] == "ACTIVE"
    assert told["after"]["valid_until"] > told["before"]["valid_until"]
    assert "- Frau Geheim war nett" in house.notes(told["lead"])
    assert "Frau Geheim" in house.run("lead", "DEMO-0041").out

    async def history(client: Any) -> bytes:
        handle = client.get_workflow_handle(f"lead/0f7e0000-0000-4000-8000-000000000001/{told['lead']}")
        return str((await handle.fetch_history()).to_json()).encode()

    assert b"Geheim" not in house.temporal(history)


def test_an_act_for_people_shows_before_and_after(house: House, lead: str) -> None:
    said = house.run("extend", lead, "30", "--note", "Tasting agreed")
    assert said.code == 0
    assert "base period until" in said.out
    assert "→" in said.out


def test_a_repeated_act_does_nothing_twice(house: House, lead: str) -> None:
    words = ("extend", lead, "30", "--fact-id", "once", "--note", "agreed")
    first, second = house.done(*words), house.done(*words)
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert first["revision"] == second["revision"] == 2
    assert first["after"] == second["before"] == second["after"]
    assert house.notes(lead) == ["agreed"]
    other = house.run("extend", lead, "31", "--fact-id", "once", "--json")
    assert other.code == 1
    assert other.json["error"]["code"] == "fact-id-reused"
    assert house.notes(lead) == ["agreed"]


def test_a_refused_act_takes_its_note_with_it(house: House, lead: str) -> None:
    said = house.run("release", lead, "no-such-hold", "--note", "secret")
    assert said.code == 1
    assert "unknown-hold" in said.err
    assert house.notes(lead) == []
    # A note left behind by a try that never arrived goes too.
    left = note_entry(UUID(lead), "late", "left behind")
    house.vault(lambda db: VAULT.seal_entries(db, DEMO_TENANT, UUID(lead), [left]))
    said = house.run("release", lead, "no-such-hold", "--note", "left behind", "--fact-id", "late")
    assert said.code == 1
    assert house.notes(lead) == []


def test_holds_stop_the_clock_and_let_it_run_again(house: House, lead: str) -> None:
    placed = house.done("hold", lead, "FFZ_PRICE_APPROVAL", "--id", "price", "--note", "waiting")
    assert placed["after"]["paused"]
    assert placed["after"]["valid_until"] is None
    assert "open" in house.run("lead", lead).out
    assert house.run("hold", lead, "OTHER", "--id", "price").code == 1
    freed = house.done("release", lead, "price")
    assert not freed["after"]["paused"]
    assert freed["after"]["valid_until"] is not None
    planned = house.done("hold", lead, "customer-blocked", "--from", ago(-5), "--until", ago(-10))
    assert planned["after"]["valid_until"] > freed["after"]["valid_until"]


def test_a_dry_run_tells_and_does_nothing(house: House, lead: str) -> None:
    before = house.done("lead", lead)
    for words in (
        ("log", lead, "ROI_PRESENTATION", "--note", "nothing of this stays"),
        ("hold", lead, "OTHER"),
        ("extend", lead, "10"),
        ("convert", lead, "--customer-no", "K1"),
        ("release-lead", lead),
        ("transfer", lead, "ben", "--reason", "holiday"),
    ):
        told = house.done(*words, "--dry-run")
        assert told["dry_run"]
        assert told["after"] != told["before"], words
    assert house.run("release", lead, "x", "--dry-run").code == 1
    after = house.done("lead", lead)
    assert after["facts"] == before["facts"]
    assert house.notes(lead) == []
    assert "Nothing was done" in house.run("extend", lead, "10", "--dry-run").out


def test_what_ends_a_lead_and_what_brings_it_back(house: House, lead: str) -> None:
    unsure = house.run("release-lead", lead)
    assert unsure.code == 2
    assert "--yes" in unsure.err
    given_up = house.done("release-lead", lead, "--yes", "--note", "closed for good", "--fact-id", "gone")
    assert given_up["status"] == "RELEASED"
    assert house.done("release-lead", lead, "--yes", "--fact-id", "gone")["duplicate"]
    late = house.run("log", lead, "QUALIFIED_CALL", "--note", "too late")
    assert late.code == 1
    assert "fristwerk reinstate" in late.err
    # What was written before may be erased by now; nothing is added.
    assert "too late" not in house.notes(lead)
    assert house.run("retry-mail", lead).code == 1
    back = house.done("reinstate", lead, "--reason", "They reopened")
    assert back["status"] == "ACTIVE"
    assert house.run("reinstate", lead, "--reason", "They reopened").code == 1
    won = house.done("convert", lead, "--customer-no", "K000001", "--agreement-date", "2026-11-20")
    assert won["status"] == "CONVERTED"
    refused = house.run("reinstate", lead, "--reason", "They reopened", "--json")
    assert refused.code == 1
    assert refused.json["error"]["code"] == "not-ended"


def test_a_lead_changes_hands(house: House, lead: str) -> None:
    told = house.done(
        "transfer", lead, "Ben@agents.example", "--reason", "change of territory", "--by", "maria"
    )
    assert told["after"]["owner"] == "ben"
    assert told["after"]["base_until"] == told["before"]["base_until"]
    assert house.notes(lead) == ["change of territory"]
    assert facts(house, lead)[-1]["by"] == "maria"
    said = house.run("transfer", lead, "nobody", "--reason", "change of territory")
    assert said.code == 1
    assert "OWNER" in said.err
    assert house.run("transfer", lead, "anna", "--reason", " ").code == 2


def test_corrections_keep_both(house: House, lead: str) -> None:
    house.done("log", lead, "CALL_ATTEMPT", "--fact-id", "call")
    right = house.done("correct", lead, "call", "--set", "kind=qualified_call", "--reason", "wrong key")
    assert right["after"]["progress_until"] > right["before"]["progress_until"]
    house.done("extend", lead, "30", "--fact-id", "ext")
    fewer = house.done("correct", lead, "ext", "--set", "days=10", "--reason", "wrong key")
    assert fewer["after"]["base_until"] < fewer["before"]["base_until"]
    gone = house.done("correct", lead, "ext", "--retract", "--reason", "never agreed")
    assert gone["after"]["base_until"] < fewer["after"]["base_until"]
    assert [fact["type"] for fact in facts(house, lead)].count("corrected") == 3
    for words, code in (
        (("nothing", "--retract"), 1),
        (("registration", "--retract"), 1),
        (("ext",), 2),
        (("ext", "--retract", "--set", "days=3"), 2),
        (("ext", "--set", "days"), 2),
        (("ext", "--set", "days=many"), 2),
        (("ext", "--set", "days=5", "--set", "days=6"), 2),
        (("ext", "--set", "owner=ben"), 2),
        (("call", "--set", "occurred_at=2026-11-20T10:00"), 2),
        (("call", "--set", "occurred_at="), 1),
        (("call", "--set", "days=4"), 1),
    ):
        said = house.run("correct", lead, *words, "--reason", "no sense")
        assert said.code == code, (words, said)
        assert "Traceback" not in said.err


def test_who_did_it_is_an_id(house: House, lead: str) -> None:
    house.done("extend", lead, "1", FRISTWERK_USER="adam@company.example")
    house.done("extend", lead, "1", "--by", "crm-sync", FRISTWERK_USER="adam")
    house.done("extend", lead, "1")
    assert [fact["by"] for fact in facts(house, lead)[1:]] == ["adam", "crm-sync", "operator"]
    for by in ("Erika Muster", "", "a" * 101, "-x"):
        said = house.run("extend", lead, "1", f"--by={by}")
        assert said.code == 2, (by, said)
        assert "--by" in said.err
    assert house.run("extend", lead, "1", "--by", "stranger@nowhere.example").code == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("log", "QUALIFIED_CALL", "--at", "2026-11-22T10:00"), 2, "2026-11-22T10:00+01:00"),
        (("log", "QUALIFIED_CALL", "--at", "yesterday"), 2, "--at"),
        (("log", "QUALIFIED_CALL", "--at", "0001-01-01T00:00:00+23:00"), 2, "--at"),
        (("log", "QUALIFIED_CALL", "--at", "2999-01-01T00:00:00Z"), 2, "--at"),
        (("log", "QUALIFIED_CALL", "--at", "2100-01-01T00:00:00Z"), 1, "--at"),
        (("log", "DANCED"), 1, "KIND"),
        (("log", ""), 2, "KIND"),
        (("log", "NOTE", "--note", "  "), 2, "--note"),
        (("log", "NOTE", "--note", "x" * 10_001), 2, "--note"),
        (("log", "NOTE", "--fact-id", "two words"), 2, "--fact-id"),
        (("hold", "WEATHER"), 2, "REASON"),
        (("hold", "OTHER", "--from", "2026-11-23"), 2, "2026-11-23T00:00+01:00"),
        (("hold", "OTHER", "--from", ago(-2), "--until", ago(-1)), 1, "--until"),
        (("hold", "OTHER", "--id", "a b"), 2, "--id"),
        (("extend", "0"), 1, "DAYS"),
        (("extend", "-5"), 1, "DAYS"),
        (("extend", "1.5"), 2, "DAYS"),
        (("extend", "9" * 400), 2, "DAYS"),
        (("extend", "731"), 1, "DAYS"),
        (("convert", "--agreement-date", "31.12.2026"), 2, "--agreement-date"),
        (("convert", "--customer-no", "K 1"), 2, "--customer-no"),
        (("reinstate", "--reason", "still alive"), 1, "ACTIVE"),
        (("retry-mail",), 1, "no reminder"),
    ],
)
def test_bad_values_are_named_and_nothing_happens(
    house: House, words: tuple[str, ...], code: int, told: str
) -> None:
    lead = "DEMO-0001"
    before = facts(house, lead)
    said = house.run(words[0], lead, *words[1:])
    assert said.code == code, said
    assert told in said.err, said
    assert "Traceback" not in said.err
    assert facts(house, lead) == before


def test_a_correction_after_the_lapse_is_listed(house: House, tmp_path: Path) -> None:
    assert "No correction came too late." in house.run("late-corrections").out
    write(
        tmp_path / SourceFile.LEADS,
        {
            "external_id": "LATE",
            "company": f"Haus {uuid4()}",
            "city": "Jena",
            "source": "REFERRAL",
            "registered_at": ago(100),
            "owner_email": "anna@agents.example",
            "contact_name": "Jo",
        },
    )
    write(
        tmp_path / SourceFile.ACTIVITIES,
        {
            "external_id": "LATE",
            "kind": "NOTE",
            "occurred_at": ago(70),
            "recorded_at": ago(70),
        },
    )
    house.done("import", str(tmp_path))
    told = house.done("lead", "LATE")
    note = next(fact["fact_id"] for fact in told["facts"] if fact["type"] == "activity")
    assert told["status"] == "EXPIRED"
    change = ("--set", "kind=QUALIFIED_CALL", "--reason", "Entered as a note", "--by", "maria")
    dry = house.run("correct", "LATE", note, *change, "--dry-run")
    assert dry.code == 1
    assert "late corrections" in dry.err
    assert house.done("late-corrections") == []
    assert house.run("correct", "LATE", note, *change).code == 1
    (listed,) = house.done("late-corrections")
    assert (listed["corrects"], listed["replacement"]) == (note, {"kind": "QUALIFIED_CALL"})
    assert listed["kept_until"] > listed["ended_at"]
    assert "would have lasted until" in house.run("late-corrections").out


def write(file: Path, row: dict[str, str]) -> None:
    """One row of a CRM export."""
    whole = dict.fromkeys(COLUMNS[SourceFile(file.name)], "") | row
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(whole))
        writer.writeheader()
        writer.writerow(whole)


def test_a_refused_reminder_is_sent_again(house: House, tmp_path: Path) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
    owner = f"bounce-{uuid4().hex[:6]}@agents.example"
    row = {
        "external_id": "BOUNCES",
        "company": f"Haus {uuid4()}",
        "city": "Jena",
        "source": "REFERRAL",
        "registered_at": format_instant(add_period(due, 0, -60, zone("Europe/Berlin"))),
        "owner_email": owner,
        "contact_name": "Jo",
    }
    write(tmp_path / SourceFile.LEADS, row)
    house.done("import", str(tmp_path))

    def lead() -> dict[str, Any]:
        return dict(house.done("lead", "BOUNCES"))

    house.eventually(lambda: lead()["problem"] == "reminder-bounced", "the reminder bounces")
    assert lead()["status"] == "ACTIVE"
    assert "retry-mail" in house.run("lead", "BOUNCES").out
    assert "1 with a problem" in house.run("leads").out
    house.sql("update app_user set email = 'mended@agents.example' where email = $1", owner)
    denied = house.run("retry-mail", "BOUNCES", "--by", "anna")
    assert denied.code == 1
    assert "anna" in denied.err
    assert house.done("retry-mail", "BOUNCES", "--by", "adam")["ordered"]
    asked = "select actor, what from audit_event where what = 'reminder-asked-again'"
    assert [tuple(row) for row in house.sql(asked)] == [("adam", "reminder-asked-again")]
    house.eventually(lambda: lead()["status"] == "GRACE", "grace opens")
    assert lead()["problem"] is None
