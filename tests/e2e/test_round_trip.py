"""One lead's life on a running stack, only through HTTP; its time passes by the server's skipping.

Registered, worked on, a hold asked for and approved, nothing sent meanwhile, the hold released, reminded,
and active again. After every write the very next read shows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from temporalio.client import Client

from activities.ports import Language
from adapters.mail_texts.moments import deadline_day
from adapters.settings import DEMO_TENANT
from adapters.temporal_client import DATA_CONVERTER
from protection.dates import parse_instant
from tests.operations.exports import every_named_metric_is_exported
from tests.stack.running import UNMEASURED, Up, state_folder, up
from tests.workflows.lab import until
from workers.lead_clock import LeadClock
from workflows import names

pytestmark = [pytest.mark.stack]

BERLIN: Final = ZoneInfo("Europe/Berlin")
DAY: Final = timedelta(days=1)
# What a step may take in the lead's own time.
SOON: Final = timedelta(minutes=2)
COMPANY: Final = f"Gasthof {uuid4().hex[:12]} GmbH"
CONTACT: Final = {"name": "Erika Geheim", "email": "erika@geheim.example"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Up]:
    """A stack as a newcomer starts it, with the demo tenant's people."""
    with state_folder() as state, up(state, **UNMEASURED) as started:
        yield started


@dataclass
class Person:
    """Somebody with a token of the embedded issuer, who knows nothing but the API's address."""

    http: httpx.AsyncClient

    async def ask(self, method: str, path: str, said: Any = None) -> httpx.Response:
        return await self.http.request(method, path, json=said)

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def write(self, path: str, said: Any, status: int = 201) -> Any:
        """Write, and read at once what has been written, everywhere where it can be read."""
        answer = await self.ask("POST", path, said)
        assert answer.status_code == status, answer.text
        told = answer.json()
        await self.reads(told, answer.headers["etag"])
        return told

    async def reads(self, told: dict[str, Any], etag: str) -> None:
        """What an act answered is what every read says now."""
        lead = f"/api/leads/{told['lead']}"
        assert etag == f'"{told["revision"]}"'
        shown = await self.ask("GET", lead)
        assert shown.headers["etag"].startswith(f'"{told["revision"]}.')
        protection = await self.get(f"{lead}/protection")
        assert shown.json()["protection"] == protection
        (row,) = (await self.get(f"/api/leads?text={COMPANY}"))["items"]
        for said in (protection, row):
            assert {name: said[name] for name in ("status", "paused", "validUntil", "revision")} == {
                name: told[name] for name in ("status", "paused", "validUntil", "revision")
            }
        newest = (await self.get(f"{lead}/timeline"))["items"]
        assert told["factId"] in {one["id"] for one in newest if one["kind"] == "fact"}
        audited = (await self.get(f"{lead}/audit"))["items"]
        assert audited[0]["factId"] == told["factId"]
        assert all(one["whole"] for one in audited)


