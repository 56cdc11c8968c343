"""Holds and extensions: asked for by one, decided by another (domain.md sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from adapters.act_store import Standing
from adapters.database import Connection
from adapters.read_model import facts_of, holds_of
from adapters.request_store import fact_told, request_of
from protection.checks import check_hold
from protection.dates import format_instant
from protection.facts import (
    Corrected,
    ExtensionGranted,
    ExtensionRequested,
    HoldPlaced,
    HoldReason,
    HoldRequested,
)
from protection.permission import Act, Role
from protection.refusal import Code, Refused
from protection.requests import RequestKind
from services import words
from services.acting import Check, Words, tell
from services.asking import Asking
from services.desk import Desk
from services.door import Detail, Done, relation, stand
from services.errors import Forbidden, Missing, NotFound, Unavailable
from workflows.messages import GrantExtension, PlaceHold, ReleaseHold
from workflows.request_messages import (
    DecideExtension,
    DecideHold,
    RequestExtension,
    RequestHold,
    WithdrawRequest,
)

HOLD_APPROVAL: Final = "lead.protection.holdApproval"


class Effect(StrEnum):
    """What came of asking. Wire names."""

    PLACED = "PLACED"
    GRANTED = "GRANTED"
    REQUESTED = "REQUESTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHold:
    """A hold somebody wants. UTC instants; None begins now, and ends when it is released.

    Attributes:
        name: an id to release it by; None is the fact's own.
        ask: only ever ask for it, whatever the caller may.
    """

    reason: HoldReason
    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str | None = None
    name: str | None = None
    ask: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedExtension:
    """An extension somebody wants.

    Attributes:
        reason: why.
        days: how many; whoever decides may say another number.
        next_step: what is to happen next with the customer.
        next_step_at: when, a UTC instant.
        ask: only ever ask for it, whatever the caller may.
    """

    reason: str
    days: int | None = None
    next_step: str | None = None
    next_step_at: datetime | None = None
    ask: bool = False


async def place_hold(desk: Desk, asking: Asking, lead: UUID, wanted: WantedHold) -> Done:
    """Place a hold, or ask for one where the caller may not and the tenant wants it approved.

    Raises:
        See `services.acting.tell`.
    """
    note = words.note(wanted.note)
    if wanted.start_at is not None:
        check_hold(wanted.start_at, wanted.end_at)
    if wanted.ask:
        act, asks = Act.REQUEST, True
    elif await _decides(desk, asking, lead):
        act, asks = Act.DECIDE, False
    else:
        act, asks = Act.REQUEST, await _approval_required(desk, asking.tenant)
    times = {"reason": wanted.reason, "start_at": wanted.start_at, "end_at": wanted.end_at}
    message = (
        asking.message(RequestHold, request=wanted.name, **times)
        if asks
        else asking.message(PlaceHold, hold=wanted.name, **times)
    )
    return await tell(
        desk,
        asking,
        lead,
        message,
        act=act,
        words=() if note is None else (Words(note),),
        detail=_asked(asking, lead),
    )


async def release_hold(desk: Desk, asking: Asking, lead: UUID, hold: str, *, note: str | None = None) -> Done:
    """Let the clock run again; a hold that has not begun is cancelled.

    Said again without a key, because nobody answered in time, it is still the same release.

    Raises:
        Refused: there is no such hold in force or ahead.
        See besides `services.acting.tell`.
    """
    note = words.note(note)
    if not asking.lasting and note is None:
        asking = replace(asking, fact_id=await _release_id(desk, asking, lead, hold))

    async def check(connection: Connection, _: Standing) -> None:
        known = await holds_of(connection, asking.tenant, lead)
        found = next((one for one in known if one.hold == hold), None)
        if found is not None and found.end_at is not None and found.end_at <= desk.now():
            facts = await facts_of(connection, asking.tenant, lead)
            # By this very act, told before: a worker may have died before the workflow knew.
            if all(fact.fact_id != asking.fact_id for fact in facts):
                raise Refused(Code.UNKNOWN_HOLD, "hold", f"hold {hold} is over already")

    return await tell(
        desk,
        asking,
        lead,
        asking.message(ReleaseHold, hold=hold),
        act=Act.DECIDE,
        words=() if note is None else (Words(note),),
        check=check,
    )


async def _release_id(desk: Desk, asking: Asking, lead: UUID, hold: str) -> str:
    """One id for all tries of somebody to release a hold; another once a correction may have undone it."""
    async with desk.looking(asking) as connection:
        facts = await facts_of(connection, asking.tenant, lead)
    corrections = sum(fact.type == Corrected.type for fact in facts)
    return str(uuid5(asking.tenant, f"release/{lead}/{hold}/{asking.caller.user}/{corrections}"))


async def ask_extension(desk: Desk, asking: Asking, lead: UUID, wanted: WantedExtension) -> Done:
    """Ask for more days of base period; whoever may decide grants them at once.

    Raises:
        See `services.acting.tell`.
    """
    said = [Words(words.reason(wanted.reason, most=words.MAX_NOTE), "reason")]
    next_step = words.note(wanted.next_step, "next_step.what")
    if next_step is not None:
        said.append(Words(next_step, "next-step"))
    message: GrantExtension | RequestExtension
    if not wanted.ask and await _decides(desk, asking, lead):
        if wanted.days is None:
            raise words.malformed("days", "say by how many days the base period is extended")
        act, message = Act.DECIDE, asking.message(GrantExtension, days=wanted.days)
    else:
        if next_step is None or wanted.next_step_at is None:
            raise words.malformed("next_step", "say what is to happen next with the customer, and when")
        act = Act.REQUEST
        message = asking.message(RequestExtension, days=wanted.days, next_step_at=wanted.next_step_at)
    return await tell(desk, asking, lead, message, act=act, words=said, detail=_asked(asking, lead))


async def grant_extension(
    desk: Desk, asking: Asking, lead: UUID, days: int, *, note: str | None = None
) -> Done:
    """Grant days of base period that nobody has asked for here; for whoever may decide.

    Raises:
        See `services.acting.tell`.
    """
    said = words.note(note)
    return await tell(
        desk,
        asking,
        lead,
        asking.message(GrantExtension, days=days),
        act=Act.DECIDE,
        words=() if said is None else (Words(said),),
        detail=_asked(asking, lead),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is said to a request. UTC instants.

    Attributes:
        kind: what was asked for.
        start_at: of an approved hold, where it is to begin otherwise than asked for.
        end_at: the same for its end.
        days: of an approved extension.
        why: the reason; a rejection needs one.
    """

    kind: RequestKind
    approve: bool
    start_at: datetime | None = None
    end_at: datetime | None = None
    days: int | None = None
    why: str | None = None


