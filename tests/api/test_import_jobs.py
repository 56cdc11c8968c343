"""Imports that are cut off, and who gets at what is kept of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from adapters.lead_import_store import Fault, ImportState, RowOutcome
from services.asking import Asking
from services.errors import KeyReused, NotFound
from services.import_rows import ImportRow
from services.importing import SILENCE, AlreadyImporting, Import, Imports
from services.openings import Opening
from services.registering import NewLead
from tests.api.imports import ask, done, send, table
from tests.api.shop import Shop, new_company, shop_over
from tests.services.office import JO, Office, company
from tests.workflows.lab import until

TABLES = ("lead_import", "lead_import_row")


def rows_for(number: int) -> list[ImportRow]:
    """Leads nobody has, and one row that makes no sense."""
    good = [
        ImportRow(one, None, NewLead(company=company(), opening=Opening(contact=JO)))
        for one in range(1, number)
    ]
    return [*good, ImportRow(number, None, None, (Fault("city", "missing", "Field required"),))]


async def begun(office: Office, imports: Imports, asking: Asking, rows: Sequence[ImportRow]) -> UUID:
    """An import of which some rows are done."""
    name = await imports.ask(office.desk, asking, rows, b"said")

    await some(office, asking, name)
    return name


async def some(office: Office, asking: Asking, name: UUID) -> None:
    """Wait until some rows are done."""

    async def are() -> bool:
        return (await look(office, Imports(), asking, name)).stored.done > 0

    await until(are)


async def look(office: Office, imports: Imports, asking: Asking, name: UUID) -> Import:
    """All of it."""
    return await imports.look(office.desk, asking, name, everything=True, most=1000)


async def ended(office: Office, imports: Imports, asking: Asking, name: UUID) -> Import:
    """All of it once it does not run any more."""

    async def is_over() -> bool:
        return (await look(office, imports, asking, name)).state is not ImportState.RUNNING

    await until(is_over)
    return await look(office, imports, asking, name)


async def whole(office: Office, found: Import, rows: Sequence[ImportRow]) -> None:
    """Everything was done, once."""
    assert found.state is ImportState.DONE
    assert found.stored.finished_at is not None
    assert [row.number for row in found.rows] == [row.number for row in rows]
    leads = [row.lead for row in found.rows if row.lead is not None]
    assert len(set(leads)) == len(rows) - 1
    assert found.rows[-1].outcome is RowOutcome.REFUSED
    for lead in leads:
        assert len(await office.facts(lead)) == 1


async def test_a_process_that_ends_says_how_far_it_was_and_another_goes_on(office: Office) -> None:
    asking, rows, first, second = office.asking(key=uuid4().hex), rows_for(200), Imports(), Imports()
    name = await begun(office, first, asking, rows)
    await first.stop()
    found = await look(office, second, asking, name)
    assert found.state is ImportState.INTERRUPTED
    assert found.stored.finished_at is None
    assert 0 < found.stored.done == len(found.rows) < 200
    with pytest.raises(KeyReused):
        await second.ask(office.desk, asking, rows, b"something else")
    assert await second.ask(office.desk, asking, rows, b"said") == name
    over = await ended(office, second, asking, name)
    await whole(office, over, rows)
    assert set(found.rows) <= set(over.rows)
    assert await second.ask(office.desk, asking, rows, b"said") == name
    assert (await look(office, second, asking, name)).stored == over.stored


async def test_the_api_ends_its_imports_before_it_closes(office: Office, tmp_path: Path) -> None:
    rows = [{**new_company(), "contact": {"name": "Jo Geheim"}} for _ in range(300)]
    async with shop_over(office, tmp_path) as made:
        answer = await ask(made, rows, "maria", key=tmp_path.name)
        assert (answer.status_code, answer.json()["state"]) == (202, "running")
        asking, name = office.asking("maria"), UUID(answer.json()["id"])
        await some(office, asking, name)
    found = await look(office, Imports(), asking, name)
    assert found.state is ImportState.INTERRUPTED
    assert 0 < found.stored.done < 300
    assert found.stored.done == found.stored.registered


async def test_a_process_that_died_is_noticed_by_its_silence(office: Office) -> None:
    asking, rows, imports = office.asking("ben", key=uuid4().hex), rows_for(60), Imports()
    name = await begun(office, imports, asking, rows)
    await imports.stop()
    assert await imports.ask(office.desk, asking, rows, b"said") == name
    await imports.stop()

    async def die(silent: timedelta) -> None:
        await office.lab.execute(
            "update lead_import set state = 'running', finished_at = null, told_at = $2 where id = $1",
            name,
            office.desk.now() - silent,
        )

    await die(SILENCE / 2)
    assert (await look(office, imports, asking, name)).state is ImportState.RUNNING
    with pytest.raises(AlreadyImporting):
        await imports.ask(office.desk, office.asking("ben"), rows, b"said")
    await die(SILENCE * 2)
    assert (await look(office, imports, asking, name)).state is ImportState.INTERRUPTED
    other = await imports.ask(office.desk, office.asking("ben"), rows_for(3), b"other")
    assert (await ended(office, imports, office.asking("ben"), other)).state is ImportState.DONE
    assert await imports.ask(office.desk, asking, rows, b"said") == name
    await whole(office, await ended(office, imports, asking, name), rows)


async def test_while_nobody_keeps_the_leads_it_waits_a_little_and_then_says_so(office: Office) -> None:
    asking, rows, imports = office.asking("max", key=uuid4().hex), rows_for(3), Imports()
    name = await imports.ask(office.nobody(), asking, rows, b"said")
    found = await ended(office, imports, asking, name)
    assert found.state is ImportState.INTERRUPTED
    assert [row.number for row in found.rows] in ([], [3])
    await imports.ask(office.desk, asking, rows, b"said")
    await whole(office, await ended(office, imports, asking, name), rows)


async def test_an_import_is_kept_for_a_day(office: Office) -> None:
    asking, imports = office.asking("adam"), Imports()
    old = await imports.ask(office.desk, asking, rows_for(2), b"")
    await ended(office, imports, asking, old)
    await office.lab.execute(
        "update lead_import set asked_at = asked_at - interval '25 hours' where id = $1", old
    )
    new = await imports.ask(office.desk, asking, rows_for(2), b"")
    await ended(office, imports, asking, new)
    with pytest.raises(NotFound):
        await look(office, imports, asking, old)
    assert await office.lab.execute("select 1 from lead_import_row where job = $1", old) == []


# ---------------------------------------------------------------- what is kept, and from whom


async def test_nothing_of_what_rows_say_is_kept_beside_the_vault(shop: Shop) -> None:
    planted = f"Geheim{uuid4().hex[:8]}"
    told = {"name": f"Jo {planted}", "email": f"{planted}@haus.example"}
    rows: list[Any] = [
        {**new_company(), "contact": told},
        {**new_company(), "contact": {"email": f"{planted}.nonsense"}},
        {**new_company(), planted: planted},
        {**new_company(), "contact": {**told, planted: 1}},
        {"company": planted + "\0", "city": planted, "source": planted, "owner": f"{planted}@x.example"},
        planted,
        {**new_company(), "firstContact": {"note": f"Met {planted} at the fair", "occurredAt": planted}},
    ]
    with capture_logs() as logs:
        answer = await ask(shop, rows, key=uuid4().hex)
        found = await done(shop, answer)
        tables = await send(shop, table({**new_company(), "contact.email": f"{planted}.nonsense"}))
        await done(shop, tables)
    assert (found["registered"], found["refused"]) == (1, 6)
    assert planted not in json.dumps(found)
    assert planted.lower() not in json.dumps(logs, default=str).lower()
    for name in TABLES:
        kept = await shop.office.lab.execute(f"select t::text as row from {name} as t")
        assert kept
        assert planted.lower() not in str(kept).lower()


INTRUSIONS = (
    """
    insert into lead_import_row (tenant, job, number, outcome, faults)
    values (app_tenant(), $1, 9, 'refused', '[]')
    """,
    """
    insert into lead_import (tenant, id, requested_by, dry_run, total, state, asked_at, told_at)
    select app_tenant(), gen_random_uuid(), 'anna', false, 1, 'interrupted', at, at
    from (select '2026-11-23'::timestamptz as at) as x where $1::uuid is not null
    """,
)


@pytest.mark.parametrize("user", ["ben", "maria", "adam", "olga"])
async def test_the_database_shows_an_import_to_nobody_else(office: Office, user: str) -> None:
    imports = Imports()
    name = await imports.ask(office.desk, office.asking(), rows_for(2), b"")
    await ended(office, imports, office.asking(), name)
    async with office.desk.writing(office.asking(user)) as connection:
        assert await connection.fetch("select from lead_import where id = $1", name) == []
        assert await connection.fetch("select from lead_import_row where job = $1", name) == []
        for statement in (
            "update lead_import set state = 'interrupted' where id = $1",
            "delete from lead_import where id = $1",
        ):
            assert (await connection.execute(statement, name)).endswith(" 0")
    for statement in INTRUSIONS:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with office.desk.writing(office.asking(user)) as connection:
                await connection.execute(statement, name)


async def test_who_may_not_register_may_not_import_in_the_database_either(office: Office) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with office.desk.writing(office.asking("olga")) as connection:
            await connection.execute(
                "insert into lead_import (tenant, id, requested_by, dry_run, total, state, asked_at, told_at)"
                " values (app_tenant(), gen_random_uuid(), 'olga', false, 1, 'interrupted', $1, $1)",
                office.desk.now(),
            )


@pytest.mark.parametrize("name", TABLES)
async def test_without_a_context_there_are_no_rows(office: Office, name: str) -> None:
    imports = Imports()
    job = await imports.ask(office.desk, office.asking("anna"), rows_for(2), b"")
    await ended(office, imports, office.asking("anna"), job)
    assert await office.lab.execute(f"select 1 from {name}")
    assert await office.app.fetchval(f"select count(*) from {name}") == 0
