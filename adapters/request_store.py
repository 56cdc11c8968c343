"""Requests for holds and extensions, and the facts that tell them, as the caller may see them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import asyncpg

from adapters.database import Caller, Connection, Pool, load_queries
from protection.facts import Fact, HoldReason
from protection.requests import Request, RequestKind, RequestStatus
from protection.wire import fact_from_json

_SQL: Final = load_queries("request")
_FACT: Final[str] = _SQL.fact_read.sql


async def request_of(connection: Connection, tenant: UUID, lead: UUID, request: str) -> Request | None:
    """The request of that id; None if the lead has none, or is not the caller's to see."""
    row = await _SQL.request_of(connection, tenant=tenant, lead=lead, request=request)
    return None if row is None else request_from(row)


def request_from(row: asyncpg.Record) -> Request:
    """The request a row tells."""
    return Request(
        request=row["request"],
        kind=RequestKind(row["kind"]),
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        status=RequestStatus(row["status"]),
        reason=None if row["reason"] is None else HoldReason(row["reason"]),
        start_at=row["start_at"],
        end_at=row["end_at"],
        days=row["days"],
        next_step_at=row["next_step_at"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )


async def fact_told(pool: Pool, caller: Caller, lead: UUID, fact_id: str) -> Fact | None:
    """The fact of that id, in one round trip; None if the lead has none, or is not the caller's to see."""
    payload = await pool.fetchval(_FACT, caller.tenant, caller.user, caller.roles_text, lead, fact_id)
    return None if payload is None else fact_from_json(payload)
