"""News that systems outside send by themselves; and, for whoever looks after them, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from activities.webhook_orders import EventState, Source
from adapters.breaker import utc_now
from adapters.webhooks.signing import NotProven
from api.asking import CurrentDesk, PlainAsking, StatelessAsking
from api.bodies import JSON
from api.dependencies import CurrentWiring
from api.failures import of_validation
from api.problems import ApiError, Kind, problems
from api.schemas.webhooks import WebhookEventRead, WebhookEvents, WebhookInput, WebhookTaken
from services.errors import NotConfigured
from services.webhooks import Announced, Proof, list_events, replay

router: Final = APIRouter(prefix="/api", tags=["webhooks"])

_MOST: Final = 200
_BODY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/WebhookInput"}}},
        }
    }
)


@router.post("/webhooks/{source}", status_code=202, responses=problems(403), openapi_extra=dict(_BODY))
async def take_webhook(
    *,
    source: Annotated[Source, Path(description="who sends it")],
    request: Request,
    wiring: CurrentWiring,
    event_id: Annotated[str, Header(alias="X-Event-Id", description="`eventId` of the body")] = "",
    timestamp: Annotated[
        str, Header(alias="X-Timestamp", description="when it was signed, in Unix seconds")
    ] = "",
    signature: Annotated[
        str,
        Header(
            alias="X-Signature",
            description='`sha256=` and the HMAC-SHA256 of "{timestamp}.{body}" in hex',
        ),
    ] = "",
) -> WebhookTaken:
    """Keep a piece of news of a system outside, which signs it instead of bringing a token.

    It is kept before it is answered, and made use of afterwards; so send it again only where there was no
    answer of the 200s. The same `eventId` twice is taken once. Five minutes lie at most between signing and
    receiving. See docs/webhooks.md.
    """
    if wiring.webhooks is None:
        raise NotConfigured(source)
    try:
        body = await request.body()
    except ClientDisconnect as error:
        raise ApiError(Kind.MALFORMED, "The body could not be read.") from error
    try:
        new = await wiring.webhooks.take(source, Proof(event_id, timestamp, signature), body, _announced)
    except NotProven as error:
        raise ApiError(
            Kind.FORBIDDEN, "Sign it as docs/webhooks.md says, and send it at once.", code=error.why
        ) from error
    return WebhookTaken(repeated=not new)


def _announced(body: bytes) -> Announced:
    try:
        said = WebhookInput.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise of_validation([{**one, "loc": ("body", *one["loc"])} for one in found]) from None
    return Announced(said.event_id, said.event_type)


@router.get("/webhook-events", responses=problems(403))
async def read_webhook_events(
    *,
    asking: PlainAsking,
    desk: CurrentDesk,
    state: Annotated[EventState | None, Query(description="Only news of this state.")] = None,
    source: Annotated[Source | None, Query(description="Only news of this system.")] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST, description="So many at most.")] = 50,
) -> WebhookEvents:
    """List news that came, the newest first, with what came of it; never what it says."""
    states = tuple(EventState) if state is None else (state,)
    async with desk.looking(asking) as connection:
        found = await list_events(connection, asking, states=states, source=source, most=limit)
    return WebhookEvents(items=[WebhookEventRead.of(one) for one in found])


@router.post("/webhook-events/{event}/replay", status_code=202, responses=problems(403, 404))
async def replay_webhook_event(
    event: Annotated[UUID, Path(description="id of the dead letter")],
    asking: StatelessAsking,
    wiring: CurrentWiring,
) -> WebhookTaken:
    """Have a dead letter tried again. Whoever asks twice gets a 404: it is none any more."""
    await replay(wiring.app, asking, event, at=utc_now())
    return WebhookTaken(repeated=True)
