"""The command `fristwerk`.

Each module directly in `cli/` that defines `register(app: App) -> None` adds its commands there; nothing
else is needed for a new command than its file.
Conventions: what was asked for goes to standard output (with `--json` as one JSON value), everything else
to standard error. Exit status 0: done; 1: it could not be done; 2: the call makes no sense.
"""

import importlib
import pkgutil
import sys
from typing import Final

from cyclopts import App
from rich.console import Console

import cli
from adapters import log, settings
from cli.output import CommandFailed

# Commands that must answer at once; Temporal's library takes half a second to import.
_MODULES: Final = {
    "up": "cli.stack",
    "status": "cli.stack",
    "stop": "cli.stack",
    "migrate": "cli.stack",
    "mails": "cli.mails",
    "api": "cli.api",
    "token": "cli.token",
    "leads": "cli.leads",
    "lead": "cli.lead",
    "settings": "cli.settings",
    "policy": "cli.policy",
}


def build(first: str | None = None) -> App:
    """Return the application.

    Args:
        first: First word of the call; where its module is known, no other is imported.

    Returns:
        The application with all commands, or with those of that one module.
    """
    app = App(
        name="fristwerk",
        help="Keeps the protection clock of sales leads: durable, explainable, provable.",
        version="0.1.0",
        help_on_error=False,
        error_console=Console(stderr=True),
    )
    known = _MODULES.get(first or "")
    names = [known] if known else [f"cli.{found.name}" for found in pkgutil.iter_modules(cli.__path__)]
    for name in names:
        # This very module would be imported a second time when it runs as a program.
        register = None if name == "cli.app" else getattr(importlib.import_module(name), "register", None)
        if register is not None:
            register(app)
    return app


def main() -> None:
    """Run the command line and leave with its exit status."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        log.configure(settings.load(embedded=False).log_level)
        result = build(next(iter(sys.argv[1:]), None))(
            sys.argv[1:], exit_on_error=True, print_error=True, result_action="return_value"
        )
    except settings.SettingsError as error:
        console.print(f"[red]Setting[/] {error}")
        sys.exit(2)
    except CommandFailed as error:
        # The message may repeat what was typed, which is no markup.
        console.print(str(error), style="red", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)


if __name__ == "__main__":
    main()
