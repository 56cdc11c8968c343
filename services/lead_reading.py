"""One lead with everything the caller may see of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from adapters.act_store import Standing
from adapters.database import Caller, Connection
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.lead_reading import ProtectionNow, protection_of_lead
from adapters.read_model import Lead, find_lead
from adapters.share_store import Collaborator, shares_of
from adapters.vault import Vault
from services.errors import NotFound
from services.history import seen


@dataclass(frozen=True, slots=True)
class LeadRead:
    """A lead as its caller may see it.

    Attributes:
        standing: how far its ledger and its master data have come.
        protection: None while the ledger has not begun.
        contacts: contacts and the first contact; none where they are not the caller's to read, or erased.
    """

    lead: Lead
    standing: Standing
    protection: ProtectionNow | None
    collaborators: tuple[Collaborator, ...]
    contacts: tuple[ContactEntry, ...]


async def read_lead(connection: Connection, vault: Vault, caller: Caller, lead: UUID) -> LeadRead:
    """The lead with its protection, its collaborators and its contacts.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    standing = await seen(connection, caller, lead)
    described = await find_lead(connection, caller.tenant, str(lead))
    if described is None:
        raise NotFound
    entries = await vault.open_contacts(connection, caller.tenant, lead)
    return LeadRead(
        lead=described,
        standing=standing,
        protection=await protection_of_lead(connection, caller, lead),
        collaborators=await shares_of(connection, caller.tenant, lead),
        contacts=tuple(
            entry
            for entry in entries
            if entry.kind is not ContactKind.NOTE and any((entry.name, entry.email, entry.phone, entry.note))
        ),
    )
