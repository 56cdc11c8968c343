"""From an exception to the problem it is told as. What is not listed here is a 500 (`api/frame.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, TypeAlias, get_args

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from activities.ai.asking import AiMalformed, AiUnavailable, BudgetSpent
from activities.ai.asking import NotConfigured as AiNotConfigured
from activities.erasure_orders import Obstacle
from adapters import log
from adapters.database import UnknownTenant
from adapters.feedback_gate import FormGone, TooManyRequests
from adapters.health import DATABASE_AWAY, UNKEEPABLE
from adapters.lead_gateway import LeadsUnavailable
from api.auth import NotAuthenticated, Why
from api.bodies import bodies_at
from api.keys import KeysAway
from api.pages.failure import answer_of
from api.problems import ApiError, FieldError, Kind, Place
from protection.refusal import Code, Refused
from services.errors import (
    CreditWanted,
    Decided,
    ErasureBarred,
    ExternalIdTaken,
    Forbidden,
    KeyReused,
    LiveDuplicate,
    NotConfigured,
    NotFound,
    OutOfStep,
    Unavailable,
)

# Where the frame leaves the id of the request.
REQUEST_ID: Final = "fristwerk.request"
RETRY_SECONDS: Final = 5
_CONNECTING_SECONDS: Final = 3600
NO_SUCH_THING: Final = "There is no such thing, or not for you."
_MOST_ERRORS: Final = 20
_LONGEST_POINTER: Final = 200
_PLACES: Final = frozenset(get_args(Place))

_log = log.get(__name__)

Teller: TypeAlias = Callable[[Request, Any], ApiError]

_UNPROCESSABLE: Final = frozenset(
    {
        Code.UNKNOWN_KIND,
        Code.UNKNOWN_REASON,
        Code.FUTURE_PROGRESS,
        Code.END_BEFORE_START,
        Code.DAYS_OUT_OF_RANGE,
        Code.UNKNOWN_FACT,
        Code.RECORDED_BACKWARDS,
        Code.MALFORMED,
    }
)
_OTHER_REFUSALS: Final[Mapping[Code, Kind]] = MappingProxyType(
    {
        Code.OWN_REQUEST: Kind.FORBIDDEN,
        Code.UNKNOWN_HOLD: Kind.NOT_FOUND,
        Code.UNKNOWN_REQUEST: Kind.NOT_FOUND,
        Code.REVISION_CONFLICT: Kind.REVISION_CONFLICT,
    }
)
_WHY_NOT_ERASED: Final[Mapping[Obstacle, str]] = MappingProxyType(
    {
        Obstacle.CONVERTED: "The lead has become a customer; other duties apply to these data.",
        Obstacle.LEGAL_HOLD: "A legal hold stands against it; lift it first.",
        Obstacle.LIVING: "The lead was brought back meanwhile; ask again.",
        Obstacle.NOT_RUNNING: "Nobody keeps the lead's clock, so its protection cannot be ended.",
        Obstacle.REFUSED: "The lead's protection cannot be ended at this moment; ask again.",
        Obstacle.UNKNOWN_LEAD: "Nothing was recorded of this lead yet.",
    }
)
# How services name what no body holds.
_IN_A_HEADER: Final[Mapping[str, tuple[Place, str]]] = MappingProxyType(
    {"if_revision": ("header", "#/If-Match")}
)
_IN_THE_ADDRESS: Final = frozenset({"hold", "request"})


def add_handlers(app: FastAPI) -> None:
    """Let the application tell every exception listed here as a problem."""
    tellers: Mapping[type[Exception], Teller] = {
        ApiError: lambda _, error: error,
        RequestValidationError: lambda _, error: of_validation(error.errors()),
        HTTPException: _of_http,
        Refused: lambda _, error: of_refusal(error),
        NotFound: lambda _, __: ApiError(Kind.NOT_FOUND, NO_SUCH_THING),
        Forbidden: lambda _, error: ApiError(Kind.FORBIDDEN, f"You may not do this here: {error.act}."),
        UnknownTenant: lambda _, __: ApiError(Kind.FORBIDDEN, "There is no such tenant here."),
        KeyReused: lambda _, error: _conflict(error, "idempotency-key-reused", "header", "#/Idempotency-Key"),
        ExternalIdTaken: lambda _, error: _conflict(error, "external-id-taken", "body", "#/externalId"),
        LiveDuplicate: lambda _, error: _conflict(error, "live-duplicate", "body", "#/company"),
        ErasureBarred: lambda _, error: ApiError(
            Kind.CONFLICT, _WHY_NOT_ERASED[error.obstacle], code=error.obstacle
        ),
        OutOfStep: lambda _, error: ApiError(
            Kind.CONFLICT, "The box is in another state by now.", code=error.why
        ),
        Decided: lambda _, error: ApiError(
            Kind.CONFLICT, "The proposal was decided before.", code=f"proposal-{error.state}"
        ),
        CreditWanted: lambda _, __: ApiError(
            Kind.CONFLICT,
            "First the credit bureau has to approve this company; have it checked.",
            code="credit-required",
        ),
        NotConfigured: lambda _, error: _not_connected(error.system),
        AiNotConfigured: lambda _, __: _not_connected("ai"),
        BudgetSpent: lambda _, error: _budget_spent(error),
        AiUnavailable: lambda _, error: replace(
            unavailable("No AI provider is of use now.", max(1, round(error.retry_after.total_seconds()))),
            code="ai-unavailable",
        ),
        AiMalformed: lambda _, __: replace(
            unavailable("The model answered something else than was asked for."), code="ai-malformed-answer"
        ),
        FormGone: lambda _, __: ApiError(Kind.GONE, "This link has expired or was used already."),
        TooManyRequests: lambda _, error: ApiError(
            Kind.TOO_MANY,
            "Asked for too often within an hour.",
            headers={"Retry-After": str(error.retry_after)},
        ),
        Unavailable: lambda _, error: unavailable(
            "Nobody took it up in time. Repeat the request, with the same Idempotency-Key.",
            round(error.retry_after.total_seconds()),
        ),
        LeadsUnavailable: lambda _, __: unavailable("The leads' clocks did not answer in time."),
        **dict.fromkeys(DATABASE_AWAY, lambda _, __: unavailable("The database does not answer.")),
        **dict.fromkeys(
            UNKEEPABLE,
            lambda _, __: ApiError(Kind.UNPROCESSABLE, "A value in the request cannot be kept."),
        ),
    }
    for kind, teller in tellers.items():
        app.add_exception_handler(kind, _handler(teller))


def of_authentication(error: NotAuthenticated) -> ApiError:
    """A token that was not taken, as RFC 6750 wants it told."""
    if error.why is Why.MISSING:
        return ApiError(
            Kind.UNAUTHENTICATED,
            "Send a bearer token in the Authorization header.",
            code=error.why,
            headers={"WWW-Authenticate": 'Bearer realm="fristwerk"'},
        )
    what = f"{error.why}: {error.claim}" if error.claim else str(error.why)
    return ApiError(
        Kind.UNAUTHENTICATED,
        f"The bearer token was not taken ({what}).",
        code=error.why,
        headers={
            "WWW-Authenticate": f'Bearer realm="fristwerk", error="invalid_token", error_description="{what}"'
        },
    )


def of_absent_keys(_: KeysAway) -> ApiError:
    """The issuer cannot be asked; nobody's fault who calls."""
    return unavailable("Tokens cannot be checked at the moment.")


