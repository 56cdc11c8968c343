"""The vault on a real database, as the roles of production."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.database import Pool, transaction
from adapters.keyring import Keyring, KeyUnknown
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.ledger_store import PostgresLedgerStore
from adapters.note_store import note_entry
from adapters.sealing import NotOpened
from adapters.vault import KeyOutOfReach, NoteConflict, Vault
from protection.facts import Released
from tests.sql.commands import DAY, T0, command, new_lead, registered
from tests.vaultfixtures import RING, VAULT

PERSON = ContactEntry(
    id=UUID(int=7),
    kind=ContactKind.CONTACT,
    name="Ottilie Planted",
    email="O.Planted@Haus.example",
    phone="030 / 555 01",
)
CLEAR = ("Ottilie", "Planted", "555 01", "O.Planted")


async def _protected(worker: Pool, tenant: UUID, owner: str = "agent") -> UUID:
    lead = await new_lead(worker, tenant, owner, contacts=())
    await PostgresLedgerStore(worker).record(command(tenant, lead, [registered(owner)]))
    return lead


async def test_what_is_kept_is_sealed_and_opens_again(worker: Pool, tenant: UUID) -> None:
    lead = await _protected(worker, tenant)
    note = note_entry(lead, "call", "Frau Planted rief an", at=T0)
    async with transaction(worker, tenant, "system") as db:
        assert await VAULT.seal_entries(db, tenant, lead, [PERSON, note]) == [PERSON.id, note.id]
        assert await VAULT.open_contacts(db, tenant, lead) == (PERSON, note)
        stored = str(await db.fetch("select c::text, k::text from lead_contact c, lead_key k"))
    assert not any(word in stored for word in CLEAR)
    assert not any(word.encode().hex() in stored for word in CLEAR)


async def test_again_is_once_and_another_text_is_a_conflict(worker: Pool, tenant: UUID) -> None:
    lead = await _protected(worker, tenant)
    note = note_entry(lead, "call", "one")
    async with transaction(worker, tenant, "system") as db:
        assert await VAULT.seal_entries(db, tenant, lead, [note]) == [note.id]
        assert await VAULT.seal_entries(db, tenant, lead, [note]) == []
        with pytest.raises(NoteConflict):
            await VAULT.seal_entries(db, tenant, lead, [replace(note, note="two")])
        await VAULT.remove(db, tenant, lead, [note.id])
        assert await VAULT.open_contacts(db, tenant, lead) == ()


async def test_a_contact_is_found_by_its_whole_address_or_number_in_any_spelling(
    worker: Pool, tenant: UUID
) -> None:
    first, second = [await _protected(worker, tenant) for _ in range(2)]
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_leads(db, tenant, {first: [PERSON], second: [replace(PERSON, phone="+49 30 55502")]})
        both = tuple(sorted([first, second]))
        assert await VAULT.search(db, tenant, email=" o.planted@haus.EXAMPLE ") == both
        assert await VAULT.search(db, tenant, phone="+49 (0)30 55501") == (first,)
        assert await VAULT.search(db, tenant, email=PERSON.email, phone="030 55502") == (second,)
        for email in ("planted@haus.example", "haus.example", "", None):
            assert await VAULT.search(db, tenant, email=email) == ()
        for phone in ("5550", "030", "?", ""):
            assert await VAULT.search(db, tenant, phone=phone) == ()
        turned = Vault(RING.with_new_key())
        assert await turned.search(db, tenant, phone="03055501") == (first,)


async def test_nothing_is_found_in_another_tenant(worker: Pool, tenant: UUID) -> None:
    lead = await _protected(worker, tenant)
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_entries(db, tenant, lead, [PERSON])
    other = uuid4()
    async with transaction(worker, other, "system") as db:
        assert await VAULT.search(db, other, email=PERSON.email) == ()
        assert await VAULT.search(db, tenant, email=PERSON.email) == ()
        assert await VAULT.open_contacts(db, tenant, lead) == ()


_FLIP = "set_byte({0}, 20, get_byte({0}, 20) # 1)"


@pytest.mark.parametrize(
    "move",
    [
        "update lead_contact set note = name where lead = $1",
        "update lead_contact set name = email, email = name where lead = $1",
        "update lead_contact set id = gen_random_uuid() where lead = $1",
        f"update lead_contact set name = {_FLIP.format('name')} where lead = $1",
        f"update lead_key set wrapped_key = {_FLIP.format('wrapped_key')} where lead = $1",
        "update lead_contact c set name = o.name from lead_contact o where c.lead = $1 and o.lead <> c.lead",
        "update lead_key k set wrapped_key = o.wrapped_key from lead_key o where k.lead = $1 and k <> o",
    ],
)
async def test_what_was_moved_or_changed_in_the_database_does_not_open(
    move: str, worker: Pool, superuser: Pool, tenant: UUID
) -> None:
    first, second = [await _protected(worker, tenant) for _ in range(2)]
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_leads(db, tenant, {first: [PERSON], second: [PERSON]})
    async with superuser.acquire() as db:
        await db.execute(f"delete from lead_contact where tenant <> '{tenant}'")
        await db.execute(f"delete from lead_key where tenant <> '{tenant}'")
        await db.execute(move, first)
    async with transaction(worker, tenant, "system") as db:
        with pytest.raises(NotOpened):
            await VAULT.open_contacts(db, tenant, first)
        if " o " not in move:
            assert await VAULT.open_contacts(db, tenant, second) == (PERSON,)


async def test_another_installations_ring_opens_nothing(worker: Pool, tenant: UUID) -> None:
    lead = await _protected(worker, tenant)
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_entries(db, tenant, lead, [PERSON])
        with pytest.raises(KeyUnknown):
            await Vault(Keyring.new()).open_contacts(db, tenant, lead)


@pytest.mark.parametrize("text", [b"Ottilie", b"\x01Ottilie", b"", b"\x02" * 40])
async def test_the_database_refuses_what_is_not_sealed(text: bytes, worker: Pool, tenant: UUID) -> None:
    lead = await _protected(worker, tenant)
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_entries(db, tenant, lead, [PERSON])
    for column in ("name", "email", "phone", "note"):
        with pytest.raises(asyncpg.CheckViolationError):
            async with transaction(worker, tenant, "system") as db:
                await db.execute(f"update lead_contact set {column} = $2 where lead = $1", lead, text)


async def test_no_key_is_destroyed_while_something_sealed_is_left(worker: Pool, tenant: UUID) -> None:
    lead = await _protected(worker, tenant)
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_entries(db, tenant, lead, [PERSON])
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with transaction(worker, tenant, "system") as db:
            await db.execute("delete from lead_key where lead = $1", lead)
    with pytest.raises(asyncpg.CheckViolationError):
        async with transaction(worker, tenant, "system") as db:
            await db.execute("update lead_contact set key = null where lead = $1", lead)


async def test_an_agent_seals_and_reads_on_his_own_living_lead_only(
    worker: Pool, app: Pool, tenant: UUID
) -> None:
    lead = await _protected(worker, tenant)
    note = note_entry(lead, "call", "said something")
    async with transaction(app, tenant, "agent", ["agent"]) as db:
        assert await VAULT.seal_entries(db, tenant, lead, [PERSON, note]) == [PERSON.id, note.id]
        assert set(await VAULT.open_contacts(db, tenant, lead)) == {PERSON, note}
        assert await VAULT.search(db, tenant, email=PERSON.email) == (lead,)
    async with transaction(app, tenant, "other", ["agent"]) as db:
        assert await VAULT.open_contacts(db, tenant, lead) == ()
        assert await VAULT.search(db, tenant, email=PERSON.email) == ()
        assert await db.fetch("select * from lead_key") == []
        with pytest.raises(KeyOutOfReach):
            await VAULT.seal_entries(db, tenant, lead, [note_entry(lead, "x", "theirs")])
    async with transaction(app, tenant, "auditor", ["auditor"]) as db:
        assert set(await VAULT.open_contacts(db, tenant, lead)) == {PERSON, note}
        with pytest.raises(KeyOutOfReach):
            await VAULT.seal_entries(db, tenant, lead, [note_entry(lead, "x", "theirs")])
    await PostgresLedgerStore(worker).record(
        command(
            tenant,
            lead,
            [registered(), Released(fact_id="gone", recorded_at=T0 + DAY, by="agent")],
            since=1,
        )
    )
    async with transaction(app, tenant, "agent", ["agent"]) as db:
        assert await VAULT.open_contacts(db, tenant, lead) == ()
        with pytest.raises(KeyOutOfReach):
            await VAULT.seal_entries(db, tenant, lead, [note_entry(lead, "late", "too late")])


async def test_without_context_there_are_no_keys(worker: Pool, app: Pool, tenant: UUID) -> None:
    lead = await _protected(worker, tenant)
    async with transaction(worker, tenant, "system") as db:
        await VAULT.seal_entries(db, tenant, lead, [PERSON])
    for pool in (worker, app):
        for table in ("lead_key", "legal_hold", "erasure_receipt"):
            assert await pool.fetchval(f"select count(*) from {table}") == 0
