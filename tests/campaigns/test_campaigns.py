"""One hold over many leads: planned, placed lead by lead, looked at, and ended for all of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from activities.campaign_orders import Turn
from adapters.campaign_gateway import TemporalCampaigns
from adapters.campaign_store import Filter
from protection.refusal import Code, Refused
from protection.state import Status
from services import campaigns
from services.errors import Forbidden, KeyReused, NotFound, Unavailable
from services.governing import release_lead
from tests.campaigns.field import WHY, Field, counted
from tests.services.office import Office

BOTH = ("agent", "manager")


async def test_what_it_would_do_is_shown_and_then_done_lead_by_lead_and_undone(office: Office) -> None:
    field = Field(office)
    leads = await field.leads(3)
    gone, noted = (await field.leads(1))[0], await office.noted(industry=field.industry)
    await release_lead(office.desk, office.asking("anna"), gone)
    asking = office.asking("maria", key=uuid4().hex)
    plan = await field.plan(asking)
    assert (set(plan.leads), plan.own) == (set(leads), ())
    async with office.desk.looking(asking) as connection:
        now = office.desk.now()
        end = replace(field.wanted(), end_at=now + timedelta(days=10))
        open_end = await campaigns.foresee(connection, asking, field.wanted(), plan.leads[:1], now=now)
        ten_days = await campaigns.foresee(connection, asking, end, plan.leads[1:], now=now)
    assert open_end[0].effect.before.valid_until is not None
    assert open_end[0].effect.after is not None
    assert open_end[0].effect.after.valid_until is None
    assert [one.effect.days for one in ten_days] == [10, 10]
    assert await field.paused(leads) == [False] * 3

    first, again = await asyncio.gather(
        *(
            campaigns.begin(office.desk, field.driver, asking, field.wanted(), seal=plan.seal, why=WHY)
            for _ in range(2)
        )
    )
    assert first == again
    row = await field.settled(first)
    assert counted(row) == {"placed": 3}
    assert await field.paused(leads) == [True] * 3
    assert await field.holds(leads) == [1] * 3
    assert noted not in plan.leads

    max_ = office.asking("max")
    await asyncio.gather(
        *(
            campaigns.end(office.desk, field.driver, max_, first, why="The price list is out")
            for _ in range(2)
        )
    )
    row = await field.settled(first)
    assert (counted(row), row.end_asked_by) == ({"ended": 3}, "max")
    assert await field.paused(leads) == [False] * 3
    assert await field.holds(leads) == [2] * 3
    told = await office.lab.execute(
        "select what, actor, reason from audit_event"
        " where tenant = $1 and what like 'hold-campaign%' order by seq",
        office.lab.tenant,
    )
    assert [(one["what"], one["actor"], one["reason"]) for one in told[-2:]] == [
        ("hold-campaign-asked", "maria", WHY),
        ("hold-campaign-end-asked", "max", "The price list is out"),
    ]


async def test_only_what_the_dry_run_has_shown_is_done(office: Office) -> None:
    field = Field(office)
    leads = await field.leads(2)
    asking = office.asking("maria", key=uuid4().hex)
    seal = (await field.plan(asking)).seal
    leads += await field.leads(1)
    for wrong in (None, "0" * 32, seal):
        with pytest.raises(campaigns.OtherLeads):
            await campaigns.begin(office.desk, field.driver, asking, field.wanted(), seal=wrong, why=WHY)
    campaign = await field.begin(asking)
    with pytest.raises(KeyReused):
        await campaigns.begin(office.desk, field.driver, asking, field.wanted(), seal="another", why=WHY)
    # A hold of their own that somebody lets go is none of the campaign's business any more.
    await field.settled(campaign)
    assert await field.paused(leads) == [True] * 3


async def test_nobody_stops_the_clock_of_a_lead_of_his_own(office: Office) -> None:
    field = Field(office)
    (mine,), (theirs,) = await field.leads(1, "anna"), await field.leads(1, "ben")
    asking = office.asking("anna", roles=BOTH)
    plan = await field.plan(asking)
    assert (plan.leads, plan.own) == ((theirs,), (mine,))
    campaign = await field.begin(asking)
    assert counted(await field.settled(campaign)) == {"placed": 1}
    assert await field.paused([mine, theirs]) == [False, True]
    await campaigns.end(office.desk, field.driver, asking, campaign, why="Enough of that now")
    await field.settled(campaign)
    with pytest.raises(Refused) as nothing:
        await campaigns.begin(
            office.desk,
            field.driver,
            office.asking("anna", roles=BOTH),
            replace(field.wanted(), filter=Filter(industry=field.industry, owner="anna")),
            seal=(await field.plan(asking, _of_anna(field))).seal,
            why=WHY,
        )
    assert (nothing.value.code, nothing.value.field) == (Code.MALFORMED, "filter")


def _of_anna(field: Field) -> campaigns.WantedCampaign:
    return replace(field.wanted(), filter=Filter(industry=field.industry, owner="anna"))


async def test_it_is_for_who_may_place_holds(office: Office) -> None:
    field = Field(office)
    await field.leads(1)
    seal = (await field.plan(office.asking("maria"))).seal
    campaign = await field.only_kept(office.asking("maria"))
    for user in ("anna", "olga"):
        asking = office.asking(user)
        for act in (
            field.plan(asking),
            campaigns.begin(office.desk, field.driver, asking, field.wanted(), seal=seal, why=WHY),
            campaigns.go_on(office.desk, field.driver, asking, campaign),
            campaigns.end(office.desk, field.driver, asking, campaign, why=WHY),
        ):
            with pytest.raises(Forbidden):
                await act
    async with office.desk.looking(office.asking("anna")) as connection:
        with pytest.raises(NotFound):
            await campaigns.look(connection, office.asking("anna"), campaign)
    with pytest.raises(NotFound):
        await campaigns.end(office.desk, field.driver, office.asking("maria"), uuid4(), why=WHY)
    # The auditor looks, with the leads.
    async with office.desk.looking(office.asking("olga")) as connection:
        seen = await campaigns.look_at_leads(connection, office.asking("olga"), campaign, most=1)
    assert (len(seen.leads), seen.after, seen.leads[0].turn) == (1, None, Turn.WAITING)


async def test_one_that_nobody_took_up_is_taken_up_later_or_ended_before_it_began(office: Office) -> None:
    field = Field(office)
    leads = await field.leads(2)
    asking = office.asking("maria")
    campaign = await field.only_kept(asking)
    assert counted(await field.look(campaign)) == {"waiting": 2}
    await campaigns.go_on(office.desk, field.driver, asking, campaign)
    assert counted(await field.settled(campaign)) == {"placed": 2}
    other = Field(office)
    others = await other.leads(2)
    campaign = await other.only_kept(office.asking("maria"))
    absent = TemporalCampaigns(office.absent)
    with pytest.raises(Unavailable):
        await campaigns.end(office.desk, absent, asking, campaign, why=WHY)
    await campaigns.go_on(office.desk, other.driver, asking, campaign)
    assert counted(await other.settled(campaign)) == {"left-out": 2}
    assert await other.paused(others) == [False, False]
    assert await field.holds(leads) == [1, 1]


@pytest.mark.parametrize(
    ("wrong", "field_name"),
    [
        ({"end_at": datetime(2020, 1, 1, tzinfo=UTC)}, "end_at"),
        ({"filter": Filter(status=Status.EXPIRED)}, "filter.status"),
        ({"filter": Filter(industry="  ")}, "filter.industry"),
        ({"filter": Filter(text="%%")}, "filter.text"),
        ({"filter": Filter(owner="\x00")}, "filter.owner"),
        ({"filter": Filter(city="x" * 201)}, "filter.city"),
        ({"filter": Filter(ends_before=datetime(2030, 1, 1))}, "filter.ends_before"),  # noqa: DTZ001
    ],
)
async def test_garbage_is_refused_by_its_field(
    office: Office, wrong: dict[str, Any], field_name: str
) -> None:
    asking = office.asking("maria")
    with pytest.raises(Refused) as refused:
        await Field(office).plan(asking, replace(Field(office).wanted(), **wrong))
    assert refused.value.field == field_name
    with pytest.raises(Refused) as refused:
        await campaigns.begin(
            office.desk, Field(office).driver, asking, Field(office).wanted(), seal=None, why="no"
        )
    assert refused.value.field == "why"
