"""Samples: promised, shipped, delivered, tried, and what the customer says of them (domain.md section 8).

What happens is put on record here, in one transaction; the workflow of the box follows. So none of this waits
for Temporal. Whoever may log what was done about a lead looks after its samples.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from activities.sample_orders import ContactRole
from adapters import sample_store as store
from adapters.act_store import Standing
from adapters.credit.rules import Occasion
from adapters.database import Connection
from adapters.sample_records import (
    BoxStatus,
    Feedback,
    FeedbackSource,
    Item,
    Rating,
    SampleBox,
    Stage,
    TestPhase,
    TestResult,
)
from adapters.vault import Erased, KeyOutOfReach
from protection.basis import UNDER_WAY
from protection.permission import Act
from protection.refusal import Code, Refused
from protection.state import ENDED, Status
from services import words
from services.acting import Check, ended
from services.asking import Asking
from services.credit_required import credit_needed
from services.desk import Desk
from services.door import enter, new_entry, relation, stand
from services.errors import Forbidden, Missing, NotFound, OutOfStep, Step
from services.sample_checks import checked_items, checked_ratings, checked_result, require_of_the_box


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBox:
    """A box to be promised.

    Attributes:
        items: what is to be in it.
        account: the customer's account, if there is one.
        notes: words about it; kept encrypted.
        promised_at: by when it is to be shipped, a UTC instant; None: nothing was promised.
    """

    lead: UUID
    items: Sequence[Item]
    account: str | None = None
    notes: str | None = None
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPhase:
    """A test phase to be planned. UTC instants; without an end it is open."""

    box: UUID
    stage: Stage
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a customer has told one of us.

    Attributes:
        given_at: when, a UTC instant; None is now.
    """

    source: FeedbackSource
    contact_role: ContactRole
    ratings: Sequence[Rating]
    given_at: datetime | None = None


