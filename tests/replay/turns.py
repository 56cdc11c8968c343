"""The rarer turns a lead's life takes whose histories are kept: name, and what happens.

Recorded by `python -m tests.replay.turns`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pytest

from adapters.erasure_gateway import TemporalErasures
from protection.facts import HoldReason
from protection.policy import policy_to_json
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.workflows.lab import DAY, MINUTE, Lab, Lead, call, deferred, due, until
from workflows.messages import (
    Convert,
    CorrectFact,
    PlaceHold,
    Reinstate,
    ReleaseHold,
    ReleaseLead,
    StartLead,
)
from workflows.request_messages import AdoptPolicy, Erase

FOLDER: Final = LIVES_FOLDER / "turns"


async def adopted(lab: Lab) -> Lead:
    """Another policy, a hold told of late, one whose end is corrected, all written anew; then a customer."""
    lead = await lab.registered()
    longer = policy_to_json(replace(lab.policy, version="longer-1", progress_days=90))
    await lead.tell(
        AdoptPolicy(
            version="longer-1", replaces=lab.policy.version, policy=longer, by="boss", fact_id="adopt"
        )
    )
    await lead.forward(30 * DAY)
    now = await lead.now()
    over = PlaceHold(
        reason=HoldReason.OTHER,
        hold="late",
        start_at=now - 10 * DAY,
        end_at=now - 5 * DAY,
        by="boss",
        fact_id="late",
    )
    await lead.tell(over)
    await lead.tell(PlaceHold(reason=HoldReason.OTHER, hold="on", by="boss", fact_id="on"))
    await lead.forward(5 * DAY)
    await lead.tell(ReleaseHold(hold="on", by="boss", fact_id="off"))
    ended_at = (now + 2 * DAY).isoformat()
    await lead.tell(
        CorrectFact(corrects="off", replacement={"ended_at": ended_at}, by="boss", fact_id="earlier")
    )
    await lab.gateway.record_again(lab.tenant, lead.id)
    await lead.tell(Convert(by="boss", fact_id="won"))
    return lead


async def corrected(lab: Lab) -> Lead:
    """The only progress is taken back long after the reminder for it was due; nobody does anything more."""
    lead = await lab.registered()
    await lead.forward(55 * DAY)
    await lead.tell(call(lead, "wrong"))
    await lead.forward(50 * DAY)
    await lead.tell(CorrectFact(corrects="wrong", replacement=None, by="boss", fact_id="never"))
    await lead.wait_for(status="GRACE")
    await lead.forward((await lead.row())["grace_until"])
    return lead


async def erased(lab: Lab) -> Lead:
    """Its data are to go while its reminder is under way: the reminder is called off."""
    lead = await deferred(lab)
    await lead.tell(Erase(by="boss", fact_id="gone"))
    return lead


async def handed_over(lab: Lab) -> Lead:
    """The same asked of the erasure, which runs already when the lead would start it."""
    lead = await lab.registered()
    await TemporalErasures(lab.client).request(lab.tenant, lead.id, by="boss")
    return lead


async def overtaken(lab: Lab) -> Lead:
    """Progress while the reminder is under way, which then has nothing more to say."""
    lead = await deferred(lab)
    await lead.tell(call(lead, "just-now"))

    async def nothing_to_say() -> bool:
        return any(row["code"] == "superseded" for row in await lead.notifications())

    await until(nothing_to_say)
    await lead.clock.skip(await lead.now() + 2 * MINUTE)
    await lead.tell(Convert(by="boss", fact_id="won"))
    return lead


async def given_up(lab: Lab) -> Lead:
    """Given up by its owner, and over."""
    lead = await lab.registered()
    await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))
    await until(lead.is_over)
    return lead


async def reinstated(lab: Lab) -> Lead:
    """Brought back after its owner gave it up, reminded of, and a customer in the grace."""
    lead = await given_up(lab)
    await lab.gateway.reinstate(lab.tenant, lead.id, Reinstate(by="boss", fact_id="back"))
    lead = Lead(lab, lead.id, lead.owner, lead.policy)
    await lead.forward(await due(lead))
    await lead.wait_for(status="GRACE")
    await lead.tell(Convert(by="boss", fact_id="won"))
    return lead


async def not_reinstated(lab: Lab) -> Lead:
    """Begun for a reinstatement that never came."""
    lead = await given_up(lab)
    await lab.gateway.start_with(
        StartLead(
            tenant=str(lab.tenant),
            lead=str(lead.id),
            policy=policy_to_json(lead.policy),
            facts=await lead.facts(),
            awaits_reinstatement=True,
            hands_over=True,
        )
    )
    lead = Lead(lab, lead.id, lead.owner, lead.policy)
    await lead.clock.skip(await lead.now() + 6 * MINUTE)
    return lead


async def rebuilt(lab: Lab) -> Lead:
    """Begun anew from its ledger in the grace, as after the loss of all workflows; nobody does anything."""
    lead = await lab.registered()
    await lead.forward(await due(lead))
    await lead.wait_for(status="GRACE")
    await lab.gateway.restart(lab.tenant, lead.id)
    lead = Lead(lab, lead.id, lead.owner, lead.policy)
    await lead.forward((await lead.row())["grace_until"])
    return lead


TURNS: Final[Mapping[str, Callable[[Lab], Awaitable[Lead]]]] = MappingProxyType(
    {
        "adopted": adopted,
        "corrected": corrected,
        "erased": erased,
        "handed-over": handed_over,
        "overtaken": overtaken,
        "reinstated": reinstated,
        "not-reinstated": not_reinstated,
        "rebuilt": rebuilt,
    }
)


@pytest.mark.parametrize("name", TURNS)
async def test_record(lab: Lab, name: str) -> None:
    """Lives this life and keeps its history."""
    lead = await TURNS[name](lab)
    await until(lead.is_over)
    await written(f"turns/{name}", await lead.handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, TURNS)
