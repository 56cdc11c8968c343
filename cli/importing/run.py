"""The import itself: read, check, replay, look for duplicates, record, start workflows, batch by batch."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from adapters.import_store import LiveTwin, StoredLead
from adapters.lead_gateway import LeadsUnavailable
from adapters.normalise import city_key, company_key, lead_key, postcode_key
from cli.importing.intake import size_of, take_in
from cli.importing.ports import ImportStore, LeadGateway
from cli.importing.progress import ProgressView
from cli.importing.record import KEEPS_NO_CONTACT, lead_entry, record_command
from cli.importing.replay import Outcome, replay
from cli.importing.report import ReportFile
from cli.importing.shapes import Reject, SourceFile
from cli.importing.staging import StagedLead, Staging
from cli.importing.summary import Summary
from protection.policy import Policy
from protection.state import ALIVE

BATCH: Final = 100  # leads recorded in one transaction
STARTS_AT_ONCE: Final = 20
RETRY_PAUSES: Final = (1.0, 3.0, 10.0)  # seconds

DUPLICATE: Final = "duplicate of a live lead in another spelling"
LEAD_REFUSED: Final = "its lead was refused"
NOT_IN_LEDGER: Final = "its lead is already there, and this row is not in its ledger"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be imported.

    Attributes:
        folder: holds leads.csv and, where present, the other four files.
        tenant: whose leads they are.
        policy: the version they are registered under where no database says which.
        as_of: UTC instant to which facts are replayed.
        now: UTC instant that nothing in the past may lie after.
        new_tenant: name of the tenant if it has to be made; None refuses to make it.
    """

    folder: Path
    tenant: UUID
    policy: Policy
    as_of: datetime
    now: datetime
    new_tenant: str | None = None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is to be done with one lead."""

    outcome: Outcome
    staged: StagedLead
    stored: StoredLead | None

    @property
    def fresh(self) -> bool:
        """Whether its ledger is still to be recorded; a lead made elsewhere has a writer of its own."""
        stored = self.stored
        return stored is None or (stored.status is None and stored.lead == self.outcome.lead)


async def run(
    job: Job,
    staging: Staging,
    view: ProgressView,
    *,
    store: ImportStore | None,
    gateway: LeadGateway | None,
    report: ReportFile | None,
) -> Summary:
    """Import an export, or only say what would come of it.

    Args:
        job: what is to be imported.
        staging: takes rows and rejects; holds the rejects afterwards.
        view: shows how far it is.
        store: the database; None in a dry run without one.
        gateway: starts workflows; None makes this a dry run.
        report: takes one row per lead, if wanted.

    Raises:
        ExportError: the export cannot be read; nothing was imported.
        UnknownTenant: a real run for a tenant that is not there.
    """
    summary = Summary(dry_run=gateway is None, as_of=job.as_of)
    view.phase("Reading", size_of(job.folder), "bytes")
    policy = job.policy
    if store is not None and gateway is not None:
        policy = await store.prepare(job.tenant, job.new_tenant, at=job.now)
    elif store is not None:
        policy = await store.present_policy(job.tenant, at=job.now) or policy
    intake = take_in(job.folder, staging, policy=policy, now=job.now, progress=view.advance)
    summary.rows, summary.surplus = intake.rows, intake.surplus
    view.phase("Replaying" if gateway is None else "Recording", staging.lead_count, "leads")
    importer = _Importer(job, policy, staging, store=store, gateway=gateway, summary=summary)
    starting: asyncio.Task[None] | None = None
    try:
        for batch in _batches(staging.leads()):
            verdicts = await importer.judge(batch)
            alive = await importer.record(verdicts)
            for verdict in verdicts:
                importer.count(verdict)
                if report is not None:
                    report.add(verdict.outcome)
            # One batch's workflows start while the next is recorded, never more than one behind.
            if starting is not None:
                await starting
            starting = asyncio.create_task(importer.start(alive))
            view.advance(len(batch))
        if starting is not None:
            await starting
    finally:
        if starting is not None:
            starting.cancel()
    summary.refused_rows = staging.reject_count
    return summary


def _batches(leads: Iterator[StagedLead]) -> Iterator[list[StagedLead]]:
    while batch := list(islice(leads, BATCH)):
        yield batch


class _Importer:
    def __init__(
        self,
        job: Job,
        policy: Policy,
        staging: Staging,
        *,
        store: ImportStore | None,
        gateway: LeadGateway | None,
        summary: Summary,
    ) -> None:
        self._job = job
        self._policy = policy
        self._staging = staging
        self._store = store
        self._gateway = gateway
        self._summary = summary
        self._owners: dict[str, str] = {}
        self._slots = asyncio.Semaphore(STARTS_AT_ONCE)

    async def judge(self, batch: Sequence[StagedLead]) -> list[_Verdict]:
        """Replay a batch and take out what is not registered yet and what is a duplicate."""
        due = [staged for staged in batch if staged.row.registered_at <= self._job.as_of]
        self._summary.not_yet += len(batch) - len(due)
        known, twins = await self._ask(due)
        verdicts: list[_Verdict] = []
        for staged in due:
            outcome = replay(
                staged,
                tenant=self._job.tenant,
                policy=self._policy,
                as_of=self._job.as_of,
                owner=self._owners.get(staged.row.owner),
            )
            stored = known.get(staged.row.external_id)
            if stored is None and self._is_duplicate(outcome, twins):
                self._refuse(staged)
                continue
            if stored is None and outcome.alive:
                self._protect(outcome)
            verdicts.append(_Verdict(outcome, staged, stored))
        return verdicts

    async def record(self, verdicts: Sequence[_Verdict]) -> list[UUID]:
        """Record what is not recorded yet; return the leads that are alive."""
        if self._store is None:
            return []
        await self._find_rows_not_in_ledger(verdicts)
        if self._gateway is None:
            return []
        fresh = [each.outcome for each in verdicts if each.fresh]
        if fresh:
            await self._store.record(
                self._job.tenant,
                [lead_entry(outcome) for outcome in fresh],
                [record_command(self._job.tenant, outcome, as_of=self._job.as_of) for outcome in fresh],
            )
        alive = [outcome.lead for outcome in fresh if outcome.alive]
        alive += [
            each.stored.lead for each in verdicts if each.stored is not None and each.stored.status in ALIVE
        ]
        return alive

    async def start(self, leads: Sequence[UUID]) -> None:
        """Start the workflows of these leads; those that already run are fine."""
        if self._gateway is None:
            return
        gateway = self._gateway

        async def one(lead: UUID) -> None:
            async with self._slots:
                await _start(gateway, self._job.tenant, lead)

        await asyncio.gather(*(one(lead) for lead in leads))
        self._summary.workflows += len(leads)

    def count(self, verdict: _Verdict) -> None:
        """Add one lead to the figures."""
        summary, outcome = self._summary, verdict.outcome
        status = outcome.snapshot.status
        if verdict.stored is None:
            summary.new += 1
            summary.without_contact += status in KEEPS_NO_CONTACT
        else:
            summary.already_there += 1
            status = verdict.stored.status or status
        summary.statuses[status] += 1
        summary.paused += outcome.snapshot.paused
        summary.refused_facts += len(outcome.refused)
        summary.later_facts += outcome.later

    async def _ask(self, due: Sequence[StagedLead]) -> tuple[dict[str, StoredLead], list[LiveTwin]]:
        if self._store is None or not due:
            return {}, []
        known = await self._store.known(self._job.tenant, [staged.row.external_id for staged in due])
        strange = sorted({staged.row.owner for staged in due} - set(self._owners))
        if strange:
            add = self._gateway is not None
            self._owners |= await self._store.owners(self._job.tenant, strange, add=add)
        keys = [lead_key(staged.row.company, staged.row.city) for staged in due]
        return dict(known), list(await self._store.twins(self._job.tenant, keys, self._job.as_of))

    def _is_duplicate(self, outcome: Outcome, twins: Sequence[LiveTwin]) -> bool:
        row = outcome.row
        key, postcode = lead_key(row.company, row.city), postcode_key(row.postcode)
        for twin in twins:
            same_place = not postcode or not twin.postcode_key or postcode == twin.postcode_key
            if (
                twin.lead_key == key
                and same_place
                and twin.external_id != row.external_id
                and _overlaps(outcome, twin.registered_at)
            ):
                return True
        return (
            self._staging.twin_before(
                company_key=company_key(row.company),
                city_key=city_key(row.city),
                postcode_key=postcode,
                external_id=row.external_id,
                ended_at=outcome.ended_at,
            )
            is not None
        )

    def _protect(self, outcome: Outcome) -> None:
        row = outcome.row
        self._staging.protect(
            company_key=company_key(row.company),
            city_key=city_key(row.city),
            postcode_key=postcode_key(row.postcode),
            external_id=row.external_id,
            registered_at=row.registered_at,
        )

    def _refuse(self, staged: StagedLead) -> None:
        row = staged.row
        self._staging.refuse(row.external_id)
        self._staging.add_reject(Reject(row.external_id, SourceFile.LEADS, row.line, "company", DUPLICATE))
        for file, line in self._staging.child_lines(staged):
            self._staging.add_reject(Reject(row.external_id, file, line, "external_id", LEAD_REFUSED))

    async def _find_rows_not_in_ledger(self, verdicts: Sequence[_Verdict]) -> None:
        stored = [each for each in verdicts if each.stored is not None and each.stored.status is not None]
        if self._store is None or not stored:
            return
        ledgers = await self._store.fact_ids(
            self._job.tenant, [each.stored.lead for each in stored if each.stored is not None]
        )
        for each in stored:
            if each.stored is None:
                continue
            there = ledgers.get(each.stored.lead, frozenset())
            refused = {refusal.entry.fact.fact_id for refusal in each.outcome.refused}
            told: set[tuple[SourceFile, int]] = set()
            for entry in each.outcome.entries:
                place = (entry.file, entry.line)
                if entry.fact.fact_id in there or entry.fact.fact_id in refused or place in told:
                    continue
                told.add(place)
                external_id = each.outcome.row.external_id
                self._staging.add_reject(
                    Reject(external_id, entry.file, entry.line, "external_id", NOT_IN_LEDGER)
                )


def _overlaps(outcome: Outcome, registered_at: datetime | None) -> bool:
    """Whether the row's own protection would have reached into that of a live lead."""
    return outcome.ended_at is None or registered_at is None or registered_at < outcome.ended_at


async def _start(gateway: LeadGateway, tenant: UUID, lead: UUID) -> None:
    for pause in RETRY_PAUSES:
        try:
            return await gateway.start(tenant, lead)
        except LeadsUnavailable:
            # A server that starts thousands of workflows may fall behind; starting twice does no harm.
            await asyncio.sleep(pause)
    return await gateway.start(tenant, lead)
