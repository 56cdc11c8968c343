"""What a recorder takes for the answer to its own command.

Found by chaos: a workflow task that was done again while the database was away got the answer to what the
first try had ordered, and the workflow went on with another instant of registration than the ledger's.
"""

from __future__ import annotations

from typing import Any

import pytest

from activities.records import RecordCommand
from workflows.recorder import was_recorded

COMMAND = RecordCommand("t", "l", [], {"revision": 2, "updated_at": "2026-11-23T17:14:04.418808Z"})


@pytest.mark.parametrize(
    ("answer", "mine"),
    [
        ({"revision": 2, "updated_at": "2026-11-23T17:14:04.418808Z"}, True),
        ({"revision": 2, "updated_at": "2026-11-23T17:13:56.283505Z"}, False),
        # As histories of before say it.
        (2, True),
        (None, True),
    ],
)
def test_an_answer_to_another_command_is_none(answer: Any, mine: bool) -> None:
    assert was_recorded(answer, COMMAND) is mine
