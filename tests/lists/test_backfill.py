"""Leads from before this release are found and sorted like those that come after it."""

from __future__ import annotations

from uuid import UUID

from adapters.database import Caller, open_pool
from adapters.lead_listing import LeadFilter, LeadOrder, LeadSort
from adapters.migrations import MIGRATIONS
from adapters.settings import Login, Role
from tests.lists.leads import every
from tests.sql.schema import dbmate
from tests.stackfixtures import cloned_database
from workers.embedded.postgres import Cluster

NAMES = "20261123000900_lists.sql"
TENANTS = [UUID(int=1), UUID(int=2)]
BEFORE = """
insert into tenant (id, name) values ('{tenant}', '{tenant}');
insert into policy_version (tenant, version, policy) values ('{tenant}', 'v1', '{{}}');
insert into lead (tenant, id, company, city, postcode, owner, company_key, created_at)
select
  '{tenant}', lpad(n::text, 32, '0')::uuid, 'Müller ' || 9 - n || ' GmbH', 'Köln', '10115', 'agent', 'k' || n,
  '2030-01-01Z'
from generate_series(1, 3) as n;
insert into protection (tenant, lead, revision, status, owner, policy_version, updated_at)
select tenant, id, 1, 'ACTIVE', owner, 'v1', created_at from lead where tenant = '{tenant}';
"""


async def test_leads_of_every_tenant_get_their_names(postgres_cluster: Cluster) -> None:
    with cloned_database(postgres_cluster, "lists_backfill") as url:
        for _ in [file for file in MIGRATIONS.glob("*.sql") if file.name >= NAMES]:
            dbmate(postgres_cluster, "lists_backfill", "down")
        for tenant in TENANTS:
            postgres_cluster.sql(BEFORE.format(tenant=tenant), "lists_backfill")
        dbmate(postgres_cluster, "lists_backfill", "up")
        async with await open_pool(Login(url, Role.APP), name="test-app") as app:
            for tenant in TENANTS:
                boss = Caller(tenant, "manager", ("manager",))
                by_name = await every(app, boss, LeadFilter(), LeadOrder(sort=LeadSort.COMPANY))
                assert by_name == [UUID(int=n) for n in (3, 2, 1)]
                assert await every(app, boss, LeadFilter(text="mueller 7", city="KOELN")) == [UUID(int=2)]
