"""How the API says no: RFC 9457 problems, one model for all of them, and one table of kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from pydantic import Field
from starlette.responses import Response

from api.schemas.base import Output

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:fristwerk:problem:"
# Headers as the OpenAPI document declares them, for `responses=`; described in `api/openapi.py`.
ETAG: Final = {"$ref": "#/components/headers/ETag"}
LOCATION: Final = {"$ref": "#/components/headers/Location"}
WITH_ETAG: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": {"ETag": ETAG}}}
_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}

Place: TypeAlias = Literal["body", "query", "path", "header"]


class Kind(StrEnum):
    """Kinds of problems: the last part of `type`. Stable; callers branch on them."""

    MALFORMED = "malformed-request"
    UNAUTHENTICATED = "not-authenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    REVISION_CONFLICT = "revision-conflict"
    TOO_LARGE = "too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    UNPROCESSABLE = "unprocessable"
    TOO_MANY = "too-many-requests"
    INTERNAL = "internal-error"
    UNAVAILABLE = "unavailable"


_STATUS: Final[Mapping[Kind, HTTPStatus]] = MappingProxyType(
    {
        Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
        Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
        Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
        Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
        Kind.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
        Kind.CONFLICT: HTTPStatus.CONFLICT,
        Kind.GONE: HTTPStatus.GONE,
        Kind.REVISION_CONFLICT: HTTPStatus.PRECONDITION_FAILED,
        Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Kind.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        Kind.UNPROCESSABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
        Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
        Kind.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
        Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
_TITLES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "The request cannot be understood",
        401: "A valid bearer token is needed",
        403: "Not allowed",
        404: "Not found",
        405: "Method not allowed",
        409: "It does not fit the present state",
        410: "It is over",
        412: "It has changed since you read it",
        413: "Too large",
        415: "Unsupported media type",
        422: "Something in the request makes no sense",
        429: "Too many requests",
        500: "Something went wrong here",
        503: "Not available at the moment",
    }
)


class FieldError(Output):
    """One field at fault.

    Attributes:
        place: where the field is.
        pointer: JSON pointer to it from there, as a URI fragment; "#" where it is the whole.
        code: stable reason.
        detail: what would be right, in a few words. Never the value itself.
    """

    place: Place = Field(alias="in")
    pointer: str
    code: str
    detail: str


class Problem(Output):
    """An answer that says no (RFC 9457).

    Attributes:
        type: stable URI of the kind of problem.
        title: the kind in words.
        status: the HTTP status.
        detail: what to do about it.
        instance: stands for this one answer; the log holds its last part as `request`.
        errors: the fields at fault.
    """

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str
    errors: tuple[FieldError, ...] | None = None


@dataclass(eq=False)
class ApiError(Exception):
    """Ends a request with a problem.

    Attributes:
        kind: which one.
        detail: what to do about it; one English sentence without anything internal or personal.
        code: last part of `type` where it is finer than the kind, such as a refusal's code.
        errors: the fields at fault.
        headers: further headers of the answer.
    """

    kind: Kind
    detail: str
    code: str | None = None
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def status_of(error: ApiError) -> int:
    """The HTTP status a problem is told with."""
    return _STATUS[error.kind]


def problem_response(error: ApiError, request_id: str) -> Response:
    """The answer that tells this problem."""
    status = status_of(error)
    body = Problem(
        type=TYPE_PREFIX + (error.code or error.kind),
        title=_TITLES[status],
        status=status,
        detail=error.detail,
        instance=f"urn:fristwerk:request:{request_id}",
        errors=tuple(error.errors) or None,
    )
    return Response(
        body.model_dump_json(exclude_none=True),
        status_code=status,
        headers=dict(error.headers),
        media_type=MEDIA_TYPE,
    )


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route declares in `responses=`: the ways it may say no.

    400, 401, 413, 415, 422, 500 and 503 are added to every route they apply to (`api/openapi.py`).

    Args:
        statuses: those of this route, such as 403, 404, 409, 412.
    """
    return {
        status: {"description": _TITLES[status], "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
        for status in statuses
    }
