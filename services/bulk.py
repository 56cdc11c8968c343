"""One act on many leads: what it would do to each, and what came of it; each lead for itself.

Every lead is told as if it were the only one: its rights, its refusal, its key. So a repetition changes
nothing, and one that refuses keeps no other from being told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from adapters import campaign_store
from adapters.campaign_store import Described, Filter
from adapters.database import Connection
from protection.permission import Act, Role
from protection.refusal import Code, Refused
from services import words
from services.asking import Asking
from services.campaigns import Foreseen, check_leads
from services.desk import Desk
from services.effects import effect_of
from services.errors import Forbidden, NotFound, Unavailable
from services.governing import transfer
from services.holding import grant_extension
from workflows.messages import GrantExtension, Transfer

# Leads of one call: more take longer than anybody waits for a page.
MOST: Final = 50
_AT_ONCE: Final = 5


class Kind(StrEnum):
    """What is done to many leads. Wire names. A hold over many has its campaigns."""

    TRANSFER = "transfer"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An act on many leads.

    Attributes:
        owner: to whom they are handed over.
        days: by how many days their base period is extended.
    """

    kind: Kind
    owner: str | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Leads a filter finds.

    Attributes:
        leads: at most `MOST`, those that end first before the others.
        own: of those found, how many are left out because the caller may only ask there.
        more: whether there are more than these.
    """

    leads: tuple[UUID, ...]
    own: int
    more: bool


class Trouble(StrEnum):
    """Why nothing came of it, where it is not the contract that refused. Wire names."""

    NOT_ALLOWED = "not-allowed"
    NOT_THERE = "not-there"
    NO_ANSWER = "no-answer"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one lead; `why` is None where it was done."""

    lead: UUID
    why: Code | Trouble | None


async def choose(connection: Connection, asking: Asking, wanted: Wanted, found: Filter) -> Choice:
    """Leads under protection that the filter finds.

    Raises:
        Forbidden: the caller may not do this to any lead.
        Refused: the filter or the act makes no sense.
    """
    asking.require(_right(wanted))
    _check(wanted)
    check_leads(found)
    listed = await campaign_store.choose(connection, asking.caller, found, most=MOST * 2)
    if wanted.kind is Kind.TRANSFER:
        free = [one for one in listed if one.owner != wanted.owner]
    else:
        free = [one for one in listed if not one.own]
    return Choice(
        tuple(one.lead for one in free[:MOST]),
        sum(one.own for one in listed) if wanted.kind is Kind.EXTEND else 0,
        len(free) > MOST or len(listed) == MOST * 2,
    )


async def foresee(
    connection: Connection, asking: Asking, wanted: Wanted, leads: Sequence[UUID], *, now: datetime
) -> tuple[Foreseen, ...]:
    """What the act would do to each of these leads, by the engine; nothing is done.

    Args:
        now: UTC instant.
    """
    message: Transfer | GrantExtension
    if wanted.kind is Kind.TRANSFER:
        message = asking.message(Transfer, owner=wanted.owner)
    else:
        message = asking.message(GrantExtension, days=wanted.days)
    return tuple(
        [
            Foreseen(one, await effect_of(connection, asking.caller, one.lead, message, now=now))
            for one in await campaign_store.describe(connection, asking.tenant, leads)
        ]
    )


async def perform(
    desk: Desk, asking: Asking, wanted: Wanted, leads: Sequence[UUID], *, why: str
) -> tuple[Outcome, ...]:
    """Do it to each of these leads, and say what came of each.

    Raises:
        Forbidden: the caller may not do this to any lead.
        Refused: the act or the reason makes no sense, or these are too many leads.
    """
    asking.require(_right(wanted))
    _check(wanted)
    words.reason(why, "why")
    chosen = list(dict.fromkeys(leads))
    if not 1 <= len(chosen) <= MOST:
        raise words.malformed("leads", f"choose 1 to {MOST} of them")
    told: list[Outcome] = []
    for place in range(0, len(chosen), _AT_ONCE):
        some = chosen[place : place + _AT_ONCE]
        told += await asyncio.gather(*(_tell(desk, asking, wanted, lead, why) for lead in some))
    return tuple(told)


async def outcomes_in_words(
    connection: Connection, tenant: UUID, outcomes: Sequence[Outcome]
) -> tuple[tuple[Described, Outcome], ...]:
    """The same with what a person wants to know of each lead."""
    by_lead = {one.lead: one for one in outcomes}
    described = await campaign_store.describe(connection, tenant, list(by_lead))
    return tuple((one, by_lead[one.lead]) for one in described)


async def _tell(desk: Desk, asking: Asking, wanted: Wanted, lead: UUID, why: str) -> Outcome:
    key = None if asking.key is None else f"{asking.key}/{lead.hex}"
    one = Asking.of(asking.caller, key=key)
    try:
        if wanted.kind is Kind.TRANSFER:
            await transfer(desk, one, lead, owner=wanted.owner or "", reason=why)
        elif await _own(desk, one, lead):
            return Outcome(lead, Trouble.NOT_ALLOWED)
        else:
            await grant_extension(desk, one, lead, wanted.days or 0, note=why)
    except Refused as refused:
        return Outcome(lead, refused.code)
    except Forbidden:
        return Outcome(lead, Trouble.NOT_ALLOWED)
    except NotFound:
        return Outcome(lead, Trouble.NOT_THERE)
    except Unavailable:
        return Outcome(lead, Trouble.NO_ANSWER)
    return Outcome(lead, None)


async def _own(desk: Desk, asking: Asking, lead: UUID) -> bool:
    """Whether the caller is the one who asks there; nobody extends a lead of his own."""
    if Role.AGENT not in asking.actor.roles:
        return False
    async with desk.looking(asking) as connection:
        found = await campaign_store.describe(connection, asking.tenant, [lead])
    return any(one.owner == asking.caller.user for one in found)


def _right(wanted: Wanted) -> Act:
    return Act.GOVERN if wanted.kind is Kind.TRANSFER else Act.DECIDE


def _check(wanted: Wanted) -> None:
    if wanted.kind is Kind.TRANSFER and wanted.owner is None:
        raise words.malformed("to", "say to whom they are handed over")
    if wanted.kind is Kind.EXTEND and wanted.days is None:
        raise words.malformed("days", "say by how many days the base period is extended")
