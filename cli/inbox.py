"""The command `fristwerk inbox`: mails that came in, and whose they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from cyclopts import App, Parameter

from adapters.inbox.listing import InboundMail
from adapters.inbox.store import MailState
from cli.acts import By, Json
from cli.console import DONE, OPERATOR, UsageError, perform
from cli.desk import acting
from cli.moments import iso
from cli.numbers import WholeNumber
from cli.output import CommandFailed, out, print_json, table
from cli.teaching import add
from services import inbox
from services.asking import Asking
from services.desk import Desk
from services.errors import Forbidden, NotFound
from services.inbox import MailSettled

_MOST: Final = 200


class Shown(StrEnum):
    """Which mails are listed."""

    NOBODYS = "nobodys"
    MATCHED = "matched"
    IGNORED = "ignored"
    BOUNCES = "bounces"
    ALL = "all"


_STATES: Final = {
    Shown.NOBODYS: (MailState.UNMATCHED,),
    Shown.MATCHED: (MailState.MATCHED,),
    Shown.IGNORED: (MailState.IGNORED, MailState.DISMISSED),
    Shown.BOUNCES: (MailState.BOUNCE,),
    Shown.ALL: tuple(MailState),
}
_MAIL = Annotated[UUID, Parameter(name="MAIL", help="Id of the mail, as `inbox list` shows it.")]


def register(app: App) -> None:
    """Add the commands to the application."""
    commands = App(name="inbox", help="Mails that came in, and whose they are.")
    add(commands, list_inbox, name="list")
    add(commands, assign_mail, name="assign")
    add(commands, dismiss_mail, name="dismiss")
    app.command(commands)


def list_inbox(
    *,
    show: Annotated[Shown, Parameter(help="nobodys, matched, ignored, bounces or all.")] = Shown.ALL,
    most: WholeNumber = 30,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """List mails, the newest first, and what came of them; never what they say.

    Examples:
        `fristwerk inbox list`

        Those that wait for somebody to say whose they are:
        `fristwerk inbox list --show nobodys`

    Args:
        most: So many at most, up to 200.
    """
    if not 1 <= most <= _MOST:
        raise UsageError(f"--most: must be 1 to {_MOST}")
    return perform(_list(show, most, by, json=json))


def assign_mail(
    mail: _MAIL,
    lead: Annotated[UUID, Parameter(name="LEAD", help="Id of the lead.")],
    *,
    by: By = OPERATOR,
) -> int:
    """Say whose a mail is; it is then proposed as a reaction of that lead's customer.

    Examples:
        `fristwerk inbox assign 0d4e… 5a1f… --by boss`
    """
    return perform(_act(by, "Assigned.", lambda desk, asking: inbox.assign(desk, asking, mail, lead)))


def dismiss_mail(mail: _MAIL, *, by: By = OPERATOR) -> int:
    """Put a mail aside: it is nobody's.

    Examples:
        `fristwerk inbox dismiss 0d4e… --by boss`
    """
    return perform(_act(by, "Put aside.", lambda desk, asking: inbox.dismiss(desk, asking, mail)))


async def _list(show: Shown, most: int, by: str, *, json: bool) -> int:
    async with acting() as opened:
        asking = Asking.of(await opened.reading.acts_as(by))
        page = await inbox.list_mails(opened.desk, asking, states=_STATES[show], most=most)
    if json:
        print_json([_told(mail) for mail in page.mails])
        return DONE
    shown = table(None, "id", "received", "state", "lead", "what came of it")
    for mail in page.mails:
        company = "" if mail.lead is None else mail.lead.company
        shown.add_row(str(mail.id), iso(mail.received_at), str(mail.state), company, mail.why or "")
    out().print(shown)
    return DONE


async def _act(by: str, done: str, act: Callable[[Desk, Asking], Awaitable[None]]) -> int:
    async with acting() as opened:
        asking = Asking.of(await opened.reading.acts_as(by))
        try:
            await act(opened.desk, asking)
        except Forbidden as error:
            raise CommandFailed("Whose a mail is, managers and administrators say.") from error
        except NotFound as error:
            raise CommandFailed(
                "There is no such mail, or no such lead. See: fristwerk inbox list"
            ) from error
        except MailSettled as error:
            raise CommandFailed("That was settled before. Nothing has changed.") from error
    out().print(done)
    return DONE


def _told(mail: InboundMail) -> dict[str, Any]:
    return {
        "id": str(mail.id),
        "received_at": iso(mail.received_at),
        "state": str(mail.state),
        "outcome": mail.why,
        "lead": None if mail.lead is None else str(mail.lead.id),
        "match": None if mail.match is None else str(mail.match),
        "confidence": mail.confidence,
        "category": mail.category,
        "candidates": [str(lead) for lead in mail.candidates],
        "bounce_code": mail.bounce_code,
        "size": mail.size,
        "attachments": mail.attachments,
    }
