"""The command `fristwerk settings`: what can be set, what holds and why, and setting it."""

from __future__ import annotations

import json as json_text
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from cyclopts import App, Parameter

from adapters import settings as configuration
from adapters.registry import SettingsRegistry
from adapters.setting_definitions import Json as JsonValue
from adapters.setting_definitions import Scope
from adapters.setting_values import BadValue, Effective, Part
from cli.acts import By, Json, MaybeText
from cli.console import DONE, OPERATOR, UsageError, open_database, perform, reading
from cli.output import CommandFailed, out, print_json, table
from cli.teaching import add
from protection.dates import format_instant
from protection.refusal import Refused
from services.asking import Asking
from services.errors import Forbidden, NotFound
from services.settings import Change, Changed, Setting, SettingsDesk, all_resolved, change, listed, resolved

Key = Annotated[str, Parameter(name="KEY", help="Name of the setting, such as lead.protection.graceDays.")]
Org = Annotated[str | None, Parameter(help="Count the values of this org too.")]
User = Annotated[str | None, Parameter(help="Count the values of this person too, by id.")]
At = Annotated[Scope, Parameter(name_transform=str.lower, help="global, tenant, org or user.")]
Which = Annotated[str | None, Parameter(help="Which org or user, where the scope is one.")]


def register(app: App) -> None:
    """Add the commands to the application."""
    settings = App(name="settings", help="What can be set, what holds and why.")
    add(settings, list_settings, name="list")
    add(settings, get)
    add(settings, set_value, name="set")
    add(settings, take_back, name="unset")
    app.command(settings)


def list_settings(*, org: Org = None, user: User = None, json: Json = False) -> int:
    """List every setting: what holds, where that comes from, and where it may be set.

    Examples:
        `fristwerk settings list`

        With the schemas and everything that is stored, for a program:
        `fristwerk settings list --json`
    """
    return perform(_list(org, user, json=json))


def get(key: Key, /, *, org: Org = None, user: User = None, json: Json = False) -> int:
    """Say what holds for a setting, and from which scope each part of it comes.

    Examples:
        `fristwerk settings get lead.protection.graceDays`
    """
    return perform(_get(key, org, user, json=json))


