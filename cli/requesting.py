"""Commands about what one asks for and another decides: holds and extensions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from uuid import UUID

from cyclopts import App, Parameter

from adapters.database import transaction
from adapters.request_inbox import PendingRequest, pending_requests
from adapters.request_store import request_of
from cli.acting import Act, Manner, do
from cli.acts import By, DryRun, FactId, Json, LeadKey, MaybeText, Text, shouted
from cli.console import DONE, OPERATOR, perform, reading
from cli.moments import distance, iso, now, wall
from cli.numbers import WholeNumber
from cli.output import out, print_json, table
from cli.teaching import add
from protection.facts import HoldReason
from protection.requests import RequestKind
from services.asking import Asking
from services.desk import Desk
from services.door import Done
from services.errors import Missing, NotFound
from services.holding import (
    Decision,
    WantedExtension,
    WantedHold,
    ask_extension,
    decide,
    place_hold,
    withdraw,
)

RequestId = Annotated[
    str, Parameter(name="REQUEST", help="The request's id, as `fristwerk requests` shows it.")
]
_MOST: Final = 500
_OPTIONS: Final = {"request": "REQUEST", "days": "--days", "start_at": "--from", "end_at": "--until"}


def register(app: App) -> None:
    """Add the commands to the application."""
    for command in (requests, request_hold, request_extension, approve, reject, withdraw_request):
        add(app, command, name="withdraw" if command is withdraw_request else None)


def requests(
    *,
    kind: Annotated[RequestKind | None, Parameter(name_transform=str)] = None,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Show what waits for a decision, the oldest first.

    Examples:
        `fristwerk requests --by maria`

    Args:
        kind: HOLD or EXTENSION; default: both.
    """
    return perform(_requests(kind, by, json=json))


async def _requests(kind: RequestKind | None, by: str, *, json: bool) -> int:
    async with reading() as desk:
        caller = await desk.acts_as(by)
        async with transaction(
            desk.pool, caller.tenant, caller.user, caller.roles, reading=True
        ) as connection:
            found = await pending_requests(connection, desk.tenant, kind=kind, most=_MOST)
    if json:
        print_json([_plain(one) for one in found])
        return DONE
    since = now()
    rows = table(None, "request", "lead", "company", "kind", "asked by", "when", "wanted", "protected until")
    # To be copied from here in one piece.
    rows.columns[0].no_wrap = True
    for one in found:
        asked = one.request
        rows.add_row(
            asked.request,
            str(one.lead)[:8],
            f"{one.company}, {one.city}",
            str(asked.kind),
            asked.requested_by,
            distance(asked.requested_at, since),
            _wanted(one),
            wall(one.valid_until),
        )
    out().print(rows if found else "Nothing waits for a decision.", markup=False)
    return DONE


def _wanted(one: PendingRequest) -> str:
    asked = one.request
    if asked.kind is RequestKind.EXTENSION:
        days = "days not said" if asked.days is None else f"{asked.days} days"
        return days if asked.next_step_at is None else f"{days}, next step {wall(asked.next_step_at)}"
    until = "open" if asked.end_at is None else wall(asked.end_at)
    return f"{asked.reason} from {wall(asked.start_at)} until {until}"


def _plain(one: PendingRequest) -> dict[str, Any]:
    asked = one.request
    return {
        "request": asked.request,
        "kind": str(asked.kind),
        "lead": str(one.lead),
        "company": one.company,
        "city": one.city,
        "owner": one.owner,
        "requested_by": asked.requested_by,
        "requested_at": iso(asked.requested_at),
        "reason": asked.reason,
        "start_at": iso(asked.start_at),
        "end_at": iso(asked.end_at),
        "days": asked.days,
        "next_step_at": iso(asked.next_step_at),
        "valid_until": iso(one.valid_until),
    }


