"""Leads and record commands as workflows and the import make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from activities.records import (
    RecordCommand,
    audit_row,
    fact_row,
    hold_rows,
    projection,
    refusal_row,
    request_rows,
)
from adapters.database import Pool
from adapters.lead_entry import ContactEntry, ContactKind, LeadEntry
from protection.facts import ActivityRecorded, Fact, HoldPlaced, HoldReason, HoldReleased, Registered
from protection.lifecycle import apply, begin
from protection.policy import Policy
from protection.state import LeadState
from tests.sql.lead_store import PostgresLeadStore
from tests.vaultfixtures import VAULT

T0 = datetime(2030, 1, 15, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def registered(owner: str = "agent", at: datetime = T0) -> Registered:
    return Registered(fact_id="registration", recorded_at=at, by=owner, owner=owner, registered_at=at)


def call(day: int, name: str = "call") -> ActivityRecorded:
    at = T0 + day * DAY
    return ActivityRecorded(
        fact_id=f"{name}-{day}", recorded_at=at, by="agent", kind="QUALIFIED_CALL", occurred_at=at
    )


def placed(day: int, hold: str = "h1") -> HoldPlaced:
    at = T0 + day * DAY
    reason = HoldReason.FFZ_PRICE_APPROVAL
    return HoldPlaced(
        fact_id=f"place-{hold}", recorded_at=at, by="manager", hold=hold, reason=reason, start_at=at
    )


def freed(day: int, hold: str = "h1") -> HoldReleased:
    return HoldReleased(fact_id=f"free-{hold}", recorded_at=T0 + day * DAY, by="manager", hold=hold)


def lived(*facts: Fact) -> list[LeadState]:
    """The state after each fact."""
    states = [begin(Policy(), facts[0])]
    for fact in facts[1:]:
        states.append(apply(states[-1], fact))
    return states


def command(tenant: UUID, lead: UUID, facts: Sequence[Fact], *, since: int = 0, **more: Any) -> RecordCommand:
    """Records the facts from number `since` on of a lead that lived through all of them."""
    states = lived(*facts)
    before: list[LeadState | None] = [None, *states]
    news = range(since, len(facts))
    return RecordCommand(
        tenant=str(tenant),
        lead=str(lead),
        facts=[fact_row(facts[n], n + 1) for n in news],
        projection=projection(
            str(tenant), str(lead), states[-1], facts[-1].recorded_at, wake_at=None, **more
        ),
        holds=hold_rows(states[-1]),
        requests=request_rows(states[-1]),
        audit=[audit_row(facts[n], before[n], states[n]) for n in news],
    )


def refusal(
    tenant: UUID, lead: UUID, facts: Sequence[Fact], audit_id: str, refused: int = 1
) -> RecordCommand:
    """A command that records nothing but a refused message."""
    whole = command(tenant, lead, facts, since=len(facts), refused=refused)
    whole.audit.append(refusal_row(audit_id, "somebody", "place-hold", "malformed", T0 + 200 * DAY))
    return whole


def entry(owner: str = "agent", **changed: Any) -> LeadEntry:
    """A lead nobody has."""
    lead = uuid4()
    values: dict[str, Any] = {
        "id": lead,
        "external_id": f"X-{lead}",
        "company": "Gasthof Muster GmbH",
        "city": "Erfurt",
        "postcode": "99084",
        "industry": "HOTEL",
        "source": "REFERRAL",
        "owner": owner,
        "company_key": f"gasthof muster {lead}",
        "created_at": T0,
        "contacts": (
            ContactEntry(
                id=uuid4(), kind=ContactKind.CONTACT, name="Erika Muster", email="erika@muster.example"
            ),
        ),
    }
    return LeadEntry(**values | changed)


async def new_lead(worker: Pool, tenant: UUID, owner: str = "agent", **changed: Any) -> UUID:
    """A lead in the database, without a ledger yet."""
    made = entry(owner, **changed)
    assert await PostgresLeadStore(worker, VAULT).register_lead(tenant, made)
    return made.id
