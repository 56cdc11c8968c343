"""What the workflow of a box of samples has done outside. A step that is repeated changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from temporalio import activity

from activities.courier import as_uuid, malformed
from activities.errors import ErrorType, retryable
from activities.sample_orders import (
    CLOSE_INVITATION,
    END_SAMPLE_DELAY,
    ISSUE_INVITATION,
    OPEN_SAMPLE_DELAY,
    READ_SAMPLE,
    SETTLE_FEEDBACK,
    Closed,
    DelayHold,
    SampleOrder,
    SampleSeen,
    Settled,
)
from protection.dates import parse_instant

RECORDED: Final = "recorded"
# The clock of the lead's workflow may be a little behind ours.
_SOON: Final = timedelta(seconds=2)


class NotYet(Exception):
    """The lead's clock is not as far as what it is to be told, or does not answer; try again."""


@dataclass(frozen=True, slots=True)
class Box:
    """Which box a step is about, and when it is done (a UTC instant)."""

    tenant: UUID
    lead: UUID
    box: UUID
    at: datetime


class SampleStore(Protocol):
    """Where samples are on record. Each method is one transaction."""

    async def seen(self, box: Box) -> SampleSeen:
        """Where the box stands."""
        ...

    async def issue(self, box: Box) -> str:
        """Opens the form of the box, once; answers `recorded`, or why that cannot be."""
        ...

    async def close(self, box: Box, why: Closed) -> None:
        """Closes the form of the box, if it is open."""
        ...


class LeadTeller(Protocol):
    """Tells leads' clocks what came of samples."""

    async def settle(self, box: Box, submission: UUID) -> str:
        """Tells of feedback as progress, once; answers `recorded`, or the code of the refusal.

        Raises:
            NotYet: nobody answered, or the clock there is behind.
        """
        ...

    async def open_delay(self, box: Box, mode: DelayHold, since: datetime) -> str:
        """Places a hold, or asks for one, because samples are late; answers as `settle`."""
        ...

    async def end_delay(self, box: Box) -> str:
        """Ends that hold, or takes the request for it back; answers as `settle`."""
        ...


class SampleActivities:
    """The steps of the workflow `sample-test`."""

    def __init__(self, store: SampleStore, leads: LeadTeller) -> None:
        self._store = store
        self._leads = leads

    @property
    def steps(self) -> list[Callable[..., Any]]:
        """All of them, for a worker."""
        return [self.read, self.settle, self.issue, self.close, self.open_delay, self.end_delay]

    @activity.defn(name=READ_SAMPLE)
    async def read(self, order: SampleOrder) -> SampleSeen:
        """Reads where the box stands."""
        return await self._store.seen(_box(order))

    @activity.defn(name=ISSUE_INVITATION)
    async def issue(self, order: SampleOrder) -> Settled:
        """Opens the feedback form of the box."""
        return Settled(await self._store.issue(_box(order)))

    @activity.defn(name=CLOSE_INVITATION)
    async def close(self, order: SampleOrder) -> Settled:
        """Closes the feedback form of the box."""
        if order.why not in set(Closed):
            raise malformed("why", f"must be one of {', '.join(Closed)}")
        await self._store.close(_box(order), Closed(order.why))
        return Settled(RECORDED)

    @activity.defn(name=SETTLE_FEEDBACK)
    async def settle(self, order: SampleOrder) -> Settled:
        """Tells the lead's clock what the customer has said."""
        submission = as_uuid("submission", order.submission or "")
        try:
            return Settled(await self._leads.settle(_box(order), submission))
        except NotYet as error:
            raise _again(error) from None

    @activity.defn(name=OPEN_SAMPLE_DELAY)
    async def open_delay(self, order: SampleOrder) -> Settled:
        """Has the clock stand still because samples are late."""
        if order.mode not in {DelayHold.PROPOSED, DelayHold.PLACED}:
            raise malformed("mode", "must be proposed or placed")
        since = _instant("since", order.since or "")
        try:
            return Settled(await self._leads.open_delay(_box(order), DelayHold(order.mode), since))
        except NotYet as error:
            raise _again(error) from None

    @activity.defn(name=END_SAMPLE_DELAY)
    async def end_delay(self, order: SampleOrder) -> Settled:
        """Lets the clock run again."""
        try:
            return Settled(await self._leads.end_delay(_box(order)))
        except NotYet as error:
            raise _again(error) from None


def _box(order: SampleOrder) -> Box:
    return Box(
        as_uuid("tenant", order.tenant),
        as_uuid("lead", order.lead),
        as_uuid("box", order.box),
        _instant("at", order.at),
    )


def _instant(field: str, text: str) -> datetime:
    try:
        return parse_instant(text)
    except (TypeError, ValueError):
        raise malformed(field, "must be an ISO 8601 time with a zone") from None


def _again(error: NotYet) -> Exception:
    return retryable(ErrorType.LEAD_NOT_REACHED, str(error), after=_SOON)
