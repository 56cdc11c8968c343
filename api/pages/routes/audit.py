"""The audit: who did what, why, what it moved; whether rows and chain are as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from adapters.audit_list import AuditFilter, Place, names_of_leads
from adapters.errand_store import ErrandKind, chain_end
from adapters.lead_reading import AuditRow, names_of
from adapters.read_model import find_lead
from api.pages.asked import address, read_query
from api.pages.forms import Form, FormModel, Moment, read_form
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.dates import parse_instant
from protection.explain_texts import word_text
from protection.permission import Act
from services.auditing import look_through
from services.chain_check import check_chain
from services.errands import AlreadyRunning, Errand, ErrandState, latest, look
from services.history import KEPT_HEAD, KeptHead
from services.kpi_parts import begin_of

router: Final = APIRouter(prefix="/audit", include_in_schema=False)

_ROWS: Final = 50
_CHECKS: Final = 5
_SECONDS: Final = 1.0
_LAST_SEQ: Final = 2**62
_Word = Annotated[str, StringConstraints(max_length=100)]
# What is told, by its stable word.
WHATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "preregistered": N_("pre-registration"),
        "registered": N_("registration"),
        "activity": N_("activity"),
        "hold_requested": N_("request for a hold"),
        "hold_placed": N_("hold"),
        "hold_released": N_("end of a hold"),
        "extension_requested": N_("request for an extension"),
        "extension_granted": N_("extension"),
        "request_decided": N_("decision on a request"),
        "request_withdrawn": N_("request withdrawn"),
        "reminder_sent": N_("reminder sent"),
        "reminder_bounced": N_("reminder bounced"),
        "lapsed": N_("protection lapsed"),
        "released": N_("lead given up"),
        "converted": N_("became a customer"),
        "reinstated": N_("brought back"),
        "transferred": N_("handed over"),
        "corrected": N_("correction"),
        "policy_adopted": N_("went over to another policy"),
        "erased": N_("personal data erased"),
        "setting-changed": N_("setting changed"),
        "policy-version-made": N_("policy version made"),
        "collaborator-added": N_("lead shared"),
        "collaborator-changed": N_("share changed"),
        "collaborator-removed": N_("share ended"),
        "lead-edited": N_("lead described anew"),
        "contact-changed": N_("contact changed"),
        "erasure-requested": N_("erasure asked for"),
        "reminder-asked-again": N_("reminder asked for again"),
        "hold-campaign-asked": N_("hold over many leads"),
        "hold-campaign-end-asked": N_("end of a hold over many leads"),
        "correction-came-late": N_("correction came after the end"),
        "sample-box-made": N_("samples promised"),
        "sample-item-packed": N_("product in a box of samples"),
        "sample-box-cancelled": N_("samples called off"),
        "sample-box-due": N_("samples promised for a day by the ERP"),
        "sample-order-sent": N_("samples ordered in the ERP"),
        "sample-order-refused": N_("samples not ordered: the ERP refuses"),
        "sample-order-cancelled": N_("order of samples cancelled in the ERP"),
        "sample-order-not-needed": N_("samples not ordered in the ERP"),
        "samples-shipped": N_("samples shipped"),
        "samples-delivered": N_("samples delivered"),
        "test-phase-planned": N_("test phase planned"),
        "test-result-noted": N_("test result noted"),
        "feedback-invited": N_("feedback asked for"),
        "feedback-closed": N_("feedback form closed"),
        "feedback-given": N_("feedback given"),
        "product-rated": N_("product rated"),
        "proposed": N_("proposed by the system"),
        "proposal-confirmed": N_("proposal confirmed"),
        "proposal-rejected": N_("proposal rejected"),
        "proposal-expired": N_("proposal too late"),
        "proposal-open": N_("proposal open again"),
    }
)
# What a row moved, where it says so, in the order of telling.
_MOVED: Final = (
    ("status", N_("Status")),
    ("paused", N_("Clock stands still")),
    ("owner", N_("Owner")),
    ("valid_until", N_("Protected until")),
    ("progress_until", N_("Progress until")),
    ("grace_until", N_("Grace until")),
    ("base_until", N_("Base period until")),
)


class AuditAsked(FormModel):
    """Which rows; empty does not narrow.

    Attributes:
        lead: id of a lead, or the company's own number of it.
        before: number of the last row of the page before.
        at: instant of that row, where rows are told by time.
    """

    who: _Word | None = None
    what: _Word | None = None
    lead: _Word | None = None
    first: date | None = None
    last: date | None = None
    before: Annotated[int, Field(ge=0, le=_LAST_SEQ)] | None = None
    at: Moment | None = None


class CheckForm(FormModel):
    """A verification of the chain.

    Attributes:
        kept: its head as somebody noted it earlier.
    """

    kept: Annotated[str, StringConstraints(max_length=90, pattern=KEPT_HEAD)] | None = None


@router.get("")
async def read_audit(view: CurrentView) -> Response:
    """Look through the audit."""
    return await _listed(view, Form(view.text))


@router.post("/checks")
async def begin_check(request: Request, view: CurrentView) -> Response:
    """Verify the whole chain, from its first row."""
    form = await read_form(request, CheckForm)
    if form.ok:
        kept = None if form.values.kept is None else KeptHead.parse(form.values.kept)
        try:
            name = await check_chain(view.wiring.errands, view.wiring.app, view.asking(form.act), kept)
        except AlreadyRunning:
            form.fail("", N_("The chain is being verified already. Wait until it is done."))
        else:
            await view.wiring.errands.wait(name, _SECONDS)
            return view.to(f"{router.prefix}/checks/{name}")
    else:
        view.asking().require(Act.READ_AUDIT)
    return await _listed(view, form)


@router.get("/checks/{check}")
async def read_check(check: UUID, view: CurrentView) -> Response:
    """Show how far a verification is, and what it found."""
    view.asking().require(Act.READ_AUDIT)
    found = await look(view.wiring.app, view.asking(), ErrandKind.AUDIT_CHECK, check)
    return view.page("audit/check.html.j2", check=found, **_standing(found))


def _standing(check: Errand) -> dict[str, Any]:
    outcome = check.stored.outcome
    done = check.state is ErrandState.DONE
    broken = outcome.get("first_broken")
    gone = outcome.get("kept_is_there") is False
    return {
        "stored": check.stored,
        "percent": check.percent,
        "running": check.state is ErrandState.RUNNING,
        "interrupted": check.state is ErrandState.INTERRUPTED,
        "done": done,
        "broken": broken,
        "gone": gone,
        "whole": done and broken is None and not gone,
        "head": f"{check.stored.plan['seq']}:{check.stored.plan['hash']}",
    }


async def _listed(view: View, checking: Form[CheckForm]) -> Response:
    form = read_query(view, AuditAsked)
    tenant = view.caller.tenant
    async with view.looking() as connection:
        wanted = None
        if form.ok:
            found = (
                None if form.values.lead is None else await find_lead(connection, tenant, form.values.lead)
            )
            if form.values.lead is not None and found is None:
                form.fail("lead", N_("There is no such lead, or not for you."))
            else:
                wanted = _filter(form.values, None if found is None else found.id)
        rows, after = (
            ((), None)
            if wanted is None
            else await look_through(connection, view.asking(), wanted, after=_place(form.values), most=_ROWS)
        )
        names = await names_of(connection, tenant, {row.actor for row in rows} | _owners(rows))
        leads = await names_of_leads(connection, tenant, {row.lead for row in rows if row.lead})
        whole_tenant = view.asking().may(Act.READ_AUDIT)
        end = await chain_end(connection) if whole_tenant else None
    checks = (
        await latest(view.wiring.app, view.asking(), ErrandKind.AUDIT_CHECK, _CHECKS) if whole_tenant else []
    )
    kept = {name: value for name, value in form.given.items() if name not in {"before", "at"}}
    return view.page(
        "audit/list.html.j2",
        status=200 if form.ok and not form.errors and not checking.errors else 422,
        form=form,
        checking=checking,
        rows=[(row, _what(view, row.what), _moves(view, row, names)) for row in rows],
        names=names,
        leads=leads,
        whats=[(what, view.text(text)) for what, text in WHATS.items()],
        earlier=address("/audit", kept) if "before" in form.given else None,
        later=None
        if after is None
        else address(
            "/audit", {**kept, "before": after.seq, "at": None if after.at is None else after.at.isoformat()}
        ),
        narrowed=bool(kept),
        end=end,
        checks=[_standing(one) for one in checks],
    )


def _filter(asked: AuditAsked, lead: UUID | None) -> AuditFilter:
    return AuditFilter(
        actor=asked.who,
        what=asked.what,
        lead=lead,
        since=None if asked.first is None else begin_of(asked.first),
        until=None if asked.last is None else begin_of(asked.last + timedelta(days=1)),
    )


def _place(asked: AuditAsked) -> Place | None:
    return None if asked.before is None else Place(asked.before, asked.at)


def _what(view: View, what: str) -> str:
    if what in WHATS:
        return view.text(WHATS[what])
    if what.startswith("refused:"):
        return view.text(
            N_("refused: %(what)s"), what=word_text(what.removeprefix("refused:"), view.language)
        )
    return view.reader.word(what)


def _owners(rows: tuple[AuditRow, ...]) -> set[str]:
    return {
        side["owner"]
        for row in rows
        for side in (row.before, row.after)
        if side is not None and isinstance(side.get("owner"), str)
    }


def _moves(view: View, row: AuditRow, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What a row moved: what, from what, to what; the status it left behind where it moved nothing."""
    before, after = row.before or {}, row.after or {}
    moved = [
        (view.text(text), _said(view, name, before.get(name), names), _said(view, name, after[name], names))
        for name, text in _MOVED
        if name in after and before.get(name) != after[name] and (row.before or name in {"status", "owner"})
    ]
    if moved or "status" not in after:
        return moved
    return [(view.text(N_("Status")), "–", view.reader.word(after["status"]))]


def _said(view: View, name: str, value: Any, names: Mapping[str, str]) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return view.text(N_("yes")) if value else view.text(N_("no"))
        case str() if name == "owner":
            return names.get(value, value)
        case str() if name == "status":
            return view.reader.word(value)
        case _:
            return _instant(view, str(value))


def _instant(view: View, text: str) -> str:
    try:
        return view.reader.due(parse_instant(text))
    except ValueError:
        return text
