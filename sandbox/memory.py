"""What ERP and credit bureau know, kept in a file: whoever was told an id finds it after a restart."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from sandbox.world import World

_FILE: Final = "memory.json"


class Memory:
    """A world's memory.

    Args:
        world: whose.
        folder: where the file lies.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._file = folder / _FILE
        self._kept = ""

    def recall(self) -> None:
        """Know what was known at the last `keep`; a damaged file is put aside and said so."""
        if not self._file.exists():
            return
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            self._world.xentral.records.recall(found["erp"])
            self._world.credit.recall(found["credit"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._world.forget()
            self._file.rename(self._file.with_suffix(".damaged"))
            sys.stderr.write(f"{self._file} was damaged ({type(error).__name__}); everything begins anew\n")

    def keep(self) -> None:
        """Write down what is known, if it has changed."""
        known = {"erp": self._world.xentral.records.memory(), "credit": self._world.credit.memory()}
        text = json.dumps(known, ensure_ascii=False)
        if text == self._kept:
            return
        half = self._file.with_suffix(".part")
        half.write_text(text, encoding="utf-8")
        half.rename(self._file)
        self._kept = text
