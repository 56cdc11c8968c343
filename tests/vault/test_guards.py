"""What holds the vault together beside the cipher: rights, append-only receipts, races, reading keys anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from activities.erasure_orders import Cause
from adapters.database import Connection, Pool, transaction
from adapters.erasure_store import PostgresErasureStore
from adapters.keyring import KeyUnknown
from adapters.lead_entry import ContactEntry
from adapters.ledger_store import PostgresLedgerStore
from adapters.note_store import note_entry
from adapters.settings import SettingsError, load
from adapters.vault import Erased, Vault
from protection.facts import Released
from tests.sql.commands import DAY, T0, command, new_lead, registered
from tests.vaultfixtures import RING, VAULT

LATER = datetime(2031, 1, 1, tzinfo=UTC)


async def _over(worker: Pool, tenant: UUID) -> UUID:
    """A lead that was released and still has a note."""
    lead = await new_lead(worker, tenant, contacts=())
    facts = [registered(), Released(fact_id="gone", recorded_at=T0 + DAY, by="agent")]
    await PostgresLedgerStore(worker).record(command(tenant, lead, facts))
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_entries(db, tenant, lead, [note_entry(lead, "first", "said something")])
    return lead


async def _erase(worker: Pool, tenant: UUID, lead: UUID) -> int:
    store = PostgresErasureStore(worker)
    done = await store.erase(tenant, lead, erasure=uuid4(), cause=Cause.LAPSE, by="system", at=LATER)
    assert done.obstacle is None
    return done.rows


@pytest.mark.parametrize(
    "statement",
    [
        "delete from lead_key",
        "update lead_key set kek_id = kek_id",
        "update lead_contact set note = null",
        "select * from lead_contact_clear",
        "delete from legal_hold",
        "insert into legal_hold values ($1, $2, 'mine alone', null, 'me', '2030-01-01Z')",
        "insert into erasure_receipt values ($1, $2, $2, '2030-01-01Z', 'me', 'request', '{}')",
        "delete from erasure_receipt",
        "select audit_tell('personal-data-erased', $1, null, null, null, null, '2030-01-01Z')",
    ],
)
async def test_the_application_erases_nothing_whatever_its_roles_say(
    statement: str, worker: Pool, app: Pool, tenant: UUID
) -> None:
    lead = await _over(worker, tenant)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app, tenant, "boss", ["admin", "manager"]) as db:
            await db.execute(statement, *[tenant, lead][: statement.count("$1") + ("$2" in statement)])


@pytest.mark.parametrize("verb", ["update erasure_receipt set by = 'x'", "delete from erasure_receipt"])
async def test_a_receipt_stays_as_it_is(verb: str, worker: Pool, superuser: Pool, tenant: UUID) -> None:
    lead = await _over(worker, tenant)
    assert await _erase(worker, tenant, lead) == 1
    with pytest.raises(asyncpg.PostgresError) as refused:
        await superuser.execute(verb)
    assert refused.value.sqlstate == "FW002"


async def test_what_is_written_while_it_is_erased_goes_too(worker: Pool, tenant: UUID) -> None:
    lead = await _over(worker, tenant)
    async with transaction(worker, tenant, "system") as writing:
        await VAULT.seal_entries(writing, tenant, lead, [note_entry(lead, "late", "a moment before")])
        erasing = asyncio.create_task(_erase(worker, tenant, lead))
        _, waiting = await asyncio.wait([erasing], timeout=0.5)
        assert waiting
    assert await erasing >= 1
    async with transaction(worker, tenant, "system") as db:
        assert {kept.note for kept in await VAULT.open_contacts(db, tenant, lead)} == {None}


class Interrupted(Vault):
    """A vault in which a lead is erased between sealing and storing."""

    def __init__(self, worker: Pool) -> None:
        super().__init__(RING)
        self._worker = worker

    async def _sealed(
        self, connection: Connection, tenant: UUID, rows: Sequence[tuple[UUID, ContactEntry]]
    ) -> dict[str, Any]:
        sealed = await super()._sealed(connection, tenant, rows)
        await _erase(self._worker, tenant, rows[0][0])
        return sealed


async def test_what_was_sealed_under_a_destroyed_key_is_not_kept(worker: Pool, tenant: UUID) -> None:
    lead = await _over(worker, tenant)
    async with transaction(worker, tenant, "system") as writing:
        with pytest.raises(Erased):
            await Interrupted(worker).seal_entries(
                writing, tenant, lead, [note_entry(lead, "late", "a moment after")]
            )
    async with transaction(worker, tenant, "system") as db:
        assert await db.fetchval("select count(*) from lead_key where lead = $1", lead) == 0


async def test_a_running_process_learns_of_a_new_master_key(worker: Pool, tenant: UUID) -> None:
    lead = await new_lead(worker, tenant, contacts=())
    turned = RING.with_new_key()
    async with transaction(worker, tenant, "system") as db:
        await Vault(turned).seal_entries(db, tenant, lead, [note_entry(lead, "one", "under the new key")])
        with pytest.raises(KeyUnknown):
            await VAULT.open_contacts(db, tenant, lead)
        (kept,) = await Vault(RING, lambda: turned).open_contacts(db, tenant, lead)
        assert kept.note == "under the new key"
        with pytest.raises(KeyUnknown):
            await Vault(RING, lambda: RING).open_contacts(db, tenant, lead)


@pytest.mark.parametrize("days", ["-1", "366", "soon", "1.5"])
def test_days_to_object_are_a_number_of_days(days: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRISTWERK_OBJECTION_DAYS", days)
    with pytest.raises(SettingsError) as refused:
        load(embedded=False)
    assert refused.value.field == "FRISTWERK_OBJECTION_DAYS"