def request_hold(
    key: LeadKey,
    reason: Annotated[HoldReason, Parameter(name="REASON", name_transform=shouted)],
    /,
    *,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    until: str | None = None,
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Ask for a hold; somebody else decides. Asking stops no clock.

    Examples:
        `fristwerk request-hold DEMO-0001 FFZ_SAMPLE_DELAY --note "Samples promised for May" --by anna`

    Args:
        reason: FFZ_PRICE_APPROVAL, FFZ_SAMPLE_DELAY, FFZ_SUPPLY_ISSUE, CUSTOMER_BLOCKED or OTHER.
        from_: When it is to begin (ISO 8601 with a zone); default: now.
        until: When it is to end; default: when it is released.
        note: More about it; kept with the lead's personal data.
    """
    act = Act(
        lambda desk, asking, lead, said: place_hold(
            desk, asking, lead, WantedHold(reason=reason, note=note, ask=True, **said)
        ),
        moments={"start_at": from_, "end_at": until},
        options=_OPTIONS,
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def request_extension(
    key: LeadKey,
    /,
    *,
    reason: Text,
    next_step: Text,
    next_step_at: str,
    days: WholeNumber | None = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Ask for more days of base period; somebody else decides. One request at a time.

    Examples:
        `fristwerk request-extension DEMO-0001 --days 30 --reason "The chef is new" --by anna
        --next-step "Tasting" --next-step-at 2027-01-12T10:00+01:00`

    Args:
        reason: Why; kept with the lead's personal data.
        next_step: What is to happen next with the customer; kept with the lead's personal data.
        next_step_at: When that will be (ISO 8601 with a zone).
        days: How many days are wanted.
    """
    act = Act(
        lambda desk, asking, lead, said: ask_extension(
            desk,
            asking,
            lead,
            WantedExtension(reason=reason, days=days, next_step=next_step, ask=True, **said),
        ),
        moments={"next_step_at": next_step_at},
        options={**_OPTIONS, "next_step_at": "--next-step-at", "next_step.what": "--next-step"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def approve(
    key: LeadKey,
    request: RequestId,
    /,
    *,
    days: WholeNumber | None = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    until: str | None = None,
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Approve a request of somebody else: of a hold as asked for, or with another beginning or end.

    Examples:
        `fristwerk approve DEMO-0001 4f1c… --days 30 --by maria`

    Args:
        days: How many days are granted; needed for an extension.
        from_: When the hold begins (ISO 8601 with a zone); default: as asked for.
        until: When the hold ends; default: as asked for.
        note: More about it; kept with the lead's personal data.
    """

    def run(desk: Desk, asking: Asking, lead: UUID, said: dict[str, Any]) -> Awaitable[Done]:
        return _decided(
            desk,
            asking,
            lead,
            request,
            lambda kind: Decision(kind=kind, approve=True, days=days, why=note, **said),
        )

    act = Act(run, moments={"start_at": from_, "end_at": until}, options={**_OPTIONS, "reason": "--note"})
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def reject(
    key: LeadKey,
    request: RequestId,
    /,
    *,
    reason: Text,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Reject a request of somebody else; who asked is told.

    Examples:
        `fristwerk reject DEMO-0001 4f1c… --reason "No price is being made" --by maria`

    Args:
        reason: Why not; kept with the lead's personal data.
    """

    def run(desk: Desk, asking: Asking, lead: UUID, _: dict[str, Any]) -> Awaitable[Done]:
        return _decided(
            desk, asking, lead, request, lambda kind: Decision(kind=kind, approve=False, why=reason)
        )

    return perform(do(key, Act(run, options=_OPTIONS), Manner(by, fact_id, dry_run, json)))


def withdraw_request(
    key: LeadKey,
    request: RequestId,
    /,
    *,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Ask for something no longer; for whoever asked, and for the lead's owner.

    Examples:
        `fristwerk withdraw DEMO-0001 4f1c… --by anna`
    """

    async def run(desk: Desk, asking: Asking, lead: UUID, _: dict[str, Any]) -> Done:
        return await withdraw(desk, asking, lead, request, await _kind(desk, asking, lead, request))

    return perform(do(key, Act(run, options=_OPTIONS), Manner(by, fact_id, dry_run, json)))


async def _decided(
    desk: Desk,
    asking: Asking,
    lead: UUID,
    request: str,
    said: Callable[[RequestKind], Decision],
) -> Done:
    kind = await _kind(desk, asking, lead, request)
    return await decide(desk, asking, lead, request, said(kind))


async def _kind(desk: Desk, asking: Asking, lead: UUID, request: str) -> RequestKind:
    """What was asked for under this id."""
    async with desk.looking(asking) as connection:
        found = await request_of(connection, asking.tenant, lead, request)
    if found is None:
        raise NotFound(Missing.REQUEST)
    return found.kind
