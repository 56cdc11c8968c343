"""What a dead worker left "sending" is called off when protection ends; what is under way ends by itself."""

from __future__ import annotations

from contextlib import AsyncExitStack
from uuid import UUID

from activities.orders import NotificationKind
from activities.ports import Channel, DeliveryKey, Promise
from adapters.database import Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.notification_store import PostgresNotificationStore
from protection.facts import Released
from tests.sql.commands import DAY, T0, command, entry, registered
from tests.sql.lead_store import PostgresLeadStore
from tests.vaultfixtures import VAULT

PROMISE = Promise(T0, None, T0, T0, None)


async def test_the_end_calls_off_what_nobody_sends_any_more(worker: Pool, tenant: UUID) -> None:
    lead, store = entry(), PostgresNotificationStore(worker)
    assert await PostgresLeadStore(worker, VAULT).register_lead(tenant, lead)
    ledger = PostgresLedgerStore(worker)
    await ledger.record(command(tenant, lead.id, (registered(),)))

    def key(kind: NotificationKind, cycle: str = "1") -> DeliveryKey:
        return DeliveryKey(tenant, lead.id, cycle, kind, "agent", Channel.EMAIL)

    async with AsyncExitStack() as under_way:
        for kind in (NotificationKind.REMINDER, NotificationKind.LAPSE):
            async with store.delivery(key(kind)) as left:
                await left.begin("<left@x>", PROMISE)
        async with store.delivery(key(NotificationKind.NOTICE_BASE)) as done:
            await done.begin("<done@x>", PROMISE)
            await done.sent(T0)
        held = await under_way.enter_async_context(store.delivery(key(NotificationKind.REMINDER, "2")))
        await held.begin("<held@x>", PROMISE)
        over = Released(fact_id="over", recorded_at=T0 + DAY, by="agent")
        await ledger.record(command(tenant, lead.id, (registered(), over)))
    async with transaction(worker, tenant, "system") as connection:
        found = await connection.fetch(
            "select kind, cycle, status, code from notification where lead = $1", lead.id
        )
    assert {tuple(row) for row in found} == {
        ("reminder", "1", "dead", "superseded"),
        ("lapse", "1", "sending", None),
        ("notice-base", "1", "sent", None),
        ("reminder", "2", "sending", None),
    }
