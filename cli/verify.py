"""The command `fristwerk verify`: proves that everything recorded agrees, or says what does not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from cyclopts import App, Parameter
from temporalio.client import Client
from temporalio.service import RPCError

from adapters import settings as configuration
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.read_model import audit_first_broken
from adapters.reconcile.asking import Survey
from adapters.reconcile.comparing import Check, Finding, compare, needs_workflow
from adapters.reconcile.starting import Starter
from adapters.reconcile_store import RecordedLead, count_leads, recorded_leads
from adapters.reconciliation_store import KeptRun, last_runs
from adapters.running_leads import running_leads
from adapters.settings import Settings, SettingsError
from cli.acts import By
from cli.console import (
    DONE,
    NOT_DONE,
    OPERATOR,
    Reading,
    UsageError,
    open_database,
    perform,
    reading,
)
from cli.desk import temporal
from cli.importing.progress import ProgressView
from cli.moments import now
from cli.output import CommandFailed, err, out, print_json, table
from cli.reconciled import run_as_json, run_in_words
from cli.teaching import add, examples
from services.history import KeptHead, verified_audit

_BATCH: Final = 100
_MOST_SHOWN: Final = 200
_AT_ONCE: Final = 16
_SILENT_ENOUGH: Final = 8


@dataclass(slots=True)
class Asked:
    """What the workflows said.

    Attributes:
        why_not: why they were not asked, or not all of them; None if they were.
        count: how many answered.
        started: leads whose workflow was missing and has been started.
    """

    why_not: str | None = None
    count: int = 0
    silent: int = 0
    findings: list[Finding] = field(default_factory=list)
    started: list[UUID] = field(default_factory=list)


def register(app: App) -> None:
    """Add the commands to the application."""
    made = App(name="verify", help_epilogue=examples(verify))
    made.default(verify)
    add(made, audit)
    app.command(made)


def verify(
    key: Annotated[str | None, Parameter(name="ID")] = None,
    /,
    *,
    start: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Compare everything that is recorded: ledger, what it means, its second computation, workflows, audit.

    For every lead: the ledger has no gap, each fact is audited, the pure engine and the SQL twin both compute
    what the row says, and a lead that is alive has a running workflow that says the same. Then the chain of
    the audit. Nothing is changed, except with --start.

    Examples:
        `fristwerk verify`

        One lead; start its workflow again from the ledger if it is missing:
        `fristwerk verify DEMO-0001 --start`

        The audit chain alone:
        `fristwerk verify audit`

    Args:
        key: Only this lead: external id, id, or the first 8 or more characters of the id.
        start: Start workflows that are missing, from the ledger.
        by: Who has them started, as noted on record.
        json: One JSON value instead of text.

    Returns:
        0 if everything agrees, 1 if something does not.
    """
    return perform(_verify(key, by, start=start, json=json))