async def boxes_of(desk: Desk, asking: Asking, lead: UUID) -> tuple[SampleBox, ...]:
    """All boxes of a lead, the newest first.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    async with desk.looking(asking) as connection:
        await stand(connection, asking, lead)
        return await store.boxes_of(connection, desk.vault, asking.tenant, lead)


async def box_of(desk: Desk, asking: Asking, box: UUID) -> SampleBox:
    """One box.

    Raises:
        NotFound: there is no such box for this caller.
    """
    async with desk.looking(asking) as connection:
        return await _box(connection, desk, asking, box)


async def feedback_of_phase(desk: Desk, asking: Asking, phase: UUID) -> tuple[Feedback, ...]:
    """What was said about the samples of a test phase, from its beginning on; the newest first.

    Raises:
        NotFound: there is no such test phase for this caller.
    """
    async with desk.looking(asking) as connection:
        place = await store.place_of_phase(connection, asking.tenant, phase)
        if place is None:
            raise NotFound(Missing.TEST_PHASE)
        box = await _box(connection, desk, asking, place.box)
    (tried,) = (one for one in box.phases if one.id == phase)
    return tuple(said for said in box.feedback if said.given_at >= tried.starts_at)


async def promise(desk: Desk, asking: Asking, wanted: WantedBox) -> SampleBox:
    """Promise a box.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not.
        Refused: a value makes no sense, or the lead has ended.
        CreditWanted: by a setting the credit bureau has to approve the company first.
        KeyReused: the idempotency key stands for another request.
    """
    items, notes = checked_items(wanted.items), words.note(wanted.notes, "notes")
    said = {
        "sample-box": [(item.sku, item.qty) for item in items],
        "account": wanted.account,
        "promised_at": wanted.promised_at,
        "notes": notes,
    }
    box = SampleBox(
        id=_new_id(asking, "sample-box"),
        lead=wanted.lead,
        account=wanted.account,
        notes=notes,
        promised_at=wanted.promised_at,
        created_by=asking.caller.user,
        created_at=desk.now(),
        shipped_at=None,
        delivered_at=None,
        cancelled_at=None,
        items=items,
        phases=(),
        feedback=(),
        form=None,
    )
    needed = await credit_needed(desk, asking, wanted.lead, Occasion.SAMPLES)
    async with _acting(desk, asking, wanted.lead, said, needed) as (connection, new):
        if new:
            await store.add_box(connection, desk.vault, asking.tenant, box)
        return await _box(connection, desk, asking, box.id)


async def ship(desk: Desk, asking: Asking, box: UUID, at: datetime | None = None) -> SampleBox:
    """Note that a box is on its way.

    Args:
        at: since when, a UTC instant; None is now.

    Raises:
        OutOfStep: it was shipped before, or called off.
        See besides `promise`.
    """
    moment = _past(desk, at, "at")
    async with _acting_on_box(desk, asking, box, {"ship": at}) as (connection, seen, new):
        if new:
            _require(seen, BoxStatus.PROMISED)
            by = asking.caller.user
            if not await store.ship(connection, asking.tenant, store.Place(seen.lead, box), by=by, at=moment):
                raise OutOfStep(Step.ALREADY_SHIPPED)
        return await _box(connection, desk, asking, box)


async def deliver(desk: Desk, asking: Asking, box: UUID, at: datetime | None = None) -> SampleBox:
    """Note that a box has arrived; one that was not noted as shipped was shipped by then.

    Args:
        at: when, a UTC instant; None is now.

    Raises:
        Refused: it would have arrived before it was shipped.
        OutOfStep: it had arrived before, or was called off.
        See besides `promise`.
    """
    moment = _past(desk, at, "at")
    async with _acting_on_box(desk, asking, box, {"deliver": at}) as (connection, seen, new):
        if new:
            _require(seen, BoxStatus.PROMISED, BoxStatus.SHIPPED)
            by = asking.caller.user
            if seen.shipped_at is None:
                await store.ship(connection, asking.tenant, store.Place(seen.lead, box), by=by, at=moment)
            elif moment < seen.shipped_at:
                raise words.malformed("at", "the box was shipped later than that")
            if not await store.deliver(connection, asking.tenant, box, by=by, at=moment):
                raise OutOfStep(Step.ALREADY_DELIVERED)
        return await _box(connection, desk, asking, box)


async def cancel(desk: Desk, asking: Asking, box: UUID) -> SampleBox:
    """Call a box off; its feedback form closes.

    Raises:
        OutOfStep: it was called off before.
        See besides `promise`.
    """
    async with _acting_on_box(desk, asking, box, {"cancel": None}) as (connection, seen, new):
        if new:
            _require(seen, BoxStatus.PROMISED, BoxStatus.SHIPPED, BoxStatus.DELIVERED)
            if not await store.cancel(connection, asking.tenant, box, by=asking.caller.user, at=desk.now()):
                raise OutOfStep(Step.ALREADY_CANCELLED)
        return await _box(connection, desk, asking, box)


async def plan_phase(desk: Desk, asking: Asking, wanted: WantedPhase) -> TestPhase:
    """Plan a test phase; feedback is asked for when it is over.

    Raises:
        NotFound: there is no such box for this caller.
        Refused: it would end before it begins.
        See besides `promise`.
    """
    if wanted.ends_at is not None and wanted.ends_at <= wanted.starts_at:
        raise Refused(Code.END_BEFORE_START, "ends_at", "ends_at must lie after starts_at")
    phase = TestPhase(_new_id(asking, "test-phase"), wanted.stage, wanted.starts_at, wanted.ends_at)
    said = {"test-phase": wanted.stage, "starts_at": wanted.starts_at, "ends_at": wanted.ends_at}
    async with _acting_on_box(desk, asking, wanted.box, said) as (connection, seen, new):
        if new:
            _require(seen, BoxStatus.PROMISED, BoxStatus.SHIPPED, BoxStatus.DELIVERED)
            place = store.Place(seen.lead, wanted.box)
            await store.add_phase(
                connection, asking.tenant, place, phase, by=asking.caller.user, at=desk.now()
            )
    return phase


async def note_results(desk: Desk, asking: Asking, phase: UUID, results: Sequence[TestResult]) -> SampleBox:
    """Note how products did in a test phase.

    Raises:
        NotFound: there is no such test phase for this caller.
        Refused: a product was not in the box, or a figure makes no sense.
        See besides `promise`.
    """
    said = {"results": [(one.sku, one.outcome, one.sell_through, one.waste_change) for one in results]}
    async with desk.looking(asking) as connection:
        place = await store.place_of_phase(connection, asking.tenant, phase)
    if place is None:
        raise NotFound(Missing.TEST_PHASE)
    async with _acting_on_box(desk, asking, place.box, {"phase": str(phase), **said}) as (
        connection,
        seen,
        new,
    ):
        if new:
            require_of_the_box(seen, [result.sku for result in results], "results")
            await store.note_results(
                connection,
                asking.tenant,
                place,
                phase,
                [checked_result(result) for result in results],
                by=asking.caller.user,
                at=desk.now(),
            )
        return await _box(connection, desk, asking, place.box)


async def note_feedback(desk: Desk, asking: Asking, box: UUID, heard: Heard) -> Feedback:
    """Put on record what a customer has said on the phone, in a mail or at a visit; it is progress.

    Raises:
        NotFound: there is no such box for this caller.
        Refused: a product was not in the box, or a rating makes no sense.
        See besides `promise`.
    """
    if heard.source is FeedbackSource.FORM:
        raise words.malformed("source", "what came by the form is there already; say PHONE, EMAIL or VISIT")
    ratings = checked_ratings(heard.ratings)
    moment = _past(desk, heard.given_at, "given_at")
    said = {
        "feedback": [(one.sku, one.rating, one.comment) for one in ratings],
        "source": heard.source,
        "role": heard.contact_role,
        "given_at": heard.given_at,
    }
    feedback = Feedback(
        id=_new_id(asking, "feedback"),
        source=heard.source,
        contact_role=heard.contact_role,
        told_by=asking.caller.user,
        given_at=moment,
        outcome=None,
        ratings=ratings,
    )
    async with _acting_on_box(desk, asking, box, said) as (connection, seen, new):
        if new:
            _require(seen, BoxStatus.SHIPPED, BoxStatus.DELIVERED, BoxStatus.PROMISED)
            require_of_the_box(seen, [rating.sku for rating in ratings], "ratings")
            place = store.Place(seen.lead, box)
            await store.add_feedback(connection, desk.vault, asking.tenant, place, feedback, at=desk.now())
    return feedback


@asynccontextmanager
async def _acting(
    desk: Desk, asking: Asking, lead: UUID, said: Mapping[str, Any], check: Check | None = None
) -> AsyncIterator[tuple[Connection, bool]]:
    """The transaction of an act on a lead's samples, and whether it is new; entered at the door."""
    async with desk.writing(asking) as connection:
        standing = await stand(connection, asking, lead)
        asking.require(Act.LOG_ACTIVITY, relation(standing))
        known = await enter(connection, new_entry(desk, asking, lead, Act.LOG_ACTIVITY, said))
        if known is None:
            _require_customer(standing)
            if check is not None:
                await check(connection, standing)
        try:
            yield connection, known is None
        except KeyOutOfReach as error:
            raise Forbidden(Act.LOG_ACTIVITY) from error
        except Erased as error:
            raise ended(Status.ERASED) from error


