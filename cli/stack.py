"""Commands for the embedded stack: up, status, stop, migrate."""

from cyclopts import App


def register(app: App) -> None:
    """Add the commands to the application."""
