"""Facts as plain JSON: how they lie in the ledger and travel in the workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any

from protection.dates import format_instant, parse_instant
from protection.facts import FACT_TYPES, EndReason, Fact, HoldReason
from protection.refusal import Code, Refused

MAX_TEXT = 200


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT:
        raise ValueError(f"must be text of 1 to {MAX_TEXT} characters")
    if not value.isprintable():
        raise ValueError("must not contain line breaks or other control characters")
    return value


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be an ISO 8601 time with a zone")
    return parse_instant(value)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("must be a whole number")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of fields")
    return value


def _or_null(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else parse(value)


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "datetime": _instant,
    "int": _whole,
    "bool": _flag,
    "HoldReason": HoldReason,
    "EndReason": EndReason,
    "datetime | None": _or_null(_instant),
    "str | None": _or_null(_text),
    "date | None": _or_null(date.fromisoformat),
    "int | None": _or_null(_whole),
    "dict[str, Any]": _object,
    "dict[str, Any] | None": _or_null(_object),
}

# Per fact type: (field name, its parser, whether it must be there). Read once from the dataclasses.
_SHAPES = {
    name: tuple((field.name, _PARSERS[str(field.type)], field.default is MISSING) for field in fields(kind))
    for name, kind in FACT_TYPES.items()
}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (HoldReason, EndReason)):
        return str(value)
    return value


def fact_to_json(fact: Fact) -> dict[str, Any]:
    """The fact as plain JSON values; instants as ISO 8601 with a Z."""
    shape = _SHAPES[fact.type]
    return {"type": fact.type} | {name: _plain(getattr(fact, name)) for name, _, _ in shape}


def fact_from_json(raw: Any) -> Fact:
    """The fact written by `fact_to_json`.

    Raises:
        Refused: code `malformed`; names the field at fault.
    """
    if not isinstance(raw, Mapping):
        raise Refused(Code.MALFORMED, "", "a fact is an object with a type")
    name = raw.get("type")
    if not isinstance(name, str) or name not in FACT_TYPES:
        raise Refused(
            Code.MALFORMED, "type", f"unknown fact type {name!r}; known are {', '.join(FACT_TYPES)}"
        )
    values: dict[str, Any] = {}
    for field, parse, needed in _SHAPES[name]:
        if field not in raw:
            if needed:
                raise Refused(Code.MALFORMED, field, f"{field} is missing")
            continue
        try:
            values[field] = parse(raw[field])
        except (TypeError, ValueError) as error:
            raise Refused(Code.MALFORMED, field, f"{field}: {error}") from error
    surplus = set(raw) - {field for field, _, _ in _SHAPES[name]} - {"type"}
    if surplus:
        field = min(surplus)
        raise Refused(Code.MALFORMED, field, f"a fact of type {name} has no field {field}")
    return FACT_TYPES[name](**values)
