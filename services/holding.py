"""Holds and extensions: asked for by one, decided by another (domain.md sections 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from adapters.act_store import Standing
from adapters.database import Connection
from adapters.read_model import holds_of
from adapters.request_store import request_of
from protection.checks import check_hold
from protection.dates import format_instant
from protection.facts import HoldReason
from protection.permission import Act, Role
from protection.requests import RequestKind
from services import words
from services.acting import Check, Words, tell
from services.asking import Asking
from services.desk import Desk
from services.door import Detail, Done, relation, stand
from services.errors import Forbidden, Missing, NotFound
from workflows.messages import GrantExtension, PlaceHold, ReleaseHold
from workflows.request_messages import (
    DecideExtension,
    DecideHold,
    RequestExtension,
    RequestHold,
    WithdrawRequest,
)


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
    """

    reason: HoldReason
    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedExtension:
    """An extension somebody wants.

    Attributes:
        reason: why.
        days: how many; whoever decides may say another number.
        next_step: what is to happen next with the customer.
        next_step_at: when, a UTC instant.
    """

    reason: str
    days: int | None = None
    next_step: str | None = None
    next_step_at: datetime | None = None


async def place_hold(desk: Desk, asking: Asking, lead: UUID, wanted: WantedHold) -> Done:
    """Place a hold, or ask for one where the caller may not and the tenant wants it approved.

    Raises:
        See `services.acting.tell`.
    """
    note = words.note(wanted.note)
    if wanted.start_at is not None:
        check_hold(wanted.start_at, wanted.end_at)
    if await _decides(desk, asking, lead):
        act, asks = Act.DECIDE, False
    else:
        act, asks = Act.REQUEST, await desk.rules.approval_required(asking.tenant)
    name = wanted.name or asking.fact_id
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
        detail=_request_detail(asking, lead, name) if asks else _hold_detail(asking, lead, name),
    )


async def release_hold(desk: Desk, asking: Asking, lead: UUID, hold: str, *, note: str | None = None) -> Done:
    """Let the clock run again; a hold that has not begun is cancelled.

    Raises:
        NotFound: there is no such hold in force or ahead.
        See besides `services.acting.tell`.
    """
    note = words.note(note)

    async def check(connection: Connection, _: Standing) -> None:
        found = await _hold(connection, asking, lead, hold)
        if found is None or (found["end_at"] is not None and found["end_at"] <= desk.now()):
            raise NotFound(Missing.HOLD)

    return await tell(
        desk,
        asking,
        lead,
        asking.message(ReleaseHold, hold=hold),
        act=Act.DECIDE,
        words=() if note is None else (Words(note),),
        check=check,
    )


async def ask_extension(desk: Desk, asking: Asking, lead: UUID, wanted: WantedExtension) -> Done:
    """Ask for more days of base period; whoever may decide grants them at once.

    Raises:
        See `services.acting.tell`.
    """
    said = [Words(words.reason(wanted.reason, most=words.MAX_NOTE), "reason")]
    next_step = words.note(wanted.next_step, "next_step.what")
    if next_step is not None:
        said.append(Words(next_step, "next-step"))
    if await _decides(desk, asking, lead):
        if wanted.days is None:
            raise words.malformed("days", "say by how many days the base period is extended")
        message: GrantExtension | RequestExtension = asking.message(GrantExtension, days=wanted.days)
        return await tell(
            desk,
            asking,
            lead,
            message,
            act=Act.DECIDE,
            words=said,
            detail=_granted_detail(asking, wanted.days),
        )
    if next_step is None or wanted.next_step_at is None:
        raise words.malformed("next_step", "say what is to happen next with the customer, and when")
    message = asking.message(RequestExtension, days=wanted.days, next_step_at=wanted.next_step_at)
    return await tell(
        desk,
        asking,
        lead,
        message,
        act=Act.REQUEST,
        words=said,
        detail=_request_detail(asking, lead, asking.fact_id),
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
        detail=_request_detail(asking, lead, request),
    )


async def withdraw(desk: Desk, asking: Asking, lead: UUID, request: str, kind: RequestKind) -> Done:
    """Ask no longer; for whoever asked, and for the lead's owner.

    Raises:
        NotFound: there is no such request of this kind.
        Refused: it is decided already.
        See besides `services.acting.tell`.
    """
    user = asking.caller.user

    async def check(connection: Connection, standing: Standing) -> None:
        found = await request_of(connection, asking.tenant, lead, request)
        if found is None or found.kind is not kind:
            raise NotFound(Missing.REQUEST)
        if user not in (found.requested_by, standing.owner):
            raise Forbidden(Act.REQUEST)

    return await tell(
        desk,
        asking,
        lead,
        asking.message(WithdrawRequest, request=request),
        act=Act.REQUEST,
        check=check,
        detail=_request_detail(asking, lead, request),
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


def _of_kind(asking: Asking, lead: UUID, request: str, kind: RequestKind) -> Check:
    async def check(connection: Connection, _: Standing) -> None:
        found = await request_of(connection, asking.tenant, lead, request)
        if found is None or found.kind is not kind:
            raise NotFound(Missing.REQUEST)

    return check


async def _hold(connection: Connection, asking: Asking, lead: UUID, name: str) -> dict[str, Any] | None:
    for hold in await holds_of(connection, asking.tenant, lead):
        if hold.hold == name:
            return {"id": name, "reason": hold.reason, "start_at": hold.start_at, "end_at": hold.end_at}
    return None


def _hold_detail(asking: Asking, lead: UUID, name: str) -> Detail:
    async def detail(connection: Connection) -> dict[str, Any]:
        found = await _hold(connection, asking, lead, name)
        return {} if found is None else _plain({"effect": Effect.PLACED, **found})

    return detail


def _granted_detail(asking: Asking, days: int) -> Detail:
    async def detail(_: Connection) -> dict[str, Any]:
        return {"effect": str(Effect.GRANTED), "id": asking.fact_id, "days": days}

    return detail


def _request_detail(asking: Asking, lead: UUID, name: str) -> Detail:
    async def detail(connection: Connection) -> dict[str, Any]:
        found = await request_of(connection, asking.tenant, lead, name)
        if found is None:
            return {}
        return _plain(
            {
                "effect": Effect.REQUESTED,
                "id": name,
                "state": found.status,
                "reason": found.reason,
                "start_at": found.start_at,
                "end_at": found.end_at,
                "days": found.days,
                "next_step_at": found.next_step_at,
            }
        )

    return detail


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: format_instant(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
