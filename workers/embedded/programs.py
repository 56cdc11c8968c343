"""Finds the programs that the locked packages bring along."""

import shutil
import sysconfig
from pathlib import Path

from workers.embedded.errors import StackError


def program(name: str) -> Path:
    """Return the path of an installed program, preferring the one beside this Python.

    Args:
        name: Its name, for example `temporal` or `dbmate`.

    Returns:
        An executable file.

    Raises:
        StackError: It is not installed.
    """
    beside = Path(sysconfig.get_path("scripts")) / name
    if beside.exists():
        return beside
    found = shutil.which(name)
    if found is None:
        raise StackError(f"the program {name} is not installed; run `make setup`")
    return Path(found)
