"""Command for reading the mails that the embedded mail sink has taken."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter

from adapters import settings
from cli.output import CommandFailed, out, print_json, table
from sandbox.mailbox import Mailbox


def register(app: App) -> None:
    """Add the command to the application."""
    app.command(mails)


def mails(
    number: int | None = None, *, last: Annotated[int, Parameter(alias="-n")] = 20, json: bool = False
) -> int:
    """List the mails that went out, or show one of them.

    Args:
        number: Show this mail with its text.
        last: How many to list, the newest first.
        json: One JSON value instead of a table.

    Returns:
        0.
    """
    folder = settings.load(embedded=False).state / "mails"
    mailbox = Mailbox(folder)
    if number is not None:
        _show(mailbox, number, json=json)
        return 0
    listed = mailbox.newest(max(last, 1))
    if json:
        print_json([asdict(mail) for mail in listed])
        return 0
    rows = table(f"{len(mailbox.numbers())} mails in {folder}", "no.", "date", "to", "subject")
    for mail in listed:
        rows.add_row(str(mail.number), mail.date, ", ".join(mail.recipients), mail.subject)
    out().print(rows, markup=False)
    return 0


def _show(mailbox: Mailbox, number: int, *, json: bool) -> None:
    try:
        mail = mailbox.read(number)
    except FileNotFoundError:
        raise CommandFailed(f"There is no mail {number}.") from None
    if json:
        print_json(asdict(mail))
        return
    console = out()
    for name, value in (
        ("From", mail.sender),
        ("To", ", ".join(mail.recipients)),
        ("Date", mail.date),
        ("Subject", mail.subject),
    ):
        console.print(f"{name}: {value}", markup=False)
    console.print(f"\n{mail.text}", markup=False)
