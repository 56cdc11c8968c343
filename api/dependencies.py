"""What a route asks for by the type of an argument."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header, Request
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase

from adapters.database import Caller
from api.etag import IF_MATCH, Version, parse_if_match
from api.wiring import Wiring

# Where the frame leaves who calls; see `api/frame.py`.
CALLER: Final = "fristwerk.caller"


class _Bearer(SecurityBase):
    """Hands over the caller the frame has found; to the OpenAPI document it is the bearer scheme."""

    def __init__(self) -> None:
        self.model = BearerModel(
            bearerFormat="JWT", description="See docs/api.md; locally: fristwerk token --as anna"
        )
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Caller:
        caller: Caller = request.scope[CALLER]
        return caller


async def _wiring(request: Request) -> Wiring:
    wiring: Wiring = request.app.state.wiring
    return wiring


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=200,
            json_schema_extra={"pattern": IF_MATCH},
            description='Act only on this state: an `ETag` of an earlier answer such as `"7"`, or `*`.',
        ),
    ] = None,
) -> Version | None:
    return parse_if_match(if_match)


# Who calls: tenant, user, roles. Every route under /api has one; the frame has checked the token.
CurrentCaller = Annotated[Caller, Depends(_Bearer())]
CurrentWiring = Annotated[Wiring, Depends(_wiring)]
# The state the caller has seen, if he says so; `if_match.revision` goes into messages as `if_revision`.
IfMatch = Annotated[Version | None, Depends(_if_match)]
# Any POST: the same key again gives the same answer for 24 hours; another body under it is a 409.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same body has one effect and one answer for 24 hours.",
    ),
]
