"""Forms for settings, generated from their JSON Schemas: fields to show, a model, and a value to store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, create_model

from adapters.setting_definitions import DEFINITIONS, Definition, Json, Scope
from adapters.setting_values import LARGEST
from api.pages.forms import FormModel, Many

_VALUE: Final = "value"
_LONGEST: Final = 100


class InputKind(StrEnum):
    """How a field is typed in."""

    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    BOOLEAN = "boolean"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingInput:
    """A field of the form of a setting.

    Attributes:
        name: of the field: `value`, or `value_` with the steps into the value.
        steps: where in the value it stands.
        word: what it is, a stable word: the name of a property, or empty for the whole.
        options: of a choice.
        least: smallest number.
        most: largest number, or longest text.
        required: whether it may not be left out.
    """

    name: str
    steps: tuple[str | int, ...]
    word: str
    kind: InputKind
    options: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    required: bool = True

    def shown(self, value: Json) -> str | list[str]:
        """What stands in the field for this value of the setting."""
        found: Any = value
        for step in self.steps:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return ""
        match self.kind:
            case InputKind.CHOICES:
                return [str(one) for one in found or ()]
            case InputKind.JSON:
                return json.dumps(found, ensure_ascii=False, indent=2)
            case InputKind.BOOLEAN:
                return "true" if found else "false"
            case _:
                return "" if found is None else str(found)


@cache
def inputs_of(key: str) -> tuple[SettingInput, ...]:
    """The fields of a setting's form."""
    return tuple(_inputs(DEFINITIONS[key].schema, (), required=True))


@cache
def form_of(key: str) -> type[FormModel]:
    """The model of a setting's form: its fields, where the value is to be set, and why."""
    definition = DEFINITIONS[key]
    fields: dict[str, Any] = {
        one.name: (_type(one), ...) if one.required and one.kind is not InputKind.CHOICES else _optional(one)
        for one in inputs_of(key)
    }
    return create_model("SettingForm", __base__=_PlaceForm, **fields, __doc__=definition.says)


class _PlaceForm(FormModel):
    """Where a value is to be set or taken back.

    Attributes:
        revision: of the value that was shown; 0 where none was set.
    """

    scope: Scope
    scope_id: Annotated[str, StringConstraints(max_length=_LONGEST)] | None = None
    revision: Annotated[int, Field(ge=0)] | None = None
    reason: Annotated[str, StringConstraints(max_length=250)] | None = None


class UnsetForm(_PlaceForm):
    """A value to be taken back."""


class NoJson(ValueError):
    """A field should hold JSON and does not; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: is no JSON")
        self.name = name


def value_of(key: str, values: FormModel) -> Json:
    """The value a form says, in the setting's own shape.

    Raises:
        NoJson: a field should hold JSON and does not.
    """
    inputs = inputs_of(key)
    given = {one.name: getattr(values, one.name) for one in inputs}
    if len(inputs) == 1 and not inputs[0].steps:
        return _plain(inputs[0], given[inputs[0].name])
    made: dict[str, Any] = {}
    for one in inputs:
        value = _plain(one, given[one.name])
        if value is None:
            continue
        first, *rest = one.steps
        if rest:
            made.setdefault(str(first), []).append(value)
        else:
            made[str(first)] = value
    return made


def field_at(key: str, pointer: str) -> str:
    """The field a JSON pointer into the value speaks of; the first one if it is about the whole."""
    steps = tuple(pointer.split("/")[1:])
    for one in inputs_of(key):
        if tuple(map(str, one.steps)) == steps[: len(one.steps)]:
            return one.name
    return inputs_of(key)[0].name


def _plain(one: SettingInput, value: Any) -> Json:
    match one.kind:
        case InputKind.CHOICES:
            return list(value)
        case InputKind.BOOLEAN:
            return None if value is None else value == "true"
        case InputKind.JSON:
            try:
                parsed: Json = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise NoJson(one.name) from error
            return parsed
        case _:
            said: Json = value
            return said


def _type(one: SettingInput) -> Any:
    # What a schema says beyond this (the pattern of a text) is checked before the value is stored.
    longest = LARGEST if one.kind is InputKind.JSON else int(one.most or _LONGEST)
    types: dict[InputKind, Any] = {
        InputKind.WHOLE: Annotated[int, Field(ge=one.least, le=one.most)],
        InputKind.NUMBER: Annotated[float, Field(ge=one.least, le=one.most, allow_inf_nan=False)],
        InputKind.BOOLEAN: Literal["true", "false"],
        InputKind.JSON: Annotated[str, StringConstraints(max_length=longest)],
        InputKind.TEXT: Annotated[str, StringConstraints(max_length=longest)],
    }
    if one.kind in types:
        return types[one.kind]
    # A Literal of values that are known only here.
    choice: Any = Literal.__getitem__(one.options)
    return Many[tuple[choice, ...]] if one.kind is InputKind.CHOICES else choice


def _optional(one: SettingInput) -> tuple[Any, Any]:
    return (_type(one), ()) if one.kind is InputKind.CHOICES else (_type(one) | None, None)


def _inputs(schema: Mapping[str, Any], steps: tuple[str | int, ...], *, required: bool) -> list[SettingInput]:
    if schema.get("properties"):
        demanded = schema.get("required", ())
        return [
            one
            for name, inner in schema["properties"].items()
            for one in _inputs(inner, (*steps, name), required=name in demanded)
        ]
    if "prefixItems" in schema:
        return [
            one
            for place, inner in enumerate(schema["prefixItems"])
            for one in _inputs(inner, (*steps, place), required=required)
        ]
    return [
        SettingInput(
            name="_".join([_VALUE, *map(str, steps)]),
            steps=steps,
            word="" if not steps else ".".join(map(str, steps)),
            required=required,
            **_shape(schema),
        )
    ]


_KINDS: Final[Mapping[str, InputKind]] = {
    "integer": InputKind.WHOLE,
    "number": InputKind.NUMBER,
    "boolean": InputKind.BOOLEAN,
    "object": InputKind.JSON,
    "array": InputKind.JSON,
    "string": InputKind.TEXT,
}


def _shape(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "enum" in schema:
        return {"kind": InputKind.CHOICE, "options": tuple(schema["enum"])}
    several = schema.get("items")
    if isinstance(several, dict) and "enum" in several:
        return {"kind": InputKind.CHOICES, "options": tuple(several["enum"])}
    types = schema["type"]
    kind = _KINDS[types if isinstance(types, str) else types[0]]
    if kind is InputKind.TEXT:
        return {"kind": kind, "most": schema.get("maxLength", _LONGEST)}
    return {"kind": kind, "least": schema.get("minimum"), "most": schema.get("maximum")}


def scopes_of(definition: Definition, *, operating: bool) -> tuple[Scope, ...]:
    """Where somebody may set it: values of everybody only whoever operates the installation."""
    return tuple(scope for scope in definition.scopes if operating or scope is not Scope.GLOBAL)
