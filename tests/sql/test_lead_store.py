"""New leads: once, with their personal data, and no second live one of the same company and place."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from adapters.database import Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.registration_store import ExternalIdTaken, LiveDuplicate
from protection.facts import Released
from tests.sql.commands import DAY, T0, command, entry, registered
from tests.sql.lead_store import PostgresLeadStore
from tests.vaultfixtures import VAULT


async def test_a_lead_is_added_once_with_its_contacts(worker: Pool, tenant: UUID) -> None:
    store, made = PostgresLeadStore(worker, VAULT), entry()
    assert await store.register_lead(tenant, made)
    assert not await store.register_lead(tenant, made)
    async with transaction(worker, tenant, "system") as connection:
        row = await connection.fetchrow("select * from lead where id = $1", made.id)
        contacts = await VAULT.open_contacts(connection, tenant, made.id)
    assert row is not None
    assert {name: row[name] for name in ("company", "city", "postcode", "owner", "created_at")} == {
        "company": made.company,
        "city": made.city,
        "postcode": made.postcode,
        "owner": made.owner,
        "created_at": T0,
    }
    assert contacts == made.contacts


@pytest.mark.parametrize(
    ("mine", "theirs", "duplicate"),
    [("99084", "99084", True), ("99084", None, True), (None, "99084", True), ("99084", "10115", False)],
)
async def test_the_postcode_counts_where_both_have_one(
    mine: str | None, theirs: str | None, duplicate: bool, worker: Pool, tenant: UUID
) -> None:
    store = PostgresLeadStore(worker, VAULT)
    first = entry(company_key="gasthof muster erfurt", postcode=theirs)
    await store.register_lead(tenant, first)
    second = entry("other", company_key="gasthof muster erfurt", postcode=mine)
    assert await store.live_duplicate(tenant, "gasthof muster erfurt", mine, at=T0) == (
        first.id if duplicate else None
    )
    if duplicate:
        with pytest.raises(LiveDuplicate):
            await store.register_lead(tenant, second)
        assert await store.register_lead(tenant, second, allow_duplicate=True)
    else:
        assert await store.register_lead(tenant, second)


async def test_a_lead_given_up_is_free_again(worker: Pool, tenant: UUID) -> None:
    store, first = PostgresLeadStore(worker, VAULT), entry(company_key="k")
    await store.register_lead(tenant, first)
    released = Released(fact_id="released", recorded_at=T0 + DAY, by="agent")
    await PostgresLedgerStore(worker).record(command(tenant, first.id, (registered(), released)))
    assert await store.live_duplicate(tenant, "k", None, at=T0) is None
    assert await store.register_lead(tenant, entry("other", company_key="k"))


async def test_of_two_registrations_at_the_same_moment_one_wins(worker: Pool, tenant: UUID) -> None:
    store = PostgresLeadStore(worker, VAULT)
    both = [store.register_lead(tenant, entry(company_key="race")) for _ in range(6)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LiveDuplicate"] * 5 + ["bool"]


async def test_an_external_id_belongs_to_one_lead_of_a_tenant(worker: Pool, tenant: UUID) -> None:
    store = PostgresLeadStore(worker, VAULT)
    await store.register_lead(tenant, entry(external_id="CRM-1"))
    with pytest.raises(ExternalIdTaken, match="CRM-1"):
        await store.register_lead(tenant, entry(external_id="CRM-1"))


async def test_another_tenants_leads_are_no_duplicates(worker: Pool, tenant: UUID) -> None:
    store = PostgresLeadStore(worker, VAULT)
    await store.register_lead(tenant, entry(company_key="k"))
    assert await store.live_duplicate(uuid4(), "k", None, at=T0) is None
