"""What every request meets: closed doors, limits, headers, problems, a log without anything personal."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

import asyncpg
import pytest
from fastapi import APIRouter, Query
from fastapi.routing import APIRoute
from structlog.testing import capture_logs

from api.dependencies import CurrentCaller, CurrentWiring, IdempotencyKey, IfMatch
from api.failures import NO_SUCH_THING
from api.problems import ApiError, Kind, problems
from api.routes.docs import OPEN
from api.schemas.base import Choice, Day, Id, Input, Instant, Line, Output, Text, Uuid
from protection.facts import HoldReason
from protection.permission import Act
from protection.refusal import Code, Refused
from services import errors
from tests.api.house import Api, Callers

router = APIRouter(prefix="/api/trial")


class Inner(Input):
    n: int


class Trial(Input):
    """One field of every kind."""

    reason: Choice[HoldReason] | None = None
    start_at: Instant | None = None
    on: Day | None = None
    lead: Uuid | None = None
    days: int | None = None
    share: float | None = None
    really: bool | None = None
    user: Id | None = None
    company: Line | None = None
    note: Text | None = None
    inner: Inner | None = None
    listed: Choice[tuple[Instant, ...]] = ()


class Echo(Output):
    """What arrived."""

    start_at: Instant | None
    key: str | None
    revision: int | None
    tenant: Uuid


@router.post("/echo")
async def echo(
    body: Trial, caller: CurrentCaller, key: IdempotencyKey = None, if_match: IfMatch = None
) -> Echo:
    revision = None if if_match is None else if_match.revision
    return Echo(start_at=body.start_at, key=key, revision=revision, tenant=caller.tenant)


@router.get("/echo")
async def echo_query(
    caller: CurrentCaller, n: Annotated[int, Query(ge=1)], as_of: Instant | None = None
) -> int:
    return n


@router.get("/echo/special")
async def special() -> None:
    pass


@router.put("/echo/{name}")
async def named(name: str) -> None:
    pass


class Personal(Exception):
    """Repeats what somebody typed."""


RAISED: dict[str, Exception] = {
    "personal": Personal("anna@agents.example lives in Musterstadt"),
    "not-found": errors.NotFound(errors.Missing.HOLD),
    "forbidden": errors.Forbidden(Act.DECIDE),
    "key-reused": errors.KeyReused(),
    "external-id": errors.ExternalIdTaken(),
    "duplicate": errors.LiveDuplicate(),
    "unavailable": errors.Unavailable(),
    "connection": ConnectionRefusedError("secret host"),
    "timeout": TimeoutError(),
    "cancelled-query": asyncpg.QueryCanceledError("secret statement"),
    "interface": asyncpg.InterfaceError("secret state"),
    "internal": asyncpg.InternalClientError("secret state"),
    "range": asyncpg.NumericValueOutOfRangeError("secret value"),
    "nul": asyncpg.CharacterNotInRepertoireError("secret text"),
    "own": ApiError(Kind.CONFLICT, "So it is.", code="so-it-is"),
    **{code: Refused(code, "replacement.ended_at", "do it otherwise") for code in Code},
}


@router.get("/raise/{name}")
async def raise_(name: str) -> None:
    raise RAISED[name]


@pytest.fixture(scope="module", autouse=True)
def trial_routes(frame: Api) -> None:
    frame.app.router.routes.extend(router.routes)


@pytest.fixture
def anna(callers: Callers) -> str:
    return callers.token("anna", "agent")


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem in an answer, checked for what all of them have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert set(said) <= {"type", "title", "status", "detail", "instance", "errors"}
    assert (said["type"], said["status"]) == (f"urn:fristwerk:problem:{kind}", status)
    assert said["instance"] == f"urn:fristwerk:request:{answer.headers['x-request-id']}"
    for error in said.get("errors", ()):
        assert set(error) == {"in", "pointer", "code", "detail"}
        assert error["pointer"].startswith("#")
    return said


async def test_every_route_below_api_is_closed(frame: Api) -> None:
    seen = 0
    for route in frame.app.router.routes:
        assert isinstance(route, APIRoute)
        if not route.path.startswith("/api") or route.path in OPEN or route.path.startswith("/api/docs/"):
            continue
        for method in route.methods or ():
            answer = await frame.ask(method, route.path.replace("{", "").replace("}", ""))
            problem(answer, 401, "token-missing")
            assert answer.headers["www-authenticate"] == 'Bearer realm="fristwerk"'
            seen += 1
    assert seen >= 4
    for path in ("/api", "/api/", "/api/nothing", "/api/docs/x", "/api/docs/../me", "/api/openapi.json/"):
        problem(await frame.get(path), 401, "token-missing")


async def test_a_bad_token_is_told_why(frame: Api, callers: Callers) -> None:
    answer = await frame.get("/api/me", callers.token("anna", "agent", exp=1))
    problem(answer, 401, "token-expired")
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="fristwerk", error="invalid_token", error_description="token-expired"'
    )
    answer = await frame.get("/api/me", callers.token("anna", "agent", tenant=None))
    assert "(token-claim-malformed: tenant)" in problem(answer, 401, "token-claim-malformed")["detail"]


async def test_the_caller_is_told_who_he_is(frame: Api, callers: Callers) -> None:
    answer = await frame.get("/api/me", callers.token("maria", "manager"))
    assert answer.status_code == 200
    assert answer.json() == {
        "user": "maria",
        "tenant": "0f7e0000-0000-4000-8000-000000000001",
        "roles": ["manager"],
    }


@pytest.mark.parametrize("path", ["/nothing", "/", "/healthz/", "/HEALTHZ", "//healthz"])
async def test_unknown_addresses(frame: Api, path: str) -> None:
    said = problem(await frame.get(path), 404, "not-found")
    assert said["detail"] == NO_SUCH_THING


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
async def test_unknown_methods_are_told_all_the_known_ones(frame: Api, anna: str, method: str) -> None:
    answer = await frame.ask(method, "/api/trial/echo", anna)
    assert problem(answer, 405, "method-not-allowed")["detail"] == "This address knows GET, POST."
    assert answer.headers["allow"] == "GET, POST"


async def test_allow_names_the_methods_of_the_address_as_documented(frame: Api, anna: str) -> None:
    answer = await frame.ask("OPTIONS", "/api/trial/echo/special", anna)
    assert answer.headers["allow"] == "GET"


async def test_every_answer_carries_the_same_headers(frame: Api, anna: str) -> None:
    for path, token in (("/healthz", None), ("/nothing", None), ("/api/me", anna), ("/api/me", None)):
        headers = (await frame.get(path, token)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["cache-control"] == "no-store"
        assert len(headers["x-request-id"]) == 16
        assert "strict-transport-security" not in headers


async def test_an_address_with_a_nul_is_refused(frame: Api, anna: str) -> None:
    for path in ("/api/trial/echo?n=%00", "/api/trial/raise/%00", "/healthz%00"):
        problem(await frame.get(path, anna), 422, "unprocessable")


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
        ("startAt", "0001-01-01T00:00:00+14:00", "#/startAt", "value-error"),
        ("startAt", "9999-12-31T23:59:59-14:00", "#/startAt", "value-error"),
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


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("not-found", 404, "not-found"),
        ("forbidden", 403, "forbidden"),
        ("key-reused", 409, "idempotency-key-reused"),
        ("external-id", 409, "external-id-taken"),
        ("duplicate", 409, "live-duplicate"),
        ("unavailable", 503, "unavailable"),
        ("connection", 503, "unavailable"),
        ("timeout", 503, "unavailable"),
        ("cancelled-query", 503, "unavailable"),
        ("interface", 503, "unavailable"),
        ("internal", 503, "unavailable"),
        ("nul", 422, "unprocessable"),
        ("range", 422, "unprocessable"),
        ("own", 409, "so-it-is"),
    ],
)
async def test_what_services_raise(frame: Api, anna: str, name: str, status: int, kind: str) -> None:
    answer = await frame.get(f"/api/trial/raise/{name}", anna)
    said = problem(answer, status, kind)
    assert "secret" not in json.dumps(said)
    assert ("retry-after" in answer.headers) is (status == 503)
    if name == "not-found":
        assert said["detail"] == NO_SUCH_THING


@pytest.mark.parametrize("code", list(Code))
async def test_every_refusal_has_a_status(frame: Api, anna: str, code: Code) -> None:
    expected = {
        Code.OWN_REQUEST: 403,
        Code.UNKNOWN_HOLD: 404,
        Code.UNKNOWN_REQUEST: 404,
        Code.REVISION_CONFLICT: 412,
        Code.MALFORMED: 422,
        Code.UNKNOWN_KIND: 422,
        Code.UNKNOWN_REASON: 422,
        Code.FUTURE_PROGRESS: 422,
        Code.END_BEFORE_START: 422,
        Code.DAYS_OUT_OF_RANGE: 422,
        Code.UNKNOWN_FACT: 422,
        Code.RECORDED_BACKWARDS: 422,
    }.get(code, 409)
    said = problem(await frame.get(f"/api/trial/raise/{code}", anna), expected, code)
    assert said["errors"] == [
        {"in": "body", "pointer": "#/replacement/endedAt", "code": code, "detail": "do it otherwise"}
    ]


async def test_what_nobody_expected_says_nothing_and_is_found_again(
    frame: Api, anna: str, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as written, caplog.at_level(logging.DEBUG):
        answer = await frame.get("/api/trial/raise/personal", anna)
    said = problem(answer, 500, "internal-error")
    assert said["detail"] == "It has been written down. Tell us the last part of `instance`."
    failed, request = written
    assert failed["request"] == request["request"] == answer.headers["x-request-id"]
    assert failed["error"] == ["tests.api.test_frame.Personal"]
    assert any("raise_" in frame for frame in failed["where"])
    for word in ("anna", "agents.example", "Musterstadt"):
        assert word not in json.dumps(said) + json.dumps(written, default=str) + caplog.text


async def test_the_log_tells_the_route_and_nothing_personal(frame: Api, anna: str) -> None:
    with capture_logs() as written:
        await frame.get("/api/trial/raise/not-found?name=Muster", anna)
        await frame.get("/api/nothing/anna", anna)
        await frame.get("/api/me")
        await frame.get("/healthz")
    assert [(line["method"], line["route"], line["status"], line["tenant"]) for line in written] == [
        ("GET", "/api/trial/raise/{name}", 404, "0f7e0000-0000-4000-8000-000000000001"),
        ("GET", "(none)", 404, "0f7e0000-0000-4000-8000-000000000001"),
        ("GET", "(none)", 401, None),
    ]
    for line in written:
        assert set(line) == {"event", "log_level", "request", "method", "route", "status", "ms", "tenant"}


def test_problems_are_declared_like_this() -> None:
    assert problems(404, 409) == {
        404: {
            "description": "Not found",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
        409: {
            "description": "It does not fit the present state",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    }


async def test_the_wiring_is_at_hand(frame: Api) -> None:
    @frame.app.get("/trial-wiring")
    async def look(wiring: CurrentWiring) -> bool:
        return wiring is frame.wiring

    assert (await frame.get("/trial-wiring")).json() is True
