"""How commands speak: results on standard output, everything else on standard error."""

import json
import sys
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Where no terminal says how wide it is nothing is broken into lines: one row is one line, for grep to find.
_WIDTH_OF_A_PIPE: Final = 1_000_000


class CommandFailed(Exception):
    """The command could not be done; the message is shown to the person who called it."""


def out() -> Console:
    """Return the console for results."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE)


def err() -> Console:
    """Return the console for everything that is not the result."""
    return Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _WIDTH_OF_A_PIPE)


def print_json(value: object) -> None:
    """Write one JSON value to standard output; instants and ids must already be text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def table(title: str | None, *columns: str) -> Table:
    """Return an empty table in the house style."""
    # A title is broken at the table's edge, not at the window's, if nobody says otherwise.
    headline = None if title is None else Text(title, no_wrap=True, overflow="ignore")
    made = Table(title=headline, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
