"""Settings: what there is, what holds and why, and changing it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from adapters.setting_values import BadValue
from api.dependencies import CurrentCaller, CurrentWiring, IfMatch
from api.problems import WITH_ETAG, ApiError, FieldError, Kind, problems
from api.schemas.base import Line
from api.schemas.settings import (
    EffectiveValue,
    EffectiveValues,
    SettingChange,
    SettingChanged,
    SettingRows,
    changed_of,
    effective_of,
    row_of,
)
from api.wiring import Wiring
from services.asking import Asking
from services.settings import Change, NotOperating, SettingsDesk, all_resolved, change, listed, resolved

router: Final = APIRouter(prefix="/api/settings", tags=["settings"])

Key = Annotated[str, Path(min_length=1, max_length=100, description="such as lead.protection.graceDays")]
Org = Annotated[Line | None, Query(description="Count the values of this org too; left out, your own.")]
User = Annotated[Line | None, Query(description="Count the values of this user too; left out, your own.")]


def _desk(wiring: Wiring) -> SettingsDesk:
    return SettingsDesk(pool=wiring.app, registry=wiring.registry)


@router.get("", responses=problems(403))
async def list_settings(caller: CurrentCaller, wiring: CurrentWiring) -> SettingRows:
    """List all settings: what each decides and may hold, and what is set for everybody and the tenant."""
    rows = await listed(_desk(wiring), Asking.of(caller))
    return SettingRows(items=tuple(map(row_of, rows)))


@router.get("/effective", responses=problems(403))
async def read_effective_settings(
    caller: CurrentCaller, wiring: CurrentWiring, org: Org = None, user: User = None
) -> EffectiveValues:
    """Say what holds for every key, and from which scope each part of it comes."""
    found = await all_resolved(
        _desk(wiring), Asking.of(caller), org=org or caller.org, user=user or caller.user
    )
    return EffectiveValues(items=tuple(map(effective_of, found)))


@router.get("/resolve/{key}", responses=problems(403, 404))
async def resolve_setting(
    key: Key, caller: CurrentCaller, wiring: CurrentWiring, org: Org = None, user: User = None
) -> EffectiveValue:
    """Say what holds for a key, and from which scope each part of it comes."""
    found = await resolved(
        _desk(wiring), Asking.of(caller), key, org=org or caller.org, user=user or caller.user
    )
    return effective_of(found)


@router.put("/{key}", responses=WITH_ETAG | problems(403, 404, 412))
async def change_setting(
    *,
    key: Key,
    wanted: SettingChange,
    caller: CurrentCaller,
    wiring: CurrentWiring,
    if_match: IfMatch,
    response: Response,
) -> SettingChanged:
    """Set a value at a scope, or take it back (`null`). It holds at once, everywhere.

    The ETag is the value's revision at that scope; `"0"` in If-Match means that it was never set. A setting
    of the policy makes a new policy version: new leads are registered under it, living ones keep theirs.
    Values of everybody (`global`) are set by administrators of the tenant that operates the installation.
    """
    asked = Change(
        key=key,
        scope=wanted.scope,
        scope_id=wanted.scope_id,
        value=wanted.value,
        if_revision=None if if_match is None else if_match.revision,
        reason=wanted.reason,
    )
    try:
        done = await change(_desk(wiring), Asking.of(caller), asked)
    except BadValue as error:
        told = FieldError(
            place="body", pointer=f"#/value{error.pointer}", code="malformed", detail=error.message
        )
        raise ApiError(
            Kind.UNPROCESSABLE, "The setting does not take this value.", code="malformed", errors=(told,)
        ) from error
    except NotOperating as error:
        raise ApiError(
            Kind.FORBIDDEN, "Values of everybody are set by whoever operates the installation."
        ) from error
    response.headers["ETag"] = f'"{done.revision}"'
    return changed_of(wanted, done)
