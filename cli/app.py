"""The command `fristwerk`.

Each module directly in `cli/` that defines `register(app: App) -> None` adds its commands there; nothing
else is needed for a new command than its file.
Conventions: what was asked for goes to standard output (with `--json` as one JSON value), everything else
to standard error. Exit status 0: done; 1: it could not be done; 2: the call makes no sense.
"""

import importlib
import pkgutil
import sys

from cyclopts import App
from rich.console import Console

import cli
from adapters import log, settings
from cli.output import CommandFailed


def build() -> App:
    """Return the application with all its commands."""
    app = App(
        name="fristwerk",
        help="Keeps the protection clock of sales leads: durable, explainable, provable.",
        version="0.1.0",
        help_on_error=False,
        error_console=Console(stderr=True),
    )
    for found in pkgutil.iter_modules(cli.__path__):
        if found.name == "app":
            continue
        register = getattr(importlib.import_module(f"cli.{found.name}"), "register", None)
        if register is not None:
            register(app)
    return app


def main() -> None:
    """Run the command line and leave with its exit status."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        log.configure(settings.load(embedded=False).log_level)
        result = build()(sys.argv[1:], exit_on_error=True, print_error=True, result_action="return_value")
    except settings.SettingsError as error:
        console.print(f"[red]Setting[/] {error}")
        sys.exit(2)
    except CommandFailed as error:
        console.print(f"[red]{error}[/]", markup=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)


if __name__ == "__main__":
    main()
