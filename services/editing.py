"""What describes a lead, and whom to ask for: changed by hand, in one transaction (PATCH)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid5

from adapters.act_store import Standing
from adapters.database import Connection
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.registration_store import Described, NotLetIn, describe_lead, lead_to_describe
from adapters.registration_store import ExternalIdTaken as IdTaken
from adapters.registration_store import LiveDuplicate as Duplicate
from adapters.vault import Erased, KeyOutOfReach
from protection.permission import Act
from protection.refusal import Code, Refused
from protection.state import ENDED, Status
from services import words
from services.acting import ended
from services.asking import Asking
from services.desk import Desk
from services.door import enter, new_entry, relation, stand
from services.errors import ExternalIdTaken, Forbidden, LiveDuplicate
from services.openings import Contact, checked_contact

_LONGEST: Final[Mapping[str, int]] = {
    "external_id": words.MAX_EXTERNAL_ID,
    "postcode": words.MAX_POSTCODE,
    "industry": words.MAX_NAME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different.

    Attributes:
        fields: external_id, postcode, industry, source by name; None empties one.
        contact: whom to ask for from now on; the old contact is forgotten.
        seen: how often the lead had been changed when the caller looked; None changes it anyway.
    """

    fields: Mapping[str, str | None]
    contact: Contact | None = None
    seen: int | None = None


async def edit(desk: Desk, asking: Asking, lead: UUID, change: Change) -> Standing:
    """Change what describes a lead, and its contact.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not.
        Refused: a value makes no sense, or the lead is in another state than the caller has seen.
        LiveDuplicate: with this postcode it is the same place as another live lead's.
        ExternalIdTaken: another lead has this external id.
    """
    fields = {
        name: words.maybe_line(value, name, _LONGEST.get(name, words.MAX_NAME))
        for name, value in change.fields.items()
    }
    contact = checked_contact(change.contact)
    said: dict[str, Any] = {"edit": fields, "contact": None if contact is None else asdict(contact)}
    async with desk.writing(asking) as connection:
        standing = await stand(connection, asking, lead)
        asking.require(Act.EDIT_LEAD, relation(standing))
        await enter(connection, new_entry(desk, asking, lead, Act.EDIT_LEAD, said))
        described = await lead_to_describe(connection, asking.tenant, lead)
        if described is None:
            raise Forbidden(Act.EDIT_LEAD)
        _unchanged(asking, change, standing, described)
        if contact is not None:
            if standing.status is Status.PREREGISTERED:
                raise Refused(
                    Code.NOT_REGISTERED,
                    "contact",
                    "a pre-registration holds nothing personal; register the lead first",
                )
            if standing.status in ENDED and standing.status is not Status.CONVERTED:
                raise ended(standing.status)
            await _exchange(desk, connection, asking, lead, contact)
        right = replace(
            described,
            external_id=fields.get("external_id", described.external_id),
            postcode=fields.get("postcode", described.postcode),
            industry=fields.get("industry", described.industry),
            source=fields.get("source", described.source),
        )
        await _describe(connection, asking, lead, right)
        return await stand(connection, asking, lead)


def _unchanged(asking: Asking, change: Change, standing: Standing, described: Described) -> None:
    other = asking.if_revision is not None and asking.if_revision != standing.revision
    if other or (change.seen is not None and change.seen != described.changed):
        raise Refused(
            Code.REVISION_CONFLICT, "if_revision", "the lead has changed since you read it; read it again"
        )


async def _describe(connection: Connection, asking: Asking, lead: UUID, said: Described) -> None:
    try:
        await describe_lead(connection, asking.tenant, lead, said)
    except Duplicate as error:
        raise LiveDuplicate from error
    except IdTaken as error:
        raise ExternalIdTaken from error
    except NotLetIn as error:
        raise Forbidden(Act.EDIT_LEAD) from error


async def _exchange(desk: Desk, connection: Connection, asking: Asking, lead: UUID, contact: Contact) -> None:
    """The new contact in the old one's place."""
    kept = await desk.vault.open_contacts(connection, asking.tenant, lead)
    old = [row.id for row in kept if row.kind is ContactKind.CONTACT]
    new = ContactEntry(
        id=uuid5(lead, f"contact/{asking.fact_id}"),
        kind=ContactKind.CONTACT,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
    )
    try:
        await desk.vault.remove(connection, asking.tenant, lead, old)
        await desk.vault.seal_entries(connection, asking.tenant, lead, [new])
    except KeyOutOfReach as error:
        raise Forbidden(Act.EDIT_LEAD) from error
    except Erased as error:
        raise ended(Status.ERASED) from error
