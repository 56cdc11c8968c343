"""What operators see of a lead, and what nobody sees there: anybody's personal data."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionDescription

from adapters.database import transaction
from adapters.lead_entry import ContactEntry, ContactKind
from protection.facts import HoldReason
from tests.stackfixtures import SmtpSink
from tests.vaultfixtures import VAULT
from tests.workflows.lab import DAY, Lab, Lead, call, due, until
from tests.workflows.test_doors import FIT, SIGNALS
from workflows import names
from workflows.messages import PlaceHold, RecordActivity, ReleaseHold

PLANTED: Final = ("Wilhelmine Zwetschgenknödel", "wilhelmine@knoedel.example", "+49 361 5550199", "duzt gern")


async def test_every_door_has_a_name_and_says_what_it_takes(lab: Lab) -> None:
    definition = (await (await lab.registered()).metadata()).definition
    assert definition.type == names.LEAD_PROTECTION
    updates = {update.name: update.description for update in definition.update_definitions}
    signals = {signal.name: signal.description for signal in definition.signal_definitions if signal.name}
    queries = {query.name: query.description for query in definition.query_definitions}
    assert set(updates) == set(FIT)
    # Says nothing and is nobody's fact: what lists show is written anew, whoever asks.
    assert signals.pop(names.RECORD_AGAIN)
    assert set(signals) == set(SIGNALS)
    assert {names.PROTECTION, names.EXPLAIN, names.LEDGER, names.REFUSED} <= set(queries)
    for name, description in (updates | signals).items():
        assert description.startswith("JSON: {"), name
        assert '"by"' in description, name
    for name in (names.PROTECTION, names.EXPLAIN, names.LEDGER, names.REFUSED):
        assert queries[name], name


async def test_details_say_where_the_lead_stands_and_why(lab: Lab) -> None:
    lead = await lab.registered()
    details = await lead.details()
    until = (await lead.row())["valid_until"]
    assert "60" in details
    assert f"{until:%Y}" in details
    await lead.tell(PlaceHold(reason=HoldReason.FFZ_SUPPLY_ISSUE, hold="h", by="boss", fact_id="h"))
    assert await lead.details() != details


async def test_timers_and_mails_have_summaries(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(await due(lead))
    summaries = [
        event.user_metadata.summary.data.decode()
        async for event in lead.handle.fetch_history_events()
        if event.HasField("timer_started_event_attributes")
        or event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert summaries
    assert all(summaries)
    assert any("next look" in summary for summary in summaries)
    assert any("reminder (cycle 1)" in summary for summary in summaries)


async def test_search_attributes_follow_the_lead(lab: Lab) -> None:
    lead = await lab.registered()

    async def shown() -> dict[str, object]:
        return {pair.key.name: pair.value for pair in (await lead.describe()).typed_search_attributes}

    row = await lead.row()
    first = await shown()
    assert (first["LeadStatus"], first["LeadOwner"], first["LeadTenant"]) == (
        "ACTIVE", lead.owner, str(lab.tenant),
    )  # fmt: skip
    assert first["ValidUntil"] == row["valid_until"].replace(microsecond=row["valid_until"].microsecond)
    assert first["NextWakeUp"] == row["next_wake_up"]
    await lead.forward(await due(lead))
    await lead.forward((await lead.row())["grace_until"])
    assert (await shown())["LeadStatus"] == "EXPIRED"


@asynccontextmanager
async def logged(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Everything that anything logs."""
    with caplog.at_level(logging.DEBUG):
        yield


async def everything_temporal_holds(lead: Lead) -> tuple[bytes, WorkflowExecutionDescription]:
    """Every byte of the history, raw and as JSON, and what a description shows."""
    history = await lead.handle.fetch_history()
    described = await lead.describe()
    parts = [event.SerializeToString() for event in history.events]
    parts += [history.to_json().encode(), described.raw_description.SerializeToString()]
    parts += [str(described.typed_search_attributes).encode(), str(await described.memo()).encode()]
    parts += [(await lead.details()).encode()]
    for query in (names.PROTECTION, names.EXPLAIN, names.LEDGER, names.REFUSED):
        parts.append(str(await lead.handle.query(query)).encode())
    return b"\n".join(parts), described


async def test_no_personal_data_in_temporal_or_in_logs(
    lab: Lab, smtp_sink_process: SmtpSink, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    name, email, phone, note = PLANTED
    contacts = (
        ContactEntry(id=uuid4(), kind=ContactKind.CONTACT, name=name, email=email, phone=phone),
        ContactEntry(id=uuid4(), kind=ContactKind.NOTE, fact_id="call", note=note),
    )
    async with logged(caplog):
        lead = await lab.lead(contacts=contacts)
        await lab.execute(
            "update app_user set display_name = $3 where tenant = $1 and id = $2",
            lab.tenant, lead.owner, "Ottokar Agentenname",
        )  # fmt: skip
        await lead.register()
        await lead.forward(10 * DAY)
        await lead.tell(call(lead, "call"))
        await lead.tell(PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h"))
        await lead.forward(10 * DAY)
        await lead.tell(ReleaseHold(hold="h", by="boss", fact_id="r"))
        await lead.tell(RecordActivity(kind="NOTE", by=lead.owner, fact_id="n"))
        async with transaction(lab.pool, lab.tenant, "test") as connection:
            stored = str(await VAULT.open_contacts(connection, lab.tenant, lead.id))
        await lead.forward(await due(lead))
        await lead.forward((await lead.row())["grace_until"])
        assert (await lead.row())["status"] == "EXPIRED"
        await until(lead.is_over)
        held, _ = await everything_temporal_holds(lead)
    printed = capfd.readouterr()
    log = f"{caplog.text}\n{printed.out}\n{printed.err}".encode()
    # The search would find it: it was in the database, is in the mails, and the ids are in what is searched.
    assert all(planted in stored for planted in PLANTED)
    mails = lead.mails()
    assert len(mails) >= 3
    assert any("Ottokar" in mail.text for mail in mails)
    assert lead.owner.encode() in held
    assert str(lead.id).encode() in held
    assert str(lead.id).encode() in log
    told = [lab.address(lead.owner), "Ottokar Agentenname", "Gasthof Muster"]
    for secret in (*PLANTED, *told):
        assert secret.encode() not in log, secret
        assert secret.encode() not in held, secret
        assert secret.encode("unicode_escape") not in held, secret


async def test_personal_data_in_a_message_is_refused_and_not_repeated(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    _, email, _, note = PLANTED
    lead = await lab.registered()
    async with logged(caplog):
        await lead.handle.signal(names.RECORD_ACTIVITY, {"kind": "NOTE", "by": email, "note": note})
        await lead.wait_for(refused_facts=1)
    kept = [
        await lead.audit(),
        await lead.details(),
        await lead.handle.query(names.REFUSED),
        await lead.row(),
    ]
    assert "refused:record-activity" in str(kept)
    assert email not in str(kept) + caplog.text
    assert note not in str(kept) + caplog.text
