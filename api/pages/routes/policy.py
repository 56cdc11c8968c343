"""The policy: versions, drafts tried out on all living leads, and living leads going over to a version."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from adapters.audit_list import names_of_leads
from adapters.errand_store import ErrandKind
from adapters.policy_store import current_policy, versions
from adapters.rehearsal_store import latest_rehearsals
from adapters.setting_definitions import LANDS
from api.pages.asked import address, read_query
from api.pages.forms import Form, FormModel, read_form
from api.pages.setting_texts import option_word
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.dates import parse_instant
from protection.permission import Act
from protection.policy import Counting, Mode, Policy, WorkingDayRoll, policy_to_json
from protection.refusal import Refused
from services.adopting import begin_adoption
from services.adoption import Fate
from services.drafts import changed_fields, make_true
from services.errands import AlreadyRunning, ErrandState, latest, look
from services.rehearsal import Draft, Effect
from services.rehearsing import AlreadyRehearsing, State
from services.settings import NotOperating

router: Final = APIRouter(prefix="/settings/policy", include_in_schema=False)

_ROWS: Final = 50
_LATEST: Final = 5
_SECONDS: Final = 1.0
_Land = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Version = Annotated[str, StringConstraints(max_length=100)]
# Fields of the policy that settings say, with their English names.
FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "base_months": N_("Base period, months"),
        "progress_days": N_("Progress, days"),
        "grace_days": N_("Grace, days"),
        "mode": N_("Mode"),
        "counting": N_("Counting"),
        "working_day_roll": N_("Roll"),
        "closed_days": N_("Public holidays"),
        "max_hold_days": N_("Longest hold, days"),
        "notice_progress_days": N_("Notice before the progress deadline, days"),
        "notice_base_days": N_("Notice before the end of the base period, days"),
    }
)
EFFECTS: Final[Mapping[Effect, str]] = MappingProxyType(
    {
        Effect.GAINS: N_("protected longer"),
        Effect.LOSES: N_("protected shorter"),
        Effect.OPEN: N_("end not known because of a hold"),
        Effect.REFUSED: N_("could not adopt it: protection would have ended"),
        Effect.UNREADABLE: N_("ledger cannot be played"),
        Effect.SAME: N_("nothing changes"),
    }
)
FATES: Final[Mapping[Fate, str]] = MappingProxyType(
    {
        Fate.ADOPTED: N_("went over"),
        Fate.REFUSED: N_("left as they are: protection would have ended, or they changed meanwhile"),
        Fate.NOT_RUNNING: N_("nobody keeps their clock"),
        Fate.SILENT: N_("did not answer; begin again"),
    }
)


class DraftForm(FormModel):
    """A draft of the policy."""

    base_months: Annotated[int, Field(ge=1, le=24)]
    progress_days: Annotated[int, Field(ge=7, le=120)]
    grace_days: Annotated[int, Field(ge=1, le=30)]
    mode: Mode
    counting: Counting
    working_day_roll: WorkingDayRoll
    land: _Land | None = None
    max_hold_days: Annotated[int, Field(ge=1, le=365)]
    notice_progress_days: Annotated[int, Field(ge=0, le=60)]
    notice_base_days: Annotated[int, Field(ge=0, le=90)]


class TakeForm(FormModel):
    """A rehearsed draft to be made true."""

    land: _Land | None = None
    reason: Annotated[str, StringConstraints(min_length=3, max_length=250)]
    sure: Literal["true"]


class AdoptForm(FormModel):
    """Living leads to go over to a version; without `from_version` all that are under another."""

    version: _Version
    from_version: _Version | None = None
    sure: Literal["true"]


class OutcomesAsked(FormModel):
    """Which outcomes: those after a lead."""

    after: UUID | None = None


@router.get("")
async def read_policy(view: CurrentView) -> Response:
    """Show the versions, a form to try a draft out, and what was tried and adopted lately."""
    return await _overview(view, Form(view.text), Form(view.text))


@router.post("/rehearsals")
async def rehearse(request: Request, view: CurrentView) -> Response:
    """Try a draft out on all living leads; changes nothing."""
    form = await read_form(request, DraftForm)
    if form.ok:
        said = form.values.model_dump(mode="json", exclude={"land"})
        present = policy_to_json(await _present(view))
        fields = {name: value for name, value in said.items() if present[name] != value}
        try:
            name = await view.wiring.rehearsals.ask(
                view.wiring.app,
                view.asking(form.act),
                Draft(fields=fields, land=form.values.land),
            )
        except AlreadyRehearsing:
            form.fail("", N_("A rehearsal is running already. Wait until it is done."))
        except Refused as refused:
            form.refuse(refused)
        else:
            return view.to(f"{router.prefix}/rehearsals/{name}")
    return await _overview(view, form, Form(view.text))


@router.get("/rehearsals/{rehearsal}")
async def read_rehearsal(rehearsal: UUID, view: CurrentView) -> Response:
    """Show how far a rehearsal is, and who would gain or lose how many days."""
    return await _rehearsal(view, rehearsal, Form(view.text))


@router.post("/rehearsals/{rehearsal}/take")
async def take_draft(rehearsal: UUID, request: Request, view: CurrentView) -> Response:
    """Set what the draft says; new leads are registered under it from then on."""
    form = await read_form(request, TakeForm)
    if form.ok:
        try:
            policy = await make_true(
                view.desk,
                view.asking(form.act),
                rehearsal,
                land=form.values.land,
                reason=form.values.reason,
            )
        except NotOperating:
            form.fail("", N_("Values of everybody are set by whoever operates the installation."))
        except Refused as refused:
            form.refuse(refused)
        else:
            return view.to(
                router.prefix,
                said=N_("New leads are registered under %(version)s from now on. Living leads keep theirs."),
                version=policy.version,
            )
    return await _rehearsal(view, rehearsal, form)


@router.post("/adoptions")
async def adopt(request: Request, view: CurrentView) -> Response:
    """Have living leads go over to a version."""
    form = await read_form(request, AdoptForm)
    if form.ok:
        try:
            name = await begin_adoption(
                view.wiring.errands,
                view.wiring.app,
                view.wiring.gateway,
                view.asking(form.act),
                version=form.values.version,
                from_version=form.values.from_version,
            )
        except AlreadyRunning:
            form.fail("", N_("An adoption is running already. Wait until it is done."))
        except Refused as refused:
            form.refuse(refused)
        else:
            await view.wiring.errands.wait(name, _SECONDS)
            return view.to(f"{router.prefix}/adoptions/{name}")
    return await _overview(view, Form(view.text), form)


@router.get("/adoptions/{adoption}")
async def read_adoption(adoption: UUID, view: CurrentView) -> Response:
    """Show how far an adoption is, and what became of the leads."""
    view.asking().require(Act.READ_SETTINGS)
    found = await look(view.wiring.app, view.asking(), ErrandKind.POLICY_ADOPTION, adoption)
    outcome = found.stored.outcome
    left = [(UUID(lead), Fate(fate)) for lead, fate in outcome.get("left", ())]
    async with view.looking() as connection:
        names = await names_of_leads(connection, view.caller.tenant, [lead for lead, _ in left])
    return view.page(
        "settings/adoption.html.j2",
        errand=found.stored,
        percent=found.percent,
        running=found.state is ErrandState.RUNNING,
        interrupted=found.state is ErrandState.INTERRUPTED,
        halted=bool(outcome.get("halted")),
        fates=[
            (str(fate), view.text(text), outcome.get("fates", {}).get(str(fate), 0))
            for fate, text in FATES.items()
        ],
        left=[(lead, names.get(lead), view.text(FATES[fate])) for lead, fate in left],
    )


async def _present(view: View) -> Policy:
    asking = view.asking()
    asking.require(Act.READ_SETTINGS)
    async with view.desk.writing(asking) as connection:
        return await current_policy(connection, view.caller.tenant, at=view.now())


async def _overview(view: View, form: Form[Any], adopting: Form[Any]) -> Response:
    present = await _present(view)
    async with view.looking() as connection:
        found = await versions(connection, view.caller.tenant)
        tried = await latest_rehearsals(connection, view.caller.tenant, _LATEST)
    movable = [one for one in found if one.leads and one.policy != present]
    if not form.given:
        form.given = dict(policy_to_json(present))
    return view.page(
        "settings/policy.html.j2",
        status=422 if form.errors or adopting.errors else 200,
        form=form,
        adopting=adopting,
        present=present,
        versions=sorted(found, key=lambda one: one.policy != present),
        movable=movable,
        froms=[(one.policy.version, f"{one.policy.version} ({one.leads})") for one in movable],
        lands=[(land, land) for land in LANDS],
        modes=_options(view, Mode),
        countings=_options(view, Counting),
        rolls=_options(view, WorkingDayRoll),
        option=lambda name: option_word(view, str(name)),
        tried=tried,
        adopted=await latest(view.wiring.app, view.asking(), ErrandKind.POLICY_ADOPTION, _LATEST),
        may_change=view.can(Act.CHANGE_SETTINGS),
    )


async def _rehearsal(view: View, name: UUID, form: Form[Any]) -> Response:
    query = read_query(view, OutcomesAsked)
    after = query.values.after if query.ok else None
    found = await view.wiring.rehearsals.look(view.wiring.app, view.asking(), name, after=after, most=_ROWS)
    present = await _present(view)
    rows = [_outcome(one) for one in found.outcomes]
    async with view.looking() as connection:
        names = await names_of_leads(connection, view.caller.tenant, [row["lead"] for row in rows])
    stored = found.stored
    differing = changed_fields(stored.draft, present)
    return view.page(
        "settings/rehearsal.html.j2",
        status=422 if form.errors or query.errors else 200,
        form=form,
        query=query,
        stored=stored,
        percent=100 * stored.done // stored.leads if stored.leads else 100,
        running=found.state is State.RUNNING,
        interrupted=found.state is State.INTERRUPTED,
        differing=[
            (view.text(FIELDS.get(field, field)), _said(view, was), _said(view, is_now))
            for field, (was, is_now) in differing.items()
        ],
        needs_land=not {"working_day_roll", "closed_days"}.isdisjoint(differing)
        and stored.draft["working_day_roll"] != WorkingDayRoll.OFF,
        lands=[(land, land) for land in LANDS],
        effects=[
            (str(effect), view.text(text), (stored.summary or {}).get("by_effect", {}).get(str(effect), 0))
            for effect, text in EFFECTS.items()
        ],
        words={str(effect): view.text(text) for effect, text in EFFECTS.items()},
        rows=[(row, names.get(row["lead"])) for row in rows],
        first=f"{router.prefix}/rehearsals/{name}" if after else None,
        later=address(f"{router.prefix}/rehearsals/{name}", {"after": rows[-1]["lead"]})
        if found.more and rows
        else None,
        may_change=view.can(Act.CHANGE_SETTINGS),
    )


def _outcome(told: Mapping[str, Any]) -> dict[str, Any]:
    """An outcome as kept, with its instants read."""
    instants = {
        name: None if told[name] is None else parse_instant(told[name])
        for name in ("valid_until_before", "valid_until_after")
    }
    return {**told, "lead": UUID(told["lead"]), **instants}


def _options(view: View, kinds: type[Mode | Counting | WorkingDayRoll]) -> list[tuple[str, str]]:
    return [(str(one), option_word(view, str(one))) for one in kinds]


def _said(view: View, value: Any) -> str:
    if isinstance(value, list):
        return view.count("%(num)s day", "%(num)s days", len(value))
    return option_word(view, str(value))