@asynccontextmanager
async def _acting_on_box(
    desk: Desk, asking: Asking, box: UUID, said: Mapping[str, Any]
) -> AsyncIterator[tuple[Connection, SampleBox, bool]]:
    """The same for a box that is there."""
    async with desk.looking(asking) as connection:
        lead = await store.lead_of_box(connection, asking.tenant, box)
    if lead is None:
        raise NotFound(Missing.SAMPLE_BOX)
    async with _acting(desk, asking, lead, {"box": str(box), **said}) as (connection, new):
        yield connection, await _box(connection, desk, asking, box), new


async def _box(connection: Connection, desk: Desk, asking: Asking, box: UUID) -> SampleBox:
    lead = await store.lead_of_box(connection, asking.tenant, box)
    if lead is None:
        raise NotFound(Missing.SAMPLE_BOX)
    (found,) = await store.boxes_of(connection, desk.vault, asking.tenant, lead, box)
    return found


def _require_customer(standing: Standing) -> None:
    """Samples go to who is to be won, or has become a customer."""
    if standing.status is Status.PREREGISTERED:
        raise Refused(Code.NOT_REGISTERED, "", "the lead is only pre-registered; register it first")
    if standing.status in ENDED and standing.status is not Status.CONVERTED:
        raise ended(standing.status)


_BEHIND: Final = {
    BoxStatus.SHIPPED: Step.ALREADY_SHIPPED,
    BoxStatus.DELIVERED: Step.ALREADY_DELIVERED,
    BoxStatus.CANCELLED: Step.ALREADY_CANCELLED,
}


def _require(box: SampleBox, *statuses: BoxStatus) -> None:
    if box.status not in statuses:
        raise OutOfStep(_BEHIND[box.status])


def _past(desk: Desk, at: datetime | None, field: str) -> datetime:
    now = desk.now()
    if at is None:
        return now
    if at > now + UNDER_WAY:
        raise Refused(Code.FUTURE_PROGRESS, field, "lies in the future; note it when it has happened")
    return min(at, now)


def _new_id(asking: Asking, what: str) -> UUID:
    """The id of what this request makes; the same for a repetition of the request."""
    return uuid5(asking.tenant, f"{what}/{asking.fact_id}")
