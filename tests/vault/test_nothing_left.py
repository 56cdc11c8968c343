"""The proof: of an erased lead's contact data not one byte is left anywhere, backups included."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from temporalio.client import Client

from adapters.database import open_pool, transaction
from adapters.keyring import read_key_file
from adapters.lead_entry import ContactEntry
from adapters.sealing import NotOpened
from adapters.settings import DEMO_TENANT, Login, Role
from adapters.temporal_client import DATA_CONVERTER
from adapters.vault import Vault
from cli.importing.replay import lead_id
from cli.importing.shapes import SourceFile
from protection.dates import format_instant
from tests.importing.exports import lead, write
from tests.stack.running import UNMEASURED, Up, fristwerk, state_folder, up
from tests.stackfixtures import PROJECT
from tests.vault import outside_talk
from tests.workflows.lab import until
from workers.embedded.postgres import Cluster
from workers.lead_clock import LeadClock
from workflows import names

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

NAME: Final = "Öttilie Verpflanzt-Unikat"
EMAIL: Final = "ottilie.unikat@gasthof-verpflanzt.example"
PHONE: Final = "+4936199887766"
NOTE: Final = "Wünscht Rückruf am Gartentor zwischen den Linden"
PLANTED: Final = (NAME, EMAIL, PHONE, NOTE)
COMPANY: Final = "Gasthof Fundstelle GmbH"
# From the import to the lapse, 60 and 10 days after the registration: skipped, once all is there to be found.
SOON: Final = timedelta(hours=2)
DAY: Final = timedelta(days=1)
LAPSED, REQUESTED, LIVING = (str(lead_id(DEMO_TENANT, f"U-{number}")) for number in (1, 2, 3))


def _forms(text: str) -> set[bytes]:
    """What the text may look like in a file."""
    plain = text.encode()
    return {
        plain,
        text.lower().encode(),
        text.encode("utf-16-le"),
        text.encode("latin-1", "replace"),
        json.dumps(text)[1:-1].encode(),
        base64.b64encode(plain),
        plain.hex().encode(),
        plain.hex().upper().encode(),
    }


FORMS: Final = {form for text in (*PLANTED, *outside_talk.PLANTED) for form in _forms(text)}
# What systems outside keep is theirs: the mailbox that customers write to.
ELSEWHERE: Final = "sandbox"


def hits(folder: Path) -> list[str]:
    """The files that hold a planted text in any form."""
    found = []
    for file in folder.rglob("*"):
        if file.is_file() and file.relative_to(folder).parts[0] != ELSEWHERE:
            content = file.read_bytes()
            found += [str(file.relative_to(folder)) for form in FORMS if form in content]
    return found


def holding(folder: Path, text: str) -> set[str]:
    """The first folders or files below this one in which the text stands."""
    files = (file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes())
    return {file.relative_to(folder).parts[0] for file in files}


@dataclass(frozen=True)
class Backup:
    """A backup as documented: data and keys apart. And the whole database as text, to be searched."""

    data: Path
    keys: Path
    text: Path


def dump(url: str, cluster: Cluster, folder: Path) -> Backup:
    folder.mkdir()
    made = Backup(folder / "data.dump", folder / "keys.dump", folder / "all.sql")
    for file, options in (
        (made.data, ["-Fc", "--exclude-table-data=lead_key", "--exclude-table-data=mail_key"]),
        (made.keys, ["-Fc", "--data-only", "--table=lead_key", "--table=mail_key"]),
        (made.text, ["-Fp"]),
    ):
        subprocess.run([cluster.binaries / "pg_dump", *options, "-f", file, url], check=True)
    return made


def restore(cluster: Cluster, data: Path, keys: Path | None) -> str:
    """Restore as docs/personal-data.md says; the URL of the restored database."""
    name = f"restored_{uuid4().hex[:8]}"
    cluster.sql(f"create database {name}")
    url = cluster.url(name)
    restoring: list[str | Path] = [cluster.binaries / "pg_restore", "--exit-on-error", "-d", url]
    subprocess.run([*restoring, "--section=pre-data", data], check=True)
    subprocess.run([*restoring, "--section=data", "--disable-triggers", data], check=True)
    if keys is not None:
        subprocess.run([*restoring, "--section=data", keys], check=True)
    cluster.sql((PROJECT / "sql" / "restore" / "forget.sql").read_text(), name)
    subprocess.run([*restoring, "--section=post-data", data], check=True)
    return url


async def opened(url: str, vault: Vault, of: str) -> tuple[ContactEntry, ...]:
    async with (
        await open_pool(Login(url, Role.WORKER), name="test", largest=1) as pool,
        transaction(pool, DEMO_TENANT, "test") as connection,
    ):
        return await vault.open_contacts(connection, DEMO_TENANT, UUID(of))


async def without_key(url: str, of: str) -> bool:
    """Whether the lead's key is destroyed: the last thing an erasure does."""
    async with await open_pool(Login(url, None), name="test", largest=1) as pool:
        return not await pool.fetchval("select count(*) from lead_key where lead = $1", UUID(of))


