"""The command `fristwerk reconcile`: what happens every night, now."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from cyclopts import App, Parameter
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from adapters import settings as configuration
from adapters.lead_gateway import LeadsUnavailable
from adapters.reconcile.comparing import ADVICE, Check
from adapters.reconcile.schedule import reconcile_now
from adapters.reconciliation_store import KeptFinding, KeptRun, findings_of, run_by_id
from cli.acts import By
from cli.console import DONE, NOT_DONE, OPERATOR, perform, reading
from cli.desk import temporal
from cli.output import CommandFailed, err, out, print_json, table
from cli.reconciled import run_as_json, run_in_words
from cli.teaching import add

_MOST_SHOWN: Final = 200
_MOST: Final = 100_000


def register(app: App) -> None:
    """Add the command to the application."""
    add(app, reconcile)


def reconcile(
    *,
    report_only: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Compare ledger, rows, SQL twin and workflow of every lead now, and put right what is safe.

    The same runs every night for all tenants. Put right are workflows that are missing or behind their
    ledger, and rows that somebody changed by hand; never a ledger. What is left is listed, kept, and told to
    the audit.

    Examples:
        `fristwerk reconcile`

        Change nothing, only report:
        `fristwerk reconcile --report-only`

    Args:
        report_only: Put nothing right.
        by: Who wants it, as noted on record.
        json: One JSON value instead of text.

    Returns:
        0 if nothing is left to do, 1 if something is.
    """
    return perform(_reconcile(by, repair=not report_only, json=json))


async def _reconcile(by: str, *, repair: bool, json: bool) -> int:
    settings = configuration.load()
    async with reading(settings) as desk:
        caller = await desk.acts_as(by)
        client = await temporal(settings)
        try:
            handle = await reconcile_now(client, desk.tenant, by=caller.user, repair=repair)
        except LeadsUnavailable as error:
            raise CommandFailed(f"{error}. See: fristwerk status") from error
        err().print(f"Under way as workflow {handle.id}; it goes on without this command.", markup=False)
        try:
            answers: list[dict[str, Any]] = await handle.result()
        except WorkflowFailureError as error:
            raise CommandFailed("The reconciliation was broken off; see the Temporal UI.") from error
        except RPCError as error:
            raise CommandFailed(f"Temporal does not answer ({error.status.name}).") from error
        async with desk.look() as connection:
            run = await run_by_id(connection, desk.tenant, UUID(answers[0]["run"]))
            findings = await findings_of(connection, desk.tenant, run.id, _MOST)
    if json:
        print_json(run_as_json(run) | {"findings": [_as_json(finding) for finding in findings]})
    else:
        _show(run, findings)
    return NOT_DONE if run.found else DONE


def _as_json(finding: KeptFinding) -> dict[str, Any]:
    return {
        "lead": None if finding.lead is None else str(finding.lead),
        "check": finding.check,
        "detail": finding.detail,
        "repaired": finding.repaired,
        "advice": ADVICE[Check(finding.check)],
    }


def _show(run: KeptRun, findings: list[KeptFinding]) -> None:
    console = out()
    if findings:
        rows = table(None, "lead", "what", "found", "what to do")
        for finding in findings[:_MOST_SHOWN]:
            advice = "Put right." if finding.repaired else ADVICE[Check(finding.check)]
            rows.add_row(str(finding.lead or "–"), finding.check, finding.detail, advice)
        console.print(rows, markup=False)
    console.print(run_in_words(run), markup=False, soft_wrap=True)
