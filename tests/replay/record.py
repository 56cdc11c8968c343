"""Records the golden histories anew: `python -m tests.replay.record`, or with names of lives.

Do so after a change of the command sequence that has its patch marker (style.md rule 17), and keep the
old histories under another name as long as workflows of that shape may be alive. Real servers are
started, as for the tests; a life takes a few seconds.
"""

from __future__ import annotations

import sys

import pytest

from tests.replay.histories import write
from tests.replay.lives import LIVES
from tests.workflows.lab import Lab, until


@pytest.mark.parametrize("name", LIVES)
async def test_record(lab: Lab, name: str) -> None:
    """Lives this life and keeps its history."""
    lead = await LIVES[name](lab)
    await until(lead.is_over)
    write(name, await lead.handle.fetch_history())


if __name__ == "__main__":
    wanted = " or ".join(sys.argv[1:]) or "record"
    sys.exit(pytest.main([__file__, "-q", "-k", wanted]))
