"""Settings in words: groups, names of fields, values as people say them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.setting_definitions import DEFINITIONS, POLICY_KEYS, Json, Scope
from api.pages.texts import N_
from api.pages.view import PublicView

_DURATION: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
# By the beginning of the key; settings of the policy make up the first group.
_GROUPS: Final = (
    ("lead.", N_("Holds, and who is told")),
    ("sample.", N_("Samples and feedback")),
    ("ai.", N_("Artificial intelligence")),
    ("credit.", N_("Credit checks")),
    ("erp.", N_("ERP")),
    ("help.", N_("Help")),
    ("", N_("Other")),
)
POLICY_GROUP: Final = N_("The contract's clock")
SCOPES: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.GLOBAL: N_("everybody"),
        Scope.TENANT: N_("this company"),
        Scope.ORG: N_("an organisation"),
        Scope.USER: N_("a person"),
    }
)
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": N_("Value"),
        "months": N_("Months"),
        "days": N_("Days"),
        "days.0": N_("Days before the progress deadline"),
        "days.1": N_("Days before the end of the base period"),
        "mode": N_("Mode"),
        "counting": N_("Counting"),
        "roll": N_("Roll"),
        "land": N_("German Land"),
        "approval": N_("Approval"),
        "enabled": N_("Switched on"),
        "count": N_("Number"),
        "small": N_("Small model"),
        "large": N_("Large model"),
        "inviteDays": N_("Days until the invitation"),
        "remindDays": N_("Days until the reminder"),
        "customer": N_("Customer number"),
        "project": N_("Project"),
        "paymentMethod": N_("Payment method"),
        "shippingMethod": N_("Shipping method"),
    }
)
_OPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "LEAST": N_("LEAST: the earlier period ends protection (the contract)"),
        "GREATEST": N_("GREATEST: both periods must be over"),
        "exact": N_("by the second"),
        "calendar_days": N_("by whole days (BGB 187, 188)"),
        "off": N_("off"),
        "warn": N_("a note"),
        "refuse": N_("a refusal"),
        "next_working_day": N_("to the next working day (BGB 193)"),
        "required": N_("a manager approves"),
        "not_required": N_("takes effect at once"),
        "EMAIL": N_("mail"),
        "INAPP": N_("notification in the application"),
        "TASK": N_("task in the application"),
        "agent": N_("agent"),
        "manager": N_("manager"),
        "admin": N_("administrator"),
        "auditor": N_("auditor"),
        "true": N_("yes"),
        "false": N_("no"),
        "once": N_("one answer closes the form"),
        "until_closed": N_("open until its days are over"),
        "proposed": N_("proposed to a manager"),
        "placed": N_("placed at once"),
    }
)


def grouped() -> list[tuple[str, list[str]]]:
    """English titles of groups with the keys of their settings; every setting stands in one."""
    groups: dict[str, list[str]] = {POLICY_GROUP: [], **{title: [] for _, title in _GROUPS}}
    for key in DEFINITIONS:
        title = next(title for start, title in _GROUPS if key.startswith(start))
        groups[POLICY_GROUP if key in POLICY_KEYS else title].append(key)
    return [(title, keys) for title, keys in groups.items() if keys]


def field_word(view: PublicView, word: str) -> str:
    """What a field of a value is called."""
    text = _WORDS.get(word)
    return word if text is None else view.text(text)


def option_word(view: PublicView, option: str) -> str:
    """What a choice means."""
    text = _OPTIONS.get(option)
    return option if text is None else view.text(text)


def spoken(view: PublicView, value: Json) -> str:
    """A value as people say it."""
    if value is None or value in ([], {}):
        return "–"
    match value:
        case bool():
            return option_word(view, "true" if value else "false")
        case int() | float():
            return view.reader.number(value)
        case str():
            return _duration(value) or option_word(view, value)
        case list():
            return ", ".join(spoken(view, one) for one in value)
        case dict():
            return _spoken_object(view, value)


def _spoken_object(view: PublicView, value: dict[str, Json]) -> str:
    match value:
        case {"months": int(months)}:
            return view.count("%(num)s month", "%(num)s months", months)
        case {"days": int(days)}:
            return view.count("%(num)s day", "%(num)s days", days)
        case {"days": [int(first), int(second)]}:
            return view.text(N_("%(first)s and %(second)s days before"), first=first, second=second)
        case _ if all(isinstance(one, str | int | float | bool) for one in value.values()):
            if len(value) == 1:
                return spoken(view, next(iter(value.values())))
            return ", ".join(f"{field_word(view, name)}: {spoken(view, one)}" for name, one in value.items())
        case _:
            return json.dumps(value, ensure_ascii=False)


def _duration(text: str) -> str | None:
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    parts = zip(found.groups(), ("h", "min", "s"), strict=True)
    return " ".join(f"{number} {unit}" for number, unit in parts if number is not None) or None
