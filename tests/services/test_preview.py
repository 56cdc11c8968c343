"""What if: both courses side by side, and not a trace of it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.console_model import Ledger
from protection.dates import add_period, parse_instant, zone
from protection.facts import (
    ActivityRecorded,
    Converted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReason,
    Registered,
    Released,
    ReminderSent,
)
from protection.policy import Policy, policy_from_json
from protection.refusal import Code, Refused
from protection.state import Status
from protection.steps import Rule
from protection.vectors import snapshot_to_json, transition_to_json
from services.preview import Preview, Supposed, WhatIf, preview
from tests.protection.vectors import HOW_MANY, VECTORS

T0 = datetime(2030, 5, 2, 9, 30, tzinfo=UTC)
BERLIN = zone("Europe/Berlin")


def day(number: int) -> datetime:
    """So many days after registration, by the wall clock in Berlin."""
    return add_period(T0, 0, number, BERLIN)


def lead(*facts: Fact) -> Ledger:
    first = Registered(fact_id="reg", recorded_at=T0, by="agent", owner="agent", registered_at=T0)
    return Ledger(Policy(), (first, *facts))


def held(start: int, end: int | None = None) -> HoldPlaced:
    return HoldPlaced(
        fact_id="place",
        recorded_at=day(start),
        by="manager",
        hold="h1",
        reason=HoldReason.FFZ_SUPPLY_ISSUE,
        start_at=day(start),
        end_at=None if end is None else day(end),
    )


def ask(
    ledger: Ledger,
    *facts: Supposed,
    now: int = 40,
    policy: dict[str, Any] | None = None,
    as_of: tuple[datetime, ...] = (),
    until: datetime | None = None,
) -> Preview:
    return preview(ledger, WhatIf(facts, policy or {}, as_of, until), now=day(now))


def codes(told: Preview) -> list[tuple[int | None, Code, str]]:
    return [(one.index, one.refused.code, one.refused.field) for one in told.refused]


def supposed(raw: dict[str, Any]) -> Supposed:
    """A vector's fact as something supposed."""
    values = {name: value for name, value in raw.items() if name not in {"at", "type"}}
    return Supposed(raw["type"], parse_instant(raw["at"]), values)


def question(raw: dict[str, Any], policy: dict[str, Any] | None = None) -> WhatIf:
    return WhatIf(
        facts=tuple(supposed(fact) for fact in raw["facts"]),
        policy=policy or {},
        as_of=tuple(parse_instant(moment) for moment in raw["as_of"]),
        until=parse_instant(raw["until"]),
    )


def answer(told: Preview, raw: dict[str, Any]) -> dict[str, Any]:
    """The preview in the vectors' form."""
    snapshots = [snapshot_to_json(one.after.answer) for one in told.comparisons] if raw["as_of"] else []
    return {
        "transitions": [transition_to_json(one) for one in told.transitions_after],
        "rejected_facts": [one.index for one in told.refused],
        "snapshots": snapshots,
    }


def test_no_vector_is_missing() -> None:
    assert len(VECTORS) == HOW_MANY


