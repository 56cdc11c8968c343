"""The samples of a lead: promised, shipped, delivered, tried, and what the customer says of them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field, create_model
from starlette.responses import Response

from activities.sample_orders import ContactRole
from adapters.erp.reading import orders
from adapters.read_model import Lead, find_lead
from adapters.sample_records import (
    BoxStatus,
    FeedbackSource,
    Item,
    Rating,
    SampleBox,
    Stage,
    TestOutcome,
    TestPhase,
    TestResult,
)
from adapters.sample_store import form_token
from adapters.sample_work import feedback_address
from api.pages.forms import Form, FormModel, Moment, read_form
from api.pages.refusals import CREDIT_WANTED
from api.pages.routes.erp import PROBLEMS
from api.pages.routes.erp import STATES as ORDER_STATES
from api.pages.routes.feedback import COMMENT, PRODUCTS, RATING, RATINGS, ROLES
from api.pages.routes.lead_shown import lead_id
from api.pages.routes.product_picks import LINES, PICKS, picked, products_to_pick
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.permission import Act
from protection.refusal import Refused
from services import samples
from services.door import relation, stand
from services.errors import CreditWanted, Missing, NotFound, OutOfStep
from services.sample_checks import MAX_COMMENT, MOST_ITEMS
from services.words import MAX_NOTE

router: Final = APIRouter(include_in_schema=False)

STATUSES: Final = {
    BoxStatus.PROMISED: (N_("promised"), "info"),
    BoxStatus.SHIPPED: (N_("on its way"), "info"),
    BoxStatus.DELIVERED: (N_("delivered"), "good"),
    BoxStatus.CANCELLED: (N_("called off"), "quiet"),
}
STAGES: Final = (
    (Stage.SAMPLE, N_("Sample")),
    (Stage.TRIAL, N_("Trial")),
    (Stage.PRODUCTION_CANDIDATE, N_("Before regular use")),
)
OUTCOMES: Final = (
    (TestOutcome.SUCCESS, N_("Success")),
    (TestOutcome.MIXED, N_("Mixed")),
    (TestOutcome.FAIL, N_("Failure")),
)
SOURCES: Final = (
    (FeedbackSource.PHONE, N_("On the phone")),
    (FeedbackSource.EMAIL, N_("In a mail")),
    (FeedbackSource.VISIT, N_("At a visit")),
    (FeedbackSource.FORM, N_("By the form")),
)
# `recorded` counts as progress; anything else is the code of a refusal.
RECORDED: Final = "recorded"
_LINE: Final = re.compile(r"(?P<sku>.+?)(?:\s*[;,x×]\s*|\s+)(?P<qty>\d{1,6})")
_ORDERS: Final = 200
_OUTCOME: Final = "outcome_"
_SOLD: Final = "sold_"
_WASTED: Final = "wasted_"
_Figure = Annotated[str, Field(max_length=12)] | None


class _PromiseFixed(FormModel):
    """A box: products chosen, or one and its quantity on each line."""

    items: Annotated[str, Field(max_length=5_000)] | None = None
    promised_at: Moment | None = None
    account: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#-]*$")] | None = None
    notes: Annotated[str, Field(max_length=MAX_NOTE)] | None = None


class MomentForm(FormModel):
    """When it happened; left out it is now."""

    at: Moment | None = None


class PhaseForm(FormModel):
    """A test phase."""

    stage: Annotated[Stage, Field(strict=False)]
    starts_at: Moment
    ends_at: Moment | None = None


class _HeardFixed(FormModel):
    """What a customer has told one of us."""

    source: Annotated[FeedbackSource, Field(strict=False)]
    role: Annotated[ContactRole, Field(strict=False)]
    given_at: Moment | None = None


_RESULTS: Final[dict[str, Any]] = {
    **{
        f"{_OUTCOME}{place}": (Annotated[TestOutcome, Field(strict=False)] | None, None)
        for place in range(MOST_ITEMS)
    },
    **{f"{_SOLD}{place}": (_Figure, None) for place in range(MOST_ITEMS)},
    **{f"{_WASTED}{place}": (_Figure, None) for place in range(MOST_ITEMS)},
}
PromiseForm: Final[type[_PromiseFixed]] = create_model("PromiseForm", __base__=_PromiseFixed, **PICKS)
HeardForm: Final[type[_HeardFixed]] = create_model("HeardForm", __base__=_HeardFixed, **PRODUCTS)
ResultsForm: Final[type[FormModel]] = create_model("ResultsForm", __base__=FormModel, **_RESULTS)


@router.get("/leads/{lead}/samples")
async def read_samples(lead: str, view: CurrentView) -> Response:
    """All boxes of a lead."""
    return await _list(view, lead_id(lead), Form(view.text))


@router.post("/leads/{lead}/samples")
async def promise_box(lead: str, request: Request, view: CurrentView) -> Response:
    """Promise a box."""
    identity = lead_id(lead)
    form = await read_form(request, PromiseForm)
    items = _items(form) if form.ok else []
    if form.ok:
        said = form.values
        wanted = samples.WantedBox(
            lead=identity,
            items=items,
            account=said.account,
            notes=said.notes,
            promised_at=said.promised_at,
        )
        try:
            await samples.promise(view.desk, view.asking(form.act), wanted)
            return view.to(f"/leads/{identity}/samples", said=N_("The box is on record."))
        except CreditWanted:
            form.fail("", CREDIT_WANTED)
        except Refused as refused:
            form.refuse(refused)
    return await _list(view, identity, form, status=422)


@router.get("/leads/{lead}/samples/{box}")
async def read_box(lead: str, box: str, view: CurrentView) -> Response:
    """One box; `phase` opens the form for its results."""
    return await _show(view, lead_id(lead), _box_id(box), Form(view.text))


@router.post("/leads/{lead}/samples/{box}/shipped")
async def ship_box(lead: str, box: str, view: CurrentView) -> Response:
    """It is on its way."""
    return await _moved(view, (lead, box), samples.ship, N_("Noted: the box is on its way."))


@router.post("/leads/{lead}/samples/{box}/delivered")
async def deliver_box(lead: str, box: str, view: CurrentView) -> Response:
    """It has arrived."""
    return await _moved(view, (lead, box), samples.deliver, N_("Noted: the box has arrived."))


@router.post("/leads/{lead}/samples/{box}/cancelled")
async def cancel_box(lead: str, box: str, view: CurrentView) -> Response:
    """It is called off."""

    async def cancel(desk: Any, asking: Any, identity: UUID, _: Any) -> SampleBox:
        return await samples.cancel(desk, asking, identity)

    return await _moved(view, (lead, box), cancel, N_("The box is called off."))


@router.post("/leads/{lead}/samples/{box}/phases")
async def plan_phase(lead: str, box: str, request: Request, view: CurrentView) -> Response:
    """Plan a test phase."""
    identity = _box_id(box)
    form = await read_form(request, PhaseForm)
    if form.ok:
        said = form.values
        wanted = samples.WantedPhase(
            box=identity, stage=said.stage, starts_at=said.starts_at, ends_at=said.ends_at
        )
        try:
            await samples.plan_phase(view.desk, view.asking(form.act), wanted)
            return view.to(_at(lead, identity), said=N_("The test phase is planned."))
        except Refused as refused:
            form.refuse(refused)
    return await _show(view, lead_id(lead), identity, form, status=422)


@router.post("/leads/{lead}/samples/{box}/phases/{phase}/results")
async def note_results(lead: str, box: str, phase: str, request: Request, view: CurrentView) -> Response:
    """Note how products did."""
    identity, tried = _box_id(box), _box_id(phase)
    form = await read_form(request, ResultsForm)
    if form.ok:
        found = await samples.box_of(view.desk, view.asking(), identity)
        results = _results(form, form.values, found)
        if form.ok:
            try:
                await samples.note_results(view.desk, view.asking(form.act), tried, results)
                return view.to(_at(lead, identity), said=N_("The results are on record."))
            except Refused as refused:
                form.refuse(refused)
    return await _show(view, lead_id(lead), identity, form, status=422, phase=tried)


@router.post("/leads/{lead}/samples/{box}/feedback")
async def note_feedback(lead: str, box: str, request: Request, view: CurrentView) -> Response:
    """Put on record what a customer has said."""
    identity = _box_id(box)
    form = await read_form(request, HeardForm)
    if form.ok:
        found = await samples.box_of(view.desk, view.asking(), identity)
        said = form.values
        heard = samples.Heard(
            source=said.source,
            contact_role=said.role,
            ratings=_ratings(said, found),
            given_at=said.given_at,
        )
        try:
            await samples.note_feedback(view.desk, view.asking(form.act), identity, heard)
            return view.to(_at(lead, identity), said=N_("The feedback is on record. It counts as progress."))
        except Refused as refused:
            form.refuse(refused, ratings=f"{RATING}0", comment=f"{COMMENT}0")
    return await _show(view, lead_id(lead), identity, form, status=422)


_Move = Callable[[Any, Any, UUID, Any], Awaitable[SampleBox]]


async def _moved(view: View, where: tuple[str, str], move: _Move, said: str) -> Response:
    lead, identity = where[0], _box_id(where[1])
    form = await read_form(view.request, MomentForm)
    if form.ok:
        try:
            await move(view.desk, view.asking(form.act), identity, form.values.at)
            return view.to(form.back or _at(lead, identity), said=said)
        except OutOfStep:
            form.fail("", N_("The box is in another state by now. Please look again."))
        except Refused as refused:
            form.refuse(refused)
    return await _show(view, lead_id(lead), identity, form, status=422)


async def _described(view: View, lead: UUID) -> tuple[Lead, bool]:
    """The lead, and whether the caller looks after its samples."""
    asking = view.asking()
    async with view.looking() as connection:
        standing = await stand(connection, asking, lead)
        found = await find_lead(connection, asking.tenant, str(lead))
    if found is None:
        raise NotFound
    return found, view.can(Act.LOG_ACTIVITY, relation(standing))


async def _list(view: View, lead: UUID, form: Form[Any], *, status: int = 200) -> Response:
    found, may = await _described(view, lead)
    async with view.looking() as connection:
        to_pick = await products_to_pick(view, connection)
    return view.page(
        "samples/on_lead.html.j2",
        products=to_pick,
        lines=LINES,
        status=status,
        lead=found,
        may=may,
        form=form,
        boxes=await samples.boxes_of(view.desk, view.asking(), lead),
        **_words(view),
    )


async def _show(
    view: View, lead: UUID, box: UUID, form: Form[Any], *, status: int = 200, phase: UUID | None = None
) -> Response:
    found, may = await _described(view, lead)
    shown = await samples.box_of(view.desk, view.asking(), box)
    if shown.lead != lead:
        raise NotFound(Missing.SAMPLE_BOX)
    async with view.looking() as connection:
        ordered = await orders(connection, view.caller.tenant, lead=lead, most=_ORDERS)
        token = await form_token(connection, view.wiring.vault, view.caller.tenant, box)
    return view.page(
        "samples/box.html.j2",
        status=status,
        lead=found,
        may=may,
        form=form,
        box=shown,
        order=next((one for one in ordered if one.box == box), None),
        order_states=ORDER_STATES,
        order_problems=PROBLEMS,
        link=None if token is None else feedback_address(view.wiring.public_url, token),
        phase=_phase(view, shown, phase),
        now=view.now(),
        longest=MAX_COMMENT,
        **_words(view),
    )


def _phase(view: View, box: SampleBox, named: UUID | None) -> TestPhase | None:
    """The test phase whose results are noted here."""
    wanted = view.request.query_params.get("phase") if named is None else str(named)
    return next((phase for phase in box.phases if str(phase.id) == wanted), None)


def _words(view: View) -> dict[str, Any]:
    """What codes are called."""
    return {
        "statuses": {status: (view.text(text), tone) for status, (text, tone) in STATUSES.items()},
        "stages": [(stage, view.text(text)) for stage, text in STAGES],
        "outcomes": [(outcome, view.text(text)) for outcome, text in OUTCOMES],
        "sources": [(source, view.text(text)) for source, text in SOURCES],
        "roles": [(role, view.text(text)) for role, text in ROLES],
        "ratings": [(rating, view.text(text)) for rating, text in RATINGS],
    }


def _at(lead: str, box: UUID) -> str:
    return f"/leads/{lead_id(lead)}/samples/{box}"


def _box_id(text: str) -> UUID:
    """The id in an address.

    Raises:
        NotFound: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(Missing.SAMPLE_BOX) from None


