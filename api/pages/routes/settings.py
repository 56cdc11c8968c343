"""Settings: what holds and why, everything that is stored, how it came so, and changing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from adapters.lead_reading import names_of
from adapters.setting_definitions import POLICY_KEYS, Scope
from adapters.setting_store import installation_is_ours
from adapters.setting_values import BadValue, Effective, Stored
from api.pages.asked import read_query
from api.pages.forms import Form, FormModel, read_form
from api.pages.setting_forms import (
    NoJson,
    UnsetForm,
    field_at,
    form_of,
    inputs_of,
    scopes_of,
    value_of,
)
from api.pages.setting_texts import SCOPES, field_word, grouped, option_word, spoken
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.permission import Act
from protection.refusal import Code, Refused
from services.auditing import setting_changes
from services.errors import Missing, NotFound
from services.settings import (
    Change,
    NotOperating,
    Setting,
    SettingsDesk,
    all_resolved,
    change,
    listed,
    resolved,
)

router: Final = APIRouter(include_in_schema=False)

_Id = Annotated[str, StringConstraints(max_length=100)]
_MEANWHILE: Final = N_("Somebody else has changed this value meanwhile. Look at it again.")
_NOT_OPERATING: Final = N_("Values of everybody are set by whoever operates the installation.")


class SettingsAsked(FormModel):
    """For whom settings are resolved; left out, for oneself."""

    org: _Id | None = None
    user: _Id | None = None


def _desk(view: View) -> SettingsDesk:
    return SettingsDesk(pool=view.wiring.app, registry=view.wiring.registry)


@router.get("/settings")
async def read_settings(view: CurrentView) -> Response:
    """Show all settings, what holds, and from which scope each part of it comes."""
    form = read_query(view, SettingsAsked)
    asked = form.values if form.ok else SettingsAsked()
    found = await all_resolved(
        _desk(view),
        view.asking(),
        org=asked.org or view.caller.org,
        user=asked.user or view.caller.user,
    )
    by_key = {one.key: one for one in found}
    says = {one.definition.key: one.definition.says for one in await listed(_desk(view), view.asking())}
    return view.page(
        "settings/list.html.j2",
        status=200 if form.ok else 422,
        form=form,
        groups=[
            (
                view.text(title),
                [
                    (key, view.text(says[key]), spoken(view, by_key[key].value), _origins(view, by_key[key]))
                    for key in keys
                ],
            )
            for title, keys in grouped()
        ],
        narrowed=bool(form.given),
    )


@router.get("/settings/{key}")
async def read_setting(key: str, view: CurrentView) -> Response:
    """Show a setting, everything stored of it, how it was changed, and a form to change it."""
    form: Form[Any] = Form(view.text)
    return await _shown(view, key, form)


@router.post("/settings/{key}")
async def change_setting(key: str, request: Request, view: CurrentView) -> Response:
    """Set a value at a scope."""
    setting = await _setting(view, key)
    form = await read_form(request, form_of(key))
    if form.ok:
        try:
            said = value_of(key, form.values)
            place: Any = form.values
            await change(
                _desk(view),
                view.asking(form.act),
                Change(
                    key=key,
                    scope=place.scope,
                    scope_id=place.scope_id,
                    value=said,
                    if_revision=_seen(setting, place),
                    reason=place.reason,
                ),
            )
        except NoJson as error:
            form.fail(error.name, N_("This is no JSON."))
        except BadValue as error:
            form.fail(field_at(key, error.pointer), N_("The setting does not take this value."))
        except (Refused, NotOperating) as error:
            _refuse(form, key, error)
        else:
            return view.to(f"/settings/{key}", said=N_("Changed. It holds at once."))
    return await _shown(view, key, form)


@router.post("/settings/{key}/unset")
async def unset_setting(key: str, request: Request, view: CurrentView) -> Response:
    """Take a value back, so that what is less specific holds again."""
    await _setting(view, key)
    form = await read_form(request, UnsetForm)
    if form.ok:
        place = form.values
        try:
            await change(
                _desk(view),
                view.asking(form.act),
                Change(
                    key=key,
                    scope=place.scope,
                    scope_id=place.scope_id,
                    value=None,
                    if_revision=place.revision,
                    reason=place.reason,
                ),
            )
        except (Refused, NotOperating) as error:
            _refuse(form, key, error)
        else:
            return view.to(f"/settings/{key}", said=N_("Taken back. What is less specific holds again."))
    return await _shown(view, key, form)


def _usual_scope(setting: Setting) -> Scope:
    """Where most people set it."""
    return Scope.TENANT if Scope.TENANT in setting.definition.scopes else Scope.GLOBAL


def _own(setting: Setting) -> Stored | None:
    """The value that the form begins with."""
    return next((one for one in setting.values if one.scope is _usual_scope(setting)), None)


def _seen(setting: Setting, place: Any) -> int | None:
    """The revision that was shown, where the value is set in the same place."""
    revision: int | None = place.revision if place.scope is _usual_scope(setting) else None
    return revision


def _refuse(form: Form[Any], key: str, error: Refused | NotOperating) -> None:
    first = inputs_of(key)[0].name
    if isinstance(error, NotOperating):
        form.fail("scope", _NOT_OPERATING)
    elif error.code is Code.REVISION_CONFLICT:
        form.fail("", _MEANWHILE)
    elif error.field == "value":
        form.fail(first, N_("A roll to working days needs counting by whole days; set that first."))
    elif error.field == "scope_id":
        form.fail("scope_id", N_("Say which one; a person has to be one of this company."))
    elif error.field == "scope":
        form.fail("scope", N_("This setting cannot be set there."))
    else:
        form.refuse(error)


async def _setting(view: View, key: str) -> Setting:
    for one in await listed(_desk(view), view.asking()):
        if one.definition.key == key:
            return one
    raise NotFound(Missing.SETTING)


async def _shown(view: View, key: str, form: Form[Any]) -> Response:
    setting = await _setting(view, key)
    definition = setting.definition
    effective = await resolved(_desk(view), view.asking(), key, org=view.caller.org, user=view.caller.user)
    async with view.looking() as connection:
        changes = await setting_changes(connection, view.asking(), key)
        people = {one.changed_by for one in setting.values} | {row.actor for row in changes}
        names = await names_of(connection, view.caller.tenant, people)
        operating = await installation_is_ours(connection)
    scopes = scopes_of(definition, operating=operating)
    may_change = view.can(Act.CHANGE_SETTINGS) and bool(scopes)
    own = _own(setting)
    if not form.given:
        shown = own.value if own is not None and own.value is not None else effective.value
        form.given = {one.name: one.shown(shown) for one in inputs_of(key)}
        form.given["scope"] = str(_usual_scope(setting))
    return view.page(
        "settings/one.html.j2",
        status=422 if form.errors else 200,
        form=form,
        key=key,
        says=view.text(definition.says),
        default=spoken(view, definition.default),
        value=spoken(view, effective.value),
        origins=_origins(view, effective),
        merge=str(definition.merge),
        of_policy=key in POLICY_KEYS,
        inputs=[
            (one, field_word(view, one.word), [(name, option_word(view, name)) for name in one.options])
            for one in inputs_of(key)
        ],
        scopes=[(str(scope), view.text(SCOPES[scope])) for scope in scopes],
        named=any(scope in {Scope.ORG, Scope.USER} for scope in scopes),
        stored=[
            (one, view.text(SCOPES[one.scope]), spoken(view, one.value), one.scope in scopes)
            for one in setting.values
        ],
        revision=0 if own is None else own.revision,
        changes=[
            (row, _told(view, row.before), _told(view, row.after), _place(view, row.after)) for row in changes
        ],
        names=names,
        may_change=may_change,
        everybody_only=not scopes,
    )


def _told(view: View, side: Mapping[str, Any] | None) -> str:
    return "–" if side is None else spoken(view, side.get("value"))


def _place(view: View, side: Mapping[str, Any] | None) -> str:
    if side is None:
        return "–"
    scope = view.text(SCOPES[Scope(side["scope"])])
    return f"{scope} ({side['scopeId']})" if "scopeId" in side else scope


def _origins(view: View, effective: Effective) -> list[tuple[str, str]]:
    """Scopes that an effective value comes from, as class and words, with how many of its parts."""
    counted: Counter[tuple[str, str]] = Counter()
    for part in effective.parts:
        name = "default" if part.scope is None else str(part.scope)
        words = view.text(N_("default")) if part.scope is None else view.text(SCOPES[part.scope])
        counted[name, f"{words} ({part.scope_id})" if part.scope_id else words] += 1
    return _with_counts(counted.items(), whole=len(effective.parts))


def _with_counts(counted: Iterable[tuple[tuple[str, str], int]], *, whole: int) -> list[tuple[str, str]]:
    return [(name, words if number == whole else f"{words}: {number}") for (name, words), number in counted]
