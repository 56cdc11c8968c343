"""The database comes back from an older backup: what histories know is put back, and nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from adapters.settings import DEMO_TENANT
from tests.cli.house import House
from workers.embedded.postgres import Cluster

_WRITTEN = {"updated_at", "listed"}
_FIRST = ("--owner", "anna", "--contact-name", "E. Muster", "--contact-email", "e@muster.example")


def _registered(house: House, fact_id: str) -> str:
    told = house.done("register", f"Gasthof {fact_id}", "Jena", *_FIRST, "--fact-id", fact_id)
    return str(told["lead"])


def _row(house: House, lead: str) -> dict[str, Any]:
    rows = house.sql("select to_jsonb(p) as row from protection as p where lead = $1::uuid", lead)
    return {key: value for key, value in json.loads(rows[0]["row"]).items() if key not in _WRITTEN}


def _ledger(house: House, lead: str) -> list[tuple[int, str]]:
    rows = house.sql("select revision, payload from fact where lead = $1::uuid order by revision", lead)
    return [(row["revision"], row["payload"]) for row in rows]


class _Backups:
    """Backups of the house's database as an operator makes them."""

    def __init__(self, house: House, cluster: Cluster, folder: Path) -> None:
        self._url = house.environment["DATABASE_URL"]
        self._cluster = cluster
        self._file = folder / "yesterday.dump"

    def _run(self, program: str, *words: str | Path) -> None:
        done = subprocess.run(
            [self._cluster.binaries / program, *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr

    def take(self) -> None:
        self._run("pg_dump", "--format=custom", f"--file={self._file}", self._url)

    def restore(self) -> None:
        name = urlsplit(self._url).path.removeprefix("/")
        self._cluster.sql(f'drop database "{name}" with (force)')
        self._cluster.sql(f'create database "{name}"')
        self._run("pg_restore", "--exit-on-error", f"--dbname={self._url}", self._file)


@pytest.fixture
def backups(house: House, postgres_cluster: Cluster, tmp_path: Path) -> _Backups:
    return _Backups(house, postgres_cluster, tmp_path)


def test_facts_come_back_gapless_and_audited_and_names_have_to_be_told(
    house: House, backups: _Backups, tmp_path: Path
) -> None:
    going_on, ended, erased = (_registered(house, str(uuid4())) for _ in range(3))
    backups.take()
    house.done("hold", going_on, "CUSTOMER_BLOCKED", "--id", "h1", "--by", "maria")
    house.done("log", going_on, "QUALIFIED_CALL", "--by", "anna")
    house.done("convert", ended, "--by", "maria")
    house.done("release-lead", erased, "--by", "maria", "--yes")
    receipts = "select 1 from erasure_receipt where lead = $1::uuid"
    house.eventually(lambda: bool(house.sql(receipts, erased)), "the released lead is erased")
    name = str(uuid4())
    young = _registered(house, name)
    house.done("log", young, "QUALIFIED_CALL", "--by", "anna")
    all_four = (going_on, ended, erased, young)
    before = {lead: (_row(house, lead), _ledger(house, lead)) for lead in all_four}

    backups.restore()
    assert [len(_ledger(house, lead)) for lead in all_four] == [1, 1, 1, 0]
    assert house.personal(erased)
    assert {"ledger-behind"} <= {
        found["check"] for found in house.run("verify", ended, "--json").json["findings"]
    }

    said = house.run("restore-from-histories", "--dry-run", "--json")
    assert said.code == 1, said
    would = {one["lead"]: one for one in said.json["leads"] if one["lead"] in all_four}
    assert {lead: one["facts"] for lead, one in would.items()} == {
        lead: len(before[lead][1]) - (lead != young) for lead in all_four
    }
    assert _ledger(house, young) == []

    said = house.run("restore-from-histories", "--by", "maria", "--json")
    told = said.json
    assert young in told["nameless"], said
    assert said.code == 1
    assert {one["outcome"] for one in told["leads"] if one["lead"] in all_four} == {"put-back"}
    for lead in all_four:
        assert _ledger(house, lead) == before[lead][1]
    audited = "select actor, what from audit_event where lead = $1::uuid and what = 'restored-from-history'"
    assert [tuple(row) for row in house.sql(audited, going_on)] == [("maria", "restored-from-history")]
    house.eventually(lambda: bool(house.sql(receipts, erased)), "what had been erased is erased once more")
    assert house.personal(young) == ()

    names = tmp_path / "names.csv"
    names.write_text(f"lead,company,city,postcode\n{young},Gasthof {name},Jena,07743\n", encoding="utf-8")
    said = house.run("restore-from-histories", "--companies", str(names), "--json")
    assert (said.code, said.json["facts"], said.json["nameless"]) == (0, 0, []), said
    assert house.done("lead", young)["company"] == f"Gasthof {name}"
    house.eventually(
        lambda: all(_same(_row(house, lead), row) for lead, (row, _) in before.items()),
        "all rows are written",
    )
    assert house.run("verify", "--json").json["findings"] == []


def test_what_is_missing_in_the_middle_is_said_before_and_after_alike(house: House) -> None:
    lead = _registered(house, str(uuid4()))
    for _ in range(2):
        house.done("log", lead, "QUALIFIED_CALL", "--by", "anna")
    whole = house.sql("select to_jsonb(f)::text as row from fact as f where lead = $1::uuid", lead)
    house.sql("alter table fact disable trigger user")
    try:
        house.sql("delete from fact where lead = $1::uuid and revision = 2", lead)
        told = []
        for words in (("--dry-run",), ()):
            said = house.run("restore-from-histories", *words, "--json")
            assert said.code == 1, said
            told.append(next(one for one in said.json["leads"] if one["lead"] == lead))
        assert told[0] == told[1]
        assert (told[0]["outcome"], told[0]["facts"]) == ("contradicts", 0)
        assert "recorded-backwards" in told[0]["detail"]
        assert [revision for revision, _ in _ledger(house, lead)] == [1, 3]
    finally:
        for row in whole:
            house.sql(
                "insert into fact select (jsonb_populate_record(null::fact, $1::jsonb)).*"
                " on conflict do nothing",
                row["row"],
            )
        house.sql("alter table fact enable trigger user")
    assert house.done("verify", lead)["findings"] == []


def _same(row: dict[str, Any], before: dict[str, Any]) -> bool:
    """All of the clock; what a lead is called is not of it."""
    clock = row.keys() - {"name_words", "search_words", "city_key", "postcode_key", "sorted_end"}
    return all(row[key] == before[key] for key in clock)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "column lead"),
        ("lead,company\n", "column city"),
        ("lead,company,city\nx,A,B\n", "line 2, lead"),
        (f"lead,company,city\n{DEMO_TENANT},,B\n", "line 2, company"),
        (f"lead,company,city\n{DEMO_TENANT},{'A' * 201},B\n", "line 2, company"),
        ("lead,company,city\n" + 2 * f"{DEMO_TENANT},A,B\n", "line 3, lead"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_file_of_names_that_makes_no_sense_is_refused(
    house: House, tmp_path: Path, text: str, fault: str
) -> None:
    names = tmp_path / "names.csv"
    names.write_bytes(text.encode("utf-8", "surrogateescape"))
    said = house.run("restore-from-histories", "--companies", str(names))
    assert said.code == 2
    assert fault in said.err.replace("\n", " ")
    assert house.run("restore-from-histories", "--companies", str(tmp_path / "none.csv")).code == 2
