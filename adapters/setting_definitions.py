"""Every setting there is, in one table: what it may hold, where it may be set, and what holds if nobody did.

The database holds the same rows (`setting_definition`), docs/settings.md is rendered from them, and tests
compare the three. A default is the lowest layer of a setting, below its global value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from adapters.setting_schemas import DURATION, MODELS, PACES, PRICES, PROVIDERS, USUAL_PACES

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class SettingType(StrEnum):
    """The shape of a setting's value."""

    SCALAR = "scalar"
    LIST = "list"
    OBJECT = "object"


class Scope(StrEnum):
    """Where a value may be set, from the least specific to the most."""

    GLOBAL = "global"
    TENANT = "tenant"
    ORG = "org"
    USER = "user"


class Merge(StrEnum):
    """How the values of several scopes become one.

    Attributes:
        REPLACE: the most specific one.
        APPEND: the union of all, in the order of the scopes.
        MERGE: objects laid over one another, key by key; null takes a key out.
    """

    REPLACE = "replace"
    APPEND = "append"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting.

    Attributes:
        key: its name.
        says: what it decides, in a sentence.
        scopes: where it may be set.
        default: what holds where nobody set it.
        schema: JSON Schema (2020-12) that every stored value must fit.
        merge: how the values of several scopes become one.
    """

    key: str
    type: SettingType
    scopes: tuple[Scope, ...]
    default: Json
    schema: dict[str, Json]
    merge: Merge
    says: str


_GLOBAL = (Scope.GLOBAL,)
_COMPANY = (Scope.GLOBAL, Scope.TENANT)
_ORG = (Scope.TENANT, Scope.ORG)
_PERSON = (Scope.TENANT, Scope.ORG, Scope.USER)
_HOST = (Scope.TENANT, Scope.USER)

LANDS: Final = (
    "BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH",
)  # fmt: skip


def _whole(low: int, high: int) -> dict[str, Json]:
    return {"type": "integer", "minimum": low, "maximum": high}


def _one_of(*values: str) -> dict[str, Json]:
    return {"enum": list(values)}


def _text(most: int) -> dict[str, Json]:
    return {"type": "string", "maxLength": most}


def _some_of(*values: str) -> dict[str, Json]:
    return {"type": "array", "items": _one_of(*values), "uniqueItems": True}


def _all(**fields: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }


def _object(
    key: str, scopes: tuple[Scope, ...], default: Json, schema: dict[str, Json], says: str
) -> Definition:
    return Definition(key, SettingType.OBJECT, scopes, default, schema, Merge.REPLACE, says)


def _scalar(
    key: str, scopes: tuple[Scope, ...], default: Json, schema: dict[str, Json], says: str
) -> Definition:
    return Definition(key, SettingType.SCALAR, scopes, default, schema, Merge.REPLACE, says)


def _list(
    key: str, scopes: tuple[Scope, ...], default: Json, schema: dict[str, Json], says: str
) -> Definition:
    return Definition(key, SettingType.LIST, scopes, default, schema, Merge.APPEND, says)


def _merged(key: str, scopes: tuple[Scope, ...], schema: dict[str, Json], says: str) -> Definition:
    return Definition(key, SettingType.OBJECT, scopes, {}, schema, Merge.MERGE, says)


def _duration(key: str, default: str, says: str) -> Definition:
    return _scalar(key, _ORG, default, {"type": "string", "pattern": DURATION}, says)


_ROLL: dict[str, Json] = {
    "type": "object",
    "properties": {"roll": _one_of("off", "next_working_day"), "land": _one_of(*LANDS)},
    "required": ["roll"],
    "additionalProperties": False,
    "if": {"properties": {"roll": {"const": "next_working_day"}}},
    "then": {"required": ["land"]},
}
_NOTICE: dict[str, Json] = _all(
    days={
        "type": "array",
        "prefixItems": [_whole(0, 60), _whole(0, 90)],
        "items": False,
        "minItems": 2,
    }
)
_CREDIT: dict[str, Json] = {
    "type": "object",
    "properties": {"required": {"type": "boolean"}, "worstGrade": _one_of("A", "B", "C", "D")},
    "required": ["required"],
    "additionalProperties": False,
}
_ANY_OBJECT: dict[str, Json] = {"type": "object", "maxProperties": 100}

_ALL: Final = (
    _object(
        "lead.protection.baseMonths",
        _GLOBAL,
        {"months": 6},
        _all(months=_whole(1, 24)),
        "Base period of protection, in months.",
    ),
    _object(
        "lead.protection.progressDays",
        _GLOBAL,
        {"days": 60},
        _all(days=_whole(7, 120)),
        "Days within which progress must be documented.",
    ),
    _object(
        "lead.protection.graceDays",
        _GLOBAL,
        {"days": 10},
        _all(days=_whole(1, 30)),
        "Days of grace after the reminder.",
    ),
    _object(
        "lead.protection.mode",
        _GLOBAL,
        {"mode": "LEAST"},
        _all(mode=_one_of("LEAST", "GREATEST")),
        "Which of the two periods ends protection; LEAST is the contract.",
    ),
    _object(
        "lead.protection.counting",
        _COMPANY,
        {"counting": "exact"},
        _all(counting=_one_of("exact", "calendar_days")),
        "Periods by the second, or by whole local dates (BGB 187, 188).",
    ),
    _object(
        "lead.protection.workingDayRoll",
        _COMPANY,
        {"roll": "off"},
        _ROLL,
        "Whether the agent's deadlines move off weekends and the public holidays of a Land (BGB 193); "
        "needs counting calendar_days.",
    ),
    _object(
        "lead.protection.holdApproval",
        _COMPANY,
        {"approval": "required"},
        _all(approval=_one_of("required", "not_required")),
        "Whether an owner's hold waits for a manager's approval or takes effect at once.",
    ),
    _object(
        "lead.protection.maxHoldDays",
        _COMPANY,
        {"days": 60},
        _all(days=_whole(1, 365)),
        "Days after which the managers are told of a hold; it does not end by that.",
    ),
    _object(
        "lead.protection.noticeDays",
        _COMPANY,
        {"days": [7, 14]},
        _NOTICE,
        "Days before the progress deadline, and before the end of the base period, that a notice goes out; "
        "0 is none.",
    ),
    _list(
        "lead.protection.reminder.channels",
        _ORG,
        ["EMAIL", "INAPP"],
        _some_of("EMAIL", "INAPP", "TASK"),
        "Where reminders go.",
    ),
    _list(
        "lead.protection.notify.roles",
        _ORG,
        ["manager"],
        _some_of("agent", "manager", "admin", "auditor"),
        "Who beside the owner is told of lapses, requests and long holds.",
    ),
    _scalar(
        "ai.budget.monthly.cap",
        _ORG,
        1000,
        {"type": "number", "minimum": 0, "maximum": 1_000_000_000},
        "EUR a month for AI calls; a hard limit.",
    ),
    _scalar(
        "ai.routing.confidence.threshold",
        _PERSON,
        0.7,
        {"type": "number", "minimum": 0, "maximum": 1},
        "Below this confidence the large model is asked too.",
    ),
    _duration("ai.routing.demotion.cooldown", "PT30M", "How long a demoted model rests."),
    _duration("ai.cache.ttl", "PT8H", "How long an AI answer is kept."),
    _merged("ai.providers.openai.models", _COMPANY, MODELS, "Names of OpenAI's models to use."),
    _merged("ai.providers.anthropic.models", _COMPANY, MODELS, "Names of Anthropic's models to use."),
    _merged("ai.routing.providers", _COMPANY, PROVIDERS, "Whose models are asked first, by use case."),
    _object("ai.providers.perMinute", _COMPANY, USUAL_PACES, PACES, "Questions a minute, by AI provider."),
    _merged("ai.prices.models", _COMPANY, PRICES, "USD for a million tokens of models we have no price of."),
    _scalar(
        "ai.prices.eurPerUsd",
        _COMPANY,
        0.95,
        {"type": "number", "minimum": 0.01, "maximum": 100},
        "EUR booked for a US dollar that a provider bills.",
    ),
    _object(
        "ai.audit.content",
        _COMPANY,
        {"enabled": False},
        _all(enabled={"type": "boolean"}),
        "Whether the audit of AI calls keeps what was said, too; it is told without personal data.",
    ),
    _duration("credit.cache.ttl", "PT8H", "How long a credit answer is kept."),
    _scalar(
        "credit.peak.slo.p95.ms",
        _GLOBAL,
        500,
        _whole(100, 2000),
        "Milliseconds a credit check may take at peak (p95).",
    ),
    _scalar(
        "credit.batch.window.ms",
        _ORG,
        50,
        _whole(0, 2000),
        "Milliseconds for which credit checks are gathered into one call.",
    ),
    _object(
        "credit.require.samples",
        _ORG,
        {"required": False},
        _CREDIT,
        "Whether samples are promised only to companies the credit bureau has approved, and the worst grade "
        "that will do.",
    ),
    _object(
        "credit.require.conversion",
        _ORG,
        {"required": False},
        _CREDIT,
        "The same for becoming a customer.",
    ),
    _object(
        "sample.feedback.tokenDays",
        _HOST,
        {"days": 30},
        _all(days=_whole(1, 365)),
        "Days for which a feedback form stays open.",
    ),
    _object(
        "sample.feedback.autoReminder",
        _HOST,
        {"enabled": True},
        _all(enabled={"type": "boolean"}),
        "Whether one reminder follows an unanswered invitation.",
    ),
    _object(
        "sample.feedback.ratePerHour",
        _HOST,
        {"count": 100},
        _all(count=_whole(1, 10_000)),
        "Requests an hour for one form, and for one address range.",
    ),
    _object(
        "sample.feedback.submissions",
        _HOST,
        {"mode": "once"},
        _all(mode=_one_of("once", "until_closed")),
        "Whether a feedback form closes with the first answer, or stays open for more until its days are "
        "over.",
    ),
    _object(
        "sample.feedback.timing",
        _HOST,
        {"inviteDays": 3, "remindDays": 7},
        _all(inviteDays=_whole(0, 90), remindDays=_whole(1, 90)),
        "Days after the delivery of samples that feedback is asked for (at the end of their test phase, "
        "where that is later), and days after that until the reminder.",
    ),
    _object(
        "sample.delay.hold",
        _COMPANY,
        {"mode": "proposed"},
        _all(mode=_one_of("off", "proposed", "placed")),
        "What comes of samples that were not shipped when promised: a hold that a manager confirms, one that "
        "takes effect at once, or none. It ends with their delivery.",
    ),
    _object(
        "erp.sample.orders",
        (Scope.TENANT,),
        {"enabled": True, "customer": "10000", "project": "1", "paymentMethod": "1", "shippingMethod": "1"},
        _all(
            enabled={"type": "boolean"},
            customer=_text(40),
            project=_text(40),
            paymentMethod=_text(40),
            shippingMethod=_text(40),
        ),
        "Whether a promised box of samples becomes an order in the ERP, and under which of its numbers: the "
        "customer of boxes whose lead has no account there, project, payment and shipping method.",
    ),
    _object(
        "erp.priceApproval.hold",
        _COMPANY,
        {"mode": "proposed"},
        _all(mode=_one_of("off", "proposed", "placed")),
        "What comes of an order that waits in the ERP for the company's approval of its price: a hold that a "
        "manager confirms, one that takes effect at once, or none. It ends with the approval.",
    ),
    _object(
        "erp.newCustomer.check",
        (Scope.TENANT,),
        {"mode": "warn", "months": 12},
        _all(mode=_one_of("off", "warn", "refuse"), months=_whole(1, 60)),
        "What comes of a company that the ERP has invoiced within so many months: a note on its lead's page, "
        "a refusal to register and to convert it, or nothing. A manager's override goes before it.",
    ),
    _merged("help.space.enduser", _ORG, _ANY_OBJECT, "Help for agents: entries by name."),
    _merged("help.space.salesops", _ORG, _ANY_OBJECT, "Help for managers: entries by name."),
)

DEFINITIONS: Final[Mapping[str, Definition]] = MappingProxyType(
    {definition.key: definition for definition in _ALL}
)

# What makes up the tenant's policy; a change of one of these makes a new policy version.
POLICY_KEYS: Final = frozenset(
    {
        "lead.protection.baseMonths",
        "lead.protection.progressDays",
        "lead.protection.graceDays",
        "lead.protection.mode",
        "lead.protection.counting",
        "lead.protection.workingDayRoll",
        "lead.protection.maxHoldDays",
        "lead.protection.noticeDays",
    }
)
