"""The command `fristwerk proposals`: what a machine believes to have seen, confirmed or rejected."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from cyclopts import App, Parameter

from adapters.proposal_store import Proposal
from cli.acting import not_done, show_refused
from cli.acts import By, Json
from cli.console import DONE, NOT_DONE, OPERATOR, UsageError, complain, perform, reading
from cli.desk import acting
from cli.moments import iso
from cli.numbers import WholeNumber
from cli.output import CommandFailed, out, print_json, table
from cli.teaching import add
from protection.refusal import Refused
from services.asking import Asking
from services.errors import Decided, NotFound, ServiceError, Unavailable
from services.proposals import confirm, list_proposals, reject

_MOST: Final = 200
_Proposal = Annotated[UUID, Parameter(name="PROPOSAL", help="Its id, as `proposals list` shows it.")]
_NO_ANSWER: Final = "Nobody took it up in time. Confirm it once more; that does nothing twice."
_GONE: Final = "There is no such proposal. See: fristwerk proposals list"


def register(app: App) -> None:
    """Add the commands to the application."""
    proposals = App(name="proposals", help="What mails, invoices and the AI seem to show.")
    add(proposals, list_waiting, name="list")
    add(proposals, confirm_proposal, name="confirm")
    add(proposals, reject_proposal, name="reject")
    app.command(proposals)


def list_waiting(
    *,
    lead: Annotated[UUID | None, Parameter(help="Only about this lead: its uuid.")] = None,
    decided: Annotated[bool, Parameter(name="--decided", negative="")] = False,
    most: WholeNumber = 50,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """List what was proposed and nobody has decided, the oldest first.

    Examples:
        `fristwerk proposals list --by anna`

    Args:
        decided: Also what is decided.
        most: So many at most, up to 200.
    """
    return perform(_list(lead, most, by, decided=decided, json=json))


async def _list(lead: UUID | None, most: int, by: str, *, decided: bool, json: bool) -> int:
    if not 1 <= most <= _MOST:
        raise UsageError(f"--most: must be 1 to {_MOST}")
    async with reading() as opened:
        asking = Asking.of(await opened.acts_as(by))
        async with opened.look() as connection:
            page = await list_proposals(connection, asking, lead=lead, waiting=not decided, most=most)
    if json:
        print_json([_told(one) for one in page.proposals])
        return DONE
    shown = table(None, "id", "proposed", "company", "kind", "what", "state")
    for one in page.proposals:
        what = ", ".join(f"{name}: {value}" for name, value in _facts(one).items())
        shown.add_row(str(one.id), iso(one.created_at), one.company, str(one.kind), what, str(one.state))
    out().print(shown)
    return DONE


def confirm_proposal(proposal: _Proposal, /, *, by: By = OPERATOR, json: Json = False) -> int:
    """Say that it is so, and have it done as if --by had done it himself; twice has one effect.

    Examples:
        `fristwerk proposals confirm 0f7e0000-0000-4000-8000-0000000000a1 --by anna`
    """
    return perform(_decide(proposal, by, confirms=True, json=json))


def reject_proposal(proposal: _Proposal, /, *, by: By = OPERATOR, json: Json = False) -> int:
    """Say that it is not so; nothing is done, and it is not proposed again.

    Examples:
        `fristwerk proposals reject 0f7e0000-0000-4000-8000-0000000000a1 --by anna`
    """
    return perform(_decide(proposal, by, confirms=False, json=json))


async def _decide(proposal: UUID, by: str, *, confirms: bool, json: bool) -> int:
    decide = confirm if confirms else reject
    async with acting() as opened:
        asking = Asking.of(await opened.reading.acts_as(by))
        try:
            done = await decide(opened.desk, asking, proposal)
        except Decided as error:
            complain(f"It was decided before: {error.state}.")
            return NOT_DONE
        except NotFound as error:
            raise CommandFailed(_GONE) from error
        except Refused as refused:
            return show_refused(refused, {}, json=json)
        except Unavailable as error:
            raise CommandFailed(_NO_ANSWER) from error
        except ServiceError as error:
            raise not_done(error, asking, str(proposal)) from error
    if json:
        print_json(_told(done))
    else:
        out().print(f"{done.kind} of {done.company}: {done.state}.")
    return DONE


def _facts(one: Proposal) -> dict[str, Any]:
    return one.facts.model_dump(mode="json", exclude_none=True)


def _told(one: Proposal) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "lead": str(one.lead),
        "company": one.company,
        "kind": str(one.kind),
        "proposed": _facts(one),
        "source": str(one.source),
        "subject_id": one.subject_id,
        "confidence": one.confidence,
        "created_at": iso(one.created_at),
        "state": str(one.state),
        "decided_by": one.decided_by,
        "decided_at": iso(one.decided_at),
        "settled_at": iso(one.settled_at),
    }