def audit(*, kept: str | None = None, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Check the chain of the audit: every row carries the hash of the one before it.

    The end of the chain that is shown can be kept elsewhere. Whoever has all rights on the database could
    write the whole chain anew; asked for that end, this shows it.

    Examples:
        `fristwerk verify audit`

        With what it showed last month:
        `fristwerk verify audit --kept 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`

    Args:
        kept: End of the chain as shown earlier, SEQ:HASH.
        json: One JSON value instead of text.

    Returns:
        0 if it is whole, 1 if a row was changed, taken out or put in, or the chain was written anew.
    """
    return perform(_audit(kept, json=json))


async def _audit(kept: str | None, *, json: bool) -> int:
    try:
        head = None if kept is None else KeptHead.parse(kept)
    except ValueError as error:
        raise UsageError(f"--kept: {error}") from error
    async with reading() as desk, desk.look() as connection:
        told = await verified_audit(connection, desk.caller, head)
    standing = told.standing
    end = f"{standing.head_seq}:{standing.head_hash}"
    if json:
        shown = {
            "whole": told.whole,
            "first_broken": standing.first_broken,
            "rows": standing.rows_kept,
            "head": end,
            "kept_is_there": told.kept_is_there,
        }
        print_json({"audit": shown})
        return DONE if told.whole else NOT_DONE
    findings = [] if standing.first_broken is None else [_broken(standing.first_broken)]
    if told.kept_is_there is False:
        findings.append(_rewritten(str(kept)))
    if findings:
        _show(findings)
    else:
        out().print(f"The audit chain is whole: {standing.rows_kept:,} rows.")
        out().print(f"Its end, to be kept elsewhere: {end}", markup=False, soft_wrap=True)
    return DONE if told.whole else NOT_DONE


async def _first_broken(desk: Reading) -> int | None:
    async with desk.look() as connection:
        return await audit_first_broken(connection, desk.tenant)


def _rewritten(kept: str) -> Finding:
    return Finding(Check.AUDIT_BROKEN, None, "audit", f"the chain no longer holds {kept}: written anew?")


def _broken(row: int) -> Finding:
    return Finding(Check.AUDIT_BROKEN, None, "audit", f"the chain is broken at row {row}")


async def _verify(key: str | None, who: str, *, start: bool, json: bool) -> int:
    settings = configuration.load()
    client, why_not = await _temporal_if_any(settings)
    if start and client is None:
        raise CommandFailed(f"--start: {why_not}")
    findings: list[Finding] = []
    open_leads: list[RecordedLead] = []
    async with reading(settings) as desk:
        by = await desk.actor(who)
        only = None if key is None else (await desk.find(key)).id
        with ProgressView(err()) as view:
            count = await _compare_all(desk, only, now(), view=view, findings=findings, open_leads=open_leads)
            asked = Asked(why_not=why_not)
            if client is not None:
                worker = await open_database(settings.worker_login()) if start else desk.pool
                try:
                    gateway = TemporalLeadGateway(client, PostgresPeople(worker))
                    starter = Starter(worker, gateway, desk.tenant, by) if start else None
                    asked = await _ask_workflows(
                        desk, client, gateway, open_leads, only=only, starter=starter, view=view
                    )
                finally:
                    if worker is not desk.pool:
                        await worker.close()
        findings += asked.findings
        broken = await _first_broken(desk) if only is None else None
        if broken is not None:
            findings.append(_broken(broken))
        last = await _last_run(desk) if only is None else None
    if json:
        print_json(_as_json(count, asked, findings, broken, last, whole=only is None))
    else:
        _report(count, asked, findings, last=last, only=only, key=key)
    return NOT_DONE if findings else DONE


async def _ask_workflows(
    desk: Reading,
    client: Client,
    gateway: TemporalLeadGateway,
    open_leads: Sequence[RecordedLead],
    *,
    only: UUID | None,
    starter: Starter | None,
    view: ProgressView,
) -> Asked:
    """Compare every living lead with its workflow, and find workflows that should not be."""
    asked = Asked()
    survey = Survey(desk.look, desk.tenant, client, gateway)
    view.phase("Asking", len(open_leads), "workflows")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(lead: RecordedLead, *, listed: bool) -> None:
        async with gate:
            if asked.silent < _SILENT_ENOUGH and asked.why_not is None:
                try:
                    heard = await survey.ask(lead, listed=listed)
                except RPCError as error:
                    asked.why_not = _unanswered(error)
                    return
                asked.count += heard.answered
                if heard.finding is None:
                    pass
                elif heard.finding.check is Check.NOT_RUNNING and starter is not None:
                    await starter.start(lead.id)
                    asked.started.append(lead.id)
                else:
                    asked.silent += heard.finding.check is Check.WORKFLOW_SILENT
                    asked.findings.append(heard.finding)
        view.advance(1)

    try:
        # Without the list every lead is looked up by itself.
        running = await running_leads(client, desk.tenant) if only is None else set[UUID]()
        await asyncio.gather(*(one(lead, listed=lead.id in running) for lead in open_leads))
        if only is None:
            asked.findings += await survey.strays(running)
    except RPCError as error:
        asked.why_not = _unanswered(error)
    if asked.silent >= _SILENT_ENOUGH:
        asked.why_not = "Workflows do not answer, so not all of them were asked. Is a worker running?"
    return asked


def _unanswered(error: RPCError) -> str:
    return f"Temporal does not answer ({error.status.name})."


async def _last_run(desk: Reading) -> KeptRun | None:
    async with desk.look() as connection:
        runs = await last_runs(connection, desk.tenant, 1)
    return runs[0] if runs else None


async def _temporal_if_any(settings: Settings) -> tuple[Client | None, str | None]:
    try:
        return await temporal(settings), None
    except (CommandFailed, SettingsError) as error:
        return None, str(error)


async def _compare_all(
    desk: Reading,
    only: UUID | None,
    moment: datetime,
    *,
    view: ProgressView,
    findings: list[Finding],
    open_leads: list[RecordedLead],
) -> int:
    """Compare within the database, batch by batch; how many leads there are."""
    async with desk.look() as connection:
        total = await count_leads(connection, desk.tenant, only)
    view.phase("Comparing", total, "leads")
    after, done = UUID(int=0), 0
    while True:
        async with desk.look() as connection:
            batch = await recorded_leads(connection, desk.tenant, only=only, after=after, most=_BATCH)
        if not batch:
            return done
        for lead in batch:
            findings += compare(desk.tenant, lead, moment)
        open_leads += [lead for lead in batch if needs_workflow(lead)]
        after, done = batch[-1].id, done + len(batch)
        view.advance(len(batch))


def _as_json(
    count: int,
    asked: Asked,
    findings: list[Finding],
    broken: int | None,
    last: KeptRun | None,
    *,
    whole: bool,
) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "leads": count,
        "workflows": {
            "asked": asked.count,
            "why_not": asked.why_not,
            "started": [str(lead) for lead in asked.started],
        },
        "findings": [finding.to_json() for finding in findings],
    }
    if whole:
        plain["audit"] = {"whole": broken is None, "first_broken": broken}
        plain["last_reconciliation"] = None if last is None else run_as_json(last)
    return plain


def _report(
    count: int,
    asked: Asked,
    findings: list[Finding],
    *,
    last: KeptRun | None,
    only: UUID | None,
    key: str | None,
) -> None:
    console = out()
    if findings:
        _show(findings)
    for lead in asked.started:
        console.print(f"Started again from its ledger: {lead}", markup=False)
    what = f"lead {key}" if only else f"{count:,} leads"
    console.print(f"Compared: {what}, ledger = engine = SQL.", markup=False)
    if asked.why_not is not None:
        console.print(f"Workflows were not compared: {asked.why_not}", style="yellow", markup=False)
    else:
        console.print(f"Asked: {asked.count:,} workflows.", markup=False)
    if only is None:
        whole = all(finding.check is not Check.AUDIT_BROKEN for finding in findings)
        console.print(f"The audit chain is {'whole' if whole else 'broken'}.", markup=False)
        console.print(run_in_words(last), markup=False, soft_wrap=True)
    if findings:
        console.print(f"{len(findings):,} things do not agree.", style="bold red", markup=False)
    else:
        console.print("Everything agrees.", style="bold green", markup=False)


def _show(findings: list[Finding]) -> None:
    rows = table(None, "lead", "what", "found", "what to do")
    for finding in findings[:_MOST_SHOWN]:
        rows.add_row(finding.name, str(finding.check), finding.detail, finding.advice)
    console = out()
    console.print(rows, markup=False)
    if len(findings) > _MOST_SHOWN:
        more = len(findings) - _MOST_SHOWN
        console.print(f"… and {more:,} more; all of them: fristwerk verify --json", markup=False)
    console.print()
