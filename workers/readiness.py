"""How a process tells the one that started it that it is ready."""

import os
from pathlib import Path
from typing import Final

READY_FILE: Final = "FRISTWERK_READY_FILE"


def announce() -> None:
    """Say that this process takes work; does nothing where nobody has asked to be told.

    The supervisor names a file in FRISTWERK_READY_FILE and waits for this process's id in it.
    """
    file = os.environ.get(READY_FILE)
    if file:
        half = Path(f"{file}.part")
        half.write_text(str(os.getpid()), encoding="ascii")
        half.rename(file)


def announced(file: Path, pid: int) -> bool:
    """Tell whether the process with this id has announced itself in the file."""
    try:
        return file.read_text(encoding="ascii") == str(pid)
    except FileNotFoundError:
        return False
