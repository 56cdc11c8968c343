"""The database's own say about samples: each in his own name, and only about leads that are his to act on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.database import transaction
from protection.permission import Share
from tests.api.shop import Shop
from tests.samples.forms import invited

NOW: Final = datetime.now(UTC)
WRITES: Final = {
    "box": """
insert into sample_box (tenant, id, lead, created_by, created_at)
values ($1, gen_random_uuid(), $2, $4, $5) returning $3::uuid
""",
    "shipment": """
insert into shipment (tenant, lead, box, shipped_by, shipped_at) values ($1, $2, $3, $4, $5) returning box
""",
    "phase": """
insert into test_phase (tenant, id, lead, box, stage, starts_at, created_by, created_at)
values ($1, gen_random_uuid(), $2, $3, 'TRIAL', $5, $4, $5) returning box
""",
    "feedback": """
insert into feedback_submission
  (tenant, id, lead, box, source, contact_role, told_by, given_at, received_at)
values ($1, gen_random_uuid(), $2, $3, 'VISIT', 'GM', $4, $5, $5) returning box
""",
}
READ: Final = (
    "sample_box",
    "sample_item",
    "shipment",
    "test_phase",
    "test_result",
    "feedback_submission",
    "product_feedback",
)


async def write(shop: Shop, user: str, roles: tuple[str, ...], what: str, *values: Any, name: str) -> None:
    """As the application, on somebody's behalf; nothing stays."""
    office = shop.office
    async with transaction(office.app, office.lab.tenant, user, roles, at=NOW) as connection:
        nested = connection.transaction()
        await nested.start()
        try:
            await connection.fetchval(WRITES[what], office.lab.tenant, *values, name, NOW)
        finally:
            await nested.rollback()


async def test_who_may_log_looks_after_samples_and_nobody_else(shop: Shop) -> None:
    customer = await invited(shop)
    where = (customer.lead, customer.box)
    agent, manager = ("agent",), ("manager",)
    for what in WRITES:
        await write(shop, "anna", agent, what, *where, name="anna")
        await write(shop, "maria", manager, what, *where, name="maria")
        for user, roles, name in (
            ("ben", agent, "ben"),
            ("anna", agent, "ben"),
            ("anna", (), "anna"),
            ("olga", ("auditor",), "olga"),
            ("olga", ("auditor", "agent", "manager"), "olga"),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await write(shop, user, roles, what, *where, name=name)
    await shop.office.share(customer.lead, "ben", Share.VIEW)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await write(shop, "ben", agent, "shipment", *where, name="ben")
    await shop.office.share(customer.lead, "ben", Share.ASSIST)
    await write(shop, "ben", agent, "shipment", *where, name="ben")


async def test_another_tenants_samples_are_nobodys(shop: Shop) -> None:
    customer = await invited(shop)
    office = shop.office

    async def seen(tenant: UUID, user: str, *roles: str) -> set[str]:
        async with transaction(office.app, tenant, user, roles) as connection:
            found = set()
            for table in READ:
                column = "id" if table == "sample_box" else "box"
                if await connection.fetchval(
                    f"select count(*) from {table} where {column} = $1", customer.box
                ):
                    found.add(table)
            return found

    assert await seen(office.lab.tenant, "anna", "agent") == {"sample_box", "sample_item"}
    assert await seen(office.lab.tenant, "olga", "auditor") == {"sample_box", "sample_item"}
    for tenant, user, roles in (
        (office.lab.tenant, "ben", ("agent",)),
        (office.lab.tenant, "anna", ()),
        (uuid4(), "anna", ("agent", "admin", "manager")),
    ):
        assert await seen(tenant, user, *roles) == set()
    async with transaction(office.app, office.lab.tenant, "anna", ("agent", "admin")) as connection:
        for secret in ("token_hash", "salt"):
            nested = connection.transaction()
            await nested.start()
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select {secret} from feedback_invitation")
            await nested.rollback()
        assert await connection.fetchval("select feedback_salt($1)", customer.box) is not None
    async with transaction(office.app, office.lab.tenant, "ben", ("agent",)) as connection:
        assert await connection.fetchval("select feedback_salt($1)", customer.box) is None
