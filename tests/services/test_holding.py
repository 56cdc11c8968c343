"""Holds and extensions: asked by one, decided by another, once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from protection.facts import HoldReason
from protection.permission import Share
from protection.refusal import Code, Refused
from protection.requests import RequestKind
from services.door import Done
from services.errors import Forbidden, NotFound, Unavailable
from services.governing import correct
from services.holding import (
    HOLD_APPROVAL,
    Decision,
    WantedExtension,
    WantedHold,
    ask_extension,
    decide,
    place_hold,
    release_hold,
    withdraw,
)
from tests.services.office import Office, same

HOLD, EXTENSION = RequestKind.HOLD, RequestKind.EXTENSION
PRICE = WantedHold(reason=HoldReason.FFZ_PRICE_APPROVAL, note="The price is being made")


def next_step(office: Office, **more: Any) -> WantedExtension:
    at = office.desk.now() + timedelta(days=30)
    return WantedExtension(reason="Tasting", next_step="Tasting with the chef", next_step_at=at, **more)


async def refusal(what: Any) -> Code:
    with pytest.raises(Refused) as error:
        await what
    return error.value.code


async def approve(office: Office, user: str, lead: UUID, request: str, **more: Any) -> Done:
    said = Decision(kind=HOLD, approve=True, **more)
    return await decide(office.desk, office.asking(user), lead, request, said)


async def requested(office: Office, lead: UUID, user: str = "anna") -> str:
    done = await place_hold(office.desk, office.asking(user), lead, PRICE)
    assert done.detail["effect"] == "REQUESTED"
    return str(done.detail["id"])


async def set_approval(office: Office, value: str) -> None:
    async with office.desk.writing(office.asking("adam")) as connection:
        await connection.execute(
            """insert into setting_value as v (tenant, scope, scope_id, key, value, changed_by, changed_at)
               values ($1, 'tenant', '', $2, $3, 'adam', $4)
               on conflict on constraint setting_value_once do update
               set value = excluded.value, changed_at = excluded.changed_at""",
            office.lab.tenant,
            HOLD_APPROVAL,
            {"approval": value},
            office.desk.now(),
        )


async def test_an_owners_hold_is_a_request_that_a_manager_approves(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    asked = await place_hold(office.desk, office.asking(key=key), lead, PRICE)
    assert (asked.detail["effect"], asked.paused) == ("REQUESTED", False)
    assert same(asked, await place_hold(office.desk, office.asking(key=key), lead, PRICE))
    name = asked.detail["id"]
    done = await approve(office, "maria", lead, name, why="Price comes next week")
    assert (done.detail["state"], done.paused) == ("APPROVED", True)
    assert await office.words(lead) == ["Price comes next week", "The price is being made"]
    assert [fact["type"] for fact in await office.facts(lead)][1:] == ["hold_requested", "request_decided"]
    freed = await release_hold(office.desk, office.asking("max"), lead, name, note="Price is out")
    assert not freed.paused
    again = release_hold(office.desk, office.asking("max"), lead, name)
    assert await refusal(again) is Code.UNKNOWN_HOLD


async def test_a_managers_hold_takes_effect_at_once(office: Office) -> None:
    lead = await office.opened()
    done = await place_hold(office.desk, office.asking("maria"), lead, PRICE)
    assert (done.detail["effect"], done.paused) == ("PLACED", True)
    assert datetime.fromisoformat(done.detail["start_at"]) <= office.desk.now()
    with pytest.raises(Forbidden):
        await release_hold(office.desk, office.asking(), lead, done.detail["id"])


async def test_a_release_that_is_said_again_while_it_is_on_its_way_is_one_release(office: Office) -> None:
    """Found by chaos: each repetition of a DELETE nobody had answered was recorded as one more release."""
    lead = await office.opened()
    hold = (await place_hold(office.desk, office.asking("maria"), lead, PRICE)).detail["id"]
    done = await asyncio.gather(
        *(release_hold(office.desk, office.asking("maria"), lead, hold) for _ in range(6)),
        return_exceptions=True,
    )
    freed = [one for one in done if isinstance(one, Done)]
    assert freed
    assert {one.code for one in done if isinstance(one, Refused)} <= {Code.UNKNOWN_HOLD}
    assert not any(one.paused for one in freed)
    released = [fact for fact in await office.facts(lead) if fact["type"] == "hold_released"]
    assert [fact["fact_id"] for fact in released] == [freed[0].fact_id]
    # Whoever says that it was wrong can release it anew.
    await correct(
        office.desk,
        office.asking("maria"),
        lead,
        corrects=freed[0].fact_id,
        replacement=None,
        reason="It was too early",
    )
    anew = await release_hold(office.desk, office.asking("maria"), lead, hold)
    assert anew.fact_id != freed[0].fact_id
    assert not anew.paused


async def test_of_two_managers_at_once_one_decides(office: Office) -> None:
    lead = await office.opened()
    for first, second in ((True, True), (True, False)):
        name = await requested(office, lead)
        why = "Nothing of that"
        done = await asyncio.gather(
            decide(office.desk, office.asking("maria"), lead, name, Decision(kind=HOLD, approve=first)),
            decide(
                office.desk, office.asking("max"), lead, name, Decision(kind=HOLD, approve=second, why=why)
            ),
            return_exceptions=True,
        )
        (late,) = [one for one in done if isinstance(one, Refused)]
        assert late.code is Code.REQUEST_DECIDED
        assert len([one for one in done if isinstance(one, Done)]) == 1
    decisions = [fact for fact in await office.facts(lead) if fact["type"] == "request_decided"]
    assert len(decisions) == 2


async def test_a_decision_repeated_under_its_key_is_the_same(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    name = await requested(office, lead)
    said = Decision(kind=HOLD, approve=False, why="No price is being made")
    first, again = [
        await decide(office.desk, office.asking("maria", key=key), lead, name, said) for _ in range(2)
    ]
    assert first.detail["state"] == "REJECTED"
    assert same(first, again)
    assert await office.words(lead) == ["No price is being made", "The price is being made"]


async def test_nobody_decides_a_request_of_their_own(office: Office) -> None:
    lead = await office.opened()
    name = await requested(office, lead)
    with pytest.raises(Forbidden):
        await approve(office, "anna", lead, name)
    # Somebody who is agent and manager at once asks, too, and another one decides.
    both = office.asking("anna", roles=("agent", "manager"))
    asked = await place_hold(office.desk, both, lead, PRICE)
    assert asked.detail["effect"] == "REQUESTED"
    own = decide(
        office.desk,
        office.asking("anna", roles=("agent", "manager")),
        lead,
        asked.detail["id"],
        Decision(kind=HOLD, approve=True),
    )
    assert await refusal(own) is Code.OWN_REQUEST
    assert (await approve(office, "max", lead, asked.detail["id"])).paused


async def test_nobody_corrects_what_was_decided_about_a_request_of_their_own(office: Office) -> None:
    lead, roles = await office.opened(), ("agent", "manager")
    hold = await place_hold(office.desk, office.asking("anna", roles=roles), lead, PRICE)
    longer = await ask_extension(
        office.desk, office.asking("anna", roles=roles), lead, next_step(office, days=1)
    )
    granted = await decide(
        office.desk,
        office.asking("max"),
        lead,
        longer.detail["id"],
        Decision(kind=EXTENSION, approve=True, days=1),
    )
    placed = await approve(office, "max", lead, hold.detail["id"])
    ended = await release_hold(office.desk, office.asking("max"), lead, hold.detail["id"])
    later = (office.desk.now() + timedelta(days=300)).isoformat()
    for fact, right in (
        (granted.fact_id, {"days": 300}),
        (granted.fact_id, None),
        (hold.fact_id, {"end_at": later}),
        (placed.fact_id, {"end_at": later}),
        (ended.fact_id, None),
    ):
        own = correct(
            office.desk,
            office.asking("anna", roles=roles),
            lead,
            corrects=fact,
            replacement=right,
            reason="I meant more",
        )
        assert await refusal(own) is Code.OWN_REQUEST
    done = await correct(
        office.desk,
        office.asking("maria"),
        lead,
        corrects=granted.fact_id,
        replacement={"days": 2},
        reason="Two were meant",
    )
    assert not done.duplicate


async def test_who_may_ask_and_who_may_take_it_back(office: Office) -> None:
    lead = await office.opened()
    for user, role in (("ben", Share.ASSIST), ("ben", Share.VIEW)):
        await office.share(lead, user, role)
        with pytest.raises(Forbidden):
            await place_hold(office.desk, office.asking(user), lead, PRICE)
    await office.share(lead, "ben", Share.NEGOTIATE)
    bens, annas = await requested(office, lead, "ben"), await requested(office, lead)
    with pytest.raises(Forbidden):
        await withdraw(office.desk, office.asking("ben"), lead, annas, HOLD)
    with pytest.raises(Forbidden):
        await withdraw(office.desk, office.asking("maria"), lead, annas, HOLD)
    with pytest.raises(NotFound):
        await withdraw(office.desk, office.asking(), lead, annas, EXTENSION)
    for name in (bens, annas):
        done = await withdraw(office.desk, office.asking(), lead, name, HOLD)
        assert done.detail["state"] == "WITHDRAWN"
        assert await refusal(withdraw(office.desk, office.asking(), lead, name, HOLD)) is Code.REQUEST_DECIDED
        assert await refusal(approve(office, "maria", lead, name)) is Code.REQUEST_DECIDED
    assert await refusal(withdraw(office.desk, office.asking(), lead, "none", HOLD)) is Code.UNKNOWN_REQUEST


async def test_where_the_tenant_wants_no_approval_the_owners_hold_takes_effect(office: Office) -> None:
    lead = await office.opened()
    await set_approval(office, "not_required")
    try:
        done = await place_hold(office.desk, office.asking(), lead, PRICE)
    finally:
        await set_approval(office, "required")
    assert (done.detail["effect"], done.paused) == ("PLACED", True)
    assert await requested(office, lead)


async def test_a_hold_that_ends_before_it_begins_is_refused(office: Office) -> None:
    lead, now = await office.opened(), office.desk.now()
    for user in ("anna", "maria"):
        wrong = WantedHold(reason=HoldReason.OTHER, start_at=now, end_at=now - timedelta(days=1))
        assert (
            await refusal(place_hold(office.desk, office.asking(user), lead, wrong)) is Code.END_BEFORE_START
        )
    name = await requested(office, lead)
    before = now - timedelta(days=2)
    earlier = approve(office, "maria", lead, name, start_at=now, end_at=before)
    assert await refusal(earlier) is Code.END_BEFORE_START


async def test_an_extension_is_asked_with_a_next_step_and_granted_in_days(office: Office) -> None:
    lead = await office.opened()
    for wrong, field in (
        (WantedExtension(reason="Tasting"), "next_step"),
        (WantedExtension(reason="x", next_step="Tasting", next_step_at=office.desk.now()), "reason"),
        (WantedExtension(reason="Tasting", next_step=" ", next_step_at=office.desk.now()), "next_step.what"),
    ):
        with pytest.raises(Refused) as error:
            await ask_extension(office.desk, office.asking(), lead, wrong)
        assert error.value.field == field
    asked = await ask_extension(office.desk, office.asking(), lead, next_step(office, days=20))
    assert (asked.detail["effect"], asked.detail["days"]) == ("REQUESTED", 20)
    second = ask_extension(office.desk, office.asking(), lead, next_step(office))
    assert await refusal(second) is Code.REQUEST_PENDING
    name = asked.detail["id"]
    boss = office.asking("maria")
    with pytest.raises(NotFound):
        await approve(office, "maria", lead, name)
    without = decide(office.desk, boss, lead, name, Decision(kind=EXTENSION, approve=True))
    assert await refusal(without) is Code.MALFORMED
    done = await decide(office.desk, boss, lead, name, Decision(kind=EXTENSION, approve=True, days=30))
    assert (done.detail["state"], done.detail["days"]) == ("APPROVED", 30)
    assert done.valid_until != asked.valid_until or done.status == "ACTIVE"
    assert await office.words(lead) == ["Tasting", "Tasting with the chef"]


async def test_a_manager_grants_an_extension_at_once(office: Office) -> None:
    lead = await office.opened()
    wanted = WantedExtension(reason="The price list was late")
    with pytest.raises(Refused, match="days"):
        await ask_extension(office.desk, office.asking("maria"), lead, wanted)
    granted = WantedExtension(reason="The price list was late", days=10)
    done = await ask_extension(office.desk, office.asking("maria"), lead, granted)
    assert (done.detail["effect"], done.detail["days"]) == ("GRANTED", 10)


async def test_with_nobody_there_a_request_waits_for_its_repetition(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    with pytest.raises(Unavailable):
        await place_hold(office.nobody(), office.asking(key=key), lead, PRICE)
    done = await place_hold(office.desk, office.asking(key=key), lead, PRICE)
    assert (done.detail["effect"], done.revision) == ("REQUESTED", 2)