def of_refusal(refused: Refused) -> ApiError:
    """A fact the contract does not allow."""
    kind = _OTHER_REFUSALS.get(refused.code)
    if kind is None:
        kind = Kind.UNPROCESSABLE if refused.code in _UNPROCESSABLE else Kind.CONFLICT
    if refused.field in _IN_THE_ADDRESS or not refused.field:
        return ApiError(kind, refused.message, code=refused.code)
    place, pointer = _IN_A_HEADER.get(refused.field, ("body", pointer_to(refused.field)))
    error = FieldError(place=place, pointer=pointer, code=refused.code, detail=refused.message)
    return ApiError(kind, refused.message, code=refused.code, errors=(error,))


def pointer_to(field: str) -> str:
    """The pointer to a field that is named as services name it, its parts separated by dots."""
    return "#" + "".join(f"/{_escaped(to_camel(part))}" for part in field.split(".") if part)


def of_validation(found: Sequence[Any]) -> ApiError:
    """What pydantic found in a request. Values are never repeated."""
    errors = [_field_error(one) for one in found[:_MOST_ERRORS]]
    if any(one["type"] == "json_invalid" for one in found):
        return ApiError(Kind.MALFORMED, "The body is no JSON.", errors=errors)
    return ApiError(Kind.UNPROCESSABLE, "Look at `errors` for the fields at fault.", errors=errors)


