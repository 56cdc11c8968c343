"""Commands whose help ends with the examples of their docstring, which cyclopts leaves out."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Final

from cyclopts import App

_SECTION: Final = re.compile(r"^Examples:\n(?P<body>(?:[ ]{4}.*\n|\n)+)", re.MULTILINE)


def add(app: App, command: Callable[..., int], name: str | None = None) -> None:
    """Add a command; its examples are shown at the end of its help.

    Args:
        name: What it is called; default: the function's name.
    """
    app.command(command, name=name, help_epilogue=examples(command))


def examples(command: Callable[..., int]) -> str | None:
    """The examples of a docstring, one paragraph each; None without any."""
    found = _SECTION.search((inspect.getdoc(command) or "") + "\n")
    if found is None:
        return None
    paragraphs: list[str] = []
    open_example = False
    for line in map(str.strip, found["body"].splitlines()):
        if open_example and line:
            paragraphs[-1] += f" {line}"
        elif line:
            paragraphs.append(line)
            open_example = line.startswith("`")
        open_example = open_example and bool(line) and not line.endswith("`")
    return "\n\n".join(["**Examples**", *paragraphs])
