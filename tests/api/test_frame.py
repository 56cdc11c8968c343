"""What every request meets: closed doors, headers, problems, a log without anything personal."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi.routing import APIRoute
from structlog.testing import capture_logs

from api.dependencies import CurrentWiring
from api.failures import NO_SUCH_THING
from api.problems import problems
from api.routes.docs import OPEN, OPEN_BELOW
from protection.refusal import Code
from tests.api.house import Api, Callers
from tests.api.trial import problem, router


@pytest.fixture(scope="module", autouse=True)
def trial_routes(frame: Api) -> None:
    frame.app.router.routes.extend(router.routes)


@pytest.fixture
def anna(callers: Callers) -> str:
    return callers.token("anna", "agent")


async def test_every_route_below_api_is_closed(frame: Api) -> None:
    seen = 0
    for route in frame.app.router.routes:
        assert isinstance(route, APIRoute)
        if not route.path.startswith("/api") or route.path in OPEN:
            continue
        if route.path.startswith(("/api/docs/", *OPEN_BELOW)):
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


async def test_unknown_addresses(frame: Api, anna: str) -> None:
    said = problem(await frame.get("/api/nothing", anna), 404, "not-found")
    assert said["detail"] == NO_SUCH_THING


@pytest.mark.parametrize("path", ["/nothing", "/", "/healthz/", "/HEALTHZ", "//healthz"])
async def test_whatever_else_is_asked_for_wants_a_sign_in(frame: Api, path: str) -> None:
    answer = await frame.get(path)
    assert (answer.status_code, answer.text) == (303, "")
    assert answer.headers["location"].startswith("/sign-in")


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
    for path in ("/api/trial/echo?n=%00", "/api/trial/raise/%00"):
        problem(await frame.get(path, anna), 422, "unprocessable")
    assert (await frame.get("/healthz%00")).status_code == 422


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
    assert failed["error"] == ["tests.api.trial.Personal"]
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
        assert set(line) == {
            *("event", "log_level", "request", "trace_id", "method", "route", "status", "ms", "tenant")
        }


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


async def test_the_wiring_is_at_hand(frame: Api, anna: str) -> None:
    @frame.app.get("/api/trial-wiring")
    async def look(wiring: CurrentWiring) -> bool:
        return wiring is frame.wiring

    assert (await frame.get("/api/trial-wiring", anna)).json() is True
