"""For machines that watch us: is it alive, is it ready, what does it count. No token; see docs/api.md."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from adapters.readiness import (
    Part,
    database_standing,
    newest_migration,
    temporal_standing,
    workers_standing,
)
from api.auth import TokenVerifier
from api.dependencies import CurrentWiring
from api.keys import KeysAway
from api.schemas.base import Output

router = APIRouter(tags=["operations"])
_NEWEST_MIGRATION: Final = newest_migration()


class Alive(Output):
    """The process answers."""

    alive: bool = True


class Readiness(Output):
    """Whether requests can be served, and which part is missing if not."""

    ready: bool = Field(
        description="Whether everything is there that requests need; what follows says what is"
    )
    degraded: bool = Field(description="Whether something is missing without which reading still works")
    database: Part
    migrations: Part
    temporal: Part
    issuer: Part
    workers: Part


@router.get("/healthz")
async def read_health() -> Alive:
    """Whether this process answers at all; looks at nothing else."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Something is missing"}})
async def read_readiness(wiring: CurrentWiring, response: Response) -> Readiness:
    """Whether all is there that requests need; 503 sends them to another instance, if there is one.

    Needed are a database that can be written to and has this build's migrations, Temporal with our namespace,
    and the token issuer's keys. Without workers (`degraded`) reading works, and what is to be recorded is
    refused after a while: no other instance could do better, so this one stays.
    """
    (database, migrations), temporal, workers, keys = await asyncio.gather(
        database_standing(wiring.app, _NEWEST_MIGRATION),
        temporal_standing(wiring.temporal),
        workers_standing(wiring.temporal, as_of=datetime.now(UTC)),
        _keys_are_there(wiring.tokens),
    )
    issuer = Part.UP if keys else Part.DOWN
    ready = {database, migrations, temporal, issuer} == {Part.UP}
    response.status_code = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Readiness(
        ready=ready,
        degraded=workers is not Part.UP,
        database=database,
        migrations=migrations,
        temporal=temporal,
        issuer=issuer,
        workers=workers,
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def read_metrics(request: Request) -> Response:
    """Counts and durations for Prometheus."""
    return Response(request.app.state.metrics.page(), media_type=CONTENT_TYPE_LATEST)


async def _keys_are_there(tokens: TokenVerifier) -> bool:
    try:
        await tokens.check()
    except KeysAway:
        return False
    return True
