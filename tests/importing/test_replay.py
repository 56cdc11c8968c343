"""The replay against what was computed elsewhere, and its facts against what they may hold."""

import csv
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from cli.importing.intake import take_in
from cli.importing.record import lead_entry, record_command
from cli.importing.replay import Outcome, replay
from cli.importing.shapes import SourceFile
from cli.importing.staging import Staging
from protection.checks import MAX_EXTENSION_DAYS
from protection.facts import Lapsed, ReminderSent
from protection.policy import Policy
from protection.state import Status
from tests.importing.exports import (
    AS_OF,
    EXPECTED,
    EXPORTS,
    ODD,
    SAMPLE,
    TENANT,
    bring_in,
    lead,
    read_csv,
    write,
)


def outcomes(folder: Path) -> list[Outcome]:
    with Staging() as staging:
        take_in(folder, staging, policy=Policy(), now=AS_OF, progress=lambda _: None)
        return [replay(each, tenant=TENANT, policy=Policy(), as_of=AS_OF) for each in staging.leads()]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda folder: folder.name)
async def test_status_deadlines_and_reasons_equal_what_was_expected(export: Path, tmp_path: Path) -> None:
    summary, rejects = await bring_in(export, report=tmp_path / "report.csv")
    assert rejects == []
    assert (tmp_path / "report.csv").read_bytes() == (export / EXPECTED).read_bytes()
    assert summary.new == len((export / EXPECTED).read_text(encoding="utf-8").splitlines()) - 1
    assert not (tmp_path / "report.csv.part").exists()


def test_the_order_of_rows_and_files_does_not_matter(tmp_path: Path) -> None:
    for file in SourceFile:
        rows = (SAMPLE / file).read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / file).write_text("".join([rows[0], *reversed(rows[1:])]), encoding="utf-8", newline="")
    by_id = {each.row.external_id: each for each in outcomes(tmp_path)}
    for there in outcomes(SAMPLE):
        here = by_id[there.row.external_id]
        assert [step.fact for step in here.steps] == [step.fact for step in there.steps]


def test_facts_carry_ids_of_their_own_and_nothing_personal() -> None:
    for outcome in outcomes(SAMPLE):
        command = record_command(TENANT, outcome, as_of=AS_OF)
        ids = [fact["fact_id"] for fact in command.facts]
        assert len(set(ids)) == len(ids)
        assert [fact["revision"] for fact in command.facts] == list(range(1, len(ids) + 1))
        assert command.projection["revision"] == len(ids)
        written = repr(command)
        row = outcome.row
        for personal in (row.contact_name, row.contact_email, row.contact_phone, "Notiz", row.owner):
            assert personal not in written


def test_the_time_brings_reminders_and_the_lapse() -> None:
    for outcome in outcomes(SAMPLE):
        lapses = [step.fact for step in outcome.steps if isinstance(step.fact, Lapsed)]
        assert bool(lapses) == (outcome.snapshot.status is Status.EXPIRED)
        if outcome.snapshot.status is Status.GRACE:
            assert any(isinstance(step.fact, ReminderSent) for step in outcome.steps)
        assert outcome.alive == (outcome.snapshot.status in {Status.ACTIVE, Status.GRACE})


def test_equal_rows_are_facts_of_their_own(tmp_path: Path) -> None:
    call = {
        "external_id": "A-1",
        "occurred_at": "2026-10-05T10:00:00Z",
        "recorded_at": "2026-10-05T10:00:00Z",
        "kind": "NOTE",
        "note": "zweimal",
    }
    write(tmp_path, SourceFile.LEADS, [lead()])
    write(tmp_path, SourceFile.ACTIVITIES, [call, call | {"note": "anders"}])
    (outcome,) = outcomes(tmp_path)
    assert len({step.fact.fact_id for step in outcome.steps}) == 3
    assert [remark.text for remark in outcome.remarks] == ["zweimal", "anders"]


async def test_what_came_after_the_moment_is_left_out_and_counted(tmp_path: Path) -> None:
    earlier = AS_OF - timedelta(days=60)
    summary, rejects = await bring_in(SAMPLE, as_of=earlier, now=AS_OF, report=tmp_path / "report.csv")
    assert rejects == []
    assert summary.not_yet > 0
    assert summary.later_facts > 0
    assert summary.new + summary.not_yet == 300
    assert len(read_csv(tmp_path / "report.csv")) - 1 == summary.new


async def test_what_lies_after_now_is_refused() -> None:
    _, rejects = await bring_in(SAMPLE, as_of=AS_OF - timedelta(days=60))
    assert {reject.reason for reject in rejects} >= {
        "registered_at lies in the future",
        "recorded_at lies in the future",
        "its lead was refused",
    }


def test_a_ledger_of_many_notes_stays_whole(tmp_path: Path) -> None:
    write(tmp_path, SourceFile.LEADS, [lead()])
    write(
        tmp_path,
        SourceFile.ACTIVITIES,
        (
            {
                "external_id": "A-1",
                "occurred_at": f"2026-10-05T10:{n // 60:02d}:{n % 60:02d}Z",
                "recorded_at": "2026-10-06T10:00:00Z",
                "kind": "NOTE",
            }
            for n in range(700)
        ),
    )
    (outcome,) = outcomes(tmp_path)
    assert len(outcome.steps) == 701
    assert outcome.state.revision == 701


def test_a_deadline_beyond_the_calendar_is_refused_and_the_lead_kept(tmp_path: Path) -> None:
    write(tmp_path, SourceFile.LEADS, [lead()])
    granted = [
        f"2026-10-02T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z"
        for n in range(8000 * 366 // MAX_EXTENSION_DAYS)
    ]
    write(
        tmp_path,
        SourceFile.EXTENSIONS,
        ({"external_id": "A-1", "granted_at": at, "days": str(MAX_EXTENSION_DAYS)} for at in granted),
    )
    (outcome,) = outcomes(tmp_path)
    assert outcome.alive
    assert {str(each.refused.code) for each in outcome.refused} == {"days-out-of-range"}
    assert len(outcome.steps) + len(outcome.refused) == len(granted) + 1


def test_odd_names_are_kept_letter_by_letter() -> None:
    with (ODD / "leads.csv").open(encoding="utf-8", newline="") as stream:
        written = [row["company"] for row in csv.DictReader(stream)]
    assert [lead_entry(outcome).company for outcome in outcomes(ODD)] == written
    assert len(written) == 5


def test_personal_data_go_to_their_own_rows_and_a_lapsed_lead_brings_none() -> None:
    over = 0
    for outcome in outcomes(SAMPLE):
        entry = lead_entry(outcome)
        if outcome.snapshot.status is Status.EXPIRED:
            over += 1
            assert entry.contacts == ()
            continue
        kinds = [str(contact.kind) for contact in entry.contacts]
        assert kinds[0] == "CONTACT"
        assert kinds.count("FIRST_CONTACT") == bool(outcome.row.first_contact_note)
        assert kinds.count("NOTE") == len(outcome.remarks)
        assert all(isinstance(contact.id, UUID) for contact in entry.contacts)
        assert "@" not in entry.owner
    assert over > 50
