"""Where the embedded stack keeps its state."""

import hashlib
import os
from pathlib import Path
from typing import Final

STACK_FILE: Final = "stack.json"
_PROJECT: Final = Path(__file__).resolve().parents[1]


def default_state_folder() -> Path:
    """Return the state folder used where FRISTWERK_STATE is not set.

    In a checkout it is `.fristwerk` beside the code, otherwise `~/.local/state/fristwerk`. PostgreSQL never
    runs as root; where root starts the stack and the account that PostgreSQL drops to could not reach that
    folder, it is a folder of its own below /var/lib, one per checkout.
    """
    checkout = (_PROJECT / "pyproject.toml").exists()
    wanted = _PROJECT / ".fristwerk" if checkout else Path.home() / ".local/state/fristwerk"
    if os.geteuid() != 0 or reachable_by_others(wanted.parent):
        return wanted
    return Path("/var/lib") / f"fristwerk-{hashlib.sha256(str(wanted).encode()).hexdigest()[:10]}"


def reachable_by_others(folder: Path) -> bool:
    """Tell whether every account may walk down to this folder."""
    return all(not part.exists() or part.stat().st_mode & 0o001 for part in (folder, *folder.parents))