@pytest.mark.parametrize("raw", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_the_preview_agrees_with_the_vector(raw: dict[str, Any]) -> None:
    """A lead just registered; all the rest is supposed, once the policy too."""
    at = parse_instant(raw["registered_at"])
    first = Registered(fact_id="reg", recorded_at=at, by="agent", owner="agent", registered_at=at)
    own = Ledger(policy_from_json(raw["policy"]), (first,))
    assert answer(preview(own, question(raw), now=at), raw) == raw["expected"]
    usual = Ledger(Policy(), (first,))
    assert answer(preview(usual, question(raw, raw["policy"]), now=at), raw) == raw["expected"]


def test_what_if_the_hold_ends_on_friday() -> None:
    told = ask(lead(held(30)), Supposed("hold_released", day(44), {"hold": "h1"}))
    (compared,) = told.comparisons
    assert compared.as_of == day(44)
    assert compared.before.answer.valid_until is None
    assert compared.before.answer.paused
    assert compared.after.answer.progress_until == day(74)
    assert compared.after.answer.valid_until == day(84)
    assert compared.gained.valid_until is None
    assert [one.to for one in told.transitions_after] == [Status.ACTIVE, Status.GRACE, Status.EXPIRED]
    assert [one.to for one in told.transitions_before] == [Status.ACTIVE]
    assert Rule.HOLD in {step.rule for each in told.explanation.reckonings for step in each.steps}


def test_what_if_the_base_period_is_extended() -> None:
    told = ask(lead(), Supposed("extension_granted", values={"days": 30}))
    (compared,) = told.comparisons
    assert compared.as_of == told.now == day(40)
    assert compared.gained.base_until == 30
    assert compared.gained.valid_until == 0
    assert compared.gained.progress_until == 0


def test_what_if_grace_were_other() -> None:
    told = ask(lead(), policy={"grace_days": 14})
    (compared,) = told.comparisons
    assert compared.gained.valid_until == 4
    assert compared.gained.grace_until is None
    assert told.transitions_after[-1].at - told.transitions_before[-1].at == timedelta(days=4)
    assert ask(lead(), policy={"grace_days": 5}).comparisons[0].gained.valid_until == -5


def test_a_hold_placed_on_top_and_a_call_and_a_new_owner() -> None:
    told = ask(
        lead(),
        Supposed("transferred", day(57), {"owner": "other"}),
        Supposed("hold_placed", day(45), {"reason": "OTHER", "end_at": "2030-06-26T09:30:00Z"}),
        Supposed("activity", day(56), {"kind": "QUALIFIED_CALL"}),
        as_of=(day(50), day(56), day(58)),
    )
    assert not told.refused
    held_then, called, handed = told.comparisons
    assert held_then.after.answer.paused
    assert held_then.gained.progress_until == 10
    assert called.gained.progress_until == 56
    assert handed.after.state.basis.owner == "other"
    assert handed.after.answer.progress_until == day(117)
    assert handed.before.state.basis.owner == "agent"


def test_what_if_an_extension_is_asked_for_and_granted() -> None:
    wish = ExtensionRequested(fact_id="ask", recorded_at=day(30), by="agent", request="x1")
    told = ask(
        lead(wish), Supposed("request_decided", day(41), {"request": "x1", "approved": True, "days": 20})
    )
    assert told.comparisons[0].gained.base_until == 20
    asked = ask(
        lead(), Supposed("extension_requested"), Supposed("hold_requested", values={"reason": "OTHER"})
    )
    assert not asked.refused
    assert asked.comparisons[0].gained.valid_until == 0


def test_what_the_contract_would_not_allow_is_told_per_index() -> None:
    told = ask(
        lead(),
        Supposed("activity", day(41), {"kind": "QUALIFIED_CALL"}),
        Supposed("activity", day(39), {"kind": "QUALIFIED_CALL"}),
        Supposed("activity", day(42), {"kind": "GUESSED"}),
        Supposed("hold_released", day(43), {"hold": "nobody's"}),
        Supposed("extension_granted", day(43), {"days": "many"}),
        Supposed("reminder_sent", day(43), {"cycle": 1, "sent_at": "2030-06-30T09:30:00Z"}),
        Supposed("activity", day(300), {"kind": "QUALIFIED_CALL"}),
    )
    assert codes(told) == [
        (1, Code.RECORDED_BACKWARDS, "at"),
        (2, Code.UNKNOWN_KIND, "kind"),
        (3, Code.UNKNOWN_HOLD, "hold"),
        (4, Code.MALFORMED, "days"),
        (5, Code.MALFORMED, "type"),
        (6, Code.PROTECTION_ENDED, ""),
    ]
    assert told.comparisons[0].as_of == day(300)
    assert (
        ask(lead(), Supposed("activity", day(300), {"kind": "QUALIFIED_CALL"}), until=day(100)).refused == ()
    )


def test_an_ended_lead_takes_no_policy_and_no_fact_but_can_be_reinstated() -> None:
    over = lead(Released(fact_id="gone", recorded_at=day(20), by="agent"))
    told = ask(over, Supposed("extension_granted", values={"days": 3}), policy={"grace_days": 14})
    assert codes(told) == [(None, Code.PROTECTION_ENDED, ""), (0, Code.PROTECTION_ENDED, "")]
    back = ask(over, Supposed("reinstated", day(50)))
    assert back.comparisons[0].after.answer.progress_until == day(110)
    assert back.comparisons[0].before.answer.status is Status.RELEASED


def test_a_policy_that_would_make_a_reminder_void_says_so() -> None:
    reminded = lead(ReminderSent(fact_id="r", recorded_at=day(60), by="clock", sent_at=day(60), cycle=1))
    told = ask(reminded, policy={"progress_days": 90}, now=62)
    assert [one.to for one in told.transitions_before] == [Status.GRACE, Status.EXPIRED]
    assert [one.to for one in told.transitions_after] == [
        Status.GRACE,
        Status.ACTIVE,
        Status.GRACE,
        Status.EXPIRED,
    ]
    assert told.transitions_after[1].at == day(62)


def test_an_overdue_reminder_goes_out_now() -> None:
    told = ask(lead(), now=65)
    assert [(one.at, one.to) for one in told.transitions_before] == [
        (day(65), Status.ACTIVE),
        (day(65), Status.GRACE),
        (day(75), Status.EXPIRED),
    ]


def test_a_lapse_nobody_recorded_yet_is_where_it_starts() -> None:
    told = ask(lead(*(call(n) for n in (30, 60, 90, 120, 150))), now=200)
    assert told.transitions_before[0].to is Status.EXPIRED
    assert told.comparisons[0].gained.valid_until == 0


def call(number: int) -> ActivityRecorded:
    at = day(number)
    return ActivityRecorded(
        fact_id=f"call-{number}", recorded_at=at, by="agent", kind="QUALIFIED_CALL", occurred_at=at
    )


def test_a_lead_that_begins_later_than_now_is_taken_from_its_newest_fact() -> None:
    assert ask(lead(), now=-400).now == T0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (WhatIf(policy={"grace_days": 99}), "policy.grace_days"),
        (WhatIf(policy={"graceDays": 9}), "policy.graceDays"),
        (WhatIf(policy={"mode": "MOST"}), "policy.mode"),
        (WhatIf(as_of=(day(41), day(39))), "as_of.1"),
        (WhatIf(until=day(39)), "until"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(wrong: WhatIf, field: str) -> None:
    with pytest.raises(Refused) as told:
        preview(lead(), wrong, now=day(40))
    assert (told.value.code, told.value.field) == (Code.MALFORMED, field)


def test_nothing_supposed_is_everything_as_it_is() -> None:
    for ledger in (lead(), lead(Converted(fact_id="end", recorded_at=day(20), by="manager"))):
        told = ask(ledger)
        assert told.transitions_before == told.transitions_after
        (compared,) = told.comparisons
        assert compared.before.answer == compared.after.answer