def _field_error(one: Mapping[str, Any]) -> FieldError:
    place, *path = one["loc"]
    if one["type"] == "json_invalid":
        path = []
    pointer = "#" + "".join(f"/{_escaped(str(part))}" for part in path)
    return FieldError(
        place=place if place in _PLACES else "header",
        pointer=pointer[:_LONGEST_POINTER],
        code=str(one["type"]).replace("_", "-"),
        detail=str(one["msg"]).removeprefix("Value error, "),
    )


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _of_http(request: Request, error: HTTPException) -> ApiError:
    """What Starlette and FastAPI raise by themselves."""
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return ApiError(Kind.NOT_FOUND, NO_SUCH_THING)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(sorted(_methods(request)))
            return ApiError(
                Kind.METHOD_NOT_ALLOWED, f"This address knows {allowed}.", headers={"Allow": allowed}
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return too_large(bodies_at(request.scope["path"]).most)
        case _:
            return ApiError(Kind.MALFORMED, "The body could not be read.")


def too_large(most: int) -> ApiError:
    """The body is longer than we read there."""
    return ApiError(Kind.TOO_LARGE, f"At most {most:,} bytes.")


def _methods(request: Request) -> set[str]:
    """All methods of an address as the document lists it; its routes are one per method."""
    routes: Sequence[BaseRoute] = request.app.router.routes
    path = request.scope["route"].path
    return {
        method
        for route in routes
        if isinstance(route, APIRoute) and route.path == path
        for method in route.methods or ()
    }


def _conflict(error: Exception, code: str, place: Place, pointer: str) -> ApiError:
    detail = str(error)
    field = FieldError(place=place, pointer=pointer, code=code, detail=detail)
    return ApiError(Kind.CONFLICT, f"{detail[0].upper()}{detail[1:]}.", code=code, errors=(field,))


def unavailable(detail: str, seconds: int = RETRY_SECONDS) -> ApiError:
    """Something we need does not answer."""
    return ApiError(Kind.UNAVAILABLE, detail, headers={"Retry-After": str(seconds)})


def _not_connected(system: str) -> ApiError:
    """Somebody has to connect it first, which takes its time."""
    told = unavailable(f"Not connected in this installation: {system}.", _CONNECTING_SECONDS)
    return replace(told, code="not-configured")


def _budget_spent(error: BudgetSpent) -> ApiError:
    whose = "the tenant" if error.org is None else "your organisation"
    left = error.renews_at - datetime.now(UTC)
    return ApiError(
        Kind.TOO_MANY,
        f"The month's AI budget of {whose} is spent ({error.cap_eur} EUR).",
        code="ai-budget-spent",
        headers={"Retry-After": str(max(1, round(left.total_seconds())))},
    )


def _handler(teller: Teller) -> Callable[[Request, Exception], Any]:
    async def tell(request: Request, error: Exception) -> Response:
        problem, request_id = teller(request, error), request.scope[REQUEST_ID]
        if problem.kind is Kind.UNAVAILABLE or isinstance(error, UNKEEPABLE):
            _log.warning("request not served", request=request_id, error=type(error).__name__)
        return answer_of(request, problem, request_id)

    return tell
