"""Routes for trying the frame: a body with a field of every kind, and one that raises what it is told to."""

from __future__ import annotations

from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query

from api.dependencies import CurrentCaller, IdempotencyKey, IfMatch
from api.problems import ApiError, Kind
from api.schemas.base import Choice, Day, Id, Input, Instant, Line, Output, Text, Uuid
from protection.facts import HoldReason
from protection.permission import Act
from protection.refusal import Code, Refused
from services import errors

router = APIRouter(prefix="/api/trial")


class Inner(Input):
    n: int


class Trial(Input):
    """One field of every kind."""

    reason: Choice[HoldReason] | None = None
    start_at: Instant | None = None
    on: Day | None = None
    lead: Uuid | None = None
    days: int | None = None
    share: float | None = None
    really: bool | None = None
    user: Id | None = None
    company: Line | None = None
    note: Text | None = None
    inner: Inner | None = None
    listed: Choice[tuple[Instant, ...]] = ()


class Echo(Output):
    """What arrived."""

    start_at: Instant | None
    key: str | None
    revision: int | None
    tenant: Uuid


@router.post("/echo")
async def echo(
    body: Trial, caller: CurrentCaller, key: IdempotencyKey = None, if_match: IfMatch = None
) -> Echo:
    revision = None if if_match is None else if_match.revision
    return Echo(start_at=body.start_at, key=key, revision=revision, tenant=caller.tenant)


@router.get("/echo")
async def echo_query(
    caller: CurrentCaller, n: Annotated[int, Query(ge=1)], as_of: Instant | None = None
) -> int:
    return n


@router.get("/echo/special")
async def special() -> None:
    pass


@router.put("/echo/{name}")
async def named(name: str) -> None:
    pass


class Personal(Exception):
    """Repeats what somebody typed."""


RAISED: dict[str, Exception] = {
    "personal": Personal("anna@agents.example lives in Musterstadt"),
    "not-found": errors.NotFound(errors.Missing.HOLD),
    "forbidden": errors.Forbidden(Act.DECIDE),
    "key-reused": errors.KeyReused(),
    "external-id": errors.ExternalIdTaken(),
    "duplicate": errors.LiveDuplicate(),
    "unavailable": errors.Unavailable(),
    "connection": ConnectionRefusedError("secret host"),
    "timeout": TimeoutError(),
    "cancelled-query": asyncpg.QueryCanceledError("secret statement"),
    "interface": asyncpg.InterfaceError("secret state"),
    "internal": asyncpg.InternalClientError("secret state"),
    "range": asyncpg.NumericValueOutOfRangeError("secret value"),
    "nul": asyncpg.CharacterNotInRepertoireError("secret text"),
    "own": ApiError(Kind.CONFLICT, "So it is.", code="so-it-is"),
    **{code: Refused(code, "replacement.ended_at", "do it otherwise") for code in Code},
}


@router.get("/raise/{name}")
async def raise_(name: str) -> None:
    raise RAISED[name]


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem in an answer, checked for what all of them have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert set(said) <= {"type", "title", "status", "detail", "instance", "errors"}
    assert (said["type"], said["status"]) == (f"urn:fristwerk:problem:{kind}", status)
    assert said["instance"] == f"urn:fristwerk:request:{answer.headers['x-request-id']}"
    for error in said.get("errors", ()):
        assert set(error) == {"in", "pointer", "code", "detail"}
        assert error["pointer"].startswith("#")
    return said
