"""My week and the list of leads as people see them, over the real workflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio

from adapters.database import Caller
from protection.permission import Share
from protection.policy import QUALIFYING
from services.asking import Asking
from services.openings import Company, Opening
from services.registering import NewLead, register
from services.sharing import share
from tests.api.shop import Shop
from tests.lists.leads import living
from tests.pages.visitor import Node, Visitor, signed_in, visitor
from tests.services.office import JO
from tests.sql.conftest import new_tenant

ODD = "Käse & <b>Söhne</b> {{ 7*7 }} ' GmbH"


@dataclass(frozen=True)
class Week:
    """A tenant whose `agent` has one lead of each kind, with deadlines where the tests want them."""

    shop: Shop
    tenant: UUID
    grace: str
    base: str
    progress: str
    note: str
    helped: str

    async def visitor(self, user: str = "agent", language: str = "en") -> Visitor:
        """One of the tenant's people, signed in."""
        role = "agent" if user == "other" else user
        return await signed_in(self.shop.api, self.tenant, user, role, language=language)


def near(days: float) -> datetime:
    """So many days from now."""
    return datetime.now(UTC) + timedelta(days=days)


async def opened(
    shop: Shop, tenant: UUID, company: str, *, owner: str = "agent", note: bool = False, **columns: Any
) -> str:
    """A lead of somebody, with these columns of its projection; its clock stays as it is."""
    office = shop.office
    done = await register(
        office.desk,
        Asking.of(Caller(tenant, "manager", ("manager",))),
        NewLead(
            company=Company(company=company, city="Ort"),
            opening=Opening() if note else Opening(contact=JO),
            owner=owner,
            preregistration=note,
        ),
    )
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, start=3))
    if sets:
        await office.lab.execute(
            f"update protection set {sets} where tenant = $1 and lead = $2",
            tenant,
            done.lead,
            *columns.values(),
        )
    return str(done.lead)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def week(shop: Shop) -> Week:
    """A week with something of everything."""
    tenant = await new_tenant(shop.office.lab.pool)
    end = near(2)
    made = Week(
        shop,
        tenant,
        grace=await opened(
            shop, tenant, ODD, status="GRACE", reminder_due_at=None, grace_until=end, valid_until=end
        ),
        base=await opened(
            shop, tenant, "Grundschutz", reminder_due_at=None, base_until=near(9), valid_until=near(9)
        ),
        progress=await opened(
            shop, tenant, "Fortschritt", reminder_due_at=near(5), last_progress_at=near(-55)
        ),
        note=await opened(shop, tenant, "Vormerkung", note=True, valid_until=near(3)),
        helped=await opened(shop, tenant, "Mithilfe", owner="other", reminder_due_at=near(1)),
    )
    manager = Asking.of(Caller(tenant, "manager", ("manager",)))
    await share(shop.office.desk, manager, UUID(made.helped), "agent", Share.ASSIST)
    return made


def items(page: Node) -> dict[str, Node]:
    """The leads of a week in their order, by id."""
    return {node.attributes["id"].removeprefix("lead-"): node for node in page.all("li", class_="needy")}


async def test_a_week_says_what_why_and_what_can_be_done(week: Week) -> None:
    agent = await week.visitor()
    answer = await agent.get("/")
    assert (answer.status_code, agent.heading) == (200, "My week")
    assert len(answer.content) < 100_000
    found = items(agent.html)
    assert list(found) == [week.helped, week.grace, week.note, week.progress, week.base]
    assert "A reminder went out; grace ends on" in found[week.grace].text
    assert "in 2 days grace ends" in found[week.grace].text
    assert "No progress since" in found[week.progress].text
    assert "The base period ends on" in found[week.base].text
    assert "only a pre-registration" in found[week.note].text
    assert "shared with you" in found[week.helped].text
    assert ODD in found[week.grace].text
    assert not found[week.grace].all("b")
    acts = {
        lead: [node.text.partition(" – ")[0] for node in item.all("a", class_="button")]
        for lead, item in found.items()
    }
    assert acts == {
        week.grace: ["Log progress", "Request a hold", "Request an extension"],
        week.base: ["Request an extension", "Log progress", "Request a hold"],
        week.progress: ["Log progress", "Request a hold", "Request an extension"],
        week.helped: ["Log progress"],
        week.note: ["Register it"],
    }
    german = await week.visitor(language="de")
    await german.get("/")
    assert german.heading == "Meine Woche"
    assert "Nachfrist endet am" in items(german.html)[week.grace].text


