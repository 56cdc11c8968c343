"""Settings on somebody's behalf: what there is, what holds and why, and changing it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adapters.database import Connection, Pool, transaction
from adapters.policy_store import current_policy
from adapters.registry import SettingsRegistry, UnknownSetting, definition_of
from adapters.setting_definitions import DEFINITIONS, POLICY_KEYS, Definition, Json, Scope
from adapters.setting_store import Place, installation_is_ours, knows_user, put_value, value_at, values_of
from adapters.setting_values import Effective, Stored, checked, resolve
from protection.permission import Act
from protection.policy import Counting, Policy, WorkingDayRoll
from protection.refusal import Code, Refused
from services import words
from services.asking import Asking
from services.errors import Forbidden, Missing, NotFound

_COUNTING: Final = "lead.protection.counting"
_ROLL: Final = "lead.protection.workingDayRoll"
_LONGEST_ID: Final = 100
_NAMED: Final = frozenset({Scope.ORG, Scope.USER})


class NotOperating(Forbidden):
    """Values of everybody are set by whoever operates the installation, not by each tenant."""

    def __init__(self) -> None:
        super().__init__(Act.CHANGE_SETTINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsDesk:
    """What these services work with.

    Attributes:
        pool: connections as the application role; as the worker role for whoever operates the installation.
        registry: answers what holds.
        operator: whether values of everybody may be set whatever the tenant is; needs the worker role.
    """

    pool: Pool
    registry: SettingsRegistry
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting with everything stored of it.

    Attributes:
        values: in the order of the scopes; those taken back are among them, because of their revision.
    """

    definition: Definition
    values: tuple[Stored, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value to be set.

    Attributes:
        scope_id: which org or user; None for the other scopes.
        value: None takes the value back, so that what is less specific holds again.
        if_revision: set it only if the value at that scope has this revision; 0 is one never set.
        reason: why; the audit keeps it.
    """

    key: str
    scope: Scope
    scope_id: str | None = None
    value: Json
    if_revision: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of it.

    Attributes:
        revision: of the value at that scope; 0 where it was never set and nothing was taken back.
        anew: whether anything changed.
        effective: what holds at that scope now.
        policy: what new leads are registered under from now on, where the setting is part of the policy.
    """

    revision: int
    anew: bool
    effective: Effective
    policy: Policy | None


def _definition(key: str) -> Definition:
    try:
        return definition_of(key)
    except UnknownSetting as error:
        raise NotFound(Missing.SETTING) from error


async def listed(desk: SettingsDesk, asking: Asking) -> list[Setting]:
    """All settings with what is set, by key.

    Raises:
        Forbidden: the caller may not read settings.
    """
    asking.require(Act.READ_SETTINGS)
    values = await desk.registry.values(asking.tenant)
    order = list(Scope)
    return [
        Setting(
            definition,
            tuple(sorted(values.get(key, ()), key=lambda one: (order.index(one.scope), one.scope_id))),
        )
        for key, definition in sorted(DEFINITIONS.items())
    ]


async def resolved(
    desk: SettingsDesk, asking: Asking, key: str, *, org: str | None = None, user: str | None = None
) -> Effective:
    """What holds for a key, and where each part of it comes from.

    Raises:
        Forbidden: the caller may not read settings.
        NotFound: there is no such key.
    """
    asking.require(Act.READ_SETTINGS)
    _definition(key)
    return await desk.registry.effective(asking.tenant, key, org=org, user=user)


async def all_resolved(
    desk: SettingsDesk, asking: Asking, *, org: str | None = None, user: str | None = None
) -> list[Effective]:
    """The same for every key.

    Raises:
        Forbidden: the caller may not read settings.
    """
    asking.require(Act.READ_SETTINGS)
    values = await desk.registry.values(asking.tenant)
    return [
        resolve(definition, values.get(key, ()), org=org, user=user)
        for key, definition in sorted(DEFINITIONS.items())
    ]


async def change(desk: SettingsDesk, asking: Asking, wanted: Change) -> Changed:
    """Set a value, or take it back. Setting what is set already changes nothing.

    Raises:
        Forbidden: the caller may not change settings, or not those of everybody.
        NotFound: there is no such key.
        Refused: the scope is not allowed, the policy would contradict itself, or it was changed meanwhile.
        BadValue: the setting does not take the value.
    """
    asking.require(Act.CHANGE_SETTINGS)
    definition = _definition(wanted.key)
    place = _place(definition, wanted, asking.tenant)
    value = None if wanted.value is None else checked(definition, wanted.value)
    reason = None if wanted.reason is None else words.reason(wanted.reason)
    at = datetime.now(UTC)
    caller = asking.caller
    async with transaction(
        desk.pool, caller.tenant, caller.user, caller.roles, at=at, reason=reason
    ) as connection:
        await _check_place(connection, place, desk)
        known = await value_at(connection, place, wanted.key)
        revision = 0 if known is None else known.revision
        if wanted.if_revision is not None and wanted.if_revision != revision:
            raise Refused(
                Code.REVISION_CONFLICT, "if_revision", f"the value at this scope has revision {revision}"
            )
        anew = not _same(value, None if known is None else known.value)
        if anew:
            revision = await put_value(connection, place, wanted.key, value, by=caller.user, at=at)
        stored = await values_of(connection, caller.tenant)
        policy = None
        if wanted.key in POLICY_KEYS:
            _check_policy(stored, tenant=place.tenant is not None)
            policy = await current_policy(connection, caller.tenant, at=at)
    desk.registry.forget(place.tenant)
    effective = resolve(
        definition,
        [one for one in stored if one.key == wanted.key],
        org=wanted.scope_id if wanted.scope is Scope.ORG else None,
        user=wanted.scope_id if wanted.scope is Scope.USER else None,
    )
    return Changed(revision, anew, effective, policy)


def _place(definition: Definition, wanted: Change, tenant: UUID) -> Place:
    if wanted.scope not in definition.scopes:
        allowed = ", ".join(definition.scopes)
        raise words.malformed("scope", f"{definition.key} may be set at {allowed}")
    if wanted.scope not in _NAMED:
        if wanted.scope_id is not None:
            raise words.malformed("scope_id", f"the scope {wanted.scope} has none; leave it out")
        return Place(None if wanted.scope is Scope.GLOBAL else tenant, wanted.scope)
    if wanted.scope_id is None:
        raise words.malformed("scope_id", f"say which {wanted.scope}")
    return Place(tenant, wanted.scope, words.line(wanted.scope_id, "scope_id", _LONGEST_ID))


async def _check_place(connection: Connection, place: Place, desk: SettingsDesk) -> None:
    if place.tenant is None and not desk.operator and not await installation_is_ours(connection):
        raise NotOperating
    if place.scope is Scope.USER and not await knows_user(connection, place.tenant, place.scope_id):
        raise words.malformed("scope_id", "nobody here has this id")


def _same(one: Json, other: Json) -> bool:
    # True is no 1 and 1 no 1.0 in a setting, other than in Python.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _check_policy(stored: Sequence[Stored], *, tenant: bool) -> None:
    """Refuse what would not work together: as the tenant sees it, or for everybody."""
    seen = [one for one in stored if tenant or one.scope is Scope.GLOBAL]
    counting, roll = (
        _field(resolve(DEFINITIONS[key], [one for one in seen if one.key == key]).value, name)
        for key, name in ((_COUNTING, "counting"), (_ROLL, "roll"))
    )
    if roll != WorkingDayRoll.OFF and counting != Counting.CALENDAR_DAYS:
        raise words.malformed("value", "a roll to working days needs counting calendar_days; set that first")


def _field(value: Json, name: str) -> Json:
    return value[name] if isinstance(value, dict) else None
