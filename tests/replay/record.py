"""Records the golden histories of lives that have none; those named on the command line anew.

Do so after a change of the command sequence that has its patch marker (style.md rule 17), and keep the
old histories under another name as long as workflows of that shape may be alive. Real servers are
started, as for the tests; a life takes a few seconds.
"""

from __future__ import annotations

import pytest

from tests.replay.histories import FOLDER
from tests.replay.lives import LIVES
from tests.replay.recorder import record, written
from tests.workflows.lab import Lab, until


@pytest.mark.parametrize("name", LIVES)
async def test_record(lab: Lab, name: str) -> None:
    """Lives this life and keeps its history."""
    lead = await LIVES[name](lab)
    await until(lead.is_over)
    await written(name, await lead.handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, LIVES)
