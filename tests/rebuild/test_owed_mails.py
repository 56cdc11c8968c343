"""Mails that the ledger demands and whose orders were lost go out once; what is in doubt does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.courier import notification_id
from activities.orders import NotificationKind
from activities.ports import Channel, DeliveryKey
from adapters.database import load_queries, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.reconcile.owed import OwedMail
from adapters.reconcile.rebuilding import Lost, Rebuilder
from adapters.temporal_client import ensure_search_attributes
from protection.dates import format_instant
from protection.facts import Fact, HoldReason, HoldRequested, Lapsed
from protection.lifecycle import begin
from protection.policy import Policy
from protection.simulator import settle
from protection.state import LeadState
from tests.sql.commands import command, registered
from tests.stackfixtures import SmtpSink
from tests.workflows.lab import DAY, HOUR, Lab, Lead
from workflows import names

NOW: Final = datetime.now(UTC).replace(microsecond=0)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(postgres_url: str, empty: Client, smtp_sink_process: SmtpSink) -> AsyncIterator[Lab]:
    """Workers where nothing has run, and one tenant with a manager."""
    await ensure_search_attributes(empty)
    async with Lab.open(empty, postgres_url, smtp_sink_process) as made:
        yield made


def _life(lead: Lead, ended: datetime) -> LeadState:
    """A life without progress that comes to its end at about then."""
    first = registered(lead.owner, NOW)
    lapse = settle(begin(Policy(), first), NOW + 1000 * DAY).facts[-1]
    began = ended - (lapse.recorded_at - NOW)
    return settle(begin(Policy(), registered(lead.owner, began)), NOW + DAY)


async def _recorded(house: Lab, lead: Lead, facts: tuple[Fact, ...]) -> None:
    await PostgresLedgerStore(house.pool).record(command(house.tenant, lead.id, facts))


async def _lapsed(house: Lab, ended: datetime) -> tuple[Lead, Lapsed]:
    lead = await house.lead()
    facts = _life(lead, ended).facts
    await _recorded(house, lead, facts)
    assert isinstance(facts[-1], Lapsed)
    return lead, facts[-1]


async def _rebuilt(house: Lab) -> Lost:
    rebuilder = Rebuilder(house.pool, house.client, house.tenant, objection_days=14)
    lost = await rebuilder.look()
    await rebuilder.rebuild(lost, by="olga")
    return lost


async def _over(house: Lab, lead: Lead, kind: NotificationKind, cycle: str) -> str:
    identity = names.owed_mail_id(house.tenant, lead.id, kind, cycle)
    return str(await house.client.get_workflow_handle(identity).result())


async def test_what_is_owed_goes_out_once_and_what_is_in_doubt_does_not(house: Lab) -> None:
    lost, end = await _lapsed(house, NOW - 3 * HOUR)
    old, long_ago = await _lapsed(house, NOW - 20 * DAY)
    restored, back = await _lapsed(house, NOW - 3 * HOUR)
    async with transaction(house.pool, house.tenant, "olga", at=NOW) as connection:
        after = {"facts": 9, "from_revision": 2, "unknown": False}
        await load_queries("restore").tell_audit(connection, lead=restored.id, after=after, at=NOW)
    imported, _ = await _lapsed(house, NOW - 9 * DAY)
    await house.execute("update protection set updated_at = $2 where lead = $1", imported.id, NOW)
    living, asked = await house.lead(), NOW - 2 * HOUR
    request = HoldRequested(
        fact_id="asked",
        recorded_at=asked,
        by=living.owner,
        request="r1",
        reason=HoldReason.OTHER,
        start_at=asked,
    )
    await _recorded(house, living, (registered(living.owner, asked - DAY), request))

    lapse, made = NotificationKind.LAPSE, NotificationKind.REQUEST_MADE
    looked = await _rebuilt(house)
    assert set(looked.owed) == {
        OwedMail(lost.id, lapse, format_instant(end.at), end.at, safe=True),
        OwedMail(old.id, lapse, format_instant(long_ago.at), long_ago.at, safe=False),
        OwedMail(restored.id, lapse, format_instant(back.at), back.at, safe=False),
        OwedMail(living.id, made, "r1", asked, safe=True),
    }
    assert await _over(house, lost, lapse, format_instant(end.at)) == "sent"
    assert await _over(house, living, made, "r1") == "sent"
    told = {(row["kind"], row["recipient"], row["status"]) for row in await lost.notifications()}
    assert told == {("lapse", lost.owner, "sent"), ("lapse", "boss", "sent")}
    for left in (old, restored, imported):
        assert await left.notifications() == []

    # Told a moment ago is looked at again, and nobody is told twice.
    assert (await _rebuilt(house)).owed
    assert await _over(house, lost, lapse, format_instant(end.at)) == "sent"
    mails = [house.mailbox.read(number) for number in house.mailbox.numbers()]
    to_owner = [mail for mail in mails if house.address(lost.owner) in mail.recipients]
    to_boss = [mail for mail in mails if house.address("boss") in mail.recipients]
    assert (len(to_owner), len(to_boss)) == (1, 2)


async def test_a_notice_that_was_under_way_is_taken_up_again(house: Lab) -> None:
    lead, began = await house.lead(), datetime.now(UTC)
    first = registered(lead.owner, began)
    deadlines = begin(Policy(), first).deadlines
    assert deadlines is not None
    assert deadlines.reminder_due_at is not None
    await _recorded(house, lead, (first,))
    kind, cycle = NotificationKind.NOTICE_PROGRESS, format_instant(deadlines.reminder_due_at)
    await house.execute(
        "insert into notification"
        " (tenant, id, lead, cycle, kind, recipient, channel, status, attempt, created_at, updated_at)"
        " values ($1, $2, $3, $4, $5, $6, 'EMAIL', 'sending', 1, $7, $7)",
        *(house.tenant, _id(house, lead, kind, cycle), lead.id, cycle, str(kind), lead.owner, began),
    )
    assert (
        OwedMail(lead.id, kind, cycle, deadlines.reminder_due_at, safe=True) in (await _rebuilt(house)).owed
    )
    assert await _over(house, lead, kind, cycle) == "sent"
    assert len(lead.mails()) == 1


def _id(house: Lab, lead: Lead, kind: NotificationKind, cycle: str) -> UUID:
    return notification_id(DeliveryKey(house.tenant, lead.id, cycle, kind, lead.owner, Channel.EMAIL))


@pytest.mark.parametrize(
    ("field", "value"),
    [("tenant", "x"), ("lead", 5), ("kind", "poem"), ("cycle", "a b"), ("due_at", "2026-01-01"), ("more", 1)],
)
async def test_an_order_that_makes_no_sense_is_refused_by_its_field(
    house: Lab, field: str, value: object
) -> None:
    raw = {
        "tenant": str(house.tenant),
        "lead": str(uuid4()),
        "kind": "lapse",
        "cycle": "2026-01-01T00:00:00Z",
        "due_at": "2026-01-01T00:00:00Z",
    }
    with pytest.raises(WorkflowFailureError) as failed:
        await house.client.execute_workflow(
            names.OWED_MAIL,
            {**raw, field: value},
            id=f"owed-mail-of-a-test/{uuid4()}",
            task_queue=names.PROTECTION_QUEUE,
        )
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, field in cause.message) == ("malformed", True)
