"""Figures: what they count, for whom, and what is behind each of them."""

from __future__ import annotations

import csv
import io
from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from adapters.database import transaction
from adapters.kpi_days import EVERYBODY, days_between
from adapters.read_model import counts_by_status
from protection.facts import Corrected, HoldReason
from services.kpi import figures
from services.kpi_parts import LONGEST_DAYS, BadPeriod, Period
from tests.api.ledgers import registered
from tests.pages.figures.past import FIRST, LAST, PERIOD, Past, at
from tests.pages.figures.past import held as held_for
from tests.pages.visitor import Visitor


def table(page: Visitor, chart: str) -> dict[str, list[str]]:
    """The numbers of a chart by part, as its table tells them."""
    figure = next(one for one in page.html.all("figure", class_="chart") if one.all("h3", id=chart))
    rows = [
        (row.one("th").text, [cell.text for cell in row.all("td")])
        for body in figure.all("tbody")
        for row in body.all("tr")
    ]
    return dict(rows)


async def test_a_manager_sees_the_tenant_and_every_number_leads_to_its_leads(past: Past) -> None:
    maria = await past.visitor("manager")
    answer = await maria.get(f"/kpis?{PERIOD}")
    assert answer.status_code == 200, answer.text
    assert maria.heading == "Figures"
    stood = table(maria, "stood")
    assert stood["Wed, 1 May 2024 – Sun, 5 May 2024"] == ["4", "0", "0"]
    # Two reminded on 1 July; one saved on 6 July, the other lapsed on 11 July.
    assert stood["Mon, 1 Jul 2024 – Sun, 7 Jul 2024"] == ["3", "1", "0"]
    assert stood["Mon, 8 Jul 2024 – Sun, 14 Jul 2024"] == ["3", "0", "0"]
    held = table(maria, "held")
    # From 12 to 22 May for the company, overlapping once; in June because of the customer.
    assert sum(float(row[0]) for row in held.values()) == pytest.approx(10, abs=0.11)
    assert sum(float(row[3]) for row in held.values()) == pytest.approx(4, abs=0.11)
    decided = table(maria, "decided")
    assert decided["Mon, 10 Jun 2024 – Sun, 16 Jun 2024"] == ["1.5", "–"]
    for figure, said, companies in (
        ("lapsed", "1", {str(past.lapse)}),
        ("reactivated", "1", {str(past.saved)}),
        ("reminded", "2", {str(past.lapse), str(past.saved)}),
        ("entered", "4", {str(past.lapse), str(past.saved), str(past.waited), str(past.odd)}),
        ("holds-decided", "1", {str(past.waited)}),
    ):
        await maria.get(f"/kpis?{PERIOD}")
        link = next(
            one
            for one in maria.html.all("a")
            if f"figure={figure}&" in one.attributes["href"] and one.all("strong")
        )
        assert link.one("strong").text == said, figure
        await maria.get(link.attributes["href"])
        leads = {one.attributes["href"].removeprefix("/leads/") for one in maria.html.one("tbody").all("a")}
        assert leads == companies, figure


async def test_days_on_hold_lead_to_the_leads_that_waited(past: Past) -> None:
    olga = await past.visitor("auditor", language="de")
    await olga.get(f"/kpis/leads?figure=held&reason=company&{PERIOD}")
    rows = [[cell.text for cell in row.all("td")] for row in olga.html.one("tbody").all("tr")]
    # 10 days for a price, 10 for supply (asked for and approved); the customer's own blocking is left out.
    assert [row[1] for row in rows] == ["10", "10"]
    await olga.get(f"/kpis/leads?figure=held&reason={HoldReason.CUSTOMER_BLOCKED}&{PERIOD}")
    assert [row.all("td")[1].text for row in olga.html.one("tbody").all("tr")] == ["4"]


async def test_an_agent_sees_his_own_and_nothing_of_others(past: Past) -> None:
    agent = await past.visitor("agent")
    # Asking for somebody else's changes nothing.
    await agent.get(f"/kpis?{PERIOD}&owner=other")
    assert table(agent, "stood")["Wed, 1 May 2024 – Sun, 5 May 2024"] == ["2", "0", "0"]
    assert not agent.html.all("select", name="owner")
    await agent.get(f"/kpis/leads?figure=held&{PERIOD}&owner=other")
    assert not agent.html.all("tbody")
    other = await past.visitor("other")
    await other.get(f"/kpis?{PERIOD}")
    assert table(other, "stood")["Wed, 1 May 2024 – Sun, 5 May 2024"] == ["2", "0", "0"]
    maria = await past.visitor("manager")
    await maria.get(f"/kpis?{PERIOD}&owner=agent")
    assert table(maria, "stood")["Wed, 1 May 2024 – Sun, 5 May 2024"] == ["2", "0", "0"]


async def test_figures_are_counted_once_and_agree_with_what_stands(past: Past) -> None:
    office = past.office
    period = Period(date.fromisoformat(FIRST), date.fromisoformat(LAST))
    wiring, caller = office.api.wiring, past.caller("manager")
    async with transaction(wiring.app, office.tenant, "manager", ("manager",), reading=True) as connection:
        counts = {str(one.status): one.leads for one in await counts_by_status(connection, office.tenant)}
    told = await figures(wiring.app, wiring.gatherings, caller, period, EVERYBODY, moment=at(700))
    again = await figures(wiring.app, wiring.gatherings, caller, period, EVERYBODY, moment=at(700))
    assert told == again
    assert told.left == 0
    assert (told.stood.active, told.stood.expired) == (counts["ACTIVE"], counts["EXPIRED"])


