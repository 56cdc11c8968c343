"""What was on its way when Temporal's database was lost is found in PostgreSQL and started again."""

from __future__ import annotations

from uuid import UUID, uuid4

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.database import Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.reconcile.rebuilding import Rebuilder
from protection.facts import Converted, Fact, Released
from tests.sql.commands import DAY, T0, call, command, new_lead, registered
from tests.sql.conftest import app, new_tenant, superuser, worker
from workflows import names

__all__ = ["app", "superuser", "worker"]

ENDED = T0 + 20 * DAY


async def _lived(worker: Pool, tenant: UUID, *facts: Fact) -> UUID:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, (registered(), call(10), *facts)))
    return lead


async def _put(superuser: Pool, tenant: UUID, lead: UUID) -> tuple[UUID, UUID, UUID]:
    """A box, a campaign and a piece of news that workflows had in hand."""
    box, campaign, event = uuid4(), uuid4(), uuid4()
    async with superuser.acquire() as connection, connection.transaction():
        # Rows as they lie there; who may write them is another matter.
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "insert into sample_box (tenant, id, lead, created_by, created_at)"
            " values ($1, $2, $3, 'agent', $4)",
            *(tenant, box, lead, T0),
        )
        await connection.execute(
            "insert into hold_campaign"
            " (tenant, id, wanted, request_hash, reason, start_at, leads, asked_by, asked_at)"
            " values ($1, $2, '{}', decode(repeat('00', 32), 'hex'), 'OTHER', $3, 1, 'manager', $3)",
            *(tenant, campaign, T0),
        )
        await connection.execute(
            "insert into hold_campaign_lead (tenant, campaign, lead, state, told_at)"
            " values ($1, $2, $3, 'waiting', $4)",
            *(tenant, campaign, lead, T0),
        )
        await connection.execute(
            "insert into webhook_event"
            " (tenant, id, source, event_id, kind, sent_at, received_at, told_at, body)"
            " values ($1, $2, 'xentral', $3, 'invoice', now(), now(), now(),"
            " decode(repeat('01', 32), 'hex'))",
            *(tenant, event, f"e-{event}"),
        )
    return box, campaign, event


async def _runs(client: Client, identity: str) -> bool:
    try:
        described = await client.get_workflow_handle(identity).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return described.status is not None and described.status.name == "RUNNING"


async def test_all_of_it_is_started_and_nothing_else(worker: Pool, superuser: Pool, empty: Client) -> None:
    tenant = await new_tenant(worker)
    living = await _lived(worker, tenant)
    released = await _lived(worker, tenant, Released(fact_id="r", recorded_at=ENDED, by="manager"))
    won = await _lived(worker, tenant, Converted(fact_id="c", recorded_at=ENDED, by="manager"))
    box, campaign, event = await _put(superuser, tenant, living)
    done: list[int] = []
    rebuilder = Rebuilder(worker, empty, tenant, objection_days=14, told=done.append)

    lost = await rebuilder.look()
    assert (lost.leads, lost.running, lost.erasures, lost.boxes, lost.campaigns) == (1, 0, 1, 1, 1)
    assert (lost.checks, lost.mails, lost.events) == (0, 0, 1)
    assert lost.since == ENDED
    rebuilt = await rebuilder.rebuild(lost, by="olga")
    assert (rebuilt.leads, rebuilt.running, rebuilt.ahead) == (1, 0, 0)
    assert (rebuilt.erasures, rebuilt.boxes, rebuilt.campaigns, rebuilt.handed_back) == (1, 1, 1, 1)
    assert done == [0, 1]

    assert await _runs(empty, names.workflow_id(tenant, living))
    assert await _runs(empty, names.erasure_id(tenant, released))
    assert await _runs(empty, names.sample_id(tenant, box))
    assert await _runs(empty, names.campaign_id(tenant, campaign))
    for lead in (released, won):
        assert not await _runs(empty, names.workflow_id(tenant, lead))
    assert not await _runs(empty, names.erasure_id(tenant, won))
    async with transaction(worker, tenant, "test", reading=True) as connection:
        query = "select told_at from webhook_event where tenant = $1 and id = $2"
        assert await connection.fetchval(query, tenant, event) is None
        audited = await connection.fetchval(
            "select after ->> 'leads' from audit_event where tenant = $1 and what = 'rebuilt'", tenant
        )
    assert audited == "1"

    # Broken off and begun again: what runs is joined, nothing is started twice.
    before = (await empty.get_workflow_handle(names.workflow_id(tenant, living)).describe()).run_id
    again = Rebuilder(worker, empty, tenant, objection_days=14)
    await again.rebuild(await again.look(), by="olga")
    assert (await empty.get_workflow_handle(names.workflow_id(tenant, living)).describe()).run_id == before


async def test_new_leads_whose_classification_was_under_way_wait_for_it_again(
    worker: Pool, superuser: Pool, empty: Client
) -> None:
    tenant = await new_tenant(worker)
    store = PostgresLedgerStore(worker)
    leads = [await new_lead(worker, tenant) for _ in range(3)]
    fresh, asked, long_known = leads
    for lead, at in ((fresh, ENDED), (asked, ENDED), (long_known, ENDED - 2 * DAY)):
        await store.record(command(tenant, lead, (registered(at=at),)))
    await superuser.execute("insert into ai_classifies (tenant, since) values ($1, $2)", tenant, T0)
    for use_case, lead in (
        ("LEAD_CLASSIFY", fresh),
        ("LEAD_CLASSIFY", asked),
        ("CONTACT_ROLE_DETECT", asked),
    ):
        await superuser.execute(
            "insert into ai_call (tenant, id, at, actor, lead, use_case, outcome)"
            " values ($1, $2, $3, 'classifier', $4, $5, 'malformed')",
            *(tenant, uuid4(), ENDED, lead, use_case),
        )
    rebuilder = Rebuilder(worker, empty, tenant, objection_days=14)
    lost = await rebuilder.look()
    assert len(lost.to_classify) == 1
    assert (await rebuilder.rebuild(lost, by="olga")).handed_back == 1
    waiting = await superuser.fetch("select lead from lead_to_classify where tenant = $1", tenant)
    assert [row["lead"] for row in waiting] == [fresh]
