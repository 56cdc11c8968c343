"""The shapes of `owed-mail` whose histories are kept: name, and about how many days ago protection began.

Recorded by `python -m tests.replay.mails`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

import pytest
from temporalio.client import WorkflowHandle

from activities.orders import NotificationKind
from adapters.ledger_store import PostgresLedgerStore
from protection.dates import format_instant
from protection.facts import Lapsed
from protection.lifecycle import begin
from protection.policy import Policy
from protection.simulator import settle
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.sql.commands import command, registered
from tests.workflows.lab import DAY, Lab
from workflows import names
from workflows.mail_start import StartMail
from workflows.messages import to_json

FOLDER: Final = LIVES_FOLDER / "mails"
SHAPES: Final[Mapping[str, int]] = MappingProxyType({"lapse": 400})


async def lived(lab: Lab, days: int) -> WorkflowHandle[Any, Any]:
    """A lapse of which nobody was told, and now is."""
    lead, now = await lab.lead(), datetime.now(UTC)
    facts = settle(begin(Policy(), registered(lead.owner, now - days * DAY)), now).facts
    lapse = facts[-1]
    assert isinstance(lapse, Lapsed)
    await PostgresLedgerStore(lab.pool).record(command(lab.tenant, lead.id, facts))
    kind, cycle = NotificationKind.LAPSE, format_instant(lapse.at)
    start = StartMail(tenant=str(lab.tenant), lead=str(lead.id), kind=kind, cycle=cycle, due_at=lapse.at)
    handle: WorkflowHandle[Any, Any] = await lab.client.start_workflow(
        names.OWED_MAIL,
        to_json(start),
        id=names.owed_mail_id(lab.tenant, lead.id, kind, cycle),
        task_queue=names.PROTECTION_QUEUE,
    )
    assert await handle.result() == "sent"
    return handle


@pytest.mark.parametrize("name", SHAPES)
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    await written(f"mails/{name}", await (await lived(lab, SHAPES[name])).fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, SHAPES)
