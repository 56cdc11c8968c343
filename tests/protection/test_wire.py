"""Facts as JSON: what is written can be read, what is nonsense is refused by the name of its field."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protection.facts import (
    FACT_TYPES,
    ActivityRecorded,
    Converted,
    Corrected,
    EndReason,
    Fact,
    HoldPlaced,
    HoldReason,
    Lapsed,
)
from protection.lifecycle import apply
from protection.refusal import Code, Refused
from protection.state import LeadState
from protection.vectors import VectorError, read_vector
from protection.wire import MAX_TEXT, fact_from_json, fact_to_json
from tests.protection.ledgers import Ledger, ledgers
from tests.protection.moves import ALL_OF_IT
from tests.protection.profile import thorough
from tests.protection.told import A, day, life

VALUES: dict[str, Any] = {
    "fact_id": "f1",
    "recorded_at": A,
    "by": "anna",
    "owner": "bert",
    "registered_at": A - timedelta(days=1, microseconds=3),
    "kind": "NOTE",
    "occurred_at": A,
    "hold": "h",
    "reason": HoldReason.CUSTOMER_BLOCKED,
    "start_at": A,
    "end_at": None,
    "ended_at": A,
    "days": 3,
    "customer_no": "K1",
    "agreement_date": date(2030, 1, 8),
    "restart_base": True,
    "corrects": "f0",
    "replacement": {"days": 4},
    "sent_at": A,
    "cycle": 2,
    "code": "550 5.1.1",
    "at": A,
    "request": "r",
    "approved": True,
    "next_step_at": A,
    "version": "contract-2",
    "replaces": "contract-1",
    "policy": {"grace_days": 12},
}
RAW: dict[str, Any] = {
    "fact_id": "f1",
    "recorded_at": "2030-01-07T12:00:00Z",
    "by": "anna",
    "owner": "bert",
    "registered_at": "2030-01-06T11:59:59.999997Z",
    "kind": "NOTE",
    "occurred_at": "2030-01-07T12:00:00Z",
    "hold": "h",
    "reason": "CUSTOMER_BLOCKED",
    "start_at": "2030-01-07T12:00:00Z",
    "end_at": None,
    "ended_at": "2030-01-07T12:00:00Z",
    "days": 3,
    "customer_no": "K1",
    "agreement_date": "2030-01-08",
    "restart_base": True,
    "corrects": "f0",
    "replacement": {"days": 4},
    "sent_at": "2030-01-07T12:00:00Z",
    "cycle": 2,
    "code": "550 5.1.1",
    "at": "2030-01-07T12:00:00Z",
    "request": "r",
    "approved": True,
    "next_step_at": "2030-01-07T12:00:00Z",
    "version": "contract-2",
    "replaces": "contract-1",
    "policy": {"grace_days": 12},
}


def raw_of(name: str) -> dict[str, Any]:
    fields = [field for field in FACT_TYPES[name].__dataclass_fields__ if field != "type"]
    plain = {"type": name} | {field: RAW[field] for field in fields}
    return plain | ({"reason": "INACTIVITY"} if name == "lapsed" else {})


def fact_of(name: str) -> Fact:
    kind = FACT_TYPES[name]
    values = {field: VALUES[field] for field in kind.__dataclass_fields__ if field != "type"}
    return kind(**values | ({"reason": EndReason.INACTIVITY} if name == "lapsed" else {}))


def refused(raw: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        fact_from_json(raw)
    assert caught.value.code is Code.MALFORMED
    return caught.value


def read(raw: Any) -> Fact | Refused:
    try:
        return fact_from_json(raw)
    except Refused as error:
        return error


def attempt(state: LeadState, fact: Fact) -> Refused | None:
    try:
        apply(state, fact)
    except Refused as error:
        return error
    return None


def test_the_wire_names_are_what_the_brief_of_the_ledger_says() -> None:
    assert list(FACT_TYPES) == [
        "preregistered",
        "registered",
        "activity",
        "hold_placed",
        "hold_released",
        "extension_granted",
        "hold_requested",
        "extension_requested",
        "request_decided",
        "request_withdrawn",
        "policy_adopted",
        "erased",
        "converted",
        "released",
        "transferred",
        "reinstated",
        "corrected",
        "reminder_sent",
        "reminder_bounced",
        "lapsed",
    ]


@pytest.mark.parametrize("name", FACT_TYPES)
def test_a_fact_is_written_as_plain_json(name: str) -> None:
    assert fact_to_json(fact_of(name)) == raw_of(name)
    assert json.loads(json.dumps(fact_to_json(fact_of(name)))) == raw_of(name)


@pytest.mark.parametrize("name", FACT_TYPES)
def test_a_fact_is_read_as_it_was_written(name: str) -> None:
    assert fact_from_json(raw_of(name)) == fact_of(name)


@pytest.mark.parametrize("name", FACT_TYPES)
def test_every_field_that_is_needed_is_missed_by_name(name: str) -> None:
    optional = {"end_at", "ended_at", "customer_no", "agreement_date", "restart_base", "replacement"}
    optional |= {"next_step_at"} if name == "extension_requested" else set()
    optional |= {"days"} if name in {"extension_requested", "request_decided"} else set()
    optional |= {"start_at"} if name == "request_decided" else set()
    for field in set(raw_of(name)) - {"type"}:
        raw = {key: value for key, value in raw_of(name).items() if key != field}
        if field in optional:
            assert getattr(fact_from_json(raw), field) in (None, False)
        else:
            error = refused(raw)
            assert (error.field, error.message) == (field, f"{field} is missing")


@pytest.mark.parametrize("name", FACT_TYPES)
def test_nonsense_in_any_field_is_refused_by_name(name: str) -> None:
    for field in set(raw_of(name)) - {"type"}:
        for nonsense in (
            [],
            1.5,
            {"a": []} if field not in {"replacement", "policy"} else "x",
            "\0",
            "x" * 201,
            "",
        ):
            error = refused(raw_of(name) | {field: nonsense})
            assert error.field == field
            assert error.message.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("by", "", "by: must be text of 1 to 200 characters"),
        ("by", None, "by: must be text of 1 to 200 characters"),
        ("by", "a\nb", "by: must not contain line breaks or other control characters"),
        ("by", "\ud800", "by: must not contain line breaks or other control characters"),
        ("recorded_at", 7, "recorded_at: must be an ISO 8601 time with a zone"),
        ("recorded_at", "2030-01-07T12:00:00", "recorded_at: 2030-01-07T12:00:00 has no zone"),
        (
            "recorded_at",
            "1969-12-31T23:00:00Z",
            "recorded_at: 1969-12-31T23:00:00Z lies outside the years 1970 to 2999",
        ),
        (
            "recorded_at",
            "3000-01-01T00:00:00Z",
            "recorded_at: 3000-01-01T00:00:00Z lies outside the years 1970 to 2999",
        ),
        ("days", True, "days: must be a whole number"),
        ("days", "3", "days: must be a whole number"),
        ("age", 3, "a fact of type extension_granted has no field age"),
    ],
)
def test_the_refusal_says_what_is_wrong(field: str, value: Any, says: str) -> None:
    error = refused(raw_of("extension_granted") | {field: value})
    assert (error.field, error.message) == (field, says)
    assert str(error) == f"malformed: {says}"


def test_the_first_surplus_field_is_named() -> None:
    assert refused(raw_of("released") | {"zeta": 1, "alpha": 2}).field == "alpha"


@pytest.mark.parametrize(
    ("name", "field", "value", "says"),
    [
        ("transferred", "restart_base", 1, "must be true or false"),
        ("corrected", "replacement", [], "must be an object of fields"),
    ],
)
def test_flags_and_objects_are_nothing_else(name: str, field: str, value: Any, says: str) -> None:
    assert refused(raw_of(name) | {field: value}).message == f"{field}: {says}"


@pytest.mark.parametrize("raw", [None, [], "x", 3, [["type", "released"]]])
def test_what_is_no_object_is_no_fact(raw: Any) -> None:
    error = refused(raw)
    assert (error.field, error.message) == ("", "a fact is an object with a type")


@pytest.mark.parametrize("name", [None, 3, [], {}, "", "Registered", "deleted"])
def test_an_unknown_type_is_refused_with_the_known_ones(name: Any) -> None:
    error = refused({"type": name})
    assert error.field == "type"
    assert error.message == f"unknown fact type {name!r}; known are {', '.join(FACT_TYPES)}"
    assert refused({}).field == "type"


def test_the_longest_text_and_the_first_and_last_year_are_read() -> None:
    raw = raw_of("released") | {"by": "ä" * MAX_TEXT}
    assert fact_from_json(raw).by == "ä" * MAX_TEXT
    for year in (1970, 2999):
        moment = fact_from_json(raw | {"recorded_at": f"{year}-06-01T00:00:00+02:00"}).recorded_at
        assert moment == datetime(year, 5, 31, 22, tzinfo=UTC)


def test_a_time_of_any_zone_becomes_a_utc_instant() -> None:
    moment = fact_from_json(raw_of("released") | {"recorded_at": "2030-01-07T13:00:00+01:00"}).recorded_at
    assert moment == A
    assert moment.tzinfo is UTC


@thorough
@given(ledgers(acts=ALL_OF_IT, longest=5))
def test_every_fact_survives_being_written_and_read(ledger: Ledger) -> None:
    for fact in (*ledger.facts, *ledger.played().ledger):
        assert fact_from_json(json.loads(json.dumps(fact_to_json(fact)))) == fact


texts = st.one_of(
    st.text(max_size=5), st.sampled_from([*RAW, *FACT_TYPES, "2030-01-07T12:00:00Z", "0001-01-01"])
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)


@thorough
@given(anything)
def test_any_json_is_a_fact_or_refused_as_malformed(raw: Any) -> None:
    fact = read(raw)
    if isinstance(fact, Refused):
        assert fact.code is Code.MALFORMED
        assert isinstance(fact.field, str)
    else:
        assert fact_to_json(fact)["type"] == raw["type"]


@thorough
@given(st.sampled_from(list(FACT_TYPES)), st.sampled_from(list(RAW)), anything)
def test_a_fact_with_one_field_of_nonsense_is_a_fact_or_refused_by_that_field(
    name: str, field: str, value: Any
) -> None:
    fact = read(raw_of(name) | {field: value})
    if isinstance(fact, Refused):
        assert (fact.code, fact.field) == (Code.MALFORMED, field)


@thorough
@given(
    st.sampled_from(["activity", "hold_placed", "registered"]), st.dictionaries(texts, anything, max_size=3)
)
def test_a_correction_with_nonsense_in_it_is_taken_or_refused(name: str, replacement: dict[str, Any]) -> None:
    about = fact_of(name)
    begins = [] if name == "registered" else [about]
    state = (
        life(fact_of("registered"), *begins)
        if not begins
        else life(*[fact_from_json(raw_of("registered") | {"fact_id": "f0"}), *begins])
    )
    wrong = Corrected(
        fact_id="c", recorded_at=day(1), by="x", corrects=about.fact_id, replacement=replacement
    )
    error = attempt(state, wrong)
    assert error is None or error.field.startswith("replacement.")


@thorough
@given(anything)
def test_any_json_is_a_vector_or_refused(raw: Any) -> None:
    with pytest.raises(VectorError, match="ledger"):
        read_vector(raw)


def test_values_the_types_carry() -> None:
    assert isinstance(fact_from_json(raw_of("activity")), ActivityRecorded)
    hold = fact_from_json(raw_of("hold_placed"))
    assert isinstance(hold, HoldPlaced)
    assert hold.reason is HoldReason.CUSTOMER_BLOCKED
    lapse = fact_from_json(raw_of("lapsed"))
    assert isinstance(lapse, Lapsed)
    assert lapse.reason is EndReason.INACTIVITY
    converted = fact_from_json(raw_of("converted") | {"agreement_date": None, "customer_no": None})
    assert isinstance(converted, Converted)
    assert converted.agreement_date is None
    without_number = {name: value for name, value in raw_of("converted").items() if name != "customer_no"}
    dated = fact_from_json(without_number)
    assert isinstance(dated, Converted)
    assert (dated.customer_no, dated.agreement_date) == (None, date(2030, 1, 8))
