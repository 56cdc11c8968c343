"""A campaign's steps: told twice, never answered, ended meanwhile, killed in between, taken up by another."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.campaign import CampaignActivities
from activities.campaign_orders import CampaignOrder, CampaignStep
from adapters.campaign_store import ask_end
from adapters.campaign_turns import PostgresCampaigns, TemporalHoldTeller
from protection.facts import HoldReason
from services.governing import transfer
from services.holding import WantedHold, place_hold, release_hold
from tests.campaigns import dying_worker
from tests.campaigns.field import Field, counted
from tests.services.office import Office
from workflows import names

ROOT = Path(dying_worker.__file__).resolve().parents[2]


async def step(office: Office, campaign: UUID, client: Client | None = None, **more: int) -> CampaignStep:
    """One step as a worker takes it; without a client nobody answers."""
    gateway = office.nobody().gateway if client is None else office.lab.gateway
    done = CampaignActivities(PostgresCampaigns(office.lab.pool), TemporalHoldTeller(gateway))
    order = CampaignOrder(str(office.lab.tenant), str(campaign), more.get("most", 20))
    answer: CampaignStep = await ActivityEnvironment().run(done.advance, order)
    return answer


async def asked_to_end(office: Office, campaign: UUID) -> None:
    asking = office.asking("max")
    async with office.desk.writing(asking) as connection:
        await ask_end(connection, asking.caller, campaign, office.desk.now())


async def test_whoever_does_not_answer_waits_for_the_next_round(office: Office) -> None:
    field = Field(office)
    leads = await field.leads(2)
    campaign = await field.only_kept(office.asking("maria"))
    silent = await step(office, campaign)
    assert (silent.left, silent.placed, silent.after) == (2, 0, None)
    await asked_to_end(office, campaign)
    # Whether the hold arrived is unknown, so each is told to let it go; none of them has it.
    ended = await step(office, campaign, office.lab.client)
    assert (ended.left, ended.ended, ended.ending) == (0, 2, True)
    assert counted(await field.look(campaign)) == {"left-out": 2}
    assert await field.holds(leads) == [0, 0]


async def test_ending_finds_what_became_of_the_holds(office: Office) -> None:
    field = Field(office)
    early, ahead, gone, silent = await field.leads(4)
    maria, campaign = office.asking("maria"), await field.only_kept(office.asking("maria"))
    await transfer(office.desk, maria, gone, owner="maria", reason="She takes care of it")
    placed = await step(office, campaign, office.lab.client)
    assert (placed.placed, placed.refused) == (3, 1)
    assert counted(await field.look(campaign)) == {"placed": 3, "refused": 1}
    await release_hold(office.desk, maria, early, f"campaign-{campaign}")
    await place_hold(office.desk, maria, ahead, WantedHold(reason=HoldReason.OTHER))
    await asked_to_end(office, campaign)
    assert (await step(office, campaign)).left == 2
    done = await step(office, campaign, office.lab.client)
    assert (done.left, done.ended) == (0, 3)
    assert await field.paused([early, ahead, silent]) == [False, True, False]


async def test_a_worker_killed_between_telling_and_noting_changes_nothing(office: Office) -> None:
    field = Field(office)
    leads = await field.leads(7)
    campaign = await field.only_kept(office.asking("maria"))
    target = office.lab.client.service_client.config.target_host
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.campaigns.dying_worker"),
        *(office.lab.url, target, str(office.lab.tenant), str(campaign)),
        cwd=ROOT,
    )
    assert await process.wait() == -signal.SIGKILL
    assert counted(await field.look(campaign)) == {"waiting": 7}
    assert sum(await field.paused(leads)) == 5
    # A new run takes two leads a step and two steps a run, each by a fresh history.
    start = {"tenant": str(office.lab.tenant), "campaign": str(campaign), "batch": 2, "steps": 2}
    handle = await office.lab.client.start_workflow(
        names.HOLD_CAMPAIGN,
        start,
        id=names.campaign_id(office.lab.tenant, campaign),
        task_queue=names.PROTECTION_QUEUE,
    )
    done = await handle.result()
    assert (done["placed"], done["left"]) == (7, 0)
    assert await handle.query(names.PROGRESS) == done
    assert (await handle.describe()).run_id != handle.first_execution_run_id
    assert len((await handle.fetch_history()).events) < 40
    assert await field.holds(leads) == [1] * 7


async def test_garbage_ends_a_campaign_without_harm(office: Office) -> None:
    good = {"tenant": str(office.lab.tenant), "campaign": str(uuid4())}
    for start in (None, {}, {**good, "batch": 0}, {**good, "more": 1}, {**good, "tenant": "x"}, good):
        with pytest.raises(WorkflowFailureError):
            await office.lab.client.execute_workflow(
                names.HOLD_CAMPAIGN, start, id=f"campaign-{uuid4()}", task_queue=names.PROTECTION_QUEUE
            )
    done = CampaignActivities(PostgresCampaigns(office.lab.pool), TemporalHoldTeller(office.lab.gateway))
    tenant = str(office.lab.tenant)
    for order in (
        CampaignOrder("x", good["campaign"], 1),
        CampaignOrder(tenant, "x", 1),
        CampaignOrder(tenant, good["campaign"], 0),
        CampaignOrder(tenant, good["campaign"], 1, "x"),
        CampaignOrder(tenant, good["campaign"], 1),
    ):
        with pytest.raises(ApplicationError) as error:
            await ActivityEnvironment().run(done.advance, order)
        assert error.value.non_retryable
