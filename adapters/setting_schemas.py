"""JSON Schemas of the settings whose values have more than a few parts."""

from __future__ import annotations

from typing import Any, Final

_USE_CASES: Final = [
    "LEAD_CLASSIFY",
    "EMAIL_CATEGORIZE",
    "CONTACT_ROLE_DETECT",
    "ACTIVITY_SUMMARIZE",
    "PRODUCT_MATCH",
    "HELP_DRAFT",
    "ROI_RECOMMEND",
    "RISK_ASSESS",
    "SAMPLE_STRATEGY",
    "NEGOTIATION_SUPPORT",
]
_MODEL: Final[dict[str, Any]] = {"type": ["string", "null"], "minLength": 1, "maxLength": 100}
_PRICE: Final[dict[str, Any]] = {"type": "number", "minimum": 0, "maximum": 10_000}
# An ISO 8601 duration of hours, minutes and seconds.
DURATION: Final = r"^PT(?=[0-9])([0-9]{1,5}H)?([0-9]{1,5}M)?([0-9]{1,5}S)?$"

MODELS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"small": _MODEL, "large": _MODEL},
    "additionalProperties": False,
}
# Which AI provider is asked first, by use case.
PROVIDERS: Final[dict[str, Any]] = {
    "type": "object",
    "propertyNames": {"enum": ["default", *_USE_CASES]},
    "additionalProperties": {
        "type": ["array", "null"],
        "items": {"enum": ["openai", "anthropic"]},
        "minItems": 1,
        "uniqueItems": True,
    },
}
# Questions a minute, by AI provider; by default what small accounts have been allowed.
_PER_MINUTE: Final[dict[str, Any]] = {"type": "integer", "minimum": 1, "maximum": 100_000}
PACES: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"openai": _PER_MINUTE, "anthropic": _PER_MINUTE},
    "required": ["openai", "anthropic"],
    "additionalProperties": False,
}
USUAL_PACES: Final[dict[str, Any]] = {"openai": 500, "anthropic": 50}
# What AI models cost, by name, in US dollars for a million tokens.
PRICES: Final[dict[str, Any]] = {
    "type": "object",
    "propertyNames": {"minLength": 1, "maxLength": 100},
    "maxProperties": 100,
    "additionalProperties": {
        "type": ["object", "null"],
        "properties": {"inputUsd": _PRICE, "outputUsd": _PRICE, "temperature": {"type": "boolean"}},
        "required": ["inputUsd", "outputUsd"],
        "additionalProperties": False,
    },
}
