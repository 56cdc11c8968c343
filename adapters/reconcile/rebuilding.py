"""Starts again what Temporal has lost: workflows of leads from their ledgers, and whatever was on its way.

Whatever is started twice is one and the same workflow, so a rebuild that was broken off is simply begun
again; what runs already is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy

from activities.erasure_orders import Cause
from adapters.campaign_gateway import TemporalCampaigns
from adapters.database import Connection, Pool, load_queries, transaction
from adapters.health import TEMPORAL_AWAY
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.reconcile.owed import OwedMail, owed_mails, start_of
from adapters.running_leads import came_to_work, running_leads
from protection.dates import format_instant
from protection.decide import already_announced
from protection.lifecycle import replay
from protection.policy import policy_from_json
from protection.wire import fact_from_json
from workflows import names
from workflows.erasure_start import StartErasure
from workflows.messages import StartLead, to_json
from workflows.sample_start import StartSample

T = TypeVar("T")
ACTOR: Final = "rebuild"
_BATCH: Final = 200
_WITHIN: Final = timedelta(seconds=20)
# A server that has just come up, or is busy with all that is started here, is asked again for so long.
_PATIENCE: Final = timedelta(minutes=2)
_PAUSE: Final = timedelta(seconds=1)
# A notice ordered so long before the loss may not have been begun.
_ON_ITS_WAY: Final = timedelta(hours=1)
_FIRST: Final = UUID(int=0)
_SQL: Final = load_queries("rebuild")
_AUDIT: Final = load_queries("erasure")


@dataclass(frozen=True, slots=True)
class Lost:
    """What has to run, by the database.

    Attributes:
        leads: living leads with a ledger.
        running: how many of them have a workflow already.
        erasures: ended leads that still hold what is to be erased.
        boxes: boxes of samples for which something is waited for.
        campaigns: hold campaigns that have something left to tell.
        checks: pending credit checks that a workflow had in hand.
        mails: mails that came in and that a workflow had in hand.
        events: news from outside that a workflow had in hand.
        to_classify: new leads that a model may not have been asked about.
        owed: notifications that the ledger demands and whose order was lost.
        since: UTC instant at which a workflow last wrote anything; None if none ever did.
    """

    leads: int
    running: int
    erasures: int
    boxes: int
    campaigns: int
    checks: int
    mails: int
    events: int
    to_classify: tuple[UUID, ...]
    owed: tuple[OwedMail, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was set going again.

    Attributes:
        leads: workflows of leads that were started.
        running: workflows that ran already.
        ahead: leads left alone, because a workflow that has ended knows more than their ledger.
        erasures, boxes, campaigns: workflows that were started, or run already.
        handed_back: checks, mails, news from outside and new leads that messengers bring on again.
        owed: notifications that are sent now, unless they were.
        left: notifications that are owed and left to people, because they are no news or may have gone out.
    """

    leads: int
    running: int
    ahead: int
    erasures: int
    boxes: int
    campaigns: int
    handed_back: int
    owed: int
    left: int


