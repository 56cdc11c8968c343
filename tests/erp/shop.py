"""A company with an ERP: leads and boxes in a lab, the ERP played by the sandbox over real sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from activities.erp_orders import Pulled, Resource, Source
from adapters.breaker import Breaker
from adapters.database import Pool, open_pool, transaction
from adapters.erp.office import ErpOffice
from adapters.erp.xentral import Xentral
from adapters.normalise import lead_key
from adapters.outside_settings import OutsideSettings, XentralAccount
from adapters.registry import SettingsRegistry
from adapters.settings import Login, Role
from protection.dates import format_instant
from tests.outsidefixtures import Outside
from tests.samples.boxes import Box
from tests.workflows.lab import Lab, Lead
from workers.erp import erp_office

SKUS: Final = ("GULASCH-VEGAN-1", "RAGOUT-LINSEN")
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

_BOX: Final = """
insert into sample_box (tenant, id, lead, account, promised_at, created_by, created_at)
values ($1, $2, $3, $4, $5, 'boss', $6)
"""
_ITEM: Final = "insert into sample_item (tenant, box, lead, sku, qty, place) values ($1, $2, $3, $4, 2, $5)"


def account(outside: Outside, *, https: bool = False, **other: Any) -> XentralAccount:
    """The account at the played ERP."""
    url = outside.https_xentral_url if https else outside.xentral_url
    known = XentralAccount(
        url=url,
        token=outside.accounts.xentral,
        webhook_secret=outside.accounts.xentral_webhook,
        ca_file=outside.ca_file if https else None,
    )
    return replace(known, **other)


@dataclass
class Shop:
    """What tests need of a company with an ERP."""

    lab: Lab
    outside: Outside
    erp: Xentral
    office: ErpOffice

    @property
    def tenant(self) -> UUID:
        """Whose ERP it is."""
        return self.lab.tenant

    async def read(
        self, *resources: Resource, source: Source = Source.SYNC, at: datetime | None = None
    ) -> dict[Resource, Pulled]:
        """Read these, or everything, and use the news."""
        came = {
            one: await self.office.pull(one, source, at or datetime.now(UTC), lambda: None)
            for one in resources or tuple(Resource)
        }
        await self.office.settle(at or datetime.now(UTC))
        return came

    async def lead(self, company: str = "Hotel Mustersee GmbH", city: str = "Berlin") -> Lead:
        """A protected lead of this company."""
        lead = await self.lab.lead()
        async with transaction(self.lab.pool, self.tenant, "boss", at=datetime.now(UTC)) as connection:
            await connection.execute(
                "update lead set company = $2, city = $3, postcode = '10115', company_key = $4 where id = $1",
                lead.id,
                company,
                city,
                lead_key(company, city),
            )
        await lead.register()
        return lead

    async def box(
        self,
        lead: Lead | None = None,
        *,
        promised_at: datetime | None = None,
        account: str | None = None,
        skus: tuple[str, ...] = SKUS,
    ) -> Box:
        """A box for a lead, or for one of its own, promised."""
        lead = lead or await self.lab.registered()
        box = Box(lead, "nobody@example.org")
        await box.write(
            (_BOX, lead.id, account, promised_at, datetime.now(UTC)),
            *((_ITEM, lead.id, sku, place) for place, sku in enumerate(skus)),
        )
        return box

    async def ordered(self, box: Box) -> str:
        """Make the box an order; answers the order's id."""
        assert await self.office.order(box.id, datetime.now(UTC)) == "sent"
        return str((await self.order_row(box))["erp_id"])

    async def order_row(self, box: Box) -> dict[str, Any]:
        """What is on record of a box's order."""
        (row,) = await self.lab.execute("select * from erp_order where box = $1", box.id)
        return row

    async def app_pool(self) -> Pool:
        """Connections as the application; whoever asks closes them."""
        return await open_pool(Login(self.lab.url, Role.APP), name="test-erp", largest=2)

    async def events(self) -> list[dict[str, Any]]:
        """All news, the oldest first."""
        return await self.lab.execute(
            "select * from erp_event where tenant = $1 order by learned_at, kind", self.tenant
        )

    async def settle_with(self, key: str, **value: Any) -> None:
        """Have the tenant settle something."""
        now = datetime.now(UTC)
        context = {"app.tenant": str(self.tenant), "app.user": "boss", "app.at": format_instant(now)}
        connection = await asyncpg.connect(self.lab.url, server_settings=context)
        try:
            await connection.execute(
                """insert into setting_value (tenant, scope, scope_id, key, value, changed_by, changed_at)
                   values ($1, 'tenant', '', $2, $3, 'boss', $4)""",
                self.tenant,
                key,
                json.dumps(value),
                now,
            )
        finally:
            await connection.close()


@asynccontextmanager
async def shop_in(
    lab: Lab,
    outside: Outside,
    *,
    https: bool = False,
    breaker: Breaker | None = None,
    within: timedelta = timedelta(seconds=30),
) -> AsyncIterator[Shop]:
    """A company of its own, so that the ids the ERP gives mean nothing to any other."""
    own = replace(lab, tenant=uuid4())
    await own._settle_in()
    async with Xentral(account(outside, https=https), breaker=breaker, timeout=within) as erp:
        yield shop_of(own, outside, erp)


def shop_of(lab: Lab, outside: Outside, erp: Xentral) -> Shop:
    """The company of a lab, with this ERP."""
    settings = OutsideSettings.model_validate({"FRISTWERK_TENANT": lab.tenant})
    return Shop(
        lab, outside, erp, erp_office(lab.client, lab.pool, SettingsRegistry(lab.pool), erp, settings)
    )
