"""A living lead goes over to another policy version; a ledger is replayed through both."""

from __future__ import annotations

from dataclasses import replace

from protection.explain import explain
from protection.lifecycle import apply, replay, snapshot
from protection.refusal import Code
from protection.state import Status
from protection.steps import Rule
from tests.protection.told import (
    UTC_POLICY,
    adopted,
    converted,
    day,
    life,
    note,
    preregistered,
    progress,
    refusal,
    registered,
    reminded,
)

LONGER = replace(UTC_POLICY, version="contract-2", progress_days=90)
SHORTER = replace(UTC_POLICY, version="contract-2", base_months=1)


def test_the_deadlines_are_those_of_the_new_version() -> None:
    state = life(adopted(day(10), LONGER))
    assert (state.policy.version, snapshot(state, day(10)).progress_until) == ("contract-2", day(90))
    assert Rule.POLICY in [step.rule for step in explain(state, day(10)).reckonings[0].steps]


def test_a_ledger_is_replayed_from_its_first_version() -> None:
    facts = [registered(), reminded(day(60)), adopted(day(61), LONGER), progress(day(70))]
    state = replay(UTC_POLICY, facts)
    assert (state.status, state.cycle) == (Status.ACTIVE, 3)
    assert snapshot(state, day(70)).progress_until == day(160)


def test_a_reminder_too_early_for_the_new_version_is_void() -> None:
    state = life(reminded(day(60)), adopted(day(61), LONGER))
    assert (state.status, state.reminder) == (Status.ACTIVE, None)


def test_what_counts_as_progress_is_what_the_new_version_says() -> None:
    kinds = (*UTC_POLICY.qualifying_kinds, "NOTE")
    generous = replace(LONGER, qualifying_kinds=kinds, other_kinds=UTC_POLICY.other_kinds[:1])
    state = life(note(day(5)), adopted(day(10), generous))
    assert snapshot(state, day(10)).progress_until == day(95)


def test_it_never_ends_protection_in_passing() -> None:
    refusal(life(), adopted(day(40), SHORTER), Code.WOULD_HAVE_ENDED, "policy")
    assert apply(life(), adopted(day(20), SHORTER)).policy == SHORTER


def test_it_is_refused_where_it_makes_no_sense() -> None:
    refusal(life(), adopted(day(1), LONGER, replaces="contract-7"), Code.OTHER_POLICY, "replaces")
    refusal(life(), replace(adopted(day(1), LONGER), version="x"), Code.OTHER_POLICY, "replaces")
    broken = replace(adopted(day(1), LONGER), policy={"grace_days": 99})
    refusal(life(), broken, Code.MALFORMED, "policy.grace_days")
    refusal(life(converted(day(1))), adopted(day(2), LONGER), Code.PROTECTION_ENDED, "")


def test_a_pre_registration_adopts_too() -> None:
    patient = replace(UTC_POLICY, version="contract-2", preregistration_days=20)
    state = life(preregistered(), adopted(day(5), patient))
    assert snapshot(state, day(5)).valid_until == day(20)
