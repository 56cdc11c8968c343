"""What a setting's values mean: whether one may be stored, and what those of several scopes come to."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias

import jsonschema_rs

from adapters.setting_definitions import DEFINITIONS, Definition, Json, Merge, Scope

LARGEST: Final = 16_384  # characters of JSON
_DEEPEST: Final = 16
_EXACT: Final = 2**53
_HIDDEN: Final = "the value"

_VALIDATORS: Final = MappingProxyType(
    {
        definition.key: jsonschema_rs.Draft202012Validator(definition.schema, mask=_HIDDEN)
        for definition in DEFINITIONS.values()
    }
)


class BadValue(ValueError):
    """A value that its setting does not take.

    Attributes:
        pointer: JSON pointer to what is wrong in it; empty is the whole.
        message: what is wrong, without the value itself.
    """

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or 'value'}: {message}")
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Stored:
    """A value at one scope.

    Attributes:
        scope_id: which org or user; empty for the other scopes.
        value: None: taken back, so that what is less specific holds again.
        revision: goes up by one with each change.
        changed_at: UTC instant.
    """

    key: str
    scope: Scope
    scope_id: str
    value: Json
    revision: int
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part of an effective value comes from.

    Attributes:
        pointer: JSON pointer into the value; empty is the whole.
        scope: None is the default.
        scope_id: which org or user; empty for the other scopes.
    """

    pointer: str
    scope: Scope | None
    scope_id: str = ""


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds, and why."""

    key: str
    value: Json
    parts: tuple[Part, ...]


_Layer: TypeAlias = "tuple[Scope | None, str, Json]"


def checked(definition: Definition, value: Json) -> Json:
    """The value as it is stored: whole numbers without a point.

    Raises:
        BadValue: the setting does not take it, or no database could keep it.
    """
    plain = _plain(value, "", 0)
    if len(json.dumps(plain, ensure_ascii=False)) > LARGEST:
        raise BadValue("", f"must not be longer than {LARGEST} characters")
    for error in _VALIDATORS[definition.key].iter_errors(plain):
        raise BadValue("".join(f"/{_escaped(str(step))}" for step in error.instance_path), error.message)
    return plain


def _plain(value: Json, pointer: str, depth: int) -> Json:
    if depth > _DEEPEST:
        raise BadValue(pointer, f"must not be nested deeper than {_DEEPEST}")
    match value:
        case bool() | None:
            return value
        case int() | float():
            return _number(float(value) if abs(value) < _EXACT else math.inf, pointer)
        case str():
            return _text(value, pointer)
        case list():
            return [_plain(part, f"{pointer}/{place}", depth + 1) for place, part in enumerate(value)]
        case dict():
            return {
                _text(name, pointer): _plain(part, f"{pointer}/{_escaped(name)}", depth + 1)
                for name, part in value.items()
            }


def _number(value: float, pointer: str) -> int | float:
    if not math.isfinite(value):
        raise BadValue(pointer, "must be a smaller number")
    return int(value) if value.is_integer() else value


def _text(value: str, pointer: str) -> str:
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise BadValue(pointer, "must be text without null characters")
    return value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def resolve(
    definition: Definition, values: Iterable[Stored], *, org: str | None = None, user: str | None = None
) -> Effective:
    """What holds for a tenant, an org and a user.

    Args:
        definition: which setting.
        values: what is stored of it, at whatever scopes.
        org: whose values count beside those of the tenant.
        user: the same.
    """
    places = {Scope.GLOBAL: "", Scope.TENANT: "", Scope.ORG: org, Scope.USER: user}
    told = {
        stored.scope: stored.value
        for stored in values
        if stored.scope in definition.scopes and stored.scope_id == places[stored.scope]
    }
    layers: list[_Layer] = [(None, "", definition.default)]
    layers += [(scope, places[scope] or "", told[scope]) for scope in Scope if told.get(scope) is not None]
    match definition.merge:
        case Merge.REPLACE:
            scope, scope_id, value = layers[-1]
            return Effective(definition.key, value, (Part("", scope, scope_id),))
        case Merge.APPEND:
            return _union(definition.key, layers)
        case Merge.MERGE:
            return _merged(definition.key, layers)


def _union(key: str, layers: Iterable[_Layer]) -> Effective:
    items: list[Json] = []
    parts: list[Part] = []
    for scope, scope_id, value in layers:
        for item in value if isinstance(value, list) else ():
            if item not in items:
                parts.append(Part(f"/{len(items)}", scope, scope_id))
                items.append(item)
    return Effective(key, items, tuple(parts))


def _merged(key: str, layers: Iterable[_Layer]) -> Effective:
    whole: dict[str, Json] = {}
    origins: dict[str, Part] = {}
    for scope, scope_id, value in layers:
        if isinstance(value, dict):
            for pointer in _laid_over(whole, value, "", origins):
                origins[pointer] = Part(pointer, scope, scope_id)
    return Effective(key, whole, tuple(origins[pointer] for pointer in sorted(origins)))


def _laid_over(
    below: dict[str, Json], above: Mapping[str, Json], pointer: str, origins: dict[str, Part]
) -> Iterator[str]:
    """Lay an object over another in place (RFC 7396); the pointers of all leaves it brought."""
    for name, value in above.items():
        here = f"{pointer}/{_escaped(name)}"
        there = below.get(name)
        if isinstance(value, dict) and isinstance(there, dict):
            if value:
                origins.pop(here, None)
            yield from _laid_over(there, value, here, origins)
            if not there:
                yield here
            continue
        for gone in [known for known in origins if known == here or known.startswith(f"{here}/")]:
            del origins[gone]
        if value is None:
            below.pop(name, None)
        elif isinstance(value, dict):
            fresh: dict[str, Json] = {}
            below[name] = fresh
            yield from _laid_over(fresh, value, here, origins)
            if not fresh:
                yield here
        else:
            below[name] = value
            yield here
