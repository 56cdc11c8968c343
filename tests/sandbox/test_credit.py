"""The played credit bureau: tokens, covers, jobs, signed news."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.outsidefixtures import Outside


def question(name: str = "Gasthof Adler GmbH", **more: Any) -> dict[str, Any]:
    company = {"name": name, "registrationNumber": None, "vatNumber": None, "country": "DE"}
    asked = {"reference": f"q-{name}", "company": company, "amount": "25000.00", "currency": "EUR"}
    return {**asked, "purpose": "sample", **more}


@pytest.fixture
def client(outside: Outside) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=outside.credit_url, timeout=120) as made:
        basic = (outside.accounts.credit_client, outside.accounts.credit_secret)
        token = made.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=basic).json()
        made.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield made


class _Ear(BaseHTTPRequestHandler):
    """Hears webhooks; the first one of each server is not taken."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        heard = self.server.heard  # type: ignore[attr-defined]
        heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(503 if len(heard) == 1 else 202)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name http.server has
        """Say nothing."""


@contextmanager
def ear() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address that hears webhooks, and what it has heard."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ear)
    server.heard = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", server.heard  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_name_decides(client: httpx.Client) -> None:
    names = ("Adler", "Insolventa", "Prüfgasthof", "Unbekannt e.V.")
    found = [client.post("/covers", json=question(name)).json() for name in names]
    assert [one["status"] for one in found] == ["approved", "declined", "requires_review", "requires_review"]
    assert [one["grade"] for one in found][1:] == ["D", "C", None]
    assert found[0]["limit"] == {"amount": "25000.00", "currency": "EUR"}
    assert found[1]["limit"] is found[1]["validUntil"] is None
    again = client.post("/covers", json=question("Adler"))
    assert (again.status_code, again.json()) == (200, found[0])
    assert client.get(f"/covers/{found[0]['coverId']}").json() == found[0]
    grades = {client.post("/covers", json=question(f"Haus {n}")).json()["grade"] for n in range(30)}
    assert grades == {"A", "B", "C"}


def test_several_at_once_each_have_their_answer(client: httpx.Client) -> None:
    bad = question("Adler", amount="-1", reference="bad")
    asked = [question("Eins"), bad, question("Später"), {"reference": "empty"}]
    results = client.post("/covers/bulk", json={"covers": asked}).json()["results"]
    assert [sorted(one) for one in results] == [
        ["cover", "reference"], ["error", "reference"], ["job", "reference"], ["error", "reference"],
    ]  # fmt: skip
    assert results[1]["error"]["field"] == "amount"
    wrong: dict[str, Any]
    for wrong in ({"covers": []}, {"covers": [question()] * 101}, {}):
        assert client.post("/covers/bulk", json=wrong).json()["error"]["field"] == "covers"


def test_a_job_is_decided_later_and_told_with_a_signature(client: httpx.Client, outside: Outside) -> None:
    with ear() as (url, heard):
        header = base64.b64encode(json.dumps({"callbackUrl": url, "timeToLive": 24}).encode()).decode()
        asked = client.post("/covers", json=question("Später"), headers={"Notification": header})
        assert asked.status_code == 202
        job = asked.json()
        assert job["status"] == "pending"
        assert client.post("/covers", json=question("Später")).json() == job
        assert outside.decide_credit() == 1
        tries = outside.news("credit")
    assert [one.status for one in tries] == [503, 202]
    assert {one.event_id for one in tries} == {heard[0][0]["x-event-id"]}
    headers, body = heard[1]
    told = json.loads(body)
    digest = hmac.new(
        outside.accounts.credit_webhook.encode(), f"{headers['x-timestamp']}.".encode() + body, hashlib.sha256
    )
    assert headers["x-signature"] == f"sha256={digest.hexdigest()}"
    assert (told["eventType"], told["jobId"], told["reference"]) == (
        "cover.decided", job["jobId"], "q-Später",
    )  # fmt: skip
    done = client.get(f"/jobs/{job['jobId']}").json()
    assert done["status"] == "processed"
    assert client.get(done["resourceUrl"]).json() == told["cover"]
    assert client.post("/covers", json=question("Später")).json() == told["cover"]


def test_everything_can_be_made_to_take_its_time(client: httpx.Client, outside: Outside) -> None:
    outside.credit_later()
    assert client.post("/covers", json=question("Adler")).status_code == 202
    outside.reset()
    assert client.post("/covers", json=question("Adler")).status_code == 401, "tokens are gone too"


def test_tokens_are_needed_and_can_be_taken_back(client: httpx.Client, outside: Outside) -> None:
    assert client.get("/jobs/none").status_code == 404
    outside.take_credit_tokens_back()
    assert client.get("/jobs/none").status_code == 401
    form = {"grant_type": "client_credentials", "client_id": "fristwerk", "client_secret": "guessed"}
    assert client.post("/oauth2/token", data=form).json() == {"error": "invalid_client"}
    basic = {"Authorization": "Basic nonsense"}
    assert client.post("/oauth2/token", data=form, headers=basic).status_code == 401
    assert client.post("/oauth2/token", data={"grant_type": "password"}).status_code == 400


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("amount", {"amount": "many"}),
        ("amount", {"amount": "Infinity"}),
        ("amount", {"amount": "0"}),
        ("currency", {"currency": "euro"}),
        ("purpose", {"purpose": None}),
        ("reference", {"reference": ""}),
        ("company.name", {"company": {"country": "DE"}}),
        ("company.country", {"company": {"name": "Adler", "country": "Germany"}}),
    ],
)
def test_what_is_wrong_is_named(field: str, wrong: dict[str, Any], client: httpx.Client) -> None:
    answer = client.post("/covers", json=question("Adler", **wrong))
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize("header", ["nonsense", base64.b64encode(b"[]").decode(), "e30="])
def test_a_callback_that_is_none_is_refused(header: str, client: httpx.Client) -> None:
    answer = client.post("/covers", json=question(), headers={"Notification": header})
    assert answer.json()["error"]["field"] == "Notification"