class Rebuilder:
    """Rebuilds one tenant.

    Args:
        pool: connections as the worker role.
        client: where the workflows are to be.
        tenant: whose.
        objection_days: how long after a lapse somebody may object to the erasure, in days.
        at_once: how many are started side by side.
        told: called with how many more leads are done.
    """

    def __init__(
        self,
        pool: Pool,
        client: Client,
        tenant: UUID,
        *,
        objection_days: int,
        at_once: int = 16,
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._pool = pool
        self._client = client
        self._tenant = tenant
        self._objection_days = objection_days
        self._gate = asyncio.Semaphore(at_once)
        self._told = told
        self._ahead: set[UUID] = set()
        self._gateway = TemporalLeadGateway(client, PostgresPeople(pool), within=_WITHIN)

    async def look(self) -> Lost:
        """What has to run, and what of it does.

        Raises:
            RPCError: Temporal does not answer.
        """
        now = datetime.now(UTC)
        running = await running_leads(self._client, self._tenant)
        async with self._reading() as connection:
            row = await _SQL.on_its_way(connection, tenant=self._tenant, at=now)
            owed = await owed_mails(connection, self._tenant, row["since"] or now)
        return Lost(
            leads=row["leads"],
            running=len(running),
            erasures=len([one async for batch in self._erasures() for one in batch]),
            boxes=len([one async for batch in self._boxes() for one in batch]),
            campaigns=len(await self._campaigns()),
            checks=row["checks"],
            mails=row["mails"],
            events=row["events"],
            to_classify=tuple(row["to_classify"]),
            owed=tuple(owed),
            since=row["since"],
        )

    async def rebuild(self, lost: Lost, *, by: str, mails: bool = True) -> Rebuilt:
        """Start all of it.

        Args:
            lost: what has to run.
            by: who wants it; the audit is told.
            mails: send what is owed; not where the database is older than what was sent.

        Raises:
            LeadsUnavailable: Temporal did not answer for minutes; begin again, it goes on.
            RPCError: Temporal does not answer.
        """
        began = datetime.now(UTC)
        running = await running_leads(self._client, self._tenant)
        since = lost.since or began
        started = 0
        async for batch in self._ledgers():
            missing = [row for row in batch if row["lead"] not in running]
            self._told(len(batch) - len(missing))
            await self._each(missing, lambda row: self._lead(row, since))
            started += len(missing)
        started -= len(self._ahead)
        boxes = [row async for batch in self._boxes() for row in batch]
        await self._each(boxes, self._box)
        ended = [row async for batch in self._erasures() for row in batch]
        await self._each(ended, lambda row: self._erasure(row, began))
        campaigns = await self._campaigns()
        await self._each(campaigns, lambda row: self._campaign(row["id"]))
        owed = [mail for mail in lost.owed if mail.safe and mails]
        await self._each(owed, self._mail)
        async with transaction(self._pool, self._tenant, by, at=began) as connection:
            await _SQL.hand_back(connection, tenant=self._tenant, at=began, to_classify=lost.to_classify)
            done = Rebuilt(
                leads=started,
                running=len(running),
                ahead=len(self._ahead),
                erasures=len(ended),
                boxes=len(boxes),
                campaigns=len(campaigns),
                handed_back=lost.checks + lost.mails + lost.events + len(lost.to_classify),
                owed=len(owed),
                left=len(lost.owed) - len(owed),
            )
            after = {"leads": done.leads, "running": done.running, "since": format_instant(since)}
            await _AUDIT.tell_audit(connection, what="rebuilt", lead=None, after=after, reason=None, at=began)
        return done

    async def _each(self, rows: Sequence[T], start: Callable[[T], Awaitable[None]]) -> None:
        async def one(row: T) -> None:
            async with self._gate:
                await _stubbornly(lambda: start(row))

        await asyncio.gather(*(one(row) for row in rows))

    async def _lead(self, row: asyncpg.Record, since: datetime) -> None:
        policy: dict[str, Any] = row["policy"]
        facts: list[dict[str, Any]] = row["facts"]
        if await self._knows_more(row["lead"], len(facts)):
            self._ahead.add(row["lead"])
            self._told(1)
            return
        state = replay(policy_from_json(policy), (fact_from_json(fact) for fact in facts))
        # Notices whose time came while nobody was there, or just before, are still owed; those told before go
        # out only once.
        announced = already_announced(state, max(since - _ON_ITS_WAY, state.recorded_at))
        await self._gateway.start_with(
            StartLead(
                tenant=str(self._tenant),
                lead=str(row["lead"]),
                policy=policy,
                facts=facts,
                announced={key: format_instant(at) for key, at in announced.items()},
                refused=row["refused"],
                hands_over=True,
            )
        )
        self._told(1)

    async def _knows_more(self, lead: UUID, revision: int) -> bool:
        """Whether a workflow that has ended knows facts that the ledger does not."""
        try:
            if not await came_to_work(self._client, self._tenant, lead):
                return False
            view: dict[str, Any] = await self._gateway.ask(self._tenant, lead, names.PROTECTION)
        except NoRunningLead:
            return False
        except LeadsUnavailable:
            if await self._never_worked(lead):
                return False
            raise
        return int(view.get("revision", 0)) > revision

    async def _never_worked(self, lead: UUID) -> bool:
        """Whether no worker had taken the workflow up when it ended: such a one can never be asked."""
        handle = self._client.get_workflow_handle(names.workflow_id(self._tenant, lead))
        try:
            async with asyncio.timeout(_WITHIN.total_seconds()):
                if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
                    return False
                async for event in handle.fetch_history_events():
                    if event.HasField("workflow_task_started_event_attributes"):
                        return False
        except TEMPORAL_AWAY as error:
            raise LeadsUnavailable("Temporal did not answer in time") from error
        return True

    async def _box(self, row: asyncpg.Record) -> None:
        start = StartSample(tenant=str(self._tenant), lead=str(row["lead"]), box=str(row["box"]))
        await self._start(names.SAMPLE_TEST, to_json(start), names.sample_id(self._tenant, row["box"]))

    async def _erasure(self, row: asyncpg.Record, now: datetime) -> None:
        asked = row["type"] == "erased"
        over = (now - row["ended_at"]) // timedelta(days=1)
        start = StartErasure(
            tenant=str(self._tenant),
            lead=str(row["lead"]),
            cause=Cause.REQUEST if asked else Cause.LAPSE,
            by=row["by"],
            objection_days=None if asked else max(0, self._objection_days - max(0, over)),
        )
        await self._start(names.LEAD_ERASURE, to_json(start), names.erasure_id(self._tenant, row["lead"]))

    async def _mail(self, mail: OwedMail) -> None:
        start, identity = start_of(self._tenant, mail)
        await self._start(names.OWED_MAIL, start, identity)

    async def _campaign(self, campaign: UUID) -> None:
        await TemporalCampaigns(self._client, within=_WITHIN).go_on(self._tenant, campaign)

    async def _start(self, name: str, start: dict[str, Any], identity: str) -> None:
        try:
            async with asyncio.timeout(_WITHIN.total_seconds()):
                await self._client.start_workflow(
                    name,
                    start,
                    id=identity,
                    task_queue=names.PROTECTION_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                )
        except TEMPORAL_AWAY as error:
            raise LeadsUnavailable("Temporal did not answer in time") from error

    async def _campaigns(self) -> list[asyncpg.Record]:
        async with self._reading() as connection:
            return [row async for row in _SQL.campaigns_to_go_on(connection, tenant=self._tenant)]

    def _ledgers(self) -> AsyncIterator[list[asyncpg.Record]]:
        return self._batches(_SQL.living_ledgers, "lead")

    def _erasures(self) -> AsyncIterator[list[asyncpg.Record]]:
        return self._batches(_SQL.unfinished_erasures, "lead")

    def _boxes(self) -> AsyncIterator[list[asyncpg.Record]]:
        return self._batches(_SQL.boxes_to_follow, "box")

    async def _batches(self, query: Any, key: str) -> AsyncIterator[list[asyncpg.Record]]:
        after = _FIRST
        while True:
            async with self._reading() as connection:
                rows = [row async for row in query(connection, tenant=self._tenant, after=after, most=_BATCH)]
            if not rows:
                return
            yield rows
            after = rows[-1][key]

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Connection]:
        async with transaction(self._pool, self._tenant, ACTOR, reading=True) as connection:
            yield connection


async def _stubbornly(start: Callable[[], Awaitable[None]]) -> None:
    """Try until it works, or nobody has answered for minutes."""
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            while True:
                try:
                    return await start()
                except LeadsUnavailable:
                    await asyncio.sleep(_PAUSE.total_seconds())
    except TimeoutError as error:
        raise LeadsUnavailable("Temporal did not answer for minutes") from error
