"""Signing in with the code flow: the way through, and every way that must not lead in."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from starlette.responses import Response

from adapters.settings import DEMO_TENANT
from api.pages.cookies import drop_session, flow_cookie, is_ours, keep_session, session_in
from api.pages.openid import Flow, Provider
from tests.api.house import ISSUER, Api, Callers
from tests.api.shop import Shop
from tests.pages.signing import asked_for, at_provider, begun, known_at_issuer, through
from tests.pages.visitor import Visitor, parsed, stranger

FLOW = "fristwerk-sign-in"


@pytest.fixture
def known(shop: Shop) -> Callers:
    """The provider, and Anna and Maria at it."""
    tenant = shop.office.lab.tenant
    known_at_issuer(shop.callers, tenant, "anna", "agent")
    known_at_issuer(shop.callers, tenant, "maria", "manager")
    return shop.callers


def _session(visiting: Visitor) -> str | None:
    return visiting.client.cookies.get("fristwerk")


async def test_the_way_in_and_out(shop: Shop, known: Callers) -> None:
    anna = stranger(shop.api)
    answer = await anna.get("/me?x=1", follow=True)
    assert (answer.status_code, anna.heading) == (200, "Welcome to Fristwerk")
    start = urlsplit(anna.html.one("a", class_="primary").attributes["href"])
    assert dict(parse_qsl(start.query)) == {"to": "/me?x=1"}
    answer = await anna.get(f"{start.path}?{start.query}")
    wanted = asked_for(answer.headers["location"])
    assert wanted["code_challenge_method"] == "S256"
    assert wanted["response_type"] == "code"
    assert wanted["redirect_uri"].endswith("/sign-in/callback")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    answer = await anna.get(await at_provider(known, answer.headers["location"], "anna"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?x=1")
    kept = [value for name, value in answer.headers.multi_items() if name == "set-cookie"]
    assert any(one.startswith("fristwerk=") and "HttpOnly" in one and "SameSite=lax" in one for one in kept)
    # Nothing is left of the sign-in itself.
    assert FLOW not in anna.client.cookies
    assert (await anna.get("/me")).status_code == 200
    assert (await anna.get("/sign-in?to=/me")).headers["location"] == "/me"
    session = _session(anna)
    answer = await anna.post("/sign-out", follow=True)
    assert anna.said == "You are signed out."
    assert _session(anna) is None
    # The id is worth nothing any more, wherever a copy of it was kept.
    anna.client.cookies.set("fristwerk", session or "", domain="pages.test")
    assert (await anna.get("/me")).status_code == 303


async def test_a_sign_in_renews_the_session(shop: Shop, known: Callers) -> None:
    somebody = stranger(shop.api)
    # What an attacker has planted is no session, and does not become one.
    planted = base64.urlsafe_b64encode(shop.office.lab.tenant.bytes + b"x" * 32).decode()
    somebody.client.cookies.set("fristwerk", planted, domain="pages.test")
    assert (await through(somebody, known, "anna")).status_code == 303
    first = _session(somebody)
    assert first not in {None, planted}
    # Neither does the session of somebody else live on: the next sign-in ends it.
    assert (await through(somebody, known, "maria")).status_code == 303
    assert _session(somebody) != first
    await somebody.get("/me")
    assert "maria" in somebody.html.text
    for old in (planted, first):
        other = stranger(shop.api)
        other.client.cookies.set("fristwerk", old or "", domain="pages.test")
        assert (await other.get("/me")).status_code == 303


async def _no_way(visiting: Visitor, path: str, status: int) -> None:
    answer = await visiting.get(path)
    assert answer.status_code == status, answer.text
    assert visiting.html.all("div", role="alert")
    assert _session(visiting) is None
    assert FLOW not in visiting.client.cookies


async def test_a_code_counts_once_and_in_the_browser_that_has_asked(shop: Shop, known: Callers) -> None:
    anna = stranger(shop.api)
    back = await at_provider(known, await begun(anna), "anna")
    # In another browser: one that has begun nothing, and one that has begun a sign-in of its own.
    await _no_way(stranger(shop.api), back, 400)
    other = stranger(shop.api)
    await begun(other)
    await _no_way(other, back, 400)
    flow = anna.client.cookies[FLOW]
    assert (await anna.get(back)).status_code == 303
    again = stranger(shop.api)
    again.client.cookies.set(FLOW, flow, domain="pages.test")
    await _no_way(again, back, 400)


async def test_whatever_else_comes_back_leads_nowhere(shop: Shop, known: Callers) -> None:
    async def returned(**changed: str) -> tuple[Visitor, str]:
        visiting = stranger(shop.api)
        back = urlsplit(await at_provider(known, await begun(visiting), "anna"))
        return visiting, f"{back.path}?{urlencode({**dict(parse_qsl(back.query)), **changed})}"

    for changed, status in (
        ({"state": "another"}, 400),
        ({"state": ""}, 400),
        ({"code": "another"}, 400),
        ({"code": "\x00"}, 422),
        ({"code": ""}, 403),
        ({"code": "ü" * 100}, 400),
        ({"iss": "https://other.example"}, 400),
        ({"error": "access_denied"}, 403),
    ):
        visiting, path = await returned(**changed)
        if status == 422:
            assert (await visiting.get(path)).status_code == 422
        else:
            await _no_way(visiting, path, status)
    await _no_way(stranger(shop.api), "/sign-in/callback", 403)
    answer = await stranger(shop.api).get(f"/sign-in/callback?state={'x' * 5000}")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "x",
        "ü",
        "e30=",
        base64.urlsafe_b64encode(b'{"state":1}').decode(),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        base64.urlsafe_b64encode(b'{"state":"a","nonce":"b","verifier":"c","to":"/","began":1e999}').decode(),
    ],
)
def test_a_cookie_that_holds_no_sign_in_is_none(kept: str) -> None:
    assert Flow.read(kept) is None


async def test_a_sign_in_that_took_too_long_or_was_changed_is_over(shop: Shop, known: Callers) -> None:
    for change in ({"began": 0.0}, {"began": 9e12}, {"verifier": "A" * 43}, {"nonce": "A" * 43}):
        anna = stranger(shop.api)
        back = await at_provider(known, await begun(anna), "anna")
        flow = json.loads(base64.urlsafe_b64decode(anna.client.cookies[FLOW]))
        changed = base64.urlsafe_b64encode(json.dumps({**flow, **change}).encode()).decode()
        anna.client.cookies.clear()
        anna.client.cookies.set(FLOW, changed, domain="pages.test")
        # Another nonce means that the token is of another sign-in.
        await _no_way(anna, back, 403 if "nonce" in change else 400)


async def test_nobody_is_sent_to_another_host(shop: Shop, known: Callers) -> None:
    for to in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "", "/%0d%0ax"):
        anna = stranger(shop.api)
        back = await at_provider(known, await begun(anna, urlencode({"": to})[1:]), "anna")
        answer = await anna.get(back)
        assert answer.headers["location"] in {"/", "/%0d%0ax"}
    for back in ("https://evil.example/", "//evil.example"):
        assert (await stranger(shop.api).post("/look", language="de", back=back)).headers["location"] == "/"


async def test_who_belongs_to_no_tenant_here_is_told_so(shop: Shop, known: Callers) -> None:
    known_at_issuer(known, DEMO_TENANT, "nobody", "agent")
    visiting = stranger(shop.api)
    answer = await through(visiting, known, "nobody")
    assert (answer.status_code, _session(visiting)) == (403, None)
    known_at_issuer(known, shop.office.lab.tenant, "norole")
    visiting = stranger(shop.api)
    await _no_way(visiting, await at_provider(known, await begun(visiting), "norole"), 403)


@asynccontextmanager
async def _provider(api: Api, answers: dict[str, httpx.Response | Exception]) -> AsyncIterator[Visitor]:
    """A browser whose provider answers like this, by path; whatever is not named answers as always."""

    async def answer(request: httpx.Request) -> httpx.Response:
        found = answers[request.url.path]
        if isinstance(found, Exception):
            raise found
        return found

    usual = api.wiring.provider
    assert usual is not None
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        made = Provider(
            http, usual._sign_in, issuer=ISSUER, tokens=usual._tokens, public_url=api.wiring.public_url
        )
        api.app.state.wiring = replace(api.wiring, provider=made)
        try:
            yield stranger(api)
        finally:
            api.app.state.wiring = api.wiring


def _described(**changed: Any) -> httpx.Response:
    said = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        **changed,
    }
    return httpx.Response(200, json={name: value for name, value in said.items() if value is not None})


@pytest.mark.parametrize(
    "described",
    [
        httpx.ConnectError("away"),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, content=b"x" * 300_000),
        httpx.Response(200, json=[]),
        _described(issuer="https://other.example"),
        _described(token_endpoint=None),
        _described(authorization_endpoint="javascript:alert(1)"),
        _described(token_endpoint="ftp://127.0.0.1/token"),
        _described(authorization_endpoint="http:///authorize"),
    ],
)
async def test_a_provider_that_does_not_describe_itself(
    shop: Shop, described: httpx.Response | Exception
) -> None:
    async with _provider(shop.api, {"/.well-known/openid-configuration": described}) as visiting:
        answer = await visiting.get("/sign-in/start?to=/me")
        assert answer.status_code == 503
        assert "set-cookie" not in answer.headers
        assert visiting.heading == "Welcome to Fristwerk"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (httpx.ConnectError("away"), 503),
        (httpx.Response(502), 503),
        (httpx.Response(400, json={"error": "invalid_grant"}), 400),
        (httpx.Response(200, text="no JSON"), 400),
        (httpx.Response(200, json={"access_token": "x"}), 400),
        (httpx.Response(200, json={"id_token": 5}), 400),
        (httpx.Response(200, json={"id_token": "no.token.atall"}), 403),
        (httpx.Response(200, json={"id_token": "\ud800".encode("utf-8", "surrogatepass").hex() * 3000}), 403),
    ],
)
async def test_a_provider_that_gives_nonsense(
    shop: Shop, given: httpx.Response | Exception, status: int
) -> None:
    answers = {"/.well-known/openid-configuration": _described(), "/token": given}
    async with _provider(shop.api, answers) as visiting:
        wanted = asked_for(await begun(visiting))
        await _no_way(
            visiting, f"/sign-in/callback?{urlencode({'state': wanted['state'], 'code': 'x'})}", status
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": None},
        {"nonce": "another"},
        {"aud": "fristwerk"},
        {"aud": ["fristwerk-pages", "other"]},
        {"azp": "other"},
        {"iss": "https://other.example"},
        {"exp": 1},
        {"sub": None},
        {"tenant": "none"},
        {"roles": []},
        {"roles": ["owner"]},
    ],
)
async def test_an_id_token_of_another_kind_lets_nobody_in(shop: Shop, changed: dict[str, Any]) -> None:
    answers: dict[str, httpx.Response | Exception] = {"/.well-known/openid-configuration": _described()}
    async with _provider(shop.api, answers) as visiting:
        wanted = asked_for(await begun(visiting))
        said = {"aud": "fristwerk-pages", "nonce": wanted["nonce"], **changed}
        claims = shop.callers.claims("anna", "agent", tenant=shop.office.lab.tenant)
        merged = {name: value for name, value in {**claims, **said}.items() if value is not None}
        answers["/token"] = httpx.Response(
            200, json={"id_token": shop.callers.issuer.keys.current.sign(merged)}
        )
        await _no_way(
            visiting, f"/sign-in/callback?{urlencode({'state': wanted['state'], 'code': 'x'})}", 403
        )


async def test_without_a_client_nobody_signs_in(shop: Shop) -> None:
    shop.api.app.state.wiring = replace(shop.api.wiring, provider=None)
    try:
        visiting = stranger(shop.api, "de")
        assert (await visiting.get("/sign-in/start")).status_code == 503
        assert (await visiting.get("/sign-in/callback?code=x")).status_code == 503
        assert parsed((await visiting.get("/sign-in")).text).one("html").attributes["lang"] == "de"
    finally:
        shop.api.app.state.wiring = shop.api.wiring


def test_with_https_cookies_are_bound_to_this_host_and_go_nowhere_else() -> None:
    assert flow_cookie(https=True).startswith("__Host-")
    answer = Response()
    keep_session(answer, "0123", https=True)
    drop_session(answer, https=True)
    for _, value in answer.raw_headers:
        if value.startswith(b"__Host-fristwerk="):
            assert {b"Secure", b"HttpOnly", b"Path=/", b"SameSite=lax"} <= set(value.split(b"; "))
            assert b"Domain" not in value
    kept = {b"cookie": b"fristwerk=planted; __Host-fristwerk=real"}
    assert session_in(kept, https=True) == "real"
    assert session_in({b"cookie": b"fristwerk=planted"}, https=True) is None
    assert is_ours({**kept, b"origin": b"https://here.example"}, "https://here.example/") is True
    assert is_ours({**kept, b"origin": b"http://here.example"}, "https://here.example/") is False