@dataclass
class Life:
    """The lead, whoever deals with it, its clock and its mails."""

    anna: Person
    maria: Person
    sink: httpx.AsyncClient
    client: Client
    lead: str = ""

    @property
    def clock(self) -> LeadClock:
        workflow = names.workflow_id(DEMO_TENANT, UUID(self.lead))
        return LeadClock(self.client, self.client.get_workflow_handle(workflow))

    @property
    def path(self) -> str:
        return f"/api/leads/{self.lead}"

    async def protection(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.anna.get(f"{self.path}/protection")
        return found

    async def pass_days(self, days: float) -> None:
        await self.clock.forward(await self.clock.now() + days * DAY)

    async def mails(self, to: str) -> list[dict[str, Any]]:
        """What this person was sent about the lead, the newest first."""
        listed = (await self.sink.get("/mails.json")).raise_for_status().json()
        return [mail for mail in listed if to in str(mail["recipients"]) and COMPANY in mail["text"]]

    async def mailed(self, to: str, number: int) -> dict[str, Any]:
        """The newest mail, once there are so many."""

        async def there() -> bool:
            return len(await self.mails(to)) >= number

        await until(there)
        found = await self.mails(to)
        assert len(found) == number, [mail["subject"] for mail in found]
        return found[0]


async def token(stack: Up, name: str) -> str:
    """As `fristwerk token` asks for it."""
    form = {"grant_type": "password", "username": name}
    form["client_secret"] = (stack.state / "issuer" / "client").read_text()
    async with httpx.AsyncClient(timeout=120) as http:
        answer = await http.post(f"{stack.addresses()['OIDC_ISSUER']}/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])


def instant(told: dict[str, Any], name: str) -> datetime:
    """A deadline that must be known."""
    assert told[name] is not None, name
    return parse_instant(told[name])


def at(expected: datetime, found: datetime) -> bool:
    """Whether it is that instant, but for what the steps took."""
    return abs(found - expected) < SOON


async def test_a_life_through_http(stack: Up) -> None:
    addresses = stack.addresses()
    pages = str(stack.parts()["mail-sink"]["where"]).rsplit(" ", 1)[-1]
    client = await Client.connect(addresses["TEMPORAL_ADDRESS"], data_converter=DATA_CONVERTER)

    def bearing(given: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {given}"}
        return httpx.AsyncClient(base_url=addresses["API_URL"], headers=headers, timeout=120)

    async with (
        bearing(await token(stack, "anna")) as anna,
        bearing(await token(stack, "maria")) as maria,
        httpx.AsyncClient(base_url=pages, timeout=120) as sink,
    ):
        life = Life(Person(anna), Person(maria), sink, client)
        began = await registered(life)
        call = await worked_on(life, began)
        held = await paused(life)
        await nothing_is_sent_meanwhile(life, held)
        await goes_on(life, call, held)
        await reminded(life)
        await active_again(life)
    # Everything has happened by now that the rules and dashboards look at.
    await asyncio.to_thread(every_named_metric_is_exported, stack)


async def registered(life: Life) -> datetime:
    said = {"company": COMPANY, "city": "Erfurt", "contact": CONTACT}
    told = await life.anna.write("/api/leads", said)
    life.lead = told["lead"]
    now = await life.protection()
    assert (now["status"], now["paused"], now["revision"], now["owner"]) == ("ACTIVE", False, 1, "anna")
    shown = await life.anna.get(life.path)
    assert shown["contacts"][0]["name"] == CONTACT["name"]
    began = instant(now, "assignedAt")
    assert at(began + 60 * DAY, instant(now, "progressUntil"))
    assert instant(now, "validUntil") == instant(now, "progressUntil") + 10 * DAY
    return began


async def worked_on(life: Life, began: datetime) -> datetime:
    await life.pass_days(20)
    await life.anna.write(f"{life.path}/activities", {"kind": "QUALIFIED_CALL", "note": "Sie kosten"})
    now = await life.protection()
    call = instant(now, "lastQualActivityAt")
    assert at(began + 20 * DAY, call)
    assert at(call + 60 * DAY, instant(now, "reminderDueAt"))
    newest = (await life.anna.get(f"{life.path}/timeline"))["items"][0]
    assert newest["notes"] == ["Sie kosten"]
    return call


async def paused(life: Life) -> datetime:
    await life.pass_days(30)
    before = await life.protection()
    wish = {"reason": "FFZ_SAMPLE_DELAY", "note": "Die Muster fehlen"}
    asked = await life.anna.write(f"{life.path}/holds", wish)
    assert asked["effect"] == "REQUESTED"
    # Asking stops no clock.
    same = await life.protection()
    assert {**same, "revision": 0} == {**before, "revision": 0}
    approve = f"{life.path}/holds/{asked['id']}/approve"
    own = await life.anna.ask("POST", approve, {})
    assert own.status_code == 403
    inbox = (await life.maria.get("/api/requests?others=true&limit=200"))["items"]
    assert [one["id"] for one in inbox if one["lead"] == life.lead] == [asked["id"]]
    await life.mailed("maria", 1)

    told = await life.maria.write(approve, {}, 200)
    assert told["state"] == "APPROVED"
    now = await life.protection()
    assert (now["status"], now["paused"]) == ("ACTIVE", True)
    assert [hold["id"] for hold in now["activeHolds"]] == [asked["id"]]
    assert (now["validUntil"], now["reminderDueAt"]) == (None, None)
    assert (await life.maria.ask("POST", approve, {})).status_code == 409
    inbox = (await life.maria.get("/api/requests?limit=200"))["items"]
    assert life.lead not in {one["lead"] for one in inbox}
    await life.mailed("anna", 1)
    return instant(now["activeHolds"][0], "startAt")


async def nothing_is_sent_meanwhile(life: Life, held: datetime) -> None:
    """The 60 days would be long over. (After 60 days of hold managers are told; that is another story.)"""
    await life.pass_days(55)
    now = await life.protection()
    assert (now["status"], now["paused"]) == ("ACTIVE", True)
    assert await life.clock.now() >= held + 54 * DAY
    happened = (await life.anna.get(f"{life.path}/timeline?limit=200"))["items"]
    assert "reminder_sent" not in {one["type"] for one in happened}
    assert {one["type"] for one in happened if one["kind"] == "mail"} == {"request-made", "request-decided"}
    assert len(await life.mails("anna")) == 1


async def goes_on(life: Life, call: datetime, held: datetime) -> None:
    (hold,) = (await life.protection())["activeHolds"]
    answer = await life.maria.ask("DELETE", f"{life.path}/holds/{hold['id']}")
    assert answer.status_code == 204, answer.text
    now = await life.protection()
    assert (now["status"], now["paused"], now["activeHolds"]) == ("ACTIVE", False, [])
    (released,) = (await life.anna.get(f"{life.path}/holds"))["items"]
    stood_still = instant(released, "endAt") - held
    assert stood_still >= 54 * DAY
    # Every second of the hold is given back, and none more.
    assert instant(now, "progressUntil") == call + 60 * DAY + stood_still
    assert instant(now, "reminderDueAt") == instant(now, "progressUntil")


async def reminded(life: Life) -> None:
    due = instant(await life.protection(), "reminderDueAt")
    await life.clock.forward(due + timedelta(seconds=5))

    async def in_grace() -> bool:
        return bool((await life.protection())["status"] == "GRACE")

    await until(in_grace)
    now = await life.protection()
    ends = instant(now, "graceUntil")
    assert at(due + 10 * DAY, ends)
    assert instant(now, "validUntil") == ends
    happened = (await life.anna.get(f"{life.path}/timeline?limit=200"))["items"]
    assert next(one["type"] for one in happened if one["kind"] == "fact") == "reminder_sent"
    (row,) = (await life.anna.get(f"/api/leads?status=GRACE&mine=true&text={COMPANY}"))["items"]
    assert row["graceUntil"] == now["graceUntil"]
    newest, *_ = await life.mails("anna")
    assert deadline_day(ends, Language.DE, BERLIN) in newest["text"]


async def active_again(life: Life) -> None:
    told = await life.anna.write(f"{life.path}/activities", {"kind": "CUSTOMER_REACTION"})
    assert told["status"] == "ACTIVE"
    now = await life.protection()
    assert now["graceUntil"] is None
    assert at(await life.clock.now() + 60 * DAY, instant(now, "progressUntil"))
    assert instant(now, "lastQualActivityAt") > instant(now, "assignedAt")
    whole = await life.maria.get("/api/audit/verification")
    assert (whole["whole"], whole["firstBroken"]) == (True, None)
