"""Bringing the old CRM's export in: read, check, replay, report, record, start."""

from cyclopts import App

from cli.importing.command import import_export
from cli.importing.seed import seed_demo_command


def register(app: App) -> None:
    """Add the commands to the application."""
    app.command(import_export, name="import")
    app.command(seed_demo_command, name="seed-demo")
