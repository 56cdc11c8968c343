"""Draft policies tried out before anybody adopts them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import CurrentCaller, CurrentWiring, IdempotencyKey
from api.paging import CurrentPage, Paging
from api.problems import LOCATION, ApiError, FieldError, Kind, problems
from api.schemas.rehearsals import RehearsalAnswer, RehearsalRequest, answer_of, draft_of
from services.asking import Asking
from services.rehearsing import AlreadyRehearsing, State

router: Final = APIRouter(prefix="/api/policy/rehearsals", tags=["policy"])
_USUAL: Final = Paging(limit=50, cursor=None)
_RUNNING: Final[dict[int | str, dict[str, Any]]] = {
    201: {"headers": {"Location": LOCATION}},
    202: {
        "description": "It runs; look at it at `Location`",
        "model": RehearsalAnswer,
        "headers": {"Location": LOCATION},
    },
}


@router.post(
    "",
    status_code=201,
    responses=_RUNNING | problems(403, 409),
)
async def rehearse_policy(
    *,
    asked: RehearsalRequest,
    caller: CurrentCaller,
    wiring: CurrentWiring,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> RehearsalAnswer:
    """Try a draft policy out on all living leads: who would gain or lose how many days. Nothing is changed.

    With many leads the answer is 202, and the outcome is found at `Location` for a day.
    """
    asking = Asking.of(caller, key=idempotency_key)
    try:
        name = await wiring.rehearsals.ask(wiring.app, asking, draft_of(asked))
    except AlreadyRehearsing as error:
        raise ApiError(
            Kind.CONFLICT,
            "A rehearsal of this tenant is running; wait until it is done.",
            code="rehearsal-running",
        ) from error
    found = await wiring.rehearsals.look(wiring.app, asking, name, most=_USUAL.limit)
    response.headers["Location"] = f"{router.prefix}/{name}"
    if found.state is State.RUNNING:
        response.status_code = 202
    return answer_of(found)


@router.get("/{rehearsal}", responses=problems(403, 404))
async def read_rehearsal(
    rehearsal: UUID, caller: CurrentCaller, wiring: CurrentWiring, page: CurrentPage
) -> RehearsalAnswer:
    """Say how far a rehearsal is and what it found; leads for which nothing changes are left out."""
    place = page.after(str)
    after = None if place is None else _lead(place[0])
    found = await wiring.rehearsals.look(
        wiring.app, Asking.of(caller), rehearsal, after=after, most=page.limit
    )
    return answer_of(found)


def _lead(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        error = FieldError(
            place="query", pointer="#/cursor", code="unknown-cursor", detail="no cursor of this list"
        )
        raise ApiError(
            Kind.UNPROCESSABLE, "The cursor is not one that this list has given.", errors=(error,)
        ) from None
