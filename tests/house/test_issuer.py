"""The demo issuer: who gets tokens, and that it starts nowhere but beside an embedded database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import jwt
import pytest

from sandbox.issuer import AUDIENCE, Issuer, NotEmbedded, refuse_outside_embedded_mode
from sandbox.people import read_people
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
