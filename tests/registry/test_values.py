"""What a setting takes, and what the values of several scopes come to; no database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest

from adapters.setting_definitions import DEFINITIONS, POLICY_KEYS, Json, Merge, Scope, SettingType
from adapters.setting_values import BadValue, Effective, Part, Stored, checked, resolve

AT = datetime(2026, 11, 23, tzinfo=UTC)
MODELS = "ai.providers.openai.models"
HELP = "help.space.enduser"
CHANNELS = "lead.protection.reminder.channels"


def stored(key: str, scope: Scope, value: Json, scope_id: str = "") -> Stored:
    return Stored(key, scope, scope_id, value, 1, "anna", AT)


def effective(key: str, *values: Stored, org: str | None = None, user: str | None = None) -> Effective:
    return resolve(DEFINITIONS[key], values, org=org, user=user)


@pytest.mark.parametrize("key", DEFINITIONS)
def test_every_definition_is_sound(key: str) -> None:
    definition = DEFINITIONS[key]
    jsonschema_rs.Draft202012Validator(definition.schema)
    assert checked(definition, definition.default) == definition.default
    assert checked(definition, json.loads(json.dumps(definition.default))) == definition.default
    assert definition.scopes == tuple(scope for scope in Scope if scope in definition.scopes)
    assert definition.says.endswith(".")
    kinds: dict[SettingType, tuple[type, ...]] = {
        SettingType.LIST: (list,),
        SettingType.OBJECT: (dict,),
        SettingType.SCALAR: (str, int, float),
    }
    assert isinstance(definition.default, kinds[definition.type])
    assert (definition.merge is Merge.APPEND) is (definition.type is SettingType.LIST)


@pytest.mark.parametrize("key", DEFINITIONS)
def test_no_setting_takes_its_own_schema_for_a_value(key: str) -> None:
    definition = DEFINITIONS[key]
    if key.startswith("help."):
        return  # any object is help
    with pytest.raises(BadValue):
        checked(definition, dict(definition.schema))


def test_the_policys_keys_are_set_for_everybody_or_a_tenant_and_replaced() -> None:
    for key in POLICY_KEYS:
        definition = DEFINITIONS[key]
        assert set(definition.scopes) <= {Scope.GLOBAL, Scope.TENANT}
        assert definition.merge is Merge.REPLACE


DEEP: Any = {}
for _ in range(40):
    DEEP = {"in": DEEP}

GARBAGE: list[tuple[str, Any, str]] = [
    ("lead.protection.baseMonths", 6, ""),
    ("lead.protection.baseMonths", None, ""),
    ("lead.protection.baseMonths", [], ""),
    ("lead.protection.baseMonths", "6", ""),
    ("lead.protection.baseMonths", {}, ""),
    ("lead.protection.baseMonths", {"months": 0}, "/months"),
    ("lead.protection.baseMonths", {"months": 25}, "/months"),
    ("lead.protection.baseMonths", {"months": True}, "/months"),
    ("lead.protection.baseMonths", {"months": "6"}, "/months"),
    ("lead.protection.baseMonths", {"months": 6.5}, "/months"),
    ("lead.protection.baseMonths", {"months": 10**400}, "/months"),
    ("lead.protection.baseMonths", {"months": float("nan")}, "/months"),
    ("lead.protection.baseMonths", {"months": float("-inf")}, "/months"),
    ("lead.protection.baseMonths", {"months": 6, "years": 1}, ""),
    ("lead.protection.mode", {"mode": "least"}, "/mode"),
    ("lead.protection.mode", {"mode": "A\0"}, "/mode"),
    ("lead.protection.mode", {"mode": "\ud800"}, "/mode"),
    ("lead.protection.workingDayRoll", {"roll": "next_working_day"}, ""),
    ("lead.protection.workingDayRoll", {"roll": "next_working_day", "land": "XX"}, "/land"),
    ("lead.protection.noticeDays", {"days": [7]}, "/days"),
    ("lead.protection.noticeDays", {"days": [7, 14, 21]}, "/days/2"),
    ("lead.protection.noticeDays", {"days": [7, -1]}, "/days/1"),
    (CHANNELS, "EMAIL", ""),
    (CHANNELS, ["EMAIL", "EMAIL"], ""),
    (CHANNELS, ["PIGEON"], "/0"),
    ("ai.budget.monthly.cap", -0.01, ""),
    ("ai.budget.monthly.cap", True, ""),
    ("ai.routing.confidence.threshold", 1.01, ""),
    ("ai.cache.ttl", "8 hours", ""),
    ("ai.cache.ttl", "PT", ""),
    ("ai.cache.ttl", "PT8H\n", ""),
    ("ai.cache.ttl", 8, ""),
    (MODELS, {"small": ""}, "/small"),
    (MODELS, {"medium": "x"}, ""),
    (HELP, [], ""),
    (HELP, DEEP, "/in" * 17),
    (HELP, {"text": "x" * 20_000}, ""),
    (HELP, {"a\0b": 1}, ""),
    (HELP, {"a/b": {"c~d": float("inf")}}, "/a~1b/c~0d"),
]


@pytest.mark.parametrize(("key", "value", "pointer"), GARBAGE)
def test_garbage_is_refused_where_it_is_wrong_and_never_repeated(key: str, value: Any, pointer: str) -> None:
    with pytest.raises(BadValue) as caught:
        checked(DEFINITIONS[key], value)
    assert caught.value.pointer == pointer
    assert caught.value.message
    for secret in ("PIGEON", "8 hours", "xxxx", "least"):
        assert secret not in caught.value.message.replace("at least", "")


def test_whole_numbers_lose_their_point() -> None:
    value = checked(DEFINITIONS["lead.protection.baseMonths"], {"months": 7.0})
    assert json.dumps(value) == '{"months": 7}'


def test_the_most_specific_scope_wins() -> None:
    key = "ai.routing.confidence.threshold"
    values = [
        stored(key, Scope.TENANT, 0.5),
        stored(key, Scope.ORG, 0.6, "north"),
        stored(key, Scope.USER, 0, "anna"),
        stored(key, Scope.USER, 0.9, "ben"),
    ]
    assert effective(key).value == 0.7
    assert effective(key).parts == (Part("", None),)
    assert effective(key, *values).value == 0.5
    assert effective(key, *values, org="north").parts == (Part("", Scope.ORG, "north"),)
    assert effective(key, *values, org="north", user="anna").value == 0
    assert effective(key, *values, org="south", user="ben").value == 0.9
    assert effective(key, *values, org="south", user="cleo").value == 0.5


def test_a_value_taken_back_lets_the_less_specific_hold_again() -> None:
    key = "ai.routing.confidence.threshold"
    values = [stored(key, Scope.TENANT, 0.5), stored(key, Scope.USER, None, "anna")]
    assert effective(key, *values, user="anna").parts == (Part("", Scope.TENANT),)


def test_a_value_at_a_scope_the_key_does_not_allow_counts_for_nothing() -> None:
    key = "lead.protection.baseMonths"
    assert effective(key, stored(key, Scope.TENANT, {"months": 1})).value == {"months": 6}


def test_lists_are_united_and_say_who_brought_each_entry() -> None:
    values = [stored(CHANNELS, Scope.TENANT, ["TASK", "EMAIL"]), stored(CHANNELS, Scope.ORG, ["TASK"], "o")]
    told = effective(CHANNELS, *values, org="o")
    assert told.value == ["EMAIL", "INAPP", "TASK"]
    assert told.parts == (Part("/0", None), Part("/1", None), Part("/2", Scope.TENANT))


def test_objects_are_laid_over_one_another_and_null_takes_out() -> None:
    values = [
        stored(HELP, Scope.TENANT, {"a": {"x": 1, "y": 2, "z": {"deep": True}}, "b": "old", "c": 1}),
        stored(
            HELP, Scope.ORG, {"a": {"y": None, "n": [1], "z": "flat"}, "b": {"new": None}, "c": None}, "o"
        ),
    ]
    told = effective(HELP, *values, org="o")
    assert told.value == {"a": {"x": 1, "n": [1], "z": "flat"}, "b": {}}
    assert told.parts == (
        Part("/a/n", Scope.ORG, "o"),
        Part("/a/x", Scope.TENANT),
        Part("/a/z", Scope.ORG, "o"),
        Part("/b", Scope.ORG, "o"),
    )
    assert values[0].value == {"a": {"x": 1, "y": 2, "z": {"deep": True}}, "b": "old", "c": 1}


def test_an_answer_can_be_changed_without_changing_what_is_kept() -> None:
    value = effective("lead.protection.noticeDays").value
    assert isinstance(value, dict)
    models = stored(MODELS, Scope.TENANT, {"small": "s"})
    told = effective(MODELS, models)
    assert told.value == {"small": "s"}
    assert isinstance(told.value, dict)
    told.value["small"] = "other"
    assert effective(MODELS, models).value == {"small": "s"}


def test_parts_cover_exactly_the_leaves() -> None:
    values = [
        stored(MODELS, Scope.GLOBAL, {"small": "s", "large": "l"}),
        stored(MODELS, Scope.TENANT, {"large": None}),
    ]
    told = effective(MODELS, *values)
    assert told.value == {"small": "s"}
    assert told.parts == (Part("/small", Scope.GLOBAL),)