def words(entries: tuple[ContactEntry, ...]) -> set[str | None]:
    return {word for kept in entries for word in (kept.name, kept.email, kept.phone, kept.note)} - {None}


@pytest.fixture
def running() -> Iterator[Up]:
    with state_folder() as state, up(state, "--no-seed", **UNMEASURED) as started:
        yield started


def did(state: Path, *said: str) -> Any:
    done = fristwerk(state, *said, "--json", **UNMEASURED)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def bring_in(state: Path, folder: Path) -> datetime:
    """Import three leads with the planted contact; the first lapses soon, and this tells when."""
    end = (datetime.now(UTC) + SOON).astimezone(ZoneInfo("Europe/Berlin")).replace(microsecond=0)
    rows = [
        lead(
            external_id=f"U-{number}",
            company=f"{COMPANY} {number}",
            registered_at=format_instant((end - days * DAY).astimezone(UTC)),
            contact_name=NAME,
            contact_email=EMAIL,
            contact_phone=PHONE,
            first_contact_note=NOTE,
        )
        for number, days in ((1, 70), (2, 10), (3, 10))
    ]
    export = write(folder / "export", SourceFile.LEADS, rows)
    did(state, "import", str(export), "--rejects", str(folder / "rejects.csv"))
    return end.astimezone(UTC)


async def lapse(address: str, at: datetime) -> None:
    """Have the first lead's own clock reach its end."""
    client = await Client.connect(address, data_converter=DATA_CONVERTER)
    handle = client.get_workflow_handle(names.workflow_id(DEMO_TENANT, UUID(LAPSED)))
    await LeadClock(client, handle).skip(at)


def note_of(state: Path, *numbers: int) -> None:
    """Note something about some of them."""
    for number in numbers:
        did(state, "log", f"U-{number}", "NOTE", "--note", f"{NOTE}, again")


async def fetched(url: str) -> bytes:
    async with httpx.AsyncClient(timeout=120) as client:
        return (await client.get(url)).raise_for_status().content


