"""The command `fristwerk api`: the HTTP API as a process of its own."""

from cyclopts import App

from adapters import log, settings
from api.main import CannotServe, serve
from cli.output import CommandFailed


def register(app: App) -> None:
    """Add the command to the application."""
    app.command(api)


def api() -> int:
    """Serve the HTTP API until Ctrl-C, on API_HOST and API_PORT.

    `fristwerk up` starts it by itself; this is for a server of its own, or beside `up --no-workers`.

    Returns:
        0 after a clean stop.
    """
    configured = settings.load()
    log.configure(configured.log_level)
    try:
        serve(configured)
    except CannotServe as error:
        raise CommandFailed(str(error)) from error
    return 0
