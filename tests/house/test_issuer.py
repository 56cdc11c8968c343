"""The demo issuer: who gets tokens, and that it starts nowhere but beside an embedded database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from sandbox.issuer import AUDIENCE, Issuer, NotEmbedded, refuse_outside_embedded_mode
from sandbox.people import read_people
from sandbox.sign_in import Codes, asked
from sandbox.signing_keys import KeyRing
from workers.embedded.people import write_people

URL = "http://127.0.0.1:9"
PARENT = 4711
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "issuer"
    made.mkdir(mode=0o700)
    write_people(made / "users.json")
    return made


@pytest.fixture
def issuer(folder: Path) -> Issuer:
    return Issuer(folder, URL)


@pytest.fixture
def http(issuer: Issuer) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(issuer.app()), base_url=URL)


def _form(folder: Path, **fields: str) -> dict[str, str]:
    secret = (folder / "client").read_text()
    return {"grant_type": "password", "username": "anna", "client_secret": secret, **fields}


async def test_a_token_says_who_it_is_and_is_checked_with_the_published_keys(
    folder: Path, http: httpx.AsyncClient
) -> None:
    about = (await http.get("/.well-known/openid-configuration")).json()
    given = (await http.post(about["token_endpoint"], data=_form(folder))).json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    keys = jwt.PyJWKSet.from_dict((await http.get(about["jwks_uri"])).json())
    token = given["access_token"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, audience=AUDIENCE, issuer=about["issuer"])
    assert (claims["sub"], claims["roles"]) == ("anna", ["agent"])
    assert claims["tenant"] == "0f7e0000-0000-4000-8000-000000000001"
    assert 3500 < claims["exp"] - time.time() <= 3600
    assert not {"d", "p", "q"} & set((await http.get("/jwks.json")).json()["keys"][0])


async def test_a_new_key_signs_and_the_old_one_is_known_for_a_while(
    folder: Path, http: httpx.AsyncClient
) -> None:
    async def published() -> list[str]:
        return [key["kid"] for key in (await http.get("/jwks.json")).json()["keys"]]

    (first,) = await published()
    second = (await http.post("/rotate", data=_form(folder))).json()["kid"]
    assert await published() == [first, second]
    given = (await http.post("/token", data=_form(folder))).json()
    assert jwt.get_unverified_header(given["access_token"]) == {"alg": "ES256", "kid": second, "typ": "JWT"}
    third = (await http.post("/rotate", data=_form(folder))).json()["kid"]
    assert await published() == [second, third]


def test_keys_survive_a_restart_and_only_we_can_read_them(folder: Path, issuer: Issuer) -> None:
    assert Issuer(folder, URL).keys.current == issuer.keys.current
    for file in (
        folder,
        folder / "keys",
        folder / "client",
        folder / "users.json",
        *(folder / "keys").iterdir(),
    ):
        assert file.stat().st_mode & 0o077 == 0, file
    # What was cut off while it was written does not count.
    (folder / "keys" / "000002.part").write_bytes(b"half a key")
    assert KeyRing(folder / "keys").current == issuer.keys.current


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_secret": "ü"}, 401, "invalid_client"),
        ({"username": "nobody"}, 400, "invalid_grant"),
        ({"username": ""}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"username": "x" * 5000}, 401, "invalid_client"),
        ({str(number): "x" for number in range(30)}, 401, "invalid_client"),
    ],
)
async def test_nobody_else_gets_a_token(
    folder: Path, http: httpx.AsyncClient, fields: dict[str, str], status: int, error: str
) -> None:
    answer = await http.post("/token", data=_form(folder, **fields))
    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_garbage_gets_no_token_and_turns_no_key(http: httpx.AsyncClient) -> None:
    for path in ("/token", "/rotate"):
        for body in (b"", b"\xff\xfe", b"%00=%ff", b"{}", b"&" * 4000):
            assert (await http.post(path, content=body)).status_code == 401
        assert (await http.get(path)).status_code == 405


@pytest.mark.parametrize(
    "content",
    ["", "{}", '[{"name": "anna"}]', '[{"name": "anna@x", "tenant": "t", "roles": []}]', '[{"nick": 1}]'],
)
def test_people_that_make_no_sense_are_named(folder: Path, content: str) -> None:
    (folder / "users.json").write_text(content)
    with pytest.raises(ValueError, match=r"users\.json: .* makes no sense"):
        read_people(folder)


def _stack(state: Path, *, pid: int = PARENT, **environment: str) -> None:
    state.mkdir(exist_ok=True)
    (state / "stack.json").write_text(json.dumps({"pid": pid, "environment": environment}))


def test_it_starts_as_the_child_of_a_stack_with_its_own_database(tmp_path: Path) -> None:
    _stack(tmp_path, DATABASE_URL="postgresql://embedded")
    refuse_outside_embedded_mode(tmp_path, {"PATH": "/bin", "OIDC_ISSUER": ""}, PARENT)


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "APP_DATABASE_URL", "WORKER_DATABASE_URL", "OIDC_ISSUER", "OIDC_JWKS_URL"]
)
def test_it_never_starts_where_something_real_is_configured(tmp_path: Path, name: str) -> None:
    _stack(tmp_path, DATABASE_URL="postgresql://embedded")
    with pytest.raises(NotEmbedded, match=f"^{name} is set"):
        refuse_outside_embedded_mode(tmp_path, {name: "something"}, PARENT)


def test_it_never_starts_beside_a_database_that_is_not_the_stacks(tmp_path: Path) -> None:
    _stack(tmp_path, TEMPORAL_ADDRESS="127.0.0.1:7233")
    with pytest.raises(NotEmbedded, match="not embedded"):
        refuse_outside_embedded_mode(tmp_path, {}, PARENT)


def test_it_never_starts_by_hand(tmp_path: Path) -> None:
    with pytest.raises(NotEmbedded, match="no stack runs"):
        refuse_outside_embedded_mode(tmp_path, {}, PARENT)
    for content in ("", "[]", "{}", '{"pid": 1}', '{"pid": 1, "environment": []}'):
        (tmp_path / "stack.json").write_text(content)
        with pytest.raises(NotEmbedded, match="no stack runs"):
            refuse_outside_embedded_mode(tmp_path, {}, PARENT)
    _stack(tmp_path, pid=PARENT + 1, DATABASE_URL="postgresql://embedded")
    with pytest.raises(NotEmbedded, match="only the stack that runs"):
        refuse_outside_embedded_mode(tmp_path, {}, PARENT)


def test_as_a_process_it_says_why_it_does_not_start(folder: Path, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    command = [sys.executable, "-m", "sandbox.issuer", "--state", str(tmp_path), "--folder", str(folder)]
    for environment, why in ((kept, "no stack runs"), ({**kept, "DATABASE_URL": "x"}, "DATABASE_URL is set")):
        done = subprocess.run(
            [*command, "--port", "9"],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert why in done.stderr
    assert not (folder / "keys").exists()


ASKED = {
    "client_id": "fristwerk-pages",
    "redirect_uri": "http://127.0.0.1:8080/sign-in/callback",
    "response_type": "code",
    "scope": "openid",
    "state": "state-of-this",
    "nonce": "nonce-of-this",
    "code_challenge": create_s256_code_challenge("v" * 43),
    "code_challenge_method": "S256",
}


async def _code(http: httpx.AsyncClient, person: str = "anna", **changed: str) -> str:
    answer = await http.post("/authorize", data={**ASKED, "person": person, **changed})
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == ASKED["redirect_uri"]
    said = dict(parse_qsl(back.query))
    assert (said["state"], said["iss"]) == (ASKED["state"], URL)
    return said["code"]


def _for_code(folder: Path, code: str, /, **changed: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": ASKED["redirect_uri"],
        "code_verifier": "v" * 43,
        "client_id": "fristwerk-pages",
        "client_secret": (folder / "client").read_text(),
        **changed,
    }


async def test_somebody_chooses_who_he_is_and_the_code_is_worth_tokens_once(
    folder: Path, issuer: Issuer, http: httpx.AsyncClient
) -> None:
    for language, title in (("de", "Als wer möchten Sie"), ("en", "As whom would you")):
        page = await http.get("/authorize", params={**ASKED, "ui_locales": language})
        assert (page.status_code, title in page.text) == (200, True)
        assert "Anna Muster" in page.text
        assert "form-action 'self' http://127.0.0.1:8080;" in page.headers["content-security-policy"]
    code = await _code(http)
    given = (await http.post("/token", data=_for_code(folder, code))).json()
    key = jwt.PyJWK(issuer.keys.published()[0])
    claims = jwt.decode(given["id_token"], key, audience="fristwerk-pages", issuer=URL)
    assert (claims["sub"], claims["nonce"], claims["roles"]) == ("anna", "nonce-of-this", ["agent"])
    assert (await http.post("/token", data=_for_code(folder, code))).json() == {"error": "invalid_grant"}
    # The secret may come in the header, as RFC 6749 prefers it.
    said = _for_code(folder, await _code(http))
    auth = (said.pop("client_id"), said.pop("client_secret"))
    assert (await http.post("/token", data=said, auth=auth)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"code_verifier": "w" * 43}, 400),
        ({"code_verifier": ""}, 400),
        ({"redirect_uri": "http://127.0.0.1:8081/sign-in/callback"}, 400),
        ({"code": "another"}, 400),
        ({"code": ""}, 400),
        ({"client_id": "other"}, 401),
        ({"client_secret": "other"}, 401),
    ],
)
async def test_a_code_is_worth_nothing_to_others(
    folder: Path, http: httpx.AsyncClient, changed: dict[str, str], status: int
) -> None:
    answer = await http.post("/token", data=_for_code(folder, await _code(http), **changed))
    assert answer.status_code == status
    assert "id_token" not in answer.text


def test_a_code_is_over_after_a_minute_and_only_so_many_are_kept() -> None:
    now = [0.0]
    codes = Codes(lambda: now[0])
    request = asked(ASKED)

    def given() -> dict[str, str]:
        code = dict(parse_qsl(urlsplit(codes.give("anna", request, URL)).query))["code"]
        return {"code": code, "code_verifier": "v" * 43, "redirect_uri": ASKED["redirect_uri"]}

    first = given()
    now[0] = 61
    assert codes.take(first) is None
    oldest = given()
    newest = [given() for _ in range(1000)][-1]
    assert codes.take(newest) == ("anna", request)
    assert codes.take(oldest) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "other"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"state": ""},
        {"nonce": ""},
        {"code_challenge": "short"},
        {"code_challenge_method": "plain"},
        {"redirect_uri": "https://evil.example/sign-in/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.example/sign-in/callback"},
        {"redirect_uri": "http://127.0.0.1:8080/sign-in/callback?x"},
        {"redirect_uri": "http://127.0.0.1:99999/sign-in/callback"},
        {"redirect_uri": "http://127.0.0.1@evil.example/sign-in/callback"},
        {"redirect_uri": "javascript://127.0.0.1/sign-in/callback"},
        {"redirect_uri": "http://[::1/sign-in/callback"},
        {"person": "nobody"},
        {"person": "<script>"},
    ],
)
async def test_what_is_no_sign_in_of_ours_leads_nowhere(
    http: httpx.AsyncClient, changed: dict[str, str]
) -> None:
    answer = await http.post("/authorize", data={**ASKED, "person": "anna", **changed})
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "<script>" not in answer.text
    if "person" not in changed:
        assert (await http.get("/authorize", params={**ASKED, **changed})).status_code == 400


async def test_by_another_name_nobody_is_at_home(http: httpx.AsyncClient) -> None:
    for path in ("/authorize", "/token", "/jwks.json"):
        answer = await http.get(path, headers={"Host": "evil.example:9"})
        assert answer.status_code == 400
