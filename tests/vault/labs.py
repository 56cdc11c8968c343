"""A lead with contact data nobody else has, in a lab."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

from adapters.database import transaction
from adapters.lead_entry import ContactEntry, ContactKind
from tests.vaultfixtures import VAULT
from tests.workflows.lab import Lab, Lead, until
from workflows import names
from workflows.messages import ReleaseLead

NAME: Final = "Ottilie Verpflanzt"
EMAIL: Final = "ottilie.verpflanzt@gasthof-unikat.example"
PHONE: Final = "+49 361 99887766"
NOTE: Final = "Frau Verpflanzt wünscht Rückruf am Gartentor"


def contacts() -> tuple[ContactEntry, ...]:
    """A contact and a note."""
    return (
        ContactEntry(id=uuid4(), kind=ContactKind.CONTACT, name=NAME, email=EMAIL, phone=PHONE),
        ContactEntry(id=uuid4(), kind=ContactKind.NOTE, fact_id="call", note=NOTE, channel="PHONE"),
    )


async def opened(lead: Lead) -> tuple[ContactEntry, ...]:
    """What the vault gives back of the lead."""
    async with transaction(lead.lab.pool, lead.lab.tenant, "test") as connection:
        return await VAULT.open_contacts(connection, lead.lab.tenant, lead.id)


async def keys(lead: Lead) -> int:
    """How many keys the lead has."""
    return len(await lead.lab.execute("select * from lead_key where lead = $1", lead.id))


async def receipts(lead: Lead) -> list[dict[str, object]]:
    """The lead's receipts, oldest first."""
    return await lead.lab.execute("select * from erasure_receipt where lead = $1 order by at", lead.id)


async def erased(lead: Lead) -> None:
    """Waits until the lead's key is gone."""

    async def gone() -> bool:
        return await keys(lead) == 0

    await until(gone)


async def legal_hold(lab: Lab, lead: UUID) -> None:
    """Puts down a duty to keep the lead's data."""
    await lab.execute(
        "insert into legal_hold (tenant, lead, reason, placed_by, placed_at)"
        " values ($1, $2, 'a dispute', 'boss', '2026-01-01Z')",
        lab.tenant,
        lead,
    )


async def end_on_hold(lead: Lead) -> None:
    """Ends a lead under a legal hold; the erasure that follows by itself has seen the hold then."""
    await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))
    await until(lead.is_over)
    handle = lead.lab.client.get_workflow_handle(names.erasure_id(lead.lab.tenant, lead.id))
    assert (await handle.result())["obstacle"] == "legal-hold"
