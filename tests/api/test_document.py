"""The OpenAPI document, and the pages to try it on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.routes.docs import OPEN, OPEN_BELOW
from tests.api.house import Api

HTTP_METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def document(frame: Api) -> dict[str, Any]:
    answer = await frame.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    made: dict[str, Any] = answer.json()
    return made


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert method in HTTP_METHODS
            yield method, path, operation


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


async def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    parts = ("schemas", "headers")
    known = {f"#/components/{part}/{name}" for part in parts for name in document["components"][part]}
    assert set(_references(document)) <= known
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(document["components"]["schemas"])


async def test_operations_have_short_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]{2,40}", name) for name in names)


async def test_every_operation_says_how_it_may_say_no(document: dict[str, Any]) -> None:
    for method, path, operation in _operations(document):
        where = f"{method} {path}"
        declared = set(operation["responses"])
        assert "default" not in declared, where
        wanted = {"500"}
        if path.startswith(OPEN_BELOW):
            assert "security" not in operation, where
            # Who is not signed in shows a link, or a signature.
            wanted |= {"410", "429", "503"} if path.startswith("/api/feedback/") else {"403", "503"}
        elif path.startswith("/api/"):
            assert operation["security"] == [{"bearer": []}], where
            wanted |= {"401", "503"}
        else:
            assert "security" not in operation, where
        if "parameters" in operation:
            wanted |= {"422"}
        if "requestBody" in operation:
            wanted |= {"400", "413", "415", "422"}
        assert wanted <= declared, where
        for status, response in operation["responses"].items():
            if status >= "400" and path != "/readyz":
                assert list(response["content"]) == ["application/problem+json"], f"{where} {status}"


async def test_parameters_are_left_out_and_never_null(document: dict[str, Any]) -> None:
    for method, path, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            assert "null" not in json.dumps(parameter["schema"]), f"{method} {path} {parameter['name']}"


async def test_only_documents_are_open(document: dict[str, Any]) -> None:
    assert OPEN.isdisjoint(document["paths"])
    assert {path for path in document["paths"] if not path.startswith("/api/")} == {
        "/healthz",
        "/readyz",
        "/metrics",
    }


async def test_the_pages_need_no_other_host(frame: Api) -> None:
    page = await frame.get("/api/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe-eval" not in policy
    assert "//" not in policy
    asked = re.findall(r'(?:src|href|url)\s*[=:]\s*"([^"]+)"', page.text)
    start = await frame.get("/api/docs/start.js")
    asked += re.findall(r'"(/[^"]*)"', start.text)
    assert len(asked) >= 5
    for address in asked:
        assert re.match(r"/[^/]", address), address
        answer = await frame.get(address)
        assert answer.status_code == 200, address
        assert answer.content
    for text in (page.text, start.text):
        assert "//" not in text
    style = await frame.get("/api/docs/swagger-ui.css")
    assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", style.text)


async def test_nothing_else_lies_beside_the_pages(frame: Api) -> None:
    for name in ("redoc.standalone.js", "../core.py", "%2e%2e%2fcore.py", ".."):
        answer = await frame.get(f"/api/docs/{name}")
        assert answer.status_code == 401
