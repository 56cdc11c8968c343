"""The control of the sandbox: its API, its page, and the program that hosts it all."""

from __future__ import annotations

import base64
import json
import re
import ssl
import sys
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from imap_tools import MailBox

from sandbox.certificates import kept_authority
from sandbox.control import control
from sandbox.erp_records import Kind
from sandbox.memory import Memory
from sandbox.published import kept_accounts, publish
from sandbox.switches import Failure, Upstream, failing
from sandbox.world import Accounts, World
from tests.stackfixtures import PROJECT, wait_until
from workers.embedded import outside as embedded
from workers.embedded import ports
from workers.embedded.errors import StackError
from workers.embedded.process import spawn


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, Accounts(), news_again_after=0.01)
    await made.open({})
    yield made
    await made.close()


@pytest_asyncio.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(control(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8070") as made:
        yield made


async def test_the_api_switches_shows_and_begins_anew(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.put("/_sandbox/switches/openai", json={"error": 429, "retry_after": 3, "times": 5})
    assert (answer.status_code, answer.json()["error"]) == (200, 429)
    assert (await client.get("/_sandbox/switches")).json()["openai"]["times"] == 5
    async with httpx.AsyncClient(timeout=120) as asker:
        refused = await asker.get(f"{world.address(Upstream.OPENAI)}/v1/models")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
    asked = (await client.get("/_sandbox/requests/openai")).json()
    assert [(one["path"], one["answered"]) for one in asked] == [("/v1/models", 429)]
    bill = (await client.get("/_sandbox/bill/anthropic")).json()
    assert bill == {"calls": 0, "inputTokens": 0, "outputTokens": 0, "usd": "0"}
    told = await client.post("/_sandbox/inbox", content=b"Subject: Hallo\r\n\r\nText\r\n")
    assert told.json() == {"uid": 1}
    assert (await client.post("/_sandbox/acts/stock", json={"products": "3"})).status_code == 200
    assert (await client.post("/_sandbox/reset")).status_code == 204
    assert not world.switches.current(Upstream.OPENAI).spoils
    assert (world.log.of(Upstream.OPENAI), world.inbox.numbers()) == ([], [])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("PUT", "/_sandbox/switches/nobody", {}, 404, "upstream"),
        ("GET", "/_sandbox/requests/nobody", None, 404, "upstream"),
        ("GET", "/_sandbox/bill/credit", None, 404, "upstream"),
        ("PUT", "/_sandbox/switches/credit", [], 400, "body"),
        ("PUT", "/_sandbox/switches/credit", {"colour": "red"}, 400, "colour"),
        ("PUT", "/_sandbox/switches/credit", {"outage": 1}, 400, "outage"),
        ("PUT", "/_sandbox/switches/credit", {"error": True}, 400, "error"),
        ("PUT", "/_sandbox/switches/credit", {"latency_ms": None}, 400, "latency_ms"),
        ("PUT", "/_sandbox/switches/credit", {"error": 99}, 400, "error"),
        ("POST", "/_sandbox/acts/dance", {}, 400, "act"),
        ("POST", "/_sandbox/acts/ship", {"id": 7}, 400, "body"),
        ("POST", "/_sandbox/acts/ship", {"id": "none"}, 400, "id"),
        ("POST", "/_sandbox/acts/pay", {}, 400, "id"),
        ("POST", "/_sandbox/acts/invoice", {"id": "13", "days_ago": "-1"}, 400, "days_ago"),
        ("POST", "/_sandbox/acts/fail", {"upstream": "credit", "failure": "odd"}, 400, "failure"),
        ("POST", "/_sandbox/acts/heal", {"upstream": "odd"}, 400, "upstream"),
        ("POST", "/_sandbox/acts/mail", {"from": "a\nb", "subject": "x", "text": "y"}, 400, "from"),
        (
            "POST",
            "/_sandbox/acts/mail",
            {"from": "a@b", "subject": "x", "text": "y", "kind": "z"},
            400,
            "kind",
        ),
        ("POST", "/_sandbox/inbox", None, 400, "body"),
    ],
)
async def test_nonsense_is_named(
    *, method: str, path: str, body: object, status: int, field: str, client: httpx.AsyncClient
) -> None:
    answer = await client.request(method, path, json=body) if body is not None else None
    answer = answer or await client.request(method, path)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_a_person_makes_things_happen_on_the_page(client: httpx.AsyncClient, world: World) -> None:
    erp = world.xentral.records
    customer = erp.add_customer("Gasthof <Adler>", "99084", "Erfurt")["id"]
    positions = [{"product": {"id": "1"}, "quantity": 2}]
    order = {"date": "2026-11-23", "customer": {"id": customer}, "positions": positions}
    first, second = erp.add_order(order)["id"], erp.add_order(order)["id"]

    async def do(act: str, **form: str) -> str:
        answer = await client.post(
            "/act", data={"act": act, **form}, headers={"Origin": str(client.base_url)}
        )
        assert answer.status_code == 303, answer.text
        shown = await client.get(answer.headers["location"], headers={"Accept-Language": "de"})
        assert 'role="status"' in shown.text
        return shown.text

    assert "langsam</span>" in await do("fail", upstream="credit", failure="slow")
    assert "700 ms" in await do("delay", upstream="xentral", milliseconds="700")
    await do("heal", upstream="credit")
    assert world.switches.current(Upstream.CREDIT) != failing(Failure.SLOW)
    assert "Preis freigeben" in await do("hold", id=first)
    await do("release", id=first)
    page = await do("ship", id=first, days_ago="2")
    delivery = re.search(r'value="deliver"><input type="hidden" name="id" value="(\d+)"', page)
    assert delivery is not None
    assert 'value="deliver"' not in await do("deliver", id=delivery[1])
    assert "canceled" in await do("cancel", id=second)
    page = await do("invoice", id=customer, days_ago="9")
    bill = re.search(r'value="pay"><input type="hidden" name="id" value="(\d+)"', page)
    assert bill is not None
    assert 'value="pay"' not in await do("pay", id=bill[1])
    assert "Erfurt" in await do("add-customer", name="Zweiter", city="Erfurt")
    assert "Gasthof &lt;Adler&gt;" in page
    await do("mail", **{"from": "jo@adler.example", "subject": "Re: Muster", "text": "Gern, grüße"})
    assert b"jo@adler.example" in world.inbox.content(1)
    told = {"from": "jo@adler.example", "to": "a@b.example", "subject": "Re: Frist", "text": "Nein"}
    await do("mail", **told, in_reply_to="<7@fristwerk.example>")
    await do("mail", **told, in_reply_to="<7@fristwerk.example>", kind="automatic")
    await do("mail", **told, in_reply_to="<7@fristwerk.example>", kind="bounce")
    answered, automatic, bounced = (
        message_from_bytes(world.inbox.content(number), policy=policy.default) for number in (2, 3, 4)
    )
    assert (answered["In-Reply-To"], answered["Auto-Submitted"]) == ("<7@fristwerk.example>", None)
    assert automatic["Auto-Submitted"] == "auto-replied"
    assert (bounced.get_content_type(), bounced.get_param("report-type")) == (
        "multipart/report", "delivery-status",
    )  # fmt: skip
    kinds = [part.get_content_type() for part in bounced.iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert b"Final-Recipient: rfc822; jo@adler.example" in bounced.as_bytes()
    assert b"Message-ID: <7@fristwerk.example>" in bounced.as_bytes()
    world.credit.everything_later = True
    assert "/v1/models" not in page
    await do("decide")
    await do("stock", products="5")
    await do("reset")
    english = (await client.get("/", headers={"Accept-Language": "en-GB"})).text
    assert "Begin anew" in english
    assert "No order yet" in english


async def test_the_page_refuses_what_comes_from_elsewhere(client: httpx.AsyncClient, world: World) -> None:
    form = {"act": "fail", "upstream": "credit", "failure": "down"}
    foreign = await client.post("/act", data=form, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    rebound = await client.get("/", headers={"Host": "evil.example"})
    assert rebound.status_code == 400
    wrong = await client.post("/act", data={**form, "failure": "odd"})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)
    assert not world.switches.current(Upstream.CREDIT).spoils
    assert "default-src 'none'" in wrong.headers["content-security-policy"]


def test_accounts_and_certificates_last_until_they_are_damaged(tmp_path: Path) -> None:
    accounts, authority = kept_accounts(tmp_path), kept_authority(tmp_path, "Sandbox")
    assert (kept_accounts(tmp_path), kept_authority(tmp_path, "Sandbox").certificate) == (
        accounts, authority.certificate,
    )  # fmt: skip
    assert len({accounts.openai, accounts.anthropic, accounts.xentral, accounts.credit_webhook}) == 4
    assert accounts.openai not in repr(accounts)
    assert {
        file.stat().st_mode & 0o777 for file in (tmp_path / "accounts.json", tmp_path / "server.pem")
    } == {0o600}
    (tmp_path / "accounts.json").write_text("[]")
    with pytest.raises(ValueError, match="damaged"):
        kept_accounts(tmp_path)


async def test_the_stack_takes_whole_systems_only(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(world, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XENTRAL_TOKEN", "a-real-token")
    monkeypatch.setenv("OUTSIDE_CA_FILE", "elsewhere.pem")
    found = embedded.leading_there(tmp_path)
    assert found["CREDIT_TOKEN_URL"] == f"{world.address(Upstream.CREDIT, scheme='https')}/oauth2/token"
    assert not [name for name in found if name.startswith("XENTRAL_")]
    assert found["OUTSIDE_CA_FILE"] == str(world.ca_file)
    monkeypatch.setenv("XENTRAL_URL", "nonsense")
    with pytest.raises(StackError, match="XENTRAL_URL"):
        embedded.leading_there(tmp_path)
    (tmp_path / "environment.json").write_text("[")
    with pytest.raises(StackError, match="cannot be understood"):
        embedded.leading_there(tmp_path)


async def test_erp_and_bureau_know_after_a_restart_what_they_knew(world: World, tmp_path: Path) -> None:
    records = world.xentral.records
    customer = records.add_customer("Adler", "99084", "Erfurt")
    invoice = records.invoice(customer["id"])
    company = {"name": "Später", "country": "DE"}
    asked = {"reference": "1", "company": company, "amount": "1", "currency": "EUR", "purpose": "x"}
    world.credit.recall({"jobs": [], "covers": {}, "known": {}})
    basic = {"authorization": "Basic " + base64.b64encode(b"fristwerk:sandbox-credit").decode()}
    async with httpx.AsyncClient(base_url=world.address(Upstream.CREDIT), timeout=120) as bureau:
        form = {"grant_type": "client_credentials"}
        token = (await bureau.post("/oauth2/token", data=form, headers=basic)).json()["access_token"]
        job = await bureau.post("/covers", json=asked, headers={"Authorization": f"Bearer {token}"})
    assert job.status_code == 202
    Memory(world, tmp_path).keep()
    (tmp_path / "other").mkdir()
    after = World(tmp_path / "other", Accounts())
    Memory(after, tmp_path).recall()
    assert after.xentral.records.one(Kind.INVOICES, invoice["id"]) == invoice
    assert int(after.xentral.records.add_customer("Neu", "1", "Ulm")["id"]) > int(invoice["id"])
    assert after.credit.decide() == 1
    (tmp_path / "memory.json").write_text('{"erp": {"products": [1]}}')
    Memory(after, tmp_path).recall()
    assert after.xentral.records.all(Kind.INVOICES) == []
    assert not (tmp_path / "memory.json").exists()
    assert after.credit.pending() == 0


def test_the_program_hosts_everything_and_says_how_it_is_reached(tmp_path: Path) -> None:
    folder, port = tmp_path / "sandbox", ports.choose()
    also = tmp_path / "also.pem"
    also.write_bytes(kept_authority(tmp_path, "Also").certificate)
    command = [sys.executable, "-m", "sandbox", "--folder", str(folder), "--port", str(port)]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = spawn([*command, "--also-trust", str(also)], output=output, folder=PROJECT)
    try:
        wait_until(lambda: ports.answers(port), process, log)
        found = json.loads((folder / "environment.json").read_text())
        trust = ssl.create_default_context(cafile=found["OUTSIDE_CA_FILE"])
        assert len(trust.get_ca_certs()) == 2
        bearer = {"Authorization": f"Bearer {found['OPENAI_API_KEY']}"}
        models = httpx.get(f"{found['OPENAI_BASE_URL']}/models", headers=bearer, verify=trust, timeout=120)
        assert models.status_code == 200
        mail = {"from": "jo@adler.example", "subject": "Hallo", "text": "Text"}
        assert (
            httpx.post(f"http://127.0.0.1:{port}/_sandbox/acts/mail", json=mail, timeout=120).status_code
            == 200
        )
        imap = urlsplit(found["IMAP_URL"])
        with MailBox(imap.hostname or "", imap.port or 0, ssl_context=trust) as box:
            box.login(imap.username or "", imap.password or "")
            assert [one.subject for one in box.fetch()] == ["Hallo"]
    finally:
        process.terminate()
        assert process.wait(120) == 0
    (folder / "accounts.json").write_text("{")
    with log.open("wb") as output:
        again = spawn(command, output=output, folder=PROJECT)
    assert again.wait(120) == 1
    assert "The sandbox does not start" in log.read_text()
