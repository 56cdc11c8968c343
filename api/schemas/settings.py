"""Settings on the wire: what there is, what holds and why, and changing it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, JsonValue

from adapters.setting_definitions import Merge, Scope, SettingType
from adapters.setting_values import Effective, Stored
from api.schemas.base import Choice, Input, Instant, Line, Output
from services.settings import Changed, Setting

Origin: TypeAlias = Literal["default", "global", "tenant", "org", "user"]
_ORIGINS: Final[dict[Scope | None, Origin]] = {
    None: "default",
    Scope.GLOBAL: "global",
    Scope.TENANT: "tenant",
    Scope.ORG: "org",
    Scope.USER: "user",
}


class StoredValue(Output):
    """A value at one scope.

    Attributes:
        scope_id: which org or user; null for the other scopes.
        value: null where it was taken back.
        revision: to be sent in If-Match, in quotation marks.
    """

    scope: Scope
    scope_id: str | None
    value: JsonValue
    revision: int
    changed_by: str
    changed_at: Instant


class SettingRow(Output):
    """A setting with everything that is set of it.

    Attributes:
        says: what it decides.
        scopes: where it may be set; the last one wins.
        default_value: what holds where nobody set it.
        json_schema: JSON Schema (2020-12) of a value.
        merge: how the values of several scopes become one.
    """

    key: str
    says: str
    type: SettingType
    scopes: tuple[Scope, ...]
    default_value: JsonValue
    json_schema: dict[str, JsonValue]
    merge: Merge
    values: tuple[StoredValue, ...]


class SettingRows(Output):
    """All settings, by key."""

    items: tuple[SettingRow, ...]


class ValuePart(Output):
    """Where a part of a value comes from.

    Attributes:
        pointer: JSON pointer into the value; empty is the whole.
        scope_id: which org or user; null for the other scopes.
    """

    pointer: str
    scope: Origin
    scope_id: str | None


class EffectiveValue(Output):
    """What holds, and why."""

    key: str
    value: JsonValue
    parts: tuple[ValuePart, ...]


class EffectiveValues(Output):
    """What holds for every key."""

    items: tuple[EffectiveValue, ...]


class SettingChange(Input):
    """A value to be set at a scope.

    Attributes:
        scope_id: which org or user; left out for the other scopes.
        value: fits the setting's JSON Schema; null takes the value back, so that what is less specific
            holds again.
        reason: why; the audit keeps it.
    """

    scope: Choice[Scope]
    scope_id: Line | None = None
    value: JsonValue
    reason: Annotated[Line, Field(min_length=3)] | None = None


class SettingChanged(Output):
    """What came of it.

    Attributes:
        revision: of the value at that scope; also the ETag.
        changed: false where it was set like this already.
        effective: what holds there now.
        policy_version: what new leads are registered under from now on; null where the setting is no part
            of the policy.
    """

    key: str
    scope: Scope
    scope_id: str | None
    revision: int
    changed: bool
    effective: EffectiveValue
    policy_version: str | None


def row_of(setting: Setting) -> SettingRow:
    """A setting as it is told."""
    definition = setting.definition
    return SettingRow(
        key=definition.key,
        says=definition.says,
        type=definition.type,
        scopes=definition.scopes,
        default_value=_json(definition.default),
        json_schema=_json(definition.schema),
        merge=definition.merge,
        values=tuple(map(_stored, setting.values)),
    )


def _stored(value: Stored) -> StoredValue:
    return StoredValue(
        scope=value.scope,
        scope_id=value.scope_id or None,
        value=_json(value.value),
        revision=value.revision,
        changed_by=value.changed_by,
        changed_at=value.changed_at,
    )


def effective_of(effective: Effective) -> EffectiveValue:
    """What holds, as it is told."""
    return EffectiveValue(
        key=effective.key,
        value=_json(effective.value),
        parts=tuple(
            ValuePart(pointer=part.pointer, scope=_ORIGINS[part.scope], scope_id=part.scope_id or None)
            for part in effective.parts
        ),
    )


def changed_of(wanted: SettingChange, done: Changed) -> SettingChanged:
    """What came of a change, as it is told."""
    return SettingChanged(
        key=done.effective.key,
        scope=wanted.scope,
        scope_id=wanted.scope_id,
        revision=done.revision,
        changed=done.anew,
        effective=effective_of(done.effective),
        policy_version=None if done.policy is None else done.policy.version,
    )


def _json(value: Any) -> Any:
    """The same value; pydantic has a name of its own for what JSON can say."""
    return value
