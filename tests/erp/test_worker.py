"""The worker of the queue `erp` at work: boxes become orders, news are used, readings can be asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from activities.webhook_orders import Source
from adapters.erp.schedules import RECONCILE_EVERY, SYNC_EVERY, ensure_schedules, read_now
from adapters.outside_settings import OutsideSettings
from adapters.registry import SettingsRegistry
from adapters.settings import Login, Role
from adapters.webhooks.store import WebhookDoor, WebhookEvent
from sandbox.erp_records import Kind
from tests.erp.shop import DAY, HOUR, Shop
from tests.erp.test_shop import webhook
from tests.vaultfixtures import VAULT
from tests.workflows.lab import until
from workers.erp import working_erp
from workflows.erp_start import reconcile_id, sync_id


async def test_boxes_are_ordered_and_news_used_without_anybody_asking(shop: Shop) -> None:
    outside = OutsideSettings.model_validate(
        {
            "FRISTWERK_TENANT": shop.tenant,
            "XENTRAL_URL": shop.outside.xentral_url,
            "XENTRAL_TOKEN": shop.outside.accounts.xentral,
            "XENTRAL_WEBHOOK_SECRET": shop.outside.accounts.xentral_webhook,
        }
    )
    lab, login = shop.lab, Login(shop.lab.url, Role.WORKER)
    await shop.settle_with("sample.delay.hold", mode="placed")
    working = working_erp(
        lab.client, lab.pool, login, registry=SettingsRegistry(lab.pool), vault=VAULT, outside=outside
    )
    async with working as worker, worker:
        # Connected just now: it reads by itself.
        async def read() -> bool:
            rows = await lab.execute(
                "select from erp_pull where tenant = $1 and done_at is not null", shop.tenant
            )
            return len(rows) == 6

        await until(read)
        box = await shop.box(promised_at=datetime.now(UTC) - 2 * DAY)

        async def ordered() -> bool:
            return bool(await lab.execute("select from erp_order where box = $1 and state = 'sent'", box.id))

        await until(ordered)
        await box.did("open-delay")
        order = str((await shop.order_row(box))["erp_id"])
        arrived = (datetime.now(UTC) - HOUR).replace(microsecond=0)
        delivery = shop.outside.erp(lambda erp: erp.ship(order, at=arrived - DAY))
        shop.outside.erp(lambda erp: erp.deliver(delivery["id"], at=arrived))
        told = shop.outside.erp(lambda erp: dict(erp.one(Kind.DELIVERIES, delivery["id"])))
        # Only the webhook tells of it; what is in a database's row is not in any history.
        now = datetime.now(UTC)
        event = WebhookEvent(
            source=Source.XENTRAL,
            event_id=f"evt-{box.id}",
            kind="delivery.delivered",
            sent_at=now,
            received_at=now,
            body=webhook("deliveries", arrived, told),
        )
        app = await shop.app_pool()
        async with app:
            assert await WebhookDoor(app, VAULT).keep(shop.tenant, event)

        async def handled() -> bool:
            rows = await lab.execute("select state from webhook_event where tenant = $1", shop.tenant)
            return [row["state"] for row in rows] == ["handled"]

        await until(handled)

        async def ended() -> bool:
            (hold,) = (await box.lead.state()).basis.holds
            return hold.end_at == arrived

        await until(ended)
        await box.lead.agrees()
        handle = lab.client.get_workflow_handle(await read_now(lab.client, shop.tenant, everything=True))
        result = await handle.result()
        assert (result["orders"], result["gone"]) == (1, 0)
        assert result["read"]["products"]["skipped"] == 0


async def test_schedules_are_made_once_and_brought_up_to_date(shop: Shop) -> None:
    client = shop.lab.client
    for _ in range(2):
        await ensure_schedules(client, shop.tenant)
    for identity, every in ((sync_id(shop.tenant), SYNC_EVERY), (reconcile_id(shop.tenant), RECONCILE_EVERY)):
        handle = client.get_schedule_handle(identity)
        described = await handle.describe()
        (interval,) = described.schedule.spec.intervals
        assert timedelta(seconds=interval.every.total_seconds()) == every
        await handle.delete()