def _items(form: Form[Any]) -> list[Item]:
    """What was chosen, and what stands on the lines, each a product and its quantity."""
    items = picked(form, form.values)
    for line in filter(None, map(str.strip, (form.values.items or "").splitlines())):
        found = _LINE.fullmatch(line)
        if found is None:
            form.fail("items", N_("One product on each line, then its quantity: GOULASH-1 2"))
            return []
        items.append(Item(found["sku"].strip(), int(found["qty"])))
    return items


def _ratings(said: _HeardFixed, box: SampleBox) -> list[Rating]:
    values = said.model_dump()
    return [
        Rating(sku, int(values[f"{RATING}{place}"]), values[f"{COMMENT}{place}"])
        for place, sku in enumerate(box.skus)
        if values[f"{RATING}{place}"] is not None
    ]


def _results(form: Form[Any], said: FormModel, box: SampleBox) -> list[TestResult]:
    values = said.model_dump()
    results = []
    for place, sku in enumerate(box.skus):
        outcome = values[f"{_OUTCOME}{place}"]
        if outcome is None:
            continue
        figures = [_figure(form, f"{name}{place}", values) for name in (_SOLD, _WASTED)]
        results.append(TestResult(sku, outcome, *figures))
    return results


def _figure(form: Form[Any], name: str, values: dict[str, Any]) -> Decimal | None:
    """A change in per cent, with a comma or a point."""
    text = values[name]
    if text is None:
        return None
    try:
        return Decimal(text.replace("−", "-").replace(",", ".").removesuffix("%").strip())
    except InvalidOperation:
        form.fail(name, N_("A number in per cent, please, such as 12.5 or -3."))
        return None
