"""The database's own doors: campaigns and marks of notifications, tried past the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.campaigns.field import Field
from tests.services.office import PEOPLE, Office

DENIED = asyncpg.InsufficientPrivilegeError
CAMPAIGN = """insert into hold_campaign (
  tenant, id, wanted, request_hash, reason, start_at, leads, asked_by, asked_at
) values ($1, $2, '{}', '0123456789abcdef', 'OTHER', $3, 1, $4, $3)"""
LEAD = """insert into hold_campaign_lead (tenant, campaign, lead, state, told_at)
values ($1, $2, $3, $4, $5)"""
MARK = "insert into notification_mark (tenant, notification, read_at) values ($1, $2, $3)"


async def did(office: Office, user: str, sql: str, *values: Any, roles: Sequence[str] = ()) -> str:
    """A statement as the application role, on somebody's behalf."""
    asking = office.asking(user, roles=tuple(roles) or (PEOPLE[user],))
    async with office.desk.writing(asking, reason="Tried past the services") as connection:
        told: str = await connection.execute(sql, *values)
    return told


async def test_campaigns_are_asked_for_and_ended_by_who_decides_in_his_own_name(office: Office) -> None:
    field, now, tenant = Field(office), office.desk.now(), office.lab.tenant
    (lead,) = await field.leads(1)
    mine = uuid4()
    for user, name, roles in (("anna", "anna", ()), ("olga", "olga", ()), ("maria", "max", ())):
        with pytest.raises(DENIED):
            await did(office, user, CAMPAIGN, tenant, uuid4(), now, name, roles=roles)
    with pytest.raises(DENIED):
        await did(office, "maria", CAMPAIGN, tenant, uuid4(), now, "maria", roles=("manager", "auditor"))
    with pytest.raises(DENIED):
        await did(office, "maria", CAMPAIGN, uuid4(), uuid4(), now, "maria")
    assert await did(office, "maria", CAMPAIGN, tenant, mine, now, "maria") == "INSERT 0 1"
    for user, told, state in (("anna", lead, "waiting"), ("max", lead, "waiting"), ("maria", lead, "placed")):
        with pytest.raises(DENIED):
            await did(office, user, LEAD, tenant, mine, told, state, now)
    with pytest.raises(DENIED):
        await did(office, "maria", LEAD, tenant, mine, uuid4(), "waiting", now)
    assert await did(office, "maria", LEAD, tenant, mine, lead, "waiting", now) == "INSERT 0 1"
    end = "update hold_campaign set end_asked_by = $2, end_asked_at = $3 where id = $1"
    assert await did(office, "anna", end, mine, "anna", now) == "UPDATE 0"
    with pytest.raises(DENIED):
        await did(office, "max", end, mine, "maria", now)
    assert await did(office, "max", end, mine, "max", now + timedelta(seconds=1)) == "UPDATE 1"
    assert await did(office, "maria", end, mine, "maria", now) == "UPDATE 0"
    for closed in (
        "update hold_campaign_lead set state = 'placed'",
        "update hold_campaign set reason = 'OTHER'",
        "delete from hold_campaign",
        "delete from hold_campaign_lead",
    ):
        with pytest.raises(DENIED):
            await did(office, "adam", closed)
    seen = {
        user: await did(office, user, "select from hold_campaign_lead where campaign = $1", mine)
        for user in ("anna", "olga", "max")
    }
    assert seen == {"anna": "SELECT 0", "olga": "SELECT 1", "max": "SELECT 1"}


async def test_nobody_marks_a_notification_of_somebody_else(office: Office) -> None:
    lead, now, tenant = await office.opened("ben"), office.desk.now(), office.lab.tenant
    names: dict[str, UUID] = {}
    for channel in ("INAPP", "EMAIL"):
        names[channel] = uuid4()
        await office.lab.execute(
            """insert into notification (
                 tenant, id, lead, cycle, kind, recipient, channel, status, sent_at, created_at, updated_at
               ) values ($1, $2, $3, 'c', 'reminder', 'ben', $4, 'sent', $5, $5, $5)""",
            tenant,
            names[channel],
            lead,
            channel,
            now,
        )
    for user in ("anna", "maria", "adam", "olga"):
        with pytest.raises(DENIED):
            await did(office, user, MARK, tenant, names["INAPP"], now)
    with pytest.raises(DENIED):
        await did(office, "ben", MARK, tenant, names["EMAIL"], now)
    assert await did(office, "ben", MARK, tenant, names["INAPP"], now) == "INSERT 0 1"
    done = "update notification_mark set done_at = $2 where notification = $1"
    assert await did(office, "maria", done, names["INAPP"], now) == "UPDATE 0"
    assert await did(office, "ben", done, names["INAPP"], now) == "UPDATE 1"
    with pytest.raises(DENIED):
        await did(office, "ben", "delete from notification_mark")