async def test_nothing_is_left_of_an_erased_lead(
    running: Up, postgres_cluster: Cluster, tmp_path: Path
) -> None:
    state, addresses = running.state, running.addresses()
    url = addresses["DATABASE_URL"]
    ends_at = bring_in(state, tmp_path)
    note_of(state, 1)
    assert "Verpflanzt" in fristwerk(state, "lead", LAPSED, **UNMEASURED).stdout
    before = dump(url, postgres_cluster, tmp_path / "before")
    note_of(state, 2, 3)
    await spoken_of_outside(running)

    did(state, "erase", REQUESTED, "--reason", "Request of today")
    await lapse(addresses["TEMPORAL_ADDRESS"], ends_at)
    await until(partial(without_key, url, LAPSED), 180)
    assert "Verpflanzt" not in fristwerk(state, "lead", LAPSED, **UNMEASURED).stdout
    shown = {of: did(state, "lead", of) for of in (LAPSED, REQUESTED, LIVING)}
    assert [shown[of]["status"] for of in shown] == ["EXPIRED", "ERASED", "ACTIVE"]

    # What people take away: lists, the person's own export, figures, dumps of today.
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "leads.json").write_text(json.dumps(did(state, "leads", "--all")))
    (exports / "lapsed.json").write_text(json.dumps(shown[LAPSED]))
    (exports / "requested.json").write_text(json.dumps(shown[REQUESTED]))
    owner = shown[LAPSED]["owner"]
    (exports / "own.json").write_text(fristwerk(state, "export-own", owner, **UNMEASURED).stdout)
    assert COMPANY in (exports / "own.json").read_text()
    (exports / "retention.json").write_text(fristwerk(state, "retention", "--json", **UNMEASURED).stdout)
    for number, address in enumerate(metrics(running)):
        (exports / f"metrics-{number}").write_bytes(await fetched(address))
    after = dump(url, postgres_cluster, tmp_path / "after")

    # Everything the system has written, at rest: database with its log, Temporal, logs, mails.
    ring = read_key_file(state / "master.keys")
    assert (state / "master.keys").stat().st_mode & 0o077 == 0
    assert running.stop() == 0
    assert {"temporal", "logs", "mails"} <= holding(state, LAPSED)
    assert {"postgres", "mails"} <= holding(state, COMPANY)
    assert hits(state) == []
    assert hits(exports) == []
    assert hits(before.text.parent) == []
    assert hits(after.text.parent) == []

    vault = Vault(ring)
    today = restore(postgres_cluster, before.data, after.keys)
    assert words(await opened(today, vault, LAPSED)) == set()
    assert words(await opened(today, vault, REQUESTED)) == set()
    assert set(PLANTED) <= words(await opened(today, vault, LIVING))
    keyless = restore(postgres_cluster, before.data, None)
    assert words(await opened(keyless, vault, LIVING)) == set()
    # Why the keys are kept apart and for days only: with those of then, everything opens again.
    assert set(PLANTED) <= words(
        await opened(restore(postgres_cluster, before.data, before.keys), vault, LAPSED)
    )
    with pytest.raises(NotOpened):
        await mixed(today, vault)


async def spoken_of_outside(running: Up) -> None:
    """Models and the bureau are asked about a lead and its mail, and are told nothing of anybody."""
    talk = outside_talk.Talk(running)
    await talk.had()
    asked = await talk.prompts()
    # The company is no person and is told.
    assert outside_talk.COMPANY in json.dumps(asked["credit"])
    told = json.dumps(asked, ensure_ascii=False)
    assert "wants an offer" in told
    assert [form for form in FORMS if form in told.encode()] == []
    for word in ("Wrzesień", "Zdeněk", "Kœnig", "202051", "99 88", "unikat-fremd", "Verpflanzt"):
        assert word not in told, word


async def mixed(url: str, vault: Vault) -> None:
    """The living lead's key under the erased lead's rows of the backup."""
    async with (
        await open_pool(Login(url, None), name="test", largest=1) as pool,
        pool.acquire() as connection,
    ):
        await connection.execute("set session_replication_role = replica")
        await connection.execute(
            "update lead_contact c set key = o.key, name = o.name from lead_contact o"
            " where c.lead = $1 and o.lead = $2 and o.name is not null and c.kind = o.kind",
            UUID(LAPSED),
            UUID(LIVING),
        )
        await connection.execute(
            "insert into lead_key select tenant, $1, id, kek_id, wrapped_key, created_at from lead_key"
            " where lead = $2",
            UUID(LAPSED),
            UUID(LIVING),
        )
    await opened(url, vault, LAPSED)


def metrics(running: Up) -> list[str]:
    """Where the figures of the API, of the worker and of Temporal are."""
    ports = json.loads((running.state / "memory.json").read_text())["ports"]
    return [
        f"{running.addresses()['PUBLIC_URL']}/metrics",
        *(
            f"http://127.0.0.1:{ports[name]}/metrics"
            for name in ("temporal-metrics", "worker-ops", "worker-sdk-metrics")
        ),
    ]