async def decide(desk: Desk, asking: Asking, lead: UUID, request: str, said: Decision) -> Done:
    """Approve or reject a request of somebody else.

    Raises:
        NotFound: there is no such request of this kind.
        Refused: it is decided already, or the caller's own.
        See besides `services.acting.tell`.
    """
    why = words.note(said.why, "reason")
    if not said.approve:
        why = words.reason(said.why or "", most=words.MAX_NOTE)
    message: DecideHold | DecideExtension
    if said.kind is RequestKind.HOLD:
        message = asking.message(
            DecideHold, request=request, approve=said.approve, start_at=said.start_at, end_at=said.end_at
        )
    else:
        message = asking.message(DecideExtension, request=request, approve=said.approve, days=said.days)
    return await tell(
        desk,
        asking,
        lead,
        message,
        act=Act.DECIDE,
        words=() if why is None else (Words(why, "reason"),),
        check=_of_kind(asking, lead, request, said.kind),
        detail=_decided(asking, lead, request),
    )


async def withdraw(desk: Desk, asking: Asking, lead: UUID, request: str, kind: RequestKind) -> Done:
    """Ask no longer; for whoever asked, and for the lead's owner.

    Raises:
        NotFound: there is no such request of this kind.
        Refused: it is decided already.
        See besides `services.acting.tell`.
    """
    user = asking.caller.user
    same_kind = _of_kind(asking, lead, request, kind)

    async def check(connection: Connection, standing: Standing) -> None:
        await same_kind(connection, standing)
        found = await request_of(connection, asking.tenant, lead, request)
        if found is not None and user not in (found.requested_by, standing.owner):
            raise Forbidden(Act.REQUEST)

    return await tell(
        desk,
        asking,
        lead,
        asking.message(WithdrawRequest, request=request),
        act=Act.REQUEST,
        check=check,
        detail=_decided(asking, lead, request),
    )


async def _decides(desk: Desk, asking: Asking, lead: UUID) -> bool:
    """Whether the caller decides himself instead of asking; never about a lead that is his own."""
    if not asking.may(Act.DECIDE):
        return False
    if Role.AGENT not in asking.actor.roles:
        return True
    async with desk.looking(asking) as connection:
        standing = await stand(connection, asking, lead)
    return not asking.may(Act.REQUEST, relation(standing))


async def _approval_required(desk: Desk, tenant: UUID) -> bool:
    """Whether the tenant wants a hold that an agent places approved by a manager."""
    found = await desk.registry.effective(tenant, HOLD_APPROVAL)
    return not isinstance(found.value, Mapping) or found.value.get("approval") != "not_required"


def _of_kind(asking: Asking, lead: UUID, request: str, kind: RequestKind) -> Check:
    async def check(connection: Connection, _: Standing) -> None:
        found = await request_of(connection, asking.tenant, lead, request)
        if found is not None and found.kind is not kind:
            raise NotFound(Missing.REQUEST)

    return check


def _asked(asking: Asking, lead: UUID) -> Detail:
    """What was placed, granted or asked for, as the ledger has it."""

    async def detail(desk: Desk) -> dict[str, Any]:
        match await fact_told(desk.pool, asking.caller, lead, asking.fact_id):
            case HoldPlaced() as hold:
                return _hold(Effect.PLACED, hold.hold, hold)
            case HoldRequested() as hold:
                return _hold(Effect.REQUESTED, hold.request, hold)
            case ExtensionGranted(days=days):
                return {"effect": str(Effect.GRANTED), "id": asking.fact_id, "days": days}
            case ExtensionRequested() as wish:
                return {
                    "effect": str(Effect.REQUESTED),
                    "id": wish.request,
                    "days": wish.days,
                    "next_step_at": _instant(wish.next_step_at),
                }
            case _:
                raise Unavailable

    return detail


def _hold(effect: Effect, name: str, hold: HoldPlaced | HoldRequested) -> dict[str, Any]:
    return {
        "effect": str(effect),
        "id": name,
        "reason": str(hold.reason),
        "start_at": _instant(hold.start_at),
        "end_at": _instant(hold.end_at),
    }


def _decided(asking: Asking, lead: UUID, name: str) -> Detail:
    """Where a request stands now."""

    async def detail(desk: Desk) -> dict[str, Any]:
        async with desk.looking(asking) as connection:
            found = await request_of(connection, asking.tenant, lead, name)
        if found is None:
            raise NotFound(Missing.REQUEST)
        return {
            "id": name,
            "state": str(found.status),
            "reason": found.reason,
            "start_at": _instant(found.start_at),
            "end_at": _instant(found.end_at),
            "days": found.days,
            "next_step_at": _instant(found.next_step_at),
        }

    return detail


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)
