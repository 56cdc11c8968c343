"""What somebody asks for and somebody else decides, on skipped time; policies and erasure too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protection.facts import HoldReason
from protection.policy import policy_to_json
from protection.refusal import Code, Refused
from tests.workflows.lab import DAY, Lab, call, until
from workflows.request_messages import (
    AdoptPolicy,
    DecideExtension,
    DecideHold,
    Erase,
    RequestExtension,
    RequestHold,
)


async def test_a_preregistration_nobody_pursues_is_deleted_after_sixty_days(lab: Lab) -> None:
    lead = await lab.lead()
    await lead.preregister()
    await lead.forward(59 * DAY)
    assert (await lead.row())["status"] == "PREREGISTERED"
    await lead.forward(2 * DAY)
    row = await lead.row()
    assert (row["status"], row["reason"]) == ("ERASED", "UNPURSUED")
    await until(lead.is_over)


async def test_a_hold_asked_for_and_approved_by_somebody_else(lab: Lab) -> None:
    lead = await lab.registered()
    ask = RequestHold(reason=HoldReason.CUSTOMER_BLOCKED, request="r", by=lead.owner, fact_id="ask")
    assert not (await lead.tell(ask)).paused
    with pytest.raises(Refused) as own:
        await lead.tell(DecideHold(request="r", approve=True, by=lead.owner, fact_id="own"))
    assert own.value.code is Code.OWN_REQUEST
    yes = DecideHold(request="r", approve=True, by="boss", fact_id="yes")
    assert (await lead.tell(yes)).paused
    assert (await lead.tell(yes)).duplicate
    with pytest.raises(Refused) as late:
        await lead.tell(DecideHold(request="r", approve=False, by="other-boss", fact_id="no"))
    assert late.value.code is Code.REQUEST_DECIDED
    await lead.agrees()


async def test_an_open_extension_request_puts_off_the_end_of_the_base_period(lab: Lab) -> None:
    short = await lab.version(replace(lab.policy, version="short", base_months=1))
    lead = await lab.registered(policy=short)
    base = (await lead.row())["base_until"]
    await lead.tell(RequestExtension(request="x", by=lead.owner, fact_id="x"))
    await lead.forward(base + 5 * DAY)
    assert (await lead.row())["status"] == "ACTIVE"
    refused = await lead.tell(DecideExtension(request="x", approve=False, by="boss", fact_id="no"))
    assert refused.status == "EXPIRED"
    row = await lead.row()
    assert (row["reason"], row["ended_at"] >= base + 5 * DAY) == ("BASE_PERIOD", True)


async def test_a_message_for_another_revision_is_refused(lab: Lab) -> None:
    lead = await lab.registered()
    told = await lead.tell(replace(call(lead, "one"), if_revision=1))
    assert told.revision == 2
    assert (await lead.tell(replace(call(lead, "one"), if_revision=1))).duplicate
    with pytest.raises(Refused) as stale:
        await lead.tell(replace(call(lead, "two"), if_revision=1))
    assert (stale.value.code, stale.value.field) == (Code.REVISION_CONFLICT, "if_revision")


async def test_a_lead_goes_over_to_another_policy_and_stays_there_in_its_next_run(lab: Lab) -> None:
    lead = await lab.registered()
    longer = replace(lab.policy, version="contract-2", progress_days=90)
    adopt = AdoptPolicy(
        version="contract-2",
        replaces=lab.policy.version,
        policy=policy_to_json(longer),
        by="boss",
        fact_id="adopt",
    )
    await lead.tell(adopt)
    row = await lead.row()
    assert (row["policy_version"], row["progress_until"] - row["registered_at"] > 80 * DAY) == (
        "contract-2",
        True,
    )
    await lead.agrees()


async def test_an_erasure_asked_for_ends_protection(lab: Lab) -> None:
    lead = await lab.registered()
    assert (await lead.tell(Erase(by="boss", fact_id="gone"))).status == "ERASED"
    await until(lead.is_over)
