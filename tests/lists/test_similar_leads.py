"""Soft duplicates: who is asked whether this is another company, and what he is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from adapters.database import Pool, transaction
from adapters.registration_store import SimilarLead, similar_leads
from tests.lists.leads import living, share
from tests.sql.commands import DAY, T0
from tests.sql.conftest import new_tenant


@dataclass(frozen=True)
class Town:
    """Hotels of two agents in Erfurt, and one each elsewhere, over, and reserved."""

    tenant: UUID
    mine: UUID
    others: UUID
    shared: UUID


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(worker: Pool) -> Town:
    tenant = await new_tenant(worker)
    mine = await living(worker, tenant, "Hotel Spreebogen GmbH", postcode="99084")
    others = await living(worker, tenant, "Hotel am Spreebogen AG", owner="other", postcode="99085")
    shared = await living(worker, tenant, "Spreebogen-Hotel", owner="other", postcode="99086")
    await share(worker, tenant, shared, "agent")
    await living(worker, tenant, "Hotel Spreebogen", "Weimar", owner="other", postcode="99423")
    await living(worker, tenant, "Hotel Spreebogen Ende", status="EXPIRED")
    await living(worker, tenant, "Hotel Spreebogn", status="PREREGISTERED", valid_until=f"{T0 + DAY:%FT%TZ}")
    return Town(tenant, mine, others, shared)


async def _found(
    app: Pool,
    town: Town,
    user: str,
    company: str,
    *,
    city: str = "ERFURT",
    postcode: str | None = None,
    at: datetime = T0 + 2 * DAY,
    lead: UUID | None = None,
) -> tuple[SimilarLead, ...]:
    async with transaction(app, town.tenant, user, [user]) as connection:
        return await similar_leads(connection, company, city, postcode, at=at, lead=lead or uuid4())


async def test_a_manager_sees_all_that_are_alike_in_the_place_the_likest_first(app: Pool, town: Town) -> None:
    found = await _found(app, town, "manager", "Hotel Spreebogen KG")
    assert {each.lead for each in found[:2]} == {town.mine, town.shared}  # the order of words is none
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert found[0].score == 1
    assert all(0.7 <= each.score <= 1 for each in found)
    assert [each.lead for each in found[2:]] == [town.others]
    assert (found[2].company, found[2].city) == ("Hotel am Spreebogen AG", "Erfurt")


async def test_an_agent_is_shown_his_own_and_what_is_shared_with_him(app: Pool, town: Town) -> None:
    assert {each.lead for each in await _found(app, town, "agent", "Hotel Spreebogen")} == {
        town.mine,
        town.shared,
    }
    assert await _found(app, town, "stranger", "Hotel Spreebogen") == ()


async def test_the_same_postcode_does_as_well_as_the_same_city(app: Pool, town: Town) -> None:
    elsewhere = await _found(app, town, "manager", "Hotel Spreebogen", city="Erfurt-Süd", postcode=" 99 084 ")
    assert [each.lead for each in elsewhere] == [town.mine]
    assert await _found(app, town, "manager", "Hotel Spreebogen", city="Erfurt-Süd", postcode="12345") == ()
    assert await _found(app, town, "manager", "Hotel Spreebogen", city="Erfurt-Süd", postcode="") == ()


async def test_a_reservation_counts_while_it_lasts(app: Pool, town: Town) -> None:
    names = {each.company for each in await _found(app, town, "manager", "Hotel Spreebogn", at=T0)}
    assert "Hotel Spreebogn" in names
    later = {each.company for each in await _found(app, town, "manager", "Hotel Spreebogn", at=T0 + DAY)}
    assert later == names - {"Hotel Spreebogn"}
    assert "Hotel Spreebogen Ende" not in names


async def test_the_lead_itself_is_left_out_and_no_more_than_five_are_named(
    app: Pool, worker: Pool, tenant: UUID
) -> None:
    leads = [await living(worker, tenant, f"Gasthof Goldener Hirsch {number}") for number in range(7)]
    crowd = Town(tenant, *leads[:3])
    found = await _found(app, crowd, "manager", "Gasthof Goldener Hirsch 0")
    assert len(found) == 5
    assert found[0].lead == leads[0]
    without = await _found(app, crowd, "manager", "Gasthof Goldener Hirsch 0", lead=leads[0])
    assert leads[0] not in {each.lead for each in without}


@pytest.mark.parametrize("company", ["Baur", "Gasthof", "!!!", "", "東京", "' or 1=1 --"])
async def test_what_is_not_alike_is_not_named(company: str, app: Pool, town: Town) -> None:
    assert await _found(app, town, "manager", company) == ()
