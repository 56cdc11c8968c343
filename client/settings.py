"""The subject settings. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.words import Merge, Scope, SettingType


class ValuePart(Told):
    """Where a part of a value comes from.

    Attributes:
        pointer: JSON pointer into the value; empty is the whole.
        scope_id: which org or user; null for the other scopes.
    """

    pointer: str
    scope: Literal["default", "global", "tenant", "org", "user"]
    scope_id: str | None


class EffectiveValue(Told):
    """What holds, and why."""

    key: str
    value: JsonValue
    parts: list[ValuePart]


class EffectiveValues(Told):
    """What holds for every key."""

    items: list[EffectiveValue]


class SettingChange(Sent):
    """A value to be set at a scope.

    Attributes:
        scope_id: which org or user; left out for the other scopes.
        value: fits the setting's JSON Schema; null takes the value back, so that what is less specific
            holds again.
        reason: why; the audit keeps it.
    """

    scope: Scope
    scope_id: str | None = None
    value: JsonValue
    reason: str | None = None


class SettingChanged(Told):
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


class StoredValue(Told):
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
    changed_at: datetime


class SettingRow(Told):
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
    scopes: list[Scope]
    default_value: JsonValue
    json_schema: dict[str, JsonValue]
    merge: Merge
    values: list[StoredValue]


class SettingRows(Told):
    """All settings, by key."""

    items: list[SettingRow]


class Settings(Group):
    """Operations of the subject settings."""

    def list_settings(self) -> Answer[SettingRows]:
        """List all settings: what each decides and may hold, and what is set for everybody and the tenant."""
        call = Call(method="GET", path="/api/settings")
        return self._asker.ask(call, {200: SettingRows})

    def read_effective_settings(
        self, *, org: str | None = None, user: str | None = None
    ) -> Answer[EffectiveValues]:
        """Say what holds for every key, and from which scope each part of it comes."""
        call = Call(method="GET", path="/api/settings/effective", query={"org": org, "user": user})
        return self._asker.ask(call, {200: EffectiveValues})

    def resolve_setting(
        self, key: str, *, org: str | None = None, user: str | None = None
    ) -> Answer[EffectiveValue]:
        """Say what holds for a key, and from which scope each part of it comes."""
        call = Call(
            method="GET",
            path=address("/api/settings/resolve/{key}", key=key),
            query={"org": org, "user": user},
        )
        return self._asker.ask(call, {200: EffectiveValue})

    def change_setting(
        self, key: str, body: SettingChange, *, if_match: str | None = None
    ) -> Answer[SettingChanged]:
        """Set a value at a scope, or take it back (`null`).

        It holds at once, everywhere.

        The ETag is the value's revision at that scope; `"0"` in If-Match means that it was never set. A
        setting of the policy makes a new policy version: new leads are registered under it, living ones keep
        theirs. Values of everybody (`global`) are set by administrators of the tenant that operates the
        installation.
        """
        call = Call(
            method="PUT",
            path=address("/api/settings/{key}", key=key),
            headers={"If-Match": if_match},
            body=body,
        )
        return self._asker.ask(call, {200: SettingChanged})
