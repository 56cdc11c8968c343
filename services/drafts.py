"""A rehearsed draft of the policy made true: the settings it differs in are set, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from adapters.database import transaction
from adapters.policy_store import current_policy
from adapters.rehearsal_store import rehearsal_of
from adapters.setting_definitions import DEFINITIONS, Json, Scope
from adapters.setting_store import installation_is_ours
from protection.permission import Act
from protection.policy import Policy, WorkingDayRoll, policy_to_json
from services.asking import Asking
from services.desk import Desk
from services.errors import Missing, NotFound
from services.settings import Change, NotOperating, SettingsDesk, change
from services.words import malformed

_Fields = Mapping[str, Any]

# In the order in which they can be set: a roll needs the counting first.
_SETTINGS: Final[tuple[tuple[str, tuple[str, ...], Callable[[_Fields], dict[str, Json]]], ...]] = (
    ("lead.protection.baseMonths", ("base_months",), lambda told: {"months": told["base_months"]}),
    ("lead.protection.progressDays", ("progress_days",), lambda told: {"days": told["progress_days"]}),
    ("lead.protection.graceDays", ("grace_days",), lambda told: {"days": told["grace_days"]}),
    ("lead.protection.mode", ("mode",), lambda told: {"mode": told["mode"]}),
    ("lead.protection.counting", ("counting",), lambda told: {"counting": told["counting"]}),
    (
        "lead.protection.workingDayRoll",
        ("working_day_roll", "closed_days"),
        lambda told: (
            {"roll": told["working_day_roll"]}
            | ({"land": told["land"]} if told["working_day_roll"] != WorkingDayRoll.OFF else {})
        ),
    ),
    ("lead.protection.maxHoldDays", ("max_hold_days",), lambda told: {"days": told["max_hold_days"]}),
    (
        "lead.protection.noticeDays",
        ("notice_progress_days", "notice_base_days"),
        lambda told: {"days": [told["notice_progress_days"], told["notice_base_days"]]},
    ),
)
_ROLL: Final = "lead.protection.workingDayRoll"


def changed_fields(draft: _Fields, present: Policy) -> dict[str, tuple[Any, Any]]:
    """Fields of the policy in which a draft differs: what holds now, and what it says."""
    now = policy_to_json(present)
    return {
        name: (now[name], value)
        for name, value in draft.items()
        if name != "version" and now.get(name) != value
    }


async def make_true(
    desk: Desk, asking: Asking, rehearsal: UUID, *, land: str | None, reason: str | None
) -> Policy:
    """Set what a rehearsed draft says; the policy that new leads are registered under from then on.

    Args:
        land: German Land whose holidays count, where the draft rolls deadlines.
        reason: why; the audit keeps it.

    Raises:
        Forbidden: the caller may not change settings.
        NotOperating: the draft changes a value of everybody, which is not his to set.
        NotFound: there is no such rehearsal any more.
        Refused: a roll without a Land.
    """
    asking.require(Act.CHANGE_SETTINGS)
    async with desk.writing(asking) as connection:
        stored = await rehearsal_of(connection, asking.tenant, rehearsal)
        if stored is None:
            raise NotFound(Missing.REHEARSAL)
        present = await current_policy(connection, asking.tenant, at=desk.now())
        ours = await installation_is_ours(connection)
    wanted = _changes(stored.draft, present, land, reason)
    if not ours and any(one.scope is Scope.GLOBAL for one in wanted):
        raise NotOperating
    settings = SettingsDesk(pool=desk.pool, registry=desk.registry)
    for one in wanted:
        await change(settings, asking, one)
    caller = asking.caller
    async with transaction(desk.pool, caller.tenant, caller.user, caller.roles, at=desk.now()) as connection:
        return await current_policy(connection, asking.tenant, at=desk.now())


def _changes(draft: _Fields, present: Policy, land: str | None, reason: str | None) -> list[Change]:
    differing = changed_fields(draft, present)
    told = {**draft, "land": land}
    rolls = draft["working_day_roll"] != WorkingDayRoll.OFF
    if rolls and not {"working_day_roll", "closed_days"}.isdisjoint(differing) and land is None:
        raise malformed("land", "a roll to working days needs a Land, for its public holidays")
    changes = [
        Change(key=key, scope=_scope(key), value=value(told), reason=reason)
        for key, fields, value in _SETTINGS
        if not differing.keys().isdisjoint(fields)
    ]
    # Where the roll is given up, it has to go before the counting it needs.
    return changes if rolls else sorted(changes, key=lambda one: one.key != _ROLL)


def _scope(key: str) -> Scope:
    return Scope.TENANT if Scope.TENANT in DEFINITIONS[key].scopes else Scope.GLOBAL
