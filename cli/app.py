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

# Where a command is. One that stands here answers up to three seconds of computing sooner, because no other
# module is imported with it; the API's alone takes most of them.
_COMMANDS: Final = {
    "cli.acts": ("log", "hold", "release", "extend", "convert", "release-lead", "reinstate", "transfer"),
    "cli.ai": ("ai",),
    "cli.api": ("api",),
    "cli.campaigns": ("hold-campaign", "show-hold-campaign", "end-hold-campaign"),
    "cli.clock": ("clock", "simulate"),
    "cli.correcting": ("correct", "late-corrections", "retry-mail"),
    "cli.credit": ("credit",),
    "cli.erase": ("erase", "legal-hold", "retention"),
    "cli.erp": ("erp",),
    "cli.importing": ("import", "seed-demo"),
    "cli.inbox": ("inbox",),
    "cli.keys": ("keys",),
    "cli.lead": ("lead",),
    "cli.leads": ("leads",),
    "cli.mails": ("mails",),
    "cli.policy": ("policy",),
    "cli.proposals": ("proposals",),
    "cli.rebuild": ("rebuild",),
    "cli.reconcile": ("reconcile",),
    "cli.registering": ("register", "preregister"),
    "cli.requesting": ("requests", "request-hold", "request-extension", "approve", "reject", "withdraw"),
    "cli.settings": ("settings",),
    "cli.sharing": ("share", "unshare"),
    "cli.stack": ("up", "status", "stop", "migrate"),
    "cli.subject": ("find-contact", "receipts", "export-own"),
    "cli.token": ("token",),
    "cli.verify": ("verify",),
    "cli.webhooks": ("webhooks",),
}
MODULES: Final = {command: module for module, commands in _COMMANDS.items() for command in commands}


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
    known = MODULES.get(first or "")
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
