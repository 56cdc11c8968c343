"""What is sent: limits, media types, garbage by field, keys, queries."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.house import Api, Callers
from tests.api.trial import problem, router


@pytest.fixture(scope="module", autouse=True)
def trial_routes(frame: Api) -> None:
    frame.app.router.routes.extend(router.routes)


@pytest.fixture
def anna(callers: Callers) -> str:
    return callers.token("anna", "agent")


async def _send(frame: Api, token: str, content: Any, kind: str | None = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    if kind is not None:
        headers["Content-Type"] = kind
    return await frame.client.post("/api/trial/echo", content=content, headers=headers)


async def _in_pieces(size: int) -> AsyncIterator[bytes]:
    yield b'{"note": "'
    for _ in range(size // 10_000):
        yield b"x" * 10_000
    yield b'"}'


async def test_a_body_has_an_end(frame: Api, anna: str) -> None:
    problem(await _send(frame, anna, b'{"note": "' + b"x" * 1_000_000 + b'"}'), 413, "too-large")
    problem(await _send(frame, anna, _in_pieces(1_010_000)), 413, "too-large")
    problem(await _send(frame, anna, _in_pieces(500_000)), 422, "unprocessable")
    headers = {"Authorization": f"Bearer {anna}", "Content-Type": "application/json"}
    for length, status, kind in (("9" * 30, 413, "too-large"), ("ten", 400, "malformed-request")):
        answer = await frame.client.post(
            "/api/trial/echo", content=b"{}", headers={**headers, "Content-Length": length}
        )
        problem(answer, status, kind)


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "json", "application/xml"]
)
async def test_only_json_is_read(frame: Api, anna: str, kind: str | None) -> None:
    answer = await _send(frame, anna, b"{}", kind)
    problem(answer, 415, "unsupported-media-type")
    assert answer.headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "body", [b"{", b"nonsense", b"\xff\xfe", b'{"days": 1,}', b"[" * 100_000, b'{"note": "\xff"}', b"{}{}"]
)
async def test_what_is_no_json(frame: Api, anna: str, body: bytes) -> None:
    said = problem(await _send(frame, anna, body), 400, "malformed-request")
    assert "nonsense" not in json.dumps(said)


GOOD: dict[str, Any] = {
    "reason": "OTHER",
    "startAt": "2026-11-23T10:30:00+01:00",
    "on": "2026-11-23",
    "lead": "0f7e0000-0000-4000-8000-000000000001",
    "days": 3,
    "share": 0.5,
    "really": True,
    "user": "anna",
    "company": "Müller & Söhne GmbH",
    "note": "Zeile 1\nZeile 2\tende",
    "inner": {"n": 1},
    "listed": ["2026-11-23T10:30:00Z"],
}


async def test_what_makes_sense_arrives(frame: Api, anna: str) -> None:
    answer = await frame.post("/api/trial/echo", anna, GOOD, idempotency_key="a-key", if_match='"7.2"')
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "startAt": "2026-11-23T09:30:00Z",
        "key": "a-key",
        "revision": 7,
        "tenant": "0f7e0000-0000-4000-8000-000000000001",
    }


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("reason", "BECAUSE", "#/reason", "enum"),
        ("startAt", 1_800_000_000, "#/startAt", "value-error"),
        ("startAt", "1800000000", "#/startAt", "value-error"),
        ("startAt", "2026-11-23", "#/startAt", "value-error"),
        ("startAt", "2026-11-23T10:30:00", "#/startAt", "value-error"),
        ("startAt", "2026-13-23T10:30:00Z", "#/startAt", "value-error"),
        ("startAt", "0001-01-01T00:00:00+14:00", "#/startAt", "year-out-of-range"),
        ("startAt", "9999-12-31T23:59:59-14:00", "#/startAt", "year-out-of-range"),
        ("startAt", "2026-W48-1T10:30:00Z", "#/startAt", "value-error"),
        ("startAt", "20261123T103000Z", "#/startAt", "value-error"),
        ("startAt", "2" * 50, "#/startAt", "value-error"),
        ("on", "2026-W48-1", "#/on", "value-error"),
        ("on", 20261123, "#/on", "value-error"),
        ("on", "2026-11-31", "#/on", "value-error"),
        ("lead", "demo", "#/lead", "uuid-parsing"),
        ("days", "3", "#/days", "int-type"),
        ("days", 3.0, "#/days", "int-type"),
        ("days", True, "#/days", "int-type"),
        ("share", "0.5", "#/share", "float-type"),
        ("really", 1, "#/really", "bool-type"),
        ("really", "yes", "#/really", "bool-type"),
        ("user", "anna@agents.example", "#/user", "string-pattern-mismatch"),
        ("company", " ", "#/company", "string-pattern-mismatch"),
        ("company", "a\u0000b", "#/company", "string-pattern-mismatch"),
        ("company", "a\nb", "#/company", "string-pattern-mismatch"),
        ("company", "x" * 201, "#/company", "string-too-long"),
        ("company", 7, "#/company", "string-type"),
        ("company", "\ud800", "#/company", "string-unicode"),
        ("note", "a\u0000b", "#/note", "string-pattern-mismatch"),
        ("inner", {"n": "1"}, "#/inner/n", "int-type"),
        ("inner", {"n": 1, "m/~": 2}, "#/inner/m~1~0", "extra-forbidden"),
        ("listed", ["2026-11-23T10:30:00Z", "x"], "#/listed/1", "value-error"),
        ("start_at", "2026-11-23T10:30:00Z", "#/start_at", "extra-forbidden"),
        ("secret", "x", "#/secret", "extra-forbidden"),
    ],
)
async def test_garbage_is_named_and_never_repeated(
    frame: Api, callers: Callers, field: str, value: Any, *, pointer: str, code: str
) -> None:
    body = json.dumps({**GOOD, field: value}).encode()
    said = problem(await _send(frame, callers.token("anna", "agent"), body), 422, "unprocessable")
    assert [(one["in"], one["pointer"], one["code"]) for one in said["errors"]] == [("body", pointer, code)]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7", b"true"])
async def test_a_body_is_one_object(frame: Api, anna: str, body: bytes) -> None:
    said = problem(await _send(frame, anna, body), 422, "unprocessable")
    assert [(one["in"], one["pointer"]) for one in said["errors"]] == [("body", "#")]


async def test_a_missing_body(frame: Api, anna: str) -> None:
    said = problem(await frame.post("/api/trial/echo", anna), 422, "unprocessable")
    assert said["errors"] == [{"in": "body", "pointer": "#", "code": "missing", "detail": "Field required"}]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [("?n=x", "#/n"), ("", "#/n"), ("?n=0", "#/n"), ("?n=1&as_of=x", "#/as_of")],
)
async def test_a_query_that_makes_no_sense(frame: Api, anna: str, path: str, pointer: str) -> None:
    said = problem(await frame.get(f"/api/trial/echo{path}", anna), 422, "unprocessable")
    assert [(one["in"], one["pointer"]) for one in said["errors"]] == [("query", pointer)]


@pytest.mark.parametrize("key", ["", "x" * 201, "ein schlüssel", "two words", "\u0001"])
async def test_a_key_that_is_none(frame: Api, anna: str, key: str) -> None:
    headers = [
        (b"authorization", f"Bearer {anna}".encode()),
        (b"idempotency-key", key.encode()),
        (b"content-type", b"application/json"),
    ]
    answer = await frame.client.post("/api/trial/echo", content=b"{}", headers=headers)
    said = problem(answer, 422, "unprocessable")
    assert [(one["in"], one["pointer"]) for one in said["errors"]] == [("header", "#/Idempotency-Key")]


async def test_many_mistakes_are_not_all_told(frame: Api, anna: str) -> None:
    body = {f"unknown{number}{'x' * 500}": 1 for number in range(200)}
    said = problem(await frame.post("/api/trial/echo", anna, body), 422, "unprocessable")
    assert len(said["errors"]) == 20
    assert max(len(one["pointer"]) for one in said["errors"]) == 200