async def test_an_act_unfolds_beside_its_lead_and_comes_back_here(week: Week) -> None:
    agent = await week.visitor()
    await agent.get("/")
    for number, act, fields in (
        (0, "activities", {"kind", "occurred_at", "note"}),
        (1, "holds", {"reason", "start_at", "end_at", "note"}),
        (2, "extensions", {"reason", "next_step", "next_step_at"}),
    ):
        await agent.get("/")
        link = items(agent.html)[week.progress].all("a", class_="button")[number]
        assert link.attributes["href"].startswith(link.attributes["hx-get"])
        await agent.get(link.attributes["hx-get"], hx_request="true")
        form = items(agent.html)[week.progress].one("form", method="post")
        assert form.attributes["action"] == f"/leads/{week.progress}/{act}"
        names = {
            node.attributes["name"] for kind in ("input", "select", "textarea") for node in form.all(kind)
        }
        assert names == fields | {"_act", "back"}
        assert form.one("input", name="back").attributes["value"] == "/"
    await agent.get(f"/?unfold={week.helped}&act=extension")
    assert not items(agent.html)[week.helped].all("form")


async def test_progress_logged_in_the_week_ends_what_was_pressing(week: Week) -> None:
    tenant = await new_tenant(week.shop.office.lab.pool)
    lead = await opened(week.shop, tenant, "Eilig", reminder_due_at=near(1), last_progress_at=near(-59))
    agent = await signed_in(week.shop.api, tenant, "agent", "agent")
    await agent.get(f"/?unfold={lead}&act=progress")
    form = items(agent.html)[lead].one("form", method="post")
    kinds = [option.attributes["value"] for option in form.one("select", name="kind").all("option")]
    assert kinds == list(QUALIFYING)
    sent: dict[str, Any] = {
        "kind": "QUALIFIED_CALL",
        "back": form.one("input", name="back").attributes["value"],
    }
    answer = await agent.post(form.attributes["action"], **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    await agent.get("/")
    assert lead not in items(agent.html)
    assert "fristwerk-said" in answer.headers["set-cookie"]


async def test_a_manager_sees_the_teams_week_and_one_persons(week: Week) -> None:
    manager, auditor = await week.visitor("manager"), await week.visitor("auditor")
    await manager.get("/")
    assert manager.heading == "The team's week"
    people = {row.one("th").text: row for row in manager.html.one("table", class_="people").all("tr")[1:]}
    told = {name: [cell.text for cell in row.all("td")] for name, row in people.items()}
    assert told == {"agent": ["1", "3", "4"], "other": ["0", "1", "1"]}
    assert set(items(manager.html)) == {week.grace, week.note, week.progress, week.base, week.helped}
    await manager.get(people["agent"].one("a").attributes["href"])
    found = items(manager.html)
    assert set(found) == {week.grace, week.note, week.progress, week.base}
    assert "Place a hold" in found[week.progress].text
    assert "agent" in found[week.progress].text
    await manager.get(f"/?unfold={week.progress}&act=extension&owner=agent")
    form = items(manager.html)[week.progress].one("form", method="post")
    assert form.all("input", name="days")
    assert form.one("input", name="back").attributes["value"] == "/?owner=agent"
    await auditor.get("/")
    assert not [node for item in items(auditor.html).values() for node in item.all("a", class_="button")]


async def test_somebody_with_nothing_to_do_is_told_what_comes_next(week: Week) -> None:
    tenant = await new_tenant(week.shop.office.lab.pool)
    agent = await signed_in(week.shop.api, tenant, "agent", "agent")
    await agent.get("/")
    empty = agent.html.one("div", class_="empty")
    assert "Nothing needs you." in empty.text
    assert empty.all("a", href="/register")
    lead = await opened(week.shop, tenant, "Weit weg")
    await agent.get("/")
    empty = agent.html.one("div", class_="empty")
    assert empty.all("a", href=f"/leads/{lead}")
    assert "in 60 days" in empty.text


async def test_what_came_of_a_request_is_news(shop: Shop) -> None:
    lead = await shop.opened("anna")
    asked = await shop.post("anna", f"{lead}/holds", {"reason": "CUSTOMER_BLOCKED"})
    anna = await visitor(shop, "anna")

    async def told() -> str:
        await anna.get("/")
        return next(node.text for node in anna.html.all("li") if node.all("a", href=f"/leads{lead}"))

    assert "waits since" in await told()
    reject = {"reason": "Das Haus ist offen"}
    done = await shop.post("maria", f"{lead}/holds/{asked.json()['id']}/reject", reject)
    assert done.status_code == 200
    assert "rejected on" in await told()


async def test_garbage_in_the_address_is_no_trouble(week: Week) -> None:
    agent = await week.visitor()
    for query, status in (
        ("cursor=nonsense", 422),
        ("cursor=WyJ4IiwieSJd", 422),
        ("unfold=nobody", 200),
        (f"unfold={uuid4()}&act=explode", 200),
        (f"owner={'x' * 300}", 200),
        ("what=ever", 200),
    ):
        assert (await agent.get(f"/?{query}")).status_code == status, query


# -------------------------------------------------------------------------------- the list


def listed(page: Node) -> list[str]:
    """The leads of a list, in its order."""
    return [
        row.one("th").all("a")[0].attributes["href"].removeprefix("/leads/")
        for row in page.one("tbody").all("tr")
    ]


async def test_the_list_is_narrowed_by_what_the_form_says(week: Week) -> None:
    agent = await week.visitor()
    by_end = [week.grace, week.note, week.base]
    for query, wanted in (
        ("city=ORT", {week.grace, week.base, week.progress, week.note, week.helped}),
        ("city=ort&status=GRACE", {week.grace}),
        ("city=ort&whose=shared", {week.helped}),
        ("city=ort&whose=mine&status=PREREGISTERED", {week.note}),
        ("city=ort&within=10&due=end", {week.grace, week.note, week.base}),
        ("city=ort&within=6&due=reminder", {week.progress, week.helped}),
        ("text=ort+KAESE", {week.grace}),
    ):
        answer = await agent.get(f"/leads?{query}")
        assert answer.status_code == 200, answer.text
        assert set(listed(agent.html)) == wanted, query
    await agent.get("/leads")
    assert listed(agent.html)[:3] == by_end
    row = agent.html.one("tbody").all("tr")[0]
    assert ODD in row.text
    assert "in 2 days" in row.text
    await agent.get("/leads?city=ort&status=CONVERTED")
    assert "No lead fits." in agent.html.one("div", class_="empty").text


async def test_pages_of_the_list_follow_each_other(shop: Shop) -> None:
    lab = shop.office.lab
    tenant = await new_tenant(lab.pool)
    leads = [str(await living(lab.pool, tenant, f"Reihe {number:03}")) for number in range(52)]
    manager = await signed_in(shop.api, tenant, "manager", "manager")
    assert (await manager.get("/leads?sort=company")).status_code == 200
    first = listed(manager.html)
    later = manager.html.one("a", rel="next").attributes["href"]
    assert (await manager.get(later)).status_code == 200
    assert first + listed(manager.html) == leads
    assert not manager.html.all("a", rel="next")
    assert manager.html.one("a", rel="prev").attributes["href"] == "/leads?sort=company"
    assert (await manager.get(later.replace("company", "validUntil"))).status_code == 422


async def test_the_list_can_be_taken_along_as_csv(week: Week) -> None:
    agent = await week.visitor()
    await agent.get("/leads?city=Ort&status=GRACE")
    link = next(node for node in agent.html.all("a") if "download" in node.attributes)
    answer = await agent.get(link.attributes["href"])
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert len(lines) == 2
    assert week.grace in lines[1]
    refused = await agent.get("/leads.csv?text=%21")
    assert (refused.status_code, refused.headers["location"]) == (303, "/leads?text=%21")


async def test_a_list_that_cannot_be_given_says_why(week: Week) -> None:
    agent = await week.visitor()
    for query, field in (
        ("text=%21%21", "text"),
        ("city=%20", "city"),
        ("within=-1", "within"),
        ("within=soon", "within"),
        ("status=HAPPY", "status"),
        ("sort=luck", "sort"),
        (f"owner={'x' * 201}", ""),
        ("cursor=abc", ""),
    ):
        answer = await agent.get(f"/leads?{query}")
        assert answer.status_code == 422, query
        note = agent.html.one("div", class_="bad")
        assert not field or note.all("a", href=f"#{field}"), query
