"""The API and the demo issuer as parts of `fristwerk up`, with tokens as a person gets them."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.chaos.apart import keep_apart
from tests.stack.running import Up, busy, eventually, fristwerk, state_folder, up

pytestmark = [pytest.mark.stack]


@pytest.fixture(scope="module")
def running() -> Iterator[Up]:
    """A stack whose API had to take another port than 8080."""
    folder = Path(tempfile.mkdtemp(prefix="fristwerk-up-", dir="/var/tmp"))
    folder.chmod(0o755)
    with busy(8080):
        # Parts of it are killed.
        keep_apart(folder / "state", but="api")
        with up(folder / "state", "--no-seed") as started:
            yield started
    shutil.rmtree(folder)


def _token(running: Up, name: str) -> str:
    done = fristwerk(running.state, "token", "--as", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return done.stdout.strip()


def _me(running: Up, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{running.addresses()['API_URL']}/api/me", headers=headers, timeout=120)


def test_the_first_screen_says_how_to_try_it(running: Up) -> None:
    said = running.said()
    url = running.addresses()["API_URL"]
    assert "api: port 8080 was busy" in said
    assert f"{url}/api/docs" in said
    assert "token --as anna)" in said
    assert running.addresses()["PUBLIC_URL"] == url


@pytest.mark.parametrize(
    ("name", "role"), [("anna", "agent"), ("maria", "manager"), ("adam", "admin"), ("olga", "auditor")]
)
def test_a_token_of_every_role_is_taken(running: Up, name: str, role: str) -> None:
    assert _me(running, _token(running, name)).json()["roles"] == [role]


def test_everything_is_ready(running: Up) -> None:
    def all_is() -> bool:
        answer = httpx.get(f"{running.addresses()['API_URL']}/readyz", timeout=120)
        parts = ("database", "migrations", "temporal", "issuer", "workers")
        well = {"ready": True, "degraded": False, **dict.fromkeys(parts, "up")}
        return bool(answer.json() == well)

    # On a busy machine a part may miss its deadline once.
    eventually(all_is, "everything is ready")


def test_a_new_key_of_the_issuer_is_taken_without_a_restart(running: Up) -> None:
    token = _token(running, "anna")
    assert _me(running, token).status_code == 200
    secret = (running.state / "issuer" / "client").read_text()
    answer = httpx.post(
        f"{running.addresses()['OIDC_ISSUER']}/rotate", data={"client_secret": secret}, timeout=120
    )
    assert answer.status_code == 200
    assert _me(running, token).status_code == 200
    # The API asks for keys at most once a minute; one that starts anew asks at once.
    _kill(running, "api")
    assert _me(running, _token(running, "anna")).status_code == 200
    assert _me(running, token).status_code == 200


def _kill(running: Up, name: str) -> None:
    before = running.parts()[name]
    assert isinstance(before["pid"], int)
    psutil.Process(before["pid"]).kill()

    def back() -> bool:
        part = running.parts()[name]
        return part["pid"] not in {before["pid"], None} and part["ready"] is True

    eventually(back, f"{name} is back")


def test_tokens_outlive_the_issuer(running: Up) -> None:
    token = _token(running, "ben")
    _kill(running, "issuer")
    assert _me(running, token).status_code == 200
    assert _me(running, _token(running, "ben")).status_code == 200


def test_who_there_is(running: Up) -> None:
    shown = fristwerk(running.state, "token", "--list")
    assert "anna" in shown.stdout
    listed = json.loads(fristwerk(running.state, "token", "--list", "--json").stdout)
    assert {person["name"]: person["roles"] for person in listed}["olga"] == ["auditor"]
    given = json.loads(fristwerk(running.state, "token", "--as", "anna", "--json").stdout)
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)


def test_nobody_else_gets_a_token(running: Up) -> None:
    for arguments, why in (
        (["--as", "nobody"], "The demo tenant has no nobody"),
        ([], "Whose? fristwerk token --as anna"),
    ):
        done = fristwerk(running.state, "token", *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert why in " ".join(done.stderr.split())
    elsewhere = fristwerk(
        running.state, "token", "--as", "anna", OIDC_ISSUER="https://login.example.org", OIDC_JWKS_URL=""
    )
    assert elsewhere.returncode == 1
    assert "ask your own issuer" in " ".join(elsewhere.stderr.split())


def test_another_api_finds_the_stack_and_says_that_its_port_is_taken(running: Up) -> None:
    port = running.addresses()["API_URL"].rpartition(":")[2]
    done = fristwerk(running.state, "api", API_PORT=port)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in " ".join(done.stderr.split())


def test_without_a_stack_there_are_no_tokens() -> None:
    with state_folder() as state:
        done = fristwerk(state, "token", "--as", "anna")
        assert done.returncode == 1
        assert "none has been started here" in " ".join(done.stderr.split())


def test_a_real_database_gets_no_demo_tokens_and_no_api_without_an_issuer(running: Up) -> None:
    database = running.addresses()["DATABASE_URL"]
    keys = str(running.state / "master.keys")
    real = {"DATABASE_URL": database, "FRISTWERK_MASTER_KEY_FILE": keys}
    refused = fristwerk(running.state, "api", **real)
    assert refused.returncode == 2
    assert "OIDC_ISSUER: is not set" in " ".join(refused.stderr.split())
    with state_folder() as state, up(state, "--no-seed", **real) as beside:
        assert set(beside.parts()) == {"temporal", "mail-sink", "worker"}
        assert "The API is not started: OIDC_ISSUER" in " ".join(beside.said().split())
        assert "API_URL" not in beside.addresses()
