"""What is done with the ERP, for activities: reading it, ordering samples, comparing, and using its news.

A reading goes on from the instant of the last change it has seen, not by page numbers alone: what changes
while it is read moves to the end of the list, and would push something else over the edge of a page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from activities.erp import NotUnderstood
from activities.erp_orders import ErpSettled, Pulled, Resource, Source
from activities.samples import NotYet
from activities.upstreams import UpstreamError
from adapters import log
from adapters.database import Pool, transaction
from adapters.erp.intake import _SQL, Intake, Learning
from adapters.erp.news import RESOURCES, News
from adapters.erp.ordering import Ordering
from adapters.erp.settling import Settling
from adapters.erp.wire import KINDS
from adapters.erp.xentral import Xentral
from adapters.sample_delays import ERP
from protection.dates import zone

# Clocks differ, and what was written while we read may bear an earlier instant than what we saw last.
_OVERLAP: Final = timedelta(minutes=10)
# How far back documents are read, at the first reading and when everything is compared.
_BACK: Final = timedelta(days=400)
_CHECKED: Final = timedelta(days=90)
_ZONE: Final = zone("Europe/Berlin")
_WHOLE: Final = frozenset({Resource.PRODUCTS, Resource.CUSTOMERS})
GONE: Final = "gone-in-the-erp"
RECONCILED: Final = "reconcile"

_log = log.get(__name__)


@dataclass(slots=True)
class _Reading:
    """How far a reading is."""

    since: datetime | None
    number: int = 1
    newest: datetime | None = None
    ids: set[str] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)
    news: int = 0
    skipped: int = 0

    def went_on(self, changed_at: datetime) -> None:
        """To what follows after a page whose last item was changed then."""
        self.newest = changed_at if self.newest is None else max(self.newest, changed_at)
        if self.since is None or changed_at > self.since:
            self.since, self.number = changed_at, 1
        else:
            self.number += 1


class ErpOffice:
    """See `activities.erp.ErpDesk`.

    Args:
        pool: connections as the worker role.
        erp: where it is read.
        ordering: makes orders.
        settling: uses news.
        tenant: whose ERP it is.
    """

    def __init__(
        self, pool: Pool, erp: Xentral, ordering: Ordering, settling: Settling, *, tenant: UUID
    ) -> None:
        self._pool = pool
        self._erp = erp
        self._ordering = ordering
        self._settling = settling
        self.tenant = tenant

    async def pull(
        self, resource: Resource, source: Source, at: datetime, beat: Callable[[], None]
    ) -> Pulled:
        """Read everything of a kind that is new, or (reconciling) everything; what fails is on record.

        Raises:
            UpstreamError: the ERP was of no use; what was read until then is kept.
        """
        async with transaction(self._pool, self.tenant, ERP, at=at) as connection:
            known = await _SQL.pull_of(connection, tenant=self.tenant, resource=resource)
            await _SQL.pull_begun(connection, tenant=self.tenant, resource=resource, at=at)
        until = None if known is None else known["read_until"]
        since = None if resource in _WHOLE else at - _BACK
        if source is Source.SYNC and until is not None:
            since = until - _OVERLAP
        learning = Learning(tenant=self.tenant, source=source, at=at, zone=_ZONE)
        reading = _Reading(since)
        try:
            await self._read(resource, learning, reading, beat)
        except UpstreamError as error:
            async with transaction(self._pool, self.tenant, ERP, at=at) as connection:
                await _SQL.pull_failed(
                    connection, tenant=self.tenant, resource=resource, at=at, problem=error.fault
                )
            raise
        skipped = reading.skipped + len(reading.odd)
        async with transaction(self._pool, self.tenant, ERP, at=at) as connection:
            if resource is Resource.PRODUCTS and source is Source.RECONCILE:
                await _SQL.retire_products(connection, tenant=self.tenant, seen_before=at)
            await _SQL.pull_done(
                connection,
                tenant=self.tenant,
                resource=resource,
                at=at,
                read=len(reading.ids),
                news=reading.news,
                skipped=skipped,
                read_until=reading.newest,
            )
        return Pulled(read=len(reading.ids), news=reading.news, skipped=skipped)

    async def _read(
        self, resource: Resource, learning: Learning, reading: _Reading, beat: Callable[[], None]
    ) -> None:
        more = True
        while more:
            page = await self._erp.page(resource, reading.number, since=reading.since)
            beat()
            async with transaction(self._pool, self.tenant, ERP, at=learning.at) as connection:
                intake = Intake(connection, learning)
                await intake.take(page.items)
            known = len(reading.ids)
            reading.ids.update(one.id for one in page.rows)
            if len(reading.ids) > known:
                reading.skipped += intake.taken.skipped
            reading.news += len(intake.taken.news)
            more = page.more
            for one in page.odd:
                if one.id not in reading.odd:
                    _log.warning("erp row left out", resource=resource, row=one.id, fields=one.faults)
            reading.odd.update(one.id for one in page.odd)
            if page.rows:
                reading.went_on(page.rows[-1].updated_at)

    async def settle(self, at: datetime) -> ErpSettled:
        """Use what news there is.

        Raises:
            NotYet: some clocks did not answer; the rest is done.
        """
        settled, waits = await self._settling.settle(self.tenant, at)
        if waits:
            raise NotYet("some leads' clocks did not answer")
        return settled

    async def reconcile(self, at: datetime, beat: Callable[[], None]) -> Pulled:
        """Look for every order of ours that is not delivered yet; those that are gone there are marked."""
        async with transaction(self._pool, self.tenant, ERP, reading=True) as connection:
            rows = [
                row async for row in _SQL.orders_to_check(connection, tenant=self.tenant, since=at - _CHECKED)
            ]
        gone = 0
        for row in rows:
            beat()
            if await self._erp.order(row["erp_id"]) is None:
                gone += 1
                async with transaction(self._pool, self.tenant, ERP, at=at) as connection:
                    await _SQL.mark_order(connection, tenant=self.tenant, box=row["box"], problem=GONE, at=at)
        async with transaction(self._pool, self.tenant, ERP, at=at) as connection:
            await _SQL.pull_begun(connection, tenant=self.tenant, resource=RECONCILED, at=at)
            await _SQL.pull_done(
                connection,
                tenant=self.tenant,
                resource=RECONCILED,
                at=at,
                read=len(rows),
                news=gone,
                skipped=0,
                read_until=None,
            )
        return Pulled(read=len(rows), news=gone)

    async def order(self, box: UUID, at: datetime) -> str:
        """Do what is due about the order of a box; answers in which state it is.

        Raises:
            UpstreamError: the ERP was of no use; try again.
        """
        return await self._ordering.settle(self.tenant, box, at)

    async def hear(self, body: bytes, at: datetime) -> str:
        """Take in what a webhook says, and use it; answers what came of it.

        Raises:
            NotUnderstood: it says nothing that can be read.
            NotYet: a clock did not answer; hear it again.
        """
        try:
            news = News.model_validate_json(body)
            if news.kind is None:
                return "of-no-use"
            resource = RESOURCES[news.kind]
            one = TypeAdapter(KINDS[resource]).validate_python(news.data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise NotUnderstood(".".join(str(part) for part in first["loc"])) from None
        learning = Learning(
            tenant=self.tenant,
            source=Source.WEBHOOK,
            at=at,
            zone=_ZONE,
            happened_at=news.occurred_at,
        )
        async with transaction(self._pool, self.tenant, ERP, at=at) as connection:
            intake = Intake(connection, learning)
            await intake.take((one,))
            waiting = [
                row["id"]
                async for row in _SQL.unsettled_of(connection, tenant=self.tenant, subject=one.id, most=50)
            ]
        if not waiting:
            return "known"
        settled, waits = await self._settling.settle(self.tenant, at, waiting)
        if waits:
            raise NotYet("a lead's clock did not answer")
        return "-".join(sorted(settled.outcomes)) or "known"
