"""The SQL twin of the clock as a Python function, for parity tests. A session in an odd zone, on purpose."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import asyncpg

from protection.facts import Fact
from protection.wire import fact_to_json

SNAPSHOT = (
    "status",
    "paused",
    "base_until",
    "progress_until",
    "reminder_due_at",
    "grace_until",
    "valid_until",
)


async def connect(url: str) -> asyncpg.Connection[asyncpg.Record]:
    """A connection whose own zone and date style must not matter."""
    settings = {"timezone": "Pacific/Chatham", "datestyle": "German, DMY", "intervalstyle": "sql_standard"}
    return await asyncpg.connect(url, server_settings=settings)


async def replay(
    connection: asyncpg.Connection[asyncpg.Record],
    policy: dict[str, Any],
    registered_at: datetime | None,
    facts: Sequence[Fact],
    as_of: datetime,
    *,
    assume_reminders: bool = True,
) -> dict[str, Any]:
    """What SQL says of this ledger at this instant."""
    told = await connection.fetchval(
        "select clock_replay($1::jsonb, $2, $3::jsonb, $4, $5)::text",
        json.dumps(policy),
        registered_at,
        json.dumps([fact_to_json(fact) for fact in facts]),
        as_of,
        assume_reminders,
    )
    return cast(dict[str, Any], json.loads(told))


def snapshot_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that the vectors call a snapshot."""
    return {name: answer[name] for name in ("as_of", *SNAPSHOT)}
