"""Every door takes anything: refused by name, on record, nothing else changed, the workflow alive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from protection.dates import format_instant
from protection.policy import policy_to_json
from protection.refusal import Code, Refused
from tests.workflows.lab import DAY, MINUTE, Lab, Lead, call, until
from workflows import names
from workflows.messages import RecordActivity

ACTIVITY: Final = {"kind": "QUALIFIED_CALL", "by": "boss", "fact_id": "f"}
HOLD: Final = {"reason": "OTHER", "by": "boss", "fact_id": "f"}
FIT: Final[Mapping[str, dict[str, Any]]] = {
    names.RECORD_ACTIVITY: ACTIVITY,
    names.PLACE_HOLD: HOLD,
    names.RELEASE_HOLD: {"hold": "h", "by": "boss", "fact_id": "f"},
    names.GRANT_EXTENSION: {"days": 30, "by": "boss", "fact_id": "f"},
    names.REGISTER: {"owner": "boss", "by": "boss", "fact_id": "f"},
    names.TRANSFER: {"owner": "boss", "by": "boss", "fact_id": "f"},
    names.CONVERT: {"by": "boss", "fact_id": "f"},
    names.RELEASE_LEAD: {"by": "boss", "fact_id": "f"},
    names.REINSTATE: {"by": "boss", "fact_id": "f"},
    names.CORRECT_FACT: {"corrects": "registration", "by": "boss", "fact_id": "f"},
    names.RETRY_REMINDER: {"by": "boss"},
    names.REMINDER_BOUNCED: {"cycle": 7, "code": "5.1.1", "by": "boss", "fact_id": "f"},
    names.REQUEST_HOLD: {"reason": "OTHER", "request": "r", "by": "boss", "fact_id": "f"},
    names.DECIDE_HOLD: {"request": "r", "approve": True, "by": "boss", "fact_id": "f"},
    names.REQUEST_EXTENSION: {"request": "x", "days": 30, "by": "boss", "fact_id": "f"},
    names.DECIDE_EXTENSION: {"request": "x", "approve": True, "days": 30, "by": "boss", "fact_id": "f"},
    names.WITHDRAW_REQUEST: {"request": "r", "by": "boss", "fact_id": "f"},
    names.ADOPT_POLICY: {"version": "v2", "replaces": "v1", "policy": {}, "by": "boss", "fact_id": "f"},
    names.ERASE: {"by": "boss", "fact_id": "f"},
}
SIGNALS: Final = (names.RECORD_ACTIVITY, names.PLACE_HOLD, names.RELEASE_HOLD, names.CONVERT)
NOT_A_MESSAGE: Final[Mapping[str, list[Any]]] = {
    "nothing": [],
    "null": [None],
    "a text": ["please stop the clock"],
    "a number": [7],
    "a list": [[1, 2, 3]],
    "an empty object": [{}],
    "nested rubbish": [{"by": {"by": [{"by": None}]}, "fact_id": [[[]]], "kind": {"$ref": "#"}}],
    "two arguments": [{"by": "boss"}, {"by": "boss"}],
    "a megabyte": [{"by": "boss", "kind": "x" * 1_000_000}],
}


async def alive(lead: Lead) -> None:
    """Asserts that nothing was recorded and that the workflow still does its work."""
    assert await lead.types() == ["registered"]
    assert (await lead.describe()).status is WorkflowExecutionStatus.RUNNING
    assert (await lead.tell(call(lead, "alive"))).revision == 2


async def refused_by_update(lead: Lead, name: str, arguments: list[Any]) -> ApplicationError:
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await lead.handle.execute_update(name, args=arguments)
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause


@pytest.mark.parametrize("name", FIT)
async def test_what_is_no_message_is_refused_without_a_trace(lab: Lab, name: str) -> None:
    lead = await lab.registered()
    await lead.forward(MINUTE)
    before = (await lead.describe()).history_length
    for what, arguments in NOT_A_MESSAGE.items():
        error = await refused_by_update(lead, name, arguments)
        assert error.type == Code.MALFORMED, what
        assert len(error.message) < 500, what
    # An update that is refused leaves nothing in the history.
    assert (await lead.describe()).history_length == before
    assert await lead.handle.query(names.REFUSED) == []
    await alive(lead)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("by", None),
        ("by", ""),
        ("by", 7),
        ("by", "erika@agents.example"),
        ("by", "Erika Muster"),
        ("fact_id", "erika@agents.example"),
        ("fact_id", "x" * 101),
        ("fact_id", {}),
        ("surprise", True),
    ],
)
async def test_every_door_checks_who_says_it_and_under_which_id(lab: Lab, field: str, value: Any) -> None:
    lead = await lab.registered()
    for name, fit in FIT.items():
        error = await refused_by_update(lead, name, [fit | {field: value}])
        assert error.type == Code.MALFORMED, name
        unknown = name == names.RETRY_REMINDER and field == "fact_id"
        assert error.details[0] == field or unknown, name
        assert "@" not in error.message
    await alive(lead)


@pytest.mark.parametrize(
    ("name", "changed", "code", "field"),
    [
        (names.RECORD_ACTIVITY, {"kind": "COFFEE"}, Code.UNKNOWN_KIND, "kind"),
        (names.RECORD_ACTIVITY, {"kind": ""}, Code.MALFORMED, "kind"),
        (names.RECORD_ACTIVITY, {"kind": None}, Code.MALFORMED, "kind"),
        (names.RECORD_ACTIVITY, {"occurred_at": "2027-01-31T09:30:00"}, Code.MALFORMED, "occurred_at"),
        (names.RECORD_ACTIVITY, {"occurred_at": "yesterday"}, Code.MALFORMED, "occurred_at"),
        (names.RECORD_ACTIVITY, {"occurred_at": "2999-01-31T09:30:00Z"}, Code.FUTURE_PROGRESS, "occurred_at"),
        (names.PLACE_HOLD, {"reason": "BORED"}, Code.MALFORMED, "reason"),
        (names.PLACE_HOLD, {"start_at": "2027-01-31"}, Code.MALFORMED, "start_at"),
        (
            names.PLACE_HOLD,
            {"start_at": "2027-02-01T00:00:00Z", "end_at": "2027-01-31T00:00:00Z"},
            Code.END_BEFORE_START,
            "end_at",
        ),
        (names.RELEASE_HOLD, {}, Code.UNKNOWN_HOLD, "hold"),
        (names.GRANT_EXTENSION, {"days": 0}, Code.DAYS_OUT_OF_RANGE, "days"),
        (names.GRANT_EXTENSION, {"days": 731}, Code.DAYS_OUT_OF_RANGE, "days"),
        (names.GRANT_EXTENSION, {"days": "30"}, Code.MALFORMED, "days"),
        (names.GRANT_EXTENSION, {"days": 1.5}, Code.MALFORMED, "days"),
        (names.REGISTER, {}, Code.ALREADY_REGISTERED, "type"),
        (names.TRANSFER, {"restart_base": "yes"}, Code.MALFORMED, "restart_base"),
        (names.CONVERT, {"agreement_date": "soon"}, Code.MALFORMED, "agreement_date"),
        (names.CONVERT, {"customer_no": "a b"}, Code.MALFORMED, "customer_no"),
        (names.REINSTATE, {}, Code.NOT_ENDED, ""),
        (names.CORRECT_FACT, {"corrects": "nothing"}, Code.UNKNOWN_FACT, "corrects"),
        (names.CORRECT_FACT, {"replacement": None}, Code.NOT_CORRECTABLE, "corrects"),
        (names.CORRECT_FACT, {"replacement": {"owner": "x"}}, Code.NOT_CORRECTABLE, "replacement.owner"),
        (
            names.CORRECT_FACT,
            {"replacement": {"registered_at": "2027-01-31T09:30:00"}},
            Code.MALFORMED,
            "replacement.registered_at",
        ),
        (names.RETRY_REMINDER, {}, Code.UNKNOWN_FACT, ""),
        (names.REMINDER_BOUNCED, {"cycle": "1"}, Code.MALFORMED, "cycle"),
        (names.REMINDER_BOUNCED, {"cycle": 0}, Code.MALFORMED, "cycle"),
        (names.REMINDER_BOUNCED, {"code": "nobody of this name"}, Code.MALFORMED, "code"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_field(
    lab: Lab, name: str, changed: dict[str, Any], code: Code, field: str
) -> None:
    lead = await lab.registered()
    error = await refused_by_update(lead, name, [FIT[name] | changed])
    assert (error.type, error.details[0]) == (code, field)
    await alive(lead)


async def test_the_same_fact_id_twice(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(DAY)
    message = call(lead, "once")
    first = await lead.tell(message)
    await lead.forward(DAY)
    again = await lead.tell(message)
    assert (first.revision, first.duplicate) == (2, False)
    assert (again.revision, again.duplicate) == (2, True)
    with pytest.raises(Refused) as refused:
        await lead.tell(RecordActivity(kind="NOTE", by=lead.owner, fact_id="once"))
    assert (refused.value.code, refused.value.field) == (Code.FACT_ID_REUSED, "fact_id")
    with pytest.raises(Refused):
        await lead.tell(RecordActivity(kind="QUALIFIED_CALL", by="somebody", fact_id="once"))
    await lab.gateway.signal(lab.tenant, lead.id, message)
    assert (await lead.tell(call(lead, "next"))).revision == 3
    assert await lead.types() == ["registered", "activity", "activity"]
    assert len(await lead.audit()) == 3


async def test_the_revision_of_a_repetition_is_that_of_its_fact(lab: Lab) -> None:
    lead = await lab.registered()
    first = await lead.tell(call(lead, "first"))
    await lead.tell(call(lead, "second"))
    again = await lead.tell(call(lead, "first"))
    assert (again.revision, again.duplicate) == (first.revision, True)


@pytest.mark.parametrize("name", SIGNALS)
async def test_a_signal_may_hold_anything(lab: Lab, name: str) -> None:
    lead = await lab.registered()
    for arguments in NOT_A_MESSAGE.values():
        await lead.handle.signal(name, args=arguments)
    expected = len(NOT_A_MESSAGE)

    async def on_record() -> bool:
        return len([row for row in await lead.audit() if row["what"] == f"refused:{name}"]) == expected

    await until(on_record)
    refused = await lead.handle.query(names.REFUSED)
    assert [entry["message"] for entry in refused] == [name] * expected
    assert all(entry["reason"].startswith("malformed") for entry in refused)
    assert "Last refused message" in await lead.details()
    assert (await lead.row())["refused_facts"] == expected
    for row in await lead.audit():
        assert "xxxxx" not in str(row)
    await alive(lead)


async def test_a_signal_of_an_unknown_name_shows(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.handle.signal("stop-the-clock", {"by": "boss"})
    await lead.handle.signal("erika@agents.example", args=[])

    async def on_record() -> bool:
        return len(await lead.handle.query(names.REFUSED)) == 2

    await until(on_record)
    # The name may be anything, so it is not repeated either.
    await lead.wait_for(refused_facts=2)
    assert [row["what"] for row in await lead.audit()][1:] == ["refused:unknown-signal"] * 2
    assert "erika" not in await lead.details()
    await alive(lead)


async def test_a_signal_in_bad_bytes_does_not_stop_the_workflow(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.handle.signal(names.PLACE_HOLD, b"\xff\xfe no JSON at all")
    await alive(lead)


async def test_an_unknown_update_is_refused(lab: Lab) -> None:
    lead = await lab.registered()
    with pytest.raises(WorkflowUpdateFailedError):
        await lead.handle.execute_update("stop-the-clock", {"by": "boss"})
    await alive(lead)


@pytest.mark.parametrize("query", [names.PROTECTION, names.EXPLAIN, names.LEDGER, names.REFUSED])
async def test_questions_take_anything(lab: Lab, query: str) -> None:
    lead = await lab.registered()
    for argument in (None, 7, {"as_of": "then"}, "x" * 1000):
        assert await lead.handle.query(query, argument) is not None
    await alive(lead)


async def test_a_progress_of_this_very_moment_counts(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(DAY)
    at = await lead.now() - timedelta(seconds=1)
    raw = ACTIVITY | {"occurred_at": format_instant(at)}
    answer = await lead.handle.execute_update(names.RECORD_ACTIVITY, raw)
    assert answer["revision"] == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (None, ""),
        ({"register": None}, "register"),
        ({"policy": {"progress_days": -1}}, "policy."),
        ({"policy": {"timezone": "Mars/Olympus"}}, "policy.timezone"),
        ({"policy": []}, "policy"),
        ({"tenant": "nobody"}, "tenant"),
        ({"lead": str(uuid4())}, "lead"),
        ({"facts": [{"type": "activity"}]}, ""),
        ({"facts": ["x"]}, "facts"),
        ({"announced": {"party": "2027"}, "facts": "own"}, "announced"),
        ({"surprise": 1}, "surprise"),
        ({"register": {"by": "a@b", "owner": "x"}}, "register"),
    ],
)
async def test_a_start_with_garbage_fails_clearly(lab: Lab, change: Any, field: str) -> None:
    lead = await lab.lead()
    start: Any = {
        "tenant": str(lab.tenant),
        "lead": str(lead.id),
        "policy": policy_to_json(lab.policy),
        "register": {"by": "boss", "owner": "boss"},
    }
    own = {
        "type": "registered", "fact_id": "r", "recorded_at": "2026-01-01T00:00:00Z", "by": "boss",
        "owner": "boss", "registered_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    if change is not None and change.get("facts") == "own":
        change = change | {"facts": [own]}
    handle = await lab.client.start_workflow(
        names.LEAD_PROTECTION,
        args=[] if change is None else [start | change],
        id=names.workflow_id(lab.tenant, lead.id),
        task_queue=names.PROTECTION_QUEUE,
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type in set(Code)
    assert str(cause.details[0]).startswith(field)
    assert await lead.facts() == []
