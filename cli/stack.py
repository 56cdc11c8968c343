"""Commands for the embedded stack: up, status, stop, migrate."""

import asyncio
import os
import select
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

from cyclopts import App
from rich.console import Console

from adapters import settings
from adapters.clear_text import seal_clear_text
from adapters.keyring import keyring
from adapters.migrations import MigrationFailed, migrate
from cli.output import CommandFailed, err, out, print_json, table
from workers.embedded import stack
from workers.embedded.errors import StackError
from workers.embedded.state import StackRecord, StateFolder
from workers.embedded.supervisor import StopRequested

_STOP_SECONDS: Final = 90


def register(app: App) -> None:
    """Add the commands to the application."""
    app.command(up)
    app.command(status)
    app.command(stop)
    app.command(migrate_database, name="migrate")


class _Screen:
    """Shows people what happens while the stack runs."""

    def __init__(self) -> None:
        self.out: Console = out()
        self.err: Console = err()

    def say(self, line: str) -> None:
        self.err.print(line, markup=False)

    def ready(self, record: StackRecord, seconds: float, busy: dict[str, int]) -> None:
        environment = record.environment
        self.out.print(f"\n[bold green]Fristwerk is running[/], ready after {seconds:.1f} seconds.\n")
        if "API_URL" in environment:
            who = " and choose who you are" if "OIDC_CLIENT_ID" in environment else ""
            self.out.print(f"Open [bold]{environment['API_URL']}[/] in a browser{who}.\n")
        rows = table(None, "what", "where", "process")
        for part in record.parts:
            rows.add_row(part.name, part.where, str(part.pid))
        if "TEMPORAL_UI_URL" in environment:
            rows.add_row("Temporal UI", environment["TEMPORAL_UI_URL"], "")
        rows.add_row("state, logs", str(StateFolder(settings.load(embedded=False).state).path), "")
        self.out.print(rows)
        for name, port in busy.items():
            self.out.print(f"[dim]{name}: port {port} was busy, another one was taken.[/]")
        program = os.path.relpath(sys.argv[0]) if sys.argv[0].endswith("fristwerk") else "fristwerk"
        self.out.print("\nOr in a second window:")
        tries = table(None, "", "")
        tries.show_header = False
        tries.add_row(f"  {program} leads", "every lead with its status and its deadline")
        tries.add_row(f"  {program} lead ID --explain", "why a lead is protected, step by step")
        tries.add_row(f"  {program} mails", "the reminders that went out")
        if "API_URL" in environment and "OIDC_ISSUER" in environment:
            bearer = f'-H "Authorization: Bearer $({program} token --as anna)"'
            tries.add_row(f"  curl {bearer} {environment['API_URL']}/api/leads", "the API, as anna")
        tries.add_row(f"  {program} status", "what runs, and how often it had to be started again")
        self.out.print(tries)
        self.out.print("\nCtrl-C stops everything. The next start continues where this one ends.\n")


def up(*, workers: bool = True, seed: bool = True) -> int:
    """Start the database, Temporal, the mail sink, the workers and the API, and keep them running.

    Whatever DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL or OIDC_ISSUER name is used instead of an embedded part.

    Args:
        workers: Start workers and API too; --no-workers starts only the servers.
        seed: Give a new embedded database demo leads.

    Returns:
        0 after a clean stop, 1 if something could not start or died too often.
    """
    screen = _Screen()
    try:
        stack.run(settings.load(embedded=False), screen, workers=workers, seed=seed)
    except StopRequested:
        screen.say("Everything has been stopped.")
        return 0
    except StackError as error:
        raise CommandFailed(str(error)) from error
    return 0


def status(*, json: bool = False) -> int:
    """Show what runs where, with process ids and restarts.

    Args:
        json: One JSON value instead of a table.

    Returns:
        0 if the stack runs, 1 if it does not.
    """
    folder = StateFolder(settings.load(embedded=False).state)
    record = _running(folder)
    if json:
        print_json(_as_json(folder, record))
    elif record is None:
        out().print(f"Nothing runs in {folder.path}. Start it with: fristwerk up")
    else:
        rows = table(None, "part", "state", "process", "restarts", "where")
        for part in record.parts:
            state = "ready" if part.ready else "starting" if part.pid else "down"
            rows.add_row(part.name, state, str(part.pid or "-"), str(part.restarts), part.where)
        if "TEMPORAL_UI_URL" in record.environment:
            rows.add_row("temporal-ui", "", "", "", record.environment["TEMPORAL_UI_URL"])
        since = datetime.now(UTC) - datetime.fromisoformat(record.started_at)
        out().print(
            f"Running in {folder.path}, process {record.pid}, for {int(since.total_seconds())} seconds.\n"
        )
        out().print(rows)
    return 0 if record else 1


def stop() -> int:
    """Stop the stack that runs in the state folder, cleanly; fine if none runs.

    Returns:
        0 when nothing runs any more.
    """
    folder = StateFolder(settings.load(embedded=False).state)
    record = _running(folder)
    if record is None:
        err().print(f"Nothing runs in {folder.path}.")
        return 0
    try:
        handle = os.pidfd_open(record.pid)
        signal.pidfd_send_signal(handle, signal.SIGTERM)
    except ProcessLookupError:
        return 0
    except PermissionError as error:
        raise CommandFailed(f"process {record.pid} belongs to another account") from error
    try:
        ended, _, _ = select.select([handle], [], [], _STOP_SECONDS)
    finally:
        os.close(handle)
    if not ended:
        raise CommandFailed(f"process {record.pid} has not ended within {_STOP_SECONDS} seconds")
    err().print("Everything has been stopped.")
    return 0


def migrate_database() -> int:
    """Bring the database of DATABASE_URL (or of the running stack) to the newest schema.

    Returns:
        0 when it is up to date.
    """
    try:
        configured = settings.load()
        owner = configured.owner_login()
        applied = migrate(owner.url)
        sealed = asyncio.run(seal_clear_text(owner, lambda: keyring(configured)))
    except MigrationFailed as error:
        raise CommandFailed(str(error)) from error
    err().print(applied or "The schema is up to date.", markup=False)
    if sealed:
        err().print(f"Sealed {sealed} rows of personal data that stood in clear.")
    return 0


def _running(folder: StateFolder) -> StackRecord | None:
    try:
        return folder.running()
    except StackError as error:
        raise CommandFailed(str(error)) from error


def _as_json(folder: StateFolder, record: StackRecord | None) -> dict[str, object]:
    if record is None:
        return {"running": False, "state": str(folder.path)}
    # URLs with passwords stay in the state folder.
    addresses = {
        name: value for name, value in record.environment.items() if not name.endswith("DATABASE_URL")
    }
    return {
        "running": True,
        "ready": record.ready,
        "state": str(folder.path),
        "pid": record.pid,
        "started_at": record.started_at,
        "addresses": addresses,
        "parts": [asdict(part) for part in record.parts],
    }
