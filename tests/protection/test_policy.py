"""The contract's numbers: their ranges, and how they are written and read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from protection.policy import (
    OTHER,
    QUALIFYING,
    Counting,
    Mode,
    Policy,
    PolicyError,
    WorkingDayRoll,
    policy_from_json,
    policy_to_json,
)
from tests.protection.ledgers import policies
from tests.protection.profile import thorough

CONTRACT: dict[str, Any] = {
    "version": "contract-1",
    "timezone": "Europe/Berlin",
    "base_months": 6,
    "progress_days": 60,
    "grace_days": 10,
    "mode": "LEAST",
    "counting": "exact",
    "working_day_roll": "off",
    "closed_days": [],
    "qualifying_kinds": [
        "QUALIFIED_CALL",
        "CUSTOMER_REACTION",
        "SCHEDULED_FOLLOWUP",
        "SAMPLE_FEEDBACK",
        "ROI_PRESENTATION",
    ],
    "other_kinds": ["EMAIL_SENT", "NOTE", "CALL_ATTEMPT", "MEETING_PLANNED"],
    "notice_progress_days": 7,
    "notice_base_days": 14,
    "preregistration_days": 10,
    "preregistration_notice_days": 3,
    "preregistration_delete_days": 60,
    "max_hold_days": 60,
    "extension_decision_days": 14,
}


def refused(raw: Any) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        policy_from_json(raw)
    assert str(caught.value) == f"{caught.value.field}: {caught.value.message}"
    return caught.value


def test_the_default_is_the_contract() -> None:
    assert policy_to_json(Policy()) == CONTRACT
    assert policy_from_json(CONTRACT) == Policy()
    assert policy_from_json({}) == replace(
        Policy(),
        preregistration_days=0,
        preregistration_notice_days=0,
        preregistration_delete_days=0,
        max_hold_days=0,
    )
    assert Policy().qualifying_kinds == QUALIFYING
    assert Policy().other_kinds == OTHER


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("base_months", 1, 24),
        ("progress_days", 7, 120),
        ("grace_days", 1, 30),
        ("notice_progress_days", 0, 60),
        ("notice_base_days", 0, 90),
        ("preregistration_days", 0, 60),
        ("preregistration_notice_days", 0, 60),
        ("preregistration_delete_days", 0, 365),
        ("max_hold_days", 0, 365),
        ("extension_decision_days", 0, 60),
    ],
)
def test_numbers_have_ranges(field: str, low: int, high: int) -> None:
    for value in (low, high):
        assert getattr(policy_from_json({field: value}), field) == value
    for wrong in (low - 1, high + 1, float(low), str(low), True, None):
        error = refused({field: wrong})
        assert error.field == field
        assert error.message == f"must be a whole number from {low} to {high}, not {wrong!r}"


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../etc/passwd", "Europe", "Berlin\0", "ä"])
def test_a_time_zone_that_does_not_exist_is_refused(name: str) -> None:
    error = refused({"timezone": name})
    assert (error.field, error.message) == ("timezone", f"no such time zone: {name!r}")


@pytest.mark.parametrize(
    ("field", "known"),
    [
        ("mode", "LEAST, GREATEST"),
        ("counting", "exact, calendar_days"),
        ("working_day_roll", "off, next_working_day"),
    ],
)
@pytest.mark.parametrize("wrong", ["least", "", None, 1, [], {}])
def test_choices_are_named(field: str, known: str, wrong: Any) -> None:
    error = refused({field: wrong})
    assert (error.field, error.message) == (field, f"must be one of {known}, not {wrong!r}")


@pytest.mark.parametrize("wrong", [5, "2030-01-01", ["1.1.2030"], [3], [None], None])
def test_closed_days_are_dates(wrong: Any) -> None:
    error = refused({"closed_days": wrong})
    assert (error.field, error.message) == ("closed_days", "must be a list of ISO dates")


@pytest.mark.parametrize("field", ["version", "timezone"])
@pytest.mark.parametrize("wrong", [1, None, []])
def test_names_are_text(field: str, wrong: Any) -> None:
    error = refused({field: wrong})
    assert (error.field, error.message) == (field, "must be text")


@pytest.mark.parametrize("field", ["qualifying_kinds", "other_kinds"])
@pytest.mark.parametrize("wrong", [1, None, "NOTE", [1], ["NOTE", None], {}])
def test_kinds_are_lists_of_text(field: str, wrong: Any) -> None:
    error = refused({field: wrong})
    assert (error.field, error.message) == (field, "must be a list of kinds")


def test_a_kind_qualifies_or_does_not() -> None:
    error = refused({"qualifying_kinds": ["Z", "A", "B"], "other_kinds": ["B", "A"]})
    assert (error.field, error.message) == ("other_kinds", "also listed as qualifying: A, B")


def test_an_unknown_field_is_refused() -> None:
    error = refused({"zeal": 1, "months": 6})
    assert (error.field, error.message) == ("months", "no such policy field")


@pytest.mark.parametrize("raw", [None, 3, "x", [1]])
def test_what_is_no_object_is_no_policy(raw: Any) -> None:
    error = refused(raw)
    assert (error.field, error.message) == ("policy", "must be an object of policy fields")


def test_a_roll_by_the_second_is_refused_because_it_could_shorten_protection() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(counting=Counting.EXACT, working_day_roll=WorkingDayRoll.NEXT_WORKING_DAY)
    assert caught.value.field == "working_day_roll"
    assert "calendar_days" in caught.value.message


def test_values_are_read_as_their_types() -> None:
    policy = policy_from_json(
        {
            "mode": "GREATEST",
            "counting": "calendar_days",
            "working_day_roll": "next_working_day",
            "closed_days": ["2030-05-01"],
            "qualifying_kinds": ["VISIT"],
            "other_kinds": [],
        }
    )
    assert policy.mode is Mode.GREATEST
    assert policy.counting is Counting.CALENDAR_DAYS
    assert policy.working_day_roll is WorkingDayRoll.NEXT_WORKING_DAY
    assert policy.closed_days == (date(2030, 5, 1),)
    assert (policy.qualifying_kinds, policy.other_kinds) == (("VISIT",), ())


@thorough
@given(policies())
def test_every_policy_survives_being_written_and_read(policy: Policy) -> None:
    assert policy_from_json(json.loads(json.dumps(policy_to_json(policy)))) == policy