def set_value(
    key: Key,
    value: Annotated[str, Parameter(name="VALUE", allow_leading_hyphen=True)],
    /,
    *,
    scope: At = Scope.TENANT,
    scope_id: Which = None,
    reason: MaybeText = None,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Set a value at a scope; it holds at once, in every process.

    A setting of the policy makes a new policy version: new leads are registered under it, living ones keep
    theirs (see `fristwerk policy`).

    Examples:
        `fristwerk settings set lead.protection.maxHoldDays '{"days": 30}' --reason "Agreed in May"`

        For every tenant of the installation:
        `fristwerk settings set lead.protection.graceDays '{"days": 14}' --scope global`

    Args:
        value: JSON; what is none is taken as text.
        reason: Why; the audit keeps it.
    """
    return perform(_set(key, value, scope, scope_id, reason=reason, by=by, json=json))


def take_back(
    key: Key,
    /,
    *,
    scope: At = Scope.TENANT,
    scope_id: Which = None,
    reason: MaybeText = None,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Take a value back, so that what is set less specifically, or the default, holds again.

    Examples:
        `fristwerk settings unset lead.protection.maxHoldDays`

    Args:
        reason: Why; the audit keeps it.
    """
    return perform(_change(key, None, scope, scope_id, reason=reason, by=by, json=json))


async def _set(
    key: str, typed: str, scope: Scope, scope_id: str | None, *, reason: str | None, by: str, json: bool
) -> int:
    return await _change(key, _read(typed), scope, scope_id, reason=reason, by=by, json=json)


def _read(text: str) -> JsonValue:
    try:
        value: JsonValue = json_text.loads(text)
    except (ValueError, RecursionError):
        return text
    if value is None:
        raise UsageError("VALUE: null takes a value back; say so: fristwerk settings unset KEY")
    return value


@asynccontextmanager
async def _asking(
    by: str = OPERATOR, scope: Scope | None = None
) -> AsyncIterator[tuple[SettingsDesk, Asking]]:
    """People with the roles that are theirs; values of everybody for whoever operates."""
    configured = configuration.load()
    async with reading(configured) as opened:
        asking = Asking.of(await opened.acts_as(by))
        registry = SettingsRegistry(opened.pool)
        if scope is not Scope.GLOBAL:
            yield SettingsDesk(pool=opened.pool, registry=registry), asking
            return
        worker = await open_database(configured.worker_login())
        try:
            yield SettingsDesk(pool=worker, registry=registry, operator=True), asking
        finally:
            await worker.close()


async def _list(org: str | None, user: str | None, *, json: bool) -> int:
    async with _asking() as (desk, asking):
        rows = await listed(desk, asking)
        holding = {one.key: one for one in await all_resolved(desk, asking, org=org, user=user)}
    if json:
        print_json([_row(row, holding[row.definition.key]) for row in rows])
        return DONE
    made = table(None, "setting", "holds", "from", "may be set at", "decides")
    for row in rows:
        effective = holding[row.definition.key]
        made.add_row(
            row.definition.key,
            _text(effective.value),
            ", ".join(dict.fromkeys(map(_origin, effective.parts))) or "–",
            ", ".join(row.definition.scopes),
            row.definition.says,
        )
    out().print(made, markup=False)
    return DONE


async def _get(key: str, org: str | None, user: str | None, *, json: bool) -> int:
    async with _asking() as (desk, asking):
        try:
            effective = await resolved(desk, asking, key, org=org, user=user)
        except NotFound as error:
            raise _unknown(key) from error
    if json:
        print_json(_effective(effective))
    else:
        _show(effective)
    return DONE


async def _change(
    key: str, value: JsonValue, scope: Scope, scope_id: str | None, *, reason: str | None, by: str, json: bool
) -> int:
    wanted = Change(key=key, scope=scope, scope_id=scope_id, value=value, reason=reason)
    async with _asking(by, scope) as (desk, asking):
        try:
            done = await change(desk, asking, wanted)
        except Forbidden as error:
            raise CommandFailed(f"{asking.caller.user} may not change settings.") from error
        except NotFound as error:
            raise _unknown(key) from error
        except BadValue as error:
            raise UsageError(f"VALUE{error.pointer}: {error.message}") from error
        except Refused as refused:
            option = {"scope": "--scope", "scope_id": "--scope-id", "reason": "--reason", "value": "VALUE"}
            raise UsageError(f"{option.get(refused.field, refused.field)}: {refused.message}") from refused
    if json:
        print_json(_changed(done))
        return DONE
    out().print("Set." if done.anew else "It was set like this already; nothing changed.")
    _show(done.effective)
    if done.policy is not None:
        out().print(f"New leads are registered under {done.policy.version}.", markup=False)
    return DONE


def _unknown(key: str) -> CommandFailed:
    return CommandFailed(f"There is no setting {key!r}. All of them: fristwerk settings list")


def _show(effective: Effective) -> None:
    console = out()
    console.print(f"{effective.key} = {_text(effective.value)}", markup=False)
    for part in effective.parts:
        console.print(f"  {part.pointer or 'all of it'}: {_origin(part)}", markup=False)


def _text(value: JsonValue) -> str:
    return json_text.dumps(value, ensure_ascii=False)


def _origin(part: Part) -> str:
    if part.scope is None:
        return "default"
    return f"{part.scope} {part.scope_id}".strip()


def _effective(effective: Effective) -> dict[str, Any]:
    parts = [
        {
            "pointer": part.pointer,
            "scope": "default" if part.scope is None else str(part.scope),
            "scope_id": part.scope_id or None,
        }
        for part in effective.parts
    ]
    return {"key": effective.key, "value": effective.value, "parts": parts}


def _row(row: Setting, effective: Effective) -> dict[str, Any]:
    definition = row.definition
    return {
        "key": definition.key,
        "says": definition.says,
        "type": str(definition.type),
        "scopes": list(map(str, definition.scopes)),
        "default": definition.default,
        "schema": definition.schema,
        "merge": str(definition.merge),
        "effective": _effective(effective),
        "values": [
            {
                "scope": str(one.scope),
                "scope_id": one.scope_id or None,
                "value": one.value,
                "revision": one.revision,
                "changed_by": one.changed_by,
                "changed_at": format_instant(one.changed_at),
            }
            for one in row.values
        ],
    }


def _changed(done: Changed) -> dict[str, Any]:
    return {
        "revision": done.revision,
        "changed": done.anew,
        "effective": _effective(done.effective),
        "policy_version": None if done.policy is None else done.policy.version,
    }
