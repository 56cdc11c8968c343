"""The OpenAPI document: what FastAPI knows, and what the frame adds to every route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from api.describing import HEADERS, complete
from api.problems import Problem, problems
from api.routes.docs import OPEN_BELOW
from api.schemas.importing import ImportInput
from api.schemas.webhooks import WebhookInput

_REF: Final = "#/components/schemas/{model}"
_DESCRIPTION: Final = """
Every address below `/api` needs a bearer token. Errors are problems as in RFC 9457. Instants are UTC.
Changes may carry `If-Match` (the ETag of an earlier answer) and `Idempotency-Key`. See docs/api.md.
"""


def describe(app: FastAPI) -> None:
    """Let `app.openapi()` return the whole document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=_DESCRIPTION.strip(),
        openapi_version="3.1.0",
        routes=app.routes,
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for ours in ("HTTPValidationError", "ValidationError"):
        schemas.pop(ours, None)
    _, definitions = models_json_schema(
        [(Problem, "serialization"), (ImportInput, "validation"), (WebhookInput, "validation")],
        ref_template=_REF,
    )
    schemas.update(definitions["$defs"])
    names = {route.unique_id: to_camel(route.name) for route in app.routes if isinstance(route, APIRoute)}
    made["components"]["headers"] = HEADERS
    for path, method, operation in _operations(made):
        operation["operationId"] = names[operation["operationId"]]
        _complete(path, method, operation)
        complete(path, operation)
    return made


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _without_null(parameter: dict[str, Any]) -> None:
    """A parameter that may be left out is not one that may be null."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        parameter["schema"] = {**kinds[0], **schema}
    elif kinds:
        schema["anyOf"] = kinds


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add the problems the frame may answer with."""
    statuses = {422, 500}
    if path.startswith("/api/"):
        statuses |= {503} if path.startswith(OPEN_BELOW) else {401, 503}
    for parameter in operation.get("parameters", ()):
        _without_null(parameter)
    if method != "get":
        statuses |= {413, 415}
    if "requestBody" in operation:
        statuses |= {400}
    responses = operation.setdefault("responses", {})
    for status, response in problems(*statuses).items():
        responses[str(status)] = response
    operation["responses"] = dict(sorted(responses.items()))
