"""Every message of every workflow, every activity and every end stands in some recorded history."""

from __future__ import annotations

from tests.replay.commands import defined
from tests.replay.shapes import ANY_OTHER, Piece, What, held, wanted
from workers.registry import WORKFLOWS
from workflows import names


def test_nothing_that_workflows_know_is_without_a_history() -> None:
    missing = sorted(wanted() - held())
    assert not missing, "\n\n".join(piece.missing() for piece in missing)


def test_what_there_is_to_record_is_found() -> None:
    assert set(WORKFLOWS) <= set(defined())
    assert wanted() >= {
        Piece(names.LEAD_PROTECTION, What.UPDATE, names.ADOPT_POLICY),
        Piece(names.LEAD_PROTECTION, What.SIGNAL, names.RECORD_AGAIN),
        Piece(names.LEAD_PROTECTION, What.SIGNAL, ANY_OTHER),
        Piece(names.LEAD_PROTECTION, What.END, "continued-as-new"),
        Piece(names.SAMPLE_TEST, What.UPDATE, names.TEST_PHASE),
        Piece("", What.ACTIVITY, "record-facts"),
        Piece("", What.ACTIVITY, "handle-credit-event"),
    }


def test_what_is_missing_is_told_with_how_to_record_it() -> None:
    told = Piece(names.LEAD_PROTECTION, What.UPDATE, "ask-twice").missing()
    assert "No recorded history of lead-protection holds the update 'ask-twice'" in told
    assert "tests/replay/turns.py" in told
    assert ".venv/bin/python -m tests.replay.turns its-name" in told
    assert "tests/replay/detours.py" in Piece("", What.ACTIVITY, "ask-model").missing()
