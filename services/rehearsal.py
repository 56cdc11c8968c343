"""A draft policy tried out on all living leads: who would gain or lose how many days. Nothing is written.

The answer for a lead is what adopting the draft now would make of it: the same fact, applied to its whole
ledger by the same engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from adapters.database import Caller, Connection, Pool, transaction
from adapters.policy_store import LivingLead, closed_days, current_policy, living_leads, versions
from adapters.setting_definitions import LANDS
from protection.dates import format_instant, local, zone
from protection.facts import PolicyAdopted
from protection.lifecycle import Snapshot, apply, replay, snapshot
from protection.policy import Policy, PolicyError, WorkingDayRoll, policy_from_json, policy_to_json
from protection.refusal import Code, Refused
from protection.simulator import settle
from protection.state import ALIVE, LeadState, Status
from protection.wire import fact_from_json
from services import words

DRAFT: Final = "draft"
BATCH: Final = 200
_SLICE: Final = 4  # leads the engine plays, some milliseconds, before others get a turn
_NOBODY: Final = "rehearsal"
_OPEN: Final = ALIVE | {Status.PREREGISTERED}
_FIXED: Final = frozenset({"version", "closed_days"})

Looking = Callable[[], AbstractAsyncContextManager[Connection]]


class Effect(StrEnum):
    """What the draft would do to a lead. Wire names.

    Attributes:
        SAME: nothing.
        GAINS: protection lasts longer.
        LOSES: protection ends earlier.
        OPEN: the end is unknown, under the draft or now, because of an open hold.
        REFUSED: the lead could not adopt it, because protection would have ended already.
        UNREADABLE: its ledger cannot be played; see `fristwerk verify`.
    """

    SAME = "same"
    GAINS = "gains"
    LOSES = "loses"
    OPEN = "open"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Fields of a policy that would be others than they are now.

    Attributes:
        fields: in the policy's own spelling.
        land: German Land whose public holidays count where deadlines roll; None keeps those of now.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    land: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the draft would do to one lead. UTC instants; None is unknown, or not applicable.

    Attributes:
        version: the policy version it is under now.
        days: by how many local dates the end of protection moves; None where it is unknown.
        refused: why the lead could not adopt the draft.
    """

    lead: UUID
    external_id: str | None
    owner: str
    version: str
    effect: Effect
    status_before: Status | None = None
    status_after: Status | None = None
    valid_until_before: datetime | None = None
    valid_until_after: datetime | None = None
    days: int | None = None
    refused: Code | None = None