async def test_a_correction_moves_the_days_it_is_about(past: Past) -> None:
    office, caller = past.office, past.caller("manager")
    wiring = office.api.wiring
    period = Period(date.fromisoformat(FIRST), date.fromisoformat(LAST))

    async def held() -> float:
        told = await figures(wiring.app, wiring.gatherings, caller, period, "third", moment=at(700))
        return sum(told.whole.held.values())

    facts = [registered("third"), held_for(10, 15, HoldReason.OTHER, "h1")]
    lead = await office.lead(*facts, owner="third")
    assert await held() == pytest.approx(5)
    right = Corrected(
        fact_id="c2",
        recorded_at=at(51),
        by="manager",
        corrects="place-h1",
        replacement={"end_at": at(12).strftime("%Y-%m-%dT%H:%M:%SZ")},
    )
    await office.record(lead, [*facts, right])
    assert await held() == pytest.approx(2)


async def test_a_period_that_makes_no_sense_is_told_at_its_field(past: Past) -> None:
    maria = await past.visitor("manager")
    for query, said in (
        ("days=own&first=2024-08-31&last=2024-05-01", "The last day must not lie before the first."),
        ("days=own&first=1999-01-01&last=2024-05-01", "At most three years, please."),
        ("days=own&first=yesterday", "A date, please, such as 2026-11-23."),
        ("days=12", "Please choose one of the list."),
        ("owner=" + "x" * 101, "At most 100 characters, please."),
    ):
        answer = await maria.get(f"/kpis?{query}")
        assert answer.status_code == 422, query
        assert said in maria.html.one("main").text, query
    for path in ("/kpis/leads", "/kpis/leads?figure=nothing", "/kpis/leads?figure=held&skip=-1"):
        assert (await maria.get(path)).status_code == 422, path
    with pytest.raises(BadPeriod):
        Period(date.fromisoformat(LAST), date.fromisoformat(FIRST))
    assert LONGEST_DAYS > 366


async def test_everything_can_be_had_as_a_table(past: Past) -> None:
    maria = await past.visitor("manager")
    answer = await maria.get(f"/kpis.csv?{PERIOD}")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sum(int(row["lapsed"]) for row in rows) == 1
    assert sum(float(row["holdDays.FFZ_PRICE_APPROVAL"]) for row in rows) == pytest.approx(10, abs=0.01)
    assert [row["medianDays.HOLD"] for row in rows if row["medianDays.HOLD"]] == ["1.5"]
    answer = await maria.get(f"/kpis/leads.csv?figure=reminded&{PERIOD}")
    found = {row["lead"] for row in csv.DictReader(io.StringIO(answer.text))}
    assert found == {str(past.lapse), str(past.saved)}
    # What does not fit is told on the page.
    assert (await maria.get("/kpis.csv?days=12")).status_code == 303


async def test_nobody_else_counts_and_no_tenant_is_looked_into(past: Past) -> None:
    wiring = past.office.api.wiring
    async with transaction(wiring.app, past.office.tenant, "agent", ("agent",), reading=True) as connection:
        rows = await days_between(
            connection, past.office.tenant, EVERYBODY, date.fromisoformat(FIRST), date.fromisoformat(LAST)
        )
    assert rows == []


async def test_samples_that_arrived_say_how_many_were_answered(past: Past) -> None:
    tenant = past.office.tenant
    superuser = await asyncpg.connect(past.url)
    try:
        await superuser.execute(
            "select set_config('app.tenant', $1, false), set_config('app.user', 'agent', false),"
            " set_config('app.at', $2, false)",
            str(tenant),
            at(3).isoformat(),
        )
        for lead, answered in ((past.lapse, True), (past.saved, False), (past.waited, False)):
            box = uuid4()
            await superuser.execute(
                "insert into sample_box (tenant, id, lead, created_by, created_at)"
                " values ($1, $2, $3, 'agent', $4)",
                tenant, box, lead, at(3),
            )  # fmt: skip
            await superuser.execute(
                "insert into shipment (tenant, lead, box, shipped_by, shipped_at, delivered_by, delivered_at)"
                " values ($1, $2, $3, 'agent', $4, 'agent', $5)",
                tenant, lead, box, at(4), at(6),
            )  # fmt: skip
            if answered:
                await superuser.execute(
                    "insert into feedback_submission"
                    " (tenant, id, lead, box, source, contact_role, told_by, given_at, received_at)"
                    " values ($1, $2, $3, $4, 'PHONE', 'CHEF', 'agent', $5, $5)",
                    tenant, uuid4(), lead, box, at(9),
                )  # fmt: skip
    finally:
        await superuser.close()
    maria, agent = await past.visitor("manager"), await past.visitor("agent")
    await maria.get(f"/kpis?{PERIOD}")
    assert "33 % of the samples that arrived were answered: 1 of 3 boxes." in maria.html.one("main").text
    await agent.get(f"/kpis?{PERIOD}")
    assert "50 % of the samples that arrived were answered: 1 of 2 boxes." in agent.html.one("main").text
    await maria.get(f"/kpis/leads?figure=delivered&{PERIOD}")
    rows = [row.all("td")[1].text for row in maria.html.one("tbody").all("tr")]
    assert rows == ["not answered yet", "not answered yet", "answered"]
