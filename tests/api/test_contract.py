"""The OpenAPI document as a contract: whole, committed, and changed only where a review sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import jsonschema_rs
import pytest

from api.app import ROUTERS
from api.describing import HEADERS
from api.examples import EXAMPLES
from api.routes.docs import OPEN_BELOW
from tests.api.document import COMMITTED, written
from tests.api.house import Api

_CHANGING: Final = {"post", "put", "patch", "delete"}
_TAGS: Final = {
    "ai",
    "audit",
    "caller",
    "collaborators",
    "credit",
    "erasures",
    "erp",
    "extensions",
    "facts",
    "feedback",
    "history",
    "holds",
    "imports",
    "leads",
    "operations",
    "overview",
    "policy",
    "proposals",
    "protection",
    "samples",
    "settings",
    "webhooks",
}


@pytest.fixture
async def document(frame: Api) -> dict[str, Any]:
    """As it is served."""
    made: dict[str, Any] = (await frame.get("/api/openapi.json")).json()
    return made


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def declared(operation: dict[str, Any], status: str) -> set[str]:
    """The headers of an answer."""
    return set(operation["responses"][status].get("headers", {}))


def parameters(operation: dict[str, Any]) -> set[str]:
    """The names of what may be sent beside the body."""
    return {parameter["name"] for parameter in operation.get("parameters", ())}


async def test_the_committed_document_is_the_served_one(document: dict[str, Any]) -> None:
    assert COMMITTED.read_text(encoding="utf-8") == written(document), "run `make openapi` and look at it"


async def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    seen = set()
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert re.fullmatch(r"[A-Z][^\n]{9,95}[^.\s]", operation["summary"]), where
        assert operation.get("description") != operation["summary"], where
        assert len(operation["tags"]) == 1, where
        seen |= set(operation["tags"])
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{where} {parameter['name']}"
    assert seen == _TAGS


async def test_every_route_is_in_it(document: dict[str, Any]) -> None:
    routes = {
        (method.lower(), getattr(route, "path", ""))
        for router in ROUTERS
        for route in router.routes
        if getattr(route, "include_in_schema", False)
        for method in getattr(route, "methods", ())
    }
    assert routes == {(method, path) for method, path, _ in operations(document)}


async def test_bearer_tokens_are_the_one_scheme(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert set(schemes) == {"bearer"}
    assert schemes["bearer"]["type"] == "http"
    assert (schemes["bearer"]["scheme"], schemes["bearer"]["bearerFormat"]) == ("bearer", "JWT")


async def test_headers_of_answers_are_declared(document: dict[str, Any]) -> None:
    assert document["components"]["headers"] == HEADERS
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        for status in operation["responses"]:
            wanted = {"X-Request-Id"}
            if path.startswith("/api/"):
                wanted |= {"401": {"WWW-Authenticate"}, "415": {"Accept"}, "503": {"Retry-After"}}.get(
                    status, set()
                )
            wanted |= {"Location"} if status == "201" and not path.startswith(OPEN_BELOW) else set()
            assert wanted <= declared(operation, status), f"{where} {status}"
        if "If-Match" in parameters(operation) and method != "delete":
            changed = next(status for status in operation["responses"] if status in {"200", "201"})
            assert "ETag" in declared(operation, changed), where
        assert ("If-Match" in parameters(operation)) == ("412" in operation["responses"]), where


async def test_changes_can_be_repeated(document: dict[str, Any]) -> None:
    """A POST that changes something takes a key; PUT, PATCH and DELETE need none."""
    for method, path, operation in operations(document):
        # A secret link is used up by its answer, so its holder needs no key.
        if method == "post" and not path.endswith("/preview") and not path.startswith(OPEN_BELOW):
            assert "Idempotency-Key" in parameters(operation), path
        else:
            assert "Idempotency-Key" not in parameters(operation), path


async def test_every_body_has_examples_and_they_are_right(document: dict[str, Any]) -> None:
    known = {operation["operationId"] for _, _, operation in operations(document)}
    assert set(EXAMPLES) <= known
    for method, path, operation in operations(document):
        if "requestBody" not in operation:
            assert operation["operationId"] not in EXAMPLES, path
            continue
        assert method in _CHANGING
        content = operation["requestBody"]["content"]
        assert set(content) <= {"application/json", "text/csv"}
        given = content["application/json"]["examples"]
        schema = {**content["application/json"]["schema"], "components": document["components"]}
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
        for name, example in given.items():
            assert example["summary"], f"{path} {name}"
            validator.validate(example["value"])


async def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    problem = document["components"]["schemas"]["Problem"]
    assert {"type", "title", "status", "instance"} <= set(problem["required"])
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            assert HTTPStatus(int(status))
            if int(status) >= HTTPStatus.BAD_REQUEST and path != "/readyz":
                told = response["content"]["application/problem+json"]["schema"]
                assert told == {"$ref": "#/components/schemas/Problem"}, f"{method} {path} {status}"