@dataclass(slots=True)
class Summary:
    """All outcomes counted.

    Attributes:
        gained: days over all leads that gain.
        lost: days over all leads that lose, as a positive number.
        other_status: leads whose status would be another at once.
    """

    leads: int = 0
    by_effect: dict[Effect, int] = field(default_factory=lambda: dict.fromkeys(Effect, 0))
    gained: int = 0
    lost: int = 0
    other_status: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one lead in."""
        self.leads += 1
        self.by_effect[outcome.effect] += 1
        days = outcome.days or 0
        self.gained += max(days, 0)
        self.lost += max(-days, 0)
        self.other_status += outcome.status_after not in {None, outcome.status_before}


async def drafted(connection: Connection, tenant: UUID, draft: Draft, *, at: datetime) -> Policy:
    """The tenant's present policy with the draft's fields.

    Args:
        connection: a transaction in the context of the tenant that may write.
        at: UTC instant; public holidays are resolved as of then.

    Raises:
        Refused: a field there is none of, a value outside its range, or a roll without a Land.
    """
    now = await current_policy(connection, tenant, at=at)
    fixed = _FIXED & set(draft.fields)
    if fixed:
        raise words.malformed(f"policy.{min(fixed)}", "follows from the rest; leave it out")
    said: dict[str, Any] = policy_to_json(now) | dict(draft.fields) | {"version": DRAFT}
    if draft.land is not None:
        if draft.land not in LANDS:
            raise words.malformed("land", f"must be one of {', '.join(LANDS)}")
        said["closed_days"] = [day.isoformat() for day in await closed_days(connection, draft.land, at)]
    try:
        policy = policy_from_json(said)
    except PolicyError as error:
        raise words.malformed(f"policy.{error.field}", error.message) from error
    if policy.working_day_roll is WorkingDayRoll.OFF:
        return replace(policy, closed_days=())
    if not policy.closed_days:
        raise words.malformed("land", "a roll to working days needs a Land, for its public holidays")
    return policy


async def rehearse(
    looking: Looking,
    tenant: UUID,
    draft: Policy,
    *,
    at: datetime,
    chosen: Callable[[LivingLead], bool] = lambda _: True,
) -> AsyncGenerator[Outcome, None]:
    """What the draft would do to each living lead, by id; at most two batches are in memory.

    Args:
        looking: opens a transaction that reads with the eyes of whoever asks.
        at: UTC instant as of which the draft is adopted.
        chosen: whether a lead is to be played at all.
    """
    async with looking() as connection:
        policies = {version.policy.version: version.policy for version in await versions(connection, tenant)}
    player = _Player(policies, draft, at)
    coming = asyncio.create_task(_batch(looking, tenant, UUID(int=0)))
    try:
        while batch := await coming:
            coming = asyncio.create_task(_batch(looking, tenant, batch[-1].lead))
            wanted = [lead for lead in batch if chosen(lead)]
            for place in range(0, len(wanted), _SLICE):
                for lead in wanted[place : place + _SLICE]:
                    yield player.play(lead)
                await asyncio.sleep(0)
    finally:
        coming.cancel()


async def _batch(looking: Looking, tenant: UUID, after: UUID) -> list[LivingLead]:
    async with looking() as connection:
        return [lead async for lead in living_leads(connection, tenant, after=after, most=BATCH)]


def eyes_of(pool: Pool, caller: Caller) -> Looking:
    """Transactions that read with the eyes of this caller."""
    return lambda: transaction(pool, caller.tenant, caller.user, caller.roles, reading=True)


class _Player:
    def __init__(self, policies: Mapping[str, Policy], draft: Policy, at: datetime) -> None:
        self._policies = policies
        self._draft = draft
        self._told = policy_to_json(draft)
        self._at = at
        self._zone = zone(draft.timezone)

    def play(self, lead: LivingLead) -> Outcome:
        """What adopting the draft would make of this lead."""
        told = Outcome(
            lead=lead.lead,
            external_id=lead.external_id,
            owner=lead.owner,
            version=lead.version,
            effect=Effect.UNREADABLE,
        )
        try:
            state = replay(self._policies[lead.first_version], [fact_from_json(fact) for fact in lead.facts])
        except (Refused, KeyError, ValueError):
            return told
        at = max(self._at, state.recorded_at)
        state = settle(state, at, assume_reminders=False)
        before = _goes_on(state, at)
        told = replace(told, status_before=before.status, valid_until_before=before.valid_until)
        if state.status not in _OPEN:
            # Its time has come; only nobody has noticed yet.
            return self._compared(told, before, before)
        adopted = PolicyAdopted(
            fact_id=_NOBODY,
            recorded_at=at,
            by=_NOBODY,
            version=self._draft.version,
            replaces=state.policy.version,
            policy=self._told,
        )
        try:
            after = _goes_on(apply(state, adopted), at)
        except Refused as refused:
            return replace(told, effect=Effect.REFUSED, refused=refused.code)
        return self._compared(told, before, after)

    def _compared(self, told: Outcome, before: Snapshot, after: Snapshot) -> Outcome:
        told = replace(told, status_after=after.status, valid_until_after=after.valid_until)
        was, will_be = before.valid_until, after.valid_until
        if was is None or will_be is None:
            return replace(told, effect=Effect.OPEN)
        days = (local(will_be, self._zone).date() - local(was, self._zone).date()).days
        effect = Effect.SAME if was == will_be else Effect.GAINS if will_be > was else Effect.LOSES
        return replace(told, effect=effect, days=days)


def _goes_on(state: LeadState, at: datetime) -> Snapshot:
    """How it stands once a reminder that is due has gone out, which it would now."""
    return snapshot(settle(state, at, since=at), at)


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain JSON: instants with a Z, fields in snake case."""
    return {
        name: str(value)
        if isinstance(value, (UUID, StrEnum))
        else format_instant(value)
        if isinstance(value, datetime)
        else value
        for name, value in asdict(outcome).items()
    }


def summary_to_json(summary: Summary) -> dict[str, Any]:
    """A summary as plain JSON."""
    plain = asdict(summary)
    plain["by_effect"] = {str(effect): count for effect, count in summary.by_effect.items()}
    return plain
