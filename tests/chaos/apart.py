"""Ports of its own for a stack whose parts die: while one is away, nobody else may take its port."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from workers.embedded import ports
from workers.embedded.stack import STANDARD_PORTS
from workers.embedded.state import StateFolder

# Below what the kernel hands out, and beside what `fristwerk up` usually takes.
_FIRST: Final = 20_000
_COUNT: Final = 10_000


def keep_apart(state: Path, *, but: str | None = None) -> None:
    """Give a stack that has not been started yet a port for each part that no other stack will ask for.

    Args:
        but: the part that takes its port as usual.
    """
    with StateFolder(state) as folder:
        memory = folder.memory()
        for name in STANDARD_PORTS.keys() - {but}:
            wanted = (_FIRST + secrets.randbelow(_COUNT) for _ in range(100))
            memory.ports[name] = ports.choose(*wanted, taken=memory.ports.values())
        folder.remember(memory)
