"""GET /api/me/export: what is held about the caller, and about nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from tests.api.house import Api, Callers
from tests.api.ledgers import Office, call, day, office_over, registered, wire


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Office]:
    async with office_over(postgres_url, frame, callers) as made:
        yield made


async def test_everything_about_me_and_nothing_about_others(office: Office) -> None:
    mine = await office.lead(registered(), call(20), company="Hotel Adler")
    shared = await office.lead(registered("other"), owner="other")
    await office.share(shared, "agent", "VIEW")
    async with office.as_worker() as connection:
        for recipient in ("agent", "other"):
            await connection.execute(
                "insert into notification (tenant, id, lead, cycle, kind, recipient, channel, status,"
                " attempt, sent_at, created_at, updated_at)"
                " values ($1, $2, $3, 'c', 'reminder', $4, 'EMAIL', 'sent', 1, $5, $5, $5)",
                office.tenant,
                uuid4(),
                mine,
                recipient,
                day(30),
            )
    answer = await office.get("/api/me/export")
    assert answer.status_code == 200
    told = answer.json()
    assert told["account"]["displayName"] == "agent"
    assert told["account"]["roles"] == ["agent"]
    assert [(one["lead"], one["company"], one["status"]) for one in told["leads"]] == [
        (str(mine), "Hotel Adler", "ACTIVE")
    ]
    assert [(one["type"], one["kind"]) for one in told["activities"]] == [
        ("registered", None),
        ("activity", "QUALIFIED_CALL"),
    ]
    assert [(one["lead"], one["role"]) for one in told["collaborations"]] == [(str(shared), "VIEW")]
    assert [(one["kind"], one["sentAt"]) for one in told["notifications"]] == [("reminder", wire(30))]
    assert "Erika" not in answer.text


async def test_somebody_with_a_token_and_nothing_else(office: Office) -> None:
    told = (await office.get("/api/me/export", "third")).json()
    assert told == {
        "account": None,
        "leads": [],
        "activities": [],
        "collaborations": [],
        "notifications": [],
    }
