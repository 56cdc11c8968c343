"""What became of a lead, as the rows that are written about it."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from activities.records import RecordCommand, audit_row, fact_row, hold_rows, projection, refusal_row
from adapters.lead_entry import ContactEntry, ContactKind, LeadEntry
from adapters.normalise import lead_key
from cli.importing.replay import IMPORTED_BY, Outcome
from protection.decide import next_change
from protection.state import Status

# Their protection is over, and with it the reason to keep whom to ask for (contract, clause i).
KEEPS_NO_CONTACT: Final = frozenset({Status.EXPIRED, Status.RELEASED, Status.ERASED})


def lead_entry(outcome: Outcome) -> LeadEntry:
    """Make the lead's own row and those of its personal data, which a lapsed lead has none of."""
    row = outcome.row
    return LeadEntry(
        id=outcome.lead,
        external_id=row.external_id,
        company=row.company,
        city=row.city,
        postcode=row.postcode.strip() or None,
        industry=row.industry.strip() or None,
        source=row.source,
        owner=outcome.state.basis.owner,
        company_key=lead_key(row.company, row.city),
        created_at=row.registered_at,
        contacts=tuple(_contacts(outcome)),
    )


def record_command(tenant: UUID, outcome: Outcome, *, as_of: datetime) -> RecordCommand:
    """Make the one command that records the lead's whole ledger.

    Args:
        tenant: whose lead it is.
        outcome: the replayed lead.
        as_of: UTC instant it was replayed to.
    """
    audit = [audit_row(step.fact, step.before, step.after) for step in outcome.steps]
    audit += [
        refusal_row(
            f"{outcome.lead}/{refusal.entry.fact.fact_id}/refused",
            IMPORTED_BY,
            refusal.entry.fact.type,
            refusal.refused.code,
            refusal.entry.fact.recorded_at,
        )
        for refusal in outcome.refused
    ]
    return RecordCommand(
        tenant=str(tenant),
        lead=str(outcome.lead),
        facts=[fact_row(step.fact, revision) for revision, step in enumerate(outcome.steps, start=1)],
        projection=projection(
            str(tenant),
            str(outcome.lead),
            outcome.state,
            as_of,
            wake_at=next_change(outcome.state, as_of),
            refused=len(outcome.refused),
        ),
        holds=hold_rows(outcome.state),
        audit=audit,
    )


def _contacts(outcome: Outcome) -> list[ContactEntry]:
    row = outcome.row
    contacts: list[ContactEntry] = []
    if outcome.snapshot.status in KEEPS_NO_CONTACT:
        return contacts
    if row.contact_name.strip() or row.contact_email or row.contact_phone.strip():
        contacts.append(
            ContactEntry(
                id=uuid5(outcome.lead, "contact"),
                kind=ContactKind.CONTACT,
                name=row.contact_name or None,
                email=row.contact_email or None,
                phone=row.contact_phone or None,
            )
        )
    if row.first_contact_note.strip():
        contacts.append(
            ContactEntry(
                id=uuid5(outcome.lead, "first-contact"),
                kind=ContactKind.FIRST_CONTACT,
                fact_id=outcome.steps[0].fact.fact_id,
                note=row.first_contact_note,
                occurred_at=row.registered_at,
                channel=row.source,
            )
        )
    contacts += [
        ContactEntry(
            id=uuid5(outcome.lead, f"note/{remark.fact_id}"),
            kind=ContactKind.NOTE,
            fact_id=remark.fact_id,
            note=remark.text,
            occurred_at=remark.occurred_at,
        )
        for remark in outcome.remarks
    ]
    return contacts
