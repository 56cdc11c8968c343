"""For machines that watch us: is it alive, is it ready, what does it count. No token; see docs/api.md."""

from __future__ import annotations

import asyncio
from enum import StrEnum

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.health import database_answers, temporal_answers
from api.auth import TokenVerifier
from api.dependencies import CurrentWiring
from api.keys import KeysAway
from api.schemas.base import Output

router = APIRouter(tags=["operations"])


class PartStatus(StrEnum):
    """Whether a part of the outside is there."""

    UP = "up"
    DOWN = "down"


class Alive(Output):
    """The process answers."""

    alive: bool = True


class Readiness(Output):
    """Whether requests can be served, and which part is missing if not."""

    ready: bool
    database: PartStatus
    temporal: PartStatus
    issuer: PartStatus


@router.get("/healthz")
async def read_health() -> Alive:
    """Whether this process answers at all; looks at nothing else."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Something is missing"}})
async def read_readiness(wiring: CurrentWiring, response: Response) -> Readiness:
    """Whether database, Temporal and the token issuer's keys are there."""
    up = await asyncio.gather(
        database_answers(wiring.app), temporal_answers(wiring.temporal), _keys_are_there(wiring.tokens)
    )
    response.status_code = 200 if all(up) else 503
    database, temporal, issuer = (PartStatus.UP if part else PartStatus.DOWN for part in up)
    return Readiness(ready=all(up), database=database, temporal=temporal, issuer=issuer)


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
