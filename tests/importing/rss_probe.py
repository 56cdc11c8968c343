"""Runs a dry import as a process of its own and prints the memory it held, phase by phase, in bytes.

Usage: python -m tests.importing.rss_probe FOLDER
"""

import asyncio
import json
import sys
from pathlib import Path

import psutil
from rich.console import Console

from cli.importing.progress import ProgressView
from tests.importing import exports


class Watching(ProgressView):
    """Samples the memory of this process whenever progress is told."""

    def __init__(self) -> None:
        super().__init__(Console(quiet=True))
        self.samples: dict[str, list[int]] = {}
        self._process = psutil.Process()
        self._now: list[int] = []

    def phase(self, name: str, total: int, unit: str) -> None:
        """See `ProgressView.phase`."""
        self._now = self.samples.setdefault(name, [])

    def advance(self, count: int) -> None:
        """See `ProgressView.advance`."""
        self._now.append(self._process.memory_info().rss)


if __name__ == "__main__":
    watching = Watching()
    summary, _ = asyncio.run(exports.bring_in(Path(sys.argv[1]), view=watching, report=Path("/dev/null")))
    print(json.dumps({"leads": summary.new, "refused": summary.refused_rows, "samples": watching.samples}))
