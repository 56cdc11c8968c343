"""The frame of the pages: who is let in, what every page carries, how it says no."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute

from adapters.database import Caller, open_pool
from adapters.session_store import IDLE, LONGEST, SessionStore
from adapters.settings import Login, Role
from api.app import create_app
from api.pages.areas import ROUTERS
from api.pages.failure import answer_of
from api.pages.paths import is_open, local_path
from api.pages.render import TEMPLATES
from api.pages.static_files import FILES, address
from api.pages.texts import known_texts, say
from api.problems import ApiError, Kind, status_of
from tests.api.shop import Shop
from tests.pages.visitor import Visitor, parsed, signed_in, stranger, visitor

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
OPEN_ROUTES = {
    "/static/{name}",
    "/look",
    "/sign-in",
    "/sign-in/start",
    "/sign-in/callback",
    "/feedback/{token}",
    "/feedback/thanks",
    "/calendar/{secret}.ics",
}
FILLED = re.compile(r"\{[^}]+\}")


async def test_every_page_is_closed_to_strangers_but_those_that_are_listed(shop: Shop) -> None:
    somebody = stranger(shop.api)
    for route in ROUTES:
        path = FILLED.sub("0f7e0000-0000-4000-8000-000000000001", route.path)
        assert is_open(path) == (route.path in OPEN_ROUTES), route.path
        if is_open(path):
            continue
        for method in route.methods or ():
            answer = await somebody.client.request(
                method, path, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False
            )
            assert answer.status_code == 303, (method, route.path)
            assert answer.headers["location"].startswith("/sign-in")
            assert answer.content == b""


async def test_strangers_come_back_to_where_they_wanted_to_go(shop: Shop) -> None:
    somebody = stranger(shop.api)
    answer = await somebody.get("/me?a=b&c=d")
    assert answer.headers["location"] == "/sign-in?to=/me%3Fa%3Db%26c%3Dd"
    # What was sent is not sent again by itself, and a fragment is no page to come back to.
    assert (await somebody.post("/sign-out")).headers["location"] == "/sign-in"
    answer = await somebody.get("/me", hx_request="true")
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/sign-in")


@pytest.mark.parametrize("path", ["/no-such-page", "/me/", "/ME", "//me", "/static", "/api.", "/feedback"])
async def test_an_address_that_does_not_exist_is_closed_too(shop: Shop, path: str) -> None:
    assert (await stranger(shop.api).get(path)).status_code == 303


async def test_what_every_page_carries(shop: Shop) -> None:
    anna = await visitor(shop, "anna")
    answer = await anna.get("/me")
    headers = answer.headers
    assert answer.status_code == 200, answer.text
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    page = anna.html
    assert page.one("html").attributes["lang"] == "en"
    assert [page.all(tag) != [] for tag in ("header", "nav", "main", "footer", "h1")] == [True] * 5
    assert page.one("a", class_="skip").attributes["href"] == "#" + page.one("main").attributes["id"]
    for tag, name in (("script", "src"), ("link", "href"), ("img", "src")):
        for node in page.all(tag):
            assert node.attributes[name].startswith("/static/"), node.attributes
    assert json.loads(page.one("meta", name="htmx-config").attributes["content"])["allowEval"] is False
    assert not [node for node in page.all() if "style" in node.attributes or node.tag == "style"]
    assert not [node for node in page.all("script") if node.text]


def test_templates_never_switch_off_escaping() -> None:
    for file in TEMPLATES.rglob("*.j2"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape|Markup|\bstyle=|\bon[a-z]+=|javascript:", text), file
    for source in TEMPLATES.parent.rglob("*.py"):
        assert "Markup" not in source.read_text(encoding="utf-8"), source


async def test_the_navigation_shows_what_a_role_has(shop: Shop) -> None:
    async def places(user: str) -> list[str]:
        visiting = await visitor(shop, user)
        await visiting.get("/me")
        return [link.attributes["href"] for link in visiting.html.one("nav", class_="places").all("a")]

    agent, manager, admin, auditor = [await places(user) for user in ("anna", "maria", "adam", "olga")]
    assert "/desk" not in agent
    assert {"/desk", "/settings", "/integrations"} <= set(manager)
    assert set(admin) - set(manager) == {"/mails", "/status"}
    assert {"/register", "/import", "/desk"}.isdisjoint(auditor)
    anna = await visitor(shop, "anna")
    await anna.get("/me")
    assert anna.html.one("a", aria_current="page").attributes["href"] == "/me"


@pytest.mark.parametrize(
    ("cookies", "accepted", "language"),
    [
        ({}, "de-AT,de;q=0.9", "de"),
        ({}, "fr", "en"),
        ({}, "", "en"),
        ({}, ";;q=,,\x00", "en"),
        ({"fristwerk-language": "de"}, "en", "de"),
        ({"fristwerk-language": "xx"}, "de", "de"),
    ],
)
async def test_the_language_is_chosen_or_the_browsers(
    shop: Shop, cookies: dict[str, str], accepted: str, language: str
) -> None:
    visiting = stranger(shop.api)
    for name, value in cookies.items():
        visiting.client.cookies.set(name, value, domain="pages.test")
    answer = await visiting.client.get("/sign-in", headers={"Accept-Language": accepted.replace("\x00", "")})
    assert parsed(answer.text).one("html").attributes["lang"] == language


async def test_language_and_theme_are_kept_and_forgotten(shop: Shop) -> None:
    anna = await visitor(shop, "anna")
    answer = await anna.post("/look", language="de", theme="dark", back="/me?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?x=1")
    await anna.get("/me")
    html = anna.html.one("html").attributes
    assert (html["lang"], html["data-theme"]) == ("de", "dark")
    await anna.post("/look", language="system", theme="system")
    await anna.get("/me")
    assert anna.html.one("html").attributes == {"lang": "en"}
    answer = await anna.post("/look", language="xx", theme="<script>", other="1")
    assert answer.status_code == 422
    assert "<script>" not in answer.text
    assert anna.html.one("div", role="alert").text.count("Please choose one of the list.") == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "http://127.0.0.1:8080"}, 403),
        ({"Origin": "http://127.0.0.1:8080"}, 303),
        ({"Origin": "http://127.0.0.1:8081"}, 403),
        ({"Origin": "https://127.0.0.1:8080"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8080.evil.example"}, 403),
        ({}, 403),
    ],
)
async def test_a_form_of_somebody_else_does_nothing(shop: Shop, headers: dict[str, str], status: int) -> None:
    anna = await visitor(shop, "anna")
    answer = await anna.client.post("/look", data={"language": "de"}, headers=headers)
    assert answer.status_code == status
    assert ("set-cookie" in answer.headers) == (status == 303)


@pytest.mark.parametrize(
    "session",
    [
        "",
        "x",
        "A" * 64,
        "A" * 63 + "=",
        "%00" * 20,
        "ü" * 64,
        "/" * 64,
        "A" * 5000,
        '"quoted"',
        "=" * 64,
    ],
)
async def test_a_cookie_that_is_no_session_is_none(shop: Shop, session: str) -> None:
    somebody = stranger(shop.api)
    cookie = f"fristwerk={session}; fristwerk-said=%%; fristwerk-theme=1; a; ==; fristwerk-language"
    answer = await somebody.client.get("/me", headers=[(b"Cookie", cookie.encode())])
    assert answer.status_code == 303


async def test_a_session_ends_when_it_is_idle_and_after_a_day_at_the_latest(shop: Shop) -> None:
    tenant, store = shop.office.lab.tenant, SessionStore(shop.api.wiring.app)
    began = datetime(2030, 1, 1, 8, tzinfo=UTC)
    session = await store.open(Caller(tenant, "anna", ("agent",)), began)
    at = began
    while at < began + LONGEST:
        found = await store.find(session, at)
        assert found is not None
        assert found.caller == Caller(tenant, "anna", ("agent",))
        at += IDLE - timedelta(minutes=1)
    assert await store.find(session, began + LONGEST) is None
    other = await store.open(Caller(tenant, "anna", ("agent",)), began)
    assert await store.find(other, began + IDLE) is None
    # A session of one tenant is none of another's, whatever its id says.
    raw = base64.urlsafe_b64decode(other)
    foreign = base64.urlsafe_b64encode(bytes(16) + raw[16:]).decode()
    assert await store.find(foreign, began) is None
    rows = await shop.office.lab.execute(
        "select id_hash from web_session where user_id = 'anna' and started_at = $1", began
    )
    assert raw not in {row["id_hash"] for row in rows}
    old = await signed_in(shop.api, tenant, "anna", "agent", at=datetime.now(UTC) - IDLE - timedelta(1))
    assert (await old.get("/me")).status_code == 303


async def test_how_pages_say_no(shop: Shop) -> None:
    anna = await visitor(shop, "anna", language="de")

    assert (await anna.get("/no-such-page")).status_code == 404
    assert anna.heading == "Diese Seite gibt es nicht"
    assert anna.html.one("html").attributes["lang"] == "de"
    assert (await anna.post("/me")).status_code == 405
    assert anna.heading == "So geht es nicht"
    answer = await anna.client.post(
        "/look", content=b"x" * 1_100_000, headers={"Sec-Fetch-Site": "same-origin", **_FORM}
    )
    assert (answer.status_code, parsed(answer.text).one("h1").text) == (413, "Das ist zu groß")
    answer = await anna.client.post("/look", json={}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, parsed(answer.text).one("h1").text) == (415, "Das war nicht lesbar")
    for path in ("/me%00", "/me?x=%00"):
        assert (await anna.get(path)).status_code == 422
        assert anna.heading == "Etwas passt nicht"
    answer = await anna.get("/no-such-page", hx_request="true")
    assert answer.text.startswith('<div class="note bad"')


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_kind_of_problem_is_a_page_in_both_languages(shop: Shop, kind: Kind, language: str) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/leads",
        "query_string": b"",
        "app": shop.api.app,
        "headers": [(b"accept-language", language.encode())],
    }
    error = ApiError(kind, "Only for machines.", headers={"Retry-After": "5"})
    answer = answer_of(Request(scope), error, "0123")
    page = parsed(bytes(answer.body).decode())
    assert (answer.status_code, answer.headers["retry-after"]) == (status_of(error), "5")
    assert page.one("html").attributes["lang"] == language
    assert page.one("h1").text in {say("de", text) if language == "de" else text for text in known_texts()}
    assert ("0123" in page.text) == (status_of(error) >= 500)
    assert "machines" not in page.text


def test_what_fails_while_it_tells_of_a_failure_still_answers(capsys: pytest.CaptureFixture[str]) -> None:
    # An application that was never wired: no page can be made.
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "query_string": b"",
        "headers": [],
        "app": FastAPI(),
    }
    answer = answer_of(Request(scope), ApiError(Kind.NOT_FOUND, "typed by somebody"), "0123")
    assert (answer.status_code, answer.media_type) == (500, "text/plain")
    assert "typed" not in bytes(answer.body).decode() + capsys.readouterr().err


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_FILE = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nb\r\n'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"),
        (b"language=de&language=en", "application/x-www-form-urlencoded"),
        (b"language=%00", "application/x-www-form-urlencoded"),
        (b"language[]=de", "application/x-www-form-urlencoded"),
        (b"&".join(b"x=1" for _ in range(1000)), "application/x-www-form-urlencoded"),
        (b"no parts", "multipart/form-data; boundary=x"),
        (b"no parts", "multipart/form-data"),
        (_FILE * 3 + b"--x--", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_body_that_is_no_form_is_told_so(shop: Shop, content: bytes, kind: str) -> None:
    anna = await visitor(shop, "anna")
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    answer = await anna.client.post("/look", content=content, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_flash_is_said_once_and_only_if_it_is_ours(shop: Shop) -> None:
    anna = await visitor(shop, "anna")

    def planted(what: object) -> None:
        told = base64.urlsafe_b64encode(json.dumps(what).encode()).decode()
        anna.client.cookies.set("fristwerk-said", told, domain="pages.test")

    garbage: tuple[object, ...] = (["<b>won</b>", {}], ["Sign in"], [1, 2], {}, "x", [[], {}])
    for nonsense in (*garbage, ["Number: %(number)s", {}]):
        planted(nonsense)
        await anna.get("/me")
        assert anna.said == ""
    planted(["Number: %(number)s", {"number": "<b>"}])
    answer = await anna.get("/me")
    assert "Number: &lt;b&gt;" in answer.text
    await anna.get("/me")
    assert anna.said == ""


async def test_static_files_are_packed_and_kept_for_ever(shop: Shop) -> None:
    somebody = stranger(shop.api)
    for name, file in FILES.items():
        answer = await somebody.get(address(name), accept_encoding="gzip")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content == file.plain
        assert gzip.decompress(file.packed) == file.plain
        answer = await somebody.get(f"/static/{name}", accept_encoding="br, gzip;q=0")
        assert answer.headers["cache-control"] == "public, no-cache"
        assert "content-encoding" not in answer.headers
        again = await somebody.get(f"/static/{name}", if_none_match=answer.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
    for name in ("", "none.css", "../view.py", "..%2fview.py", "fristwerk.css/"):
        assert (await somebody.get(f"/static/{name}")).status_code in {303, 404}


async def _first_visit(visiting: Visitor, path: str) -> int:
    """Bytes that go over the wire for a first page, with everything it loads."""
    answer = await visiting.client.get(path, headers={"Accept-Encoding": "gzip"})
    total = len(gzip.compress(answer.content, 5))
    assert answer.headers["content-encoding"] == "gzip"
    page = parsed(answer.text)
    named = [node.attributes.get("src") or node.attributes["href"] for node in page.all("script")]
    named += [node.attributes["href"] for node in page.all("link")]
    return total + sum(len(FILES[one.partition("?")[0].rpartition("/")[2]].packed) for one in named)


async def test_a_first_page_is_light(shop: Shop) -> None:
    assert await _first_visit(await visitor(shop, "anna"), "/me") < 50_000


@pytest.mark.parametrize(
    "path",
    ["", "leads", "//x", "/\\x", "http://x", "/a b", "/\n", "/a\\b", "/" + "x" * 2000, "/ä", "javascript:x"],
)
def test_only_a_path_of_ours_is_returned_to(path: str) -> None:
    assert local_path(path) is None


@pytest.mark.parametrize("path", ["/", "/leads?q=1&status=GRACE", "/leads/7#holds", "/a//b", "/%2e"])
def test_a_path_of_ours_is(path: str) -> None:
    assert local_path(path) == path


async def test_nobody_is_signed_in_while_the_database_is_away(shop: Shop) -> None:
    # Nobody listens on the discard port.
    nowhere = Login("postgresql://nobody@127.0.0.1:9/nothing", Role.APP)
    async with await open_pool(nowhere, name="away", smallest=0) as pool:
        app = create_app(replace(shop.api.wiring, app=pool))
        somebody = stranger(replace(shop.api, app=app))
        known = await visitor(shop, "anna")
        somebody.client.cookies.update(known.client.cookies)
        assert (await somebody.get("/me")).status_code == 503
        assert somebody.heading == "Not available at the moment"
        # What needs no database is still there.
        somebody.client.cookies.clear()
        assert (await somebody.get("/sign-in")).status_code == 200
