"""Is the company taken? What a registration would be told, before somebody has written all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.normalise import lead_key
from adapters.registration_store import SimilarLead, has_live_duplicate, similar_leads
from protection.permission import Act
from services.asking import Asking
from services.desk import Desk
from services.openings import Company, checked_company

_NO_LEAD: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Met:
    """What a registration of this company would meet.

    Attributes:
        taken: a live lead of the same company and place exists; whose and which is not told.
        similar: leads the caller may see that may be the same company; none are told where it is taken.
    """

    taken: bool
    similar: tuple[SimilarLead, ...] = ()


async def duplicates_of(desk: Desk, asking: Asking, said: Company) -> Met:
    """Look for the duplicates that `services.registering.register` would refuse or ask about.

    Raises:
        Forbidden: the caller may not register leads.
        Refused: company, city or postcode make no sense; names the field.
    """
    asking.require(Act.REGISTER)
    company = checked_company(said)
    now = desk.now()
    key = lead_key(company.company, company.city)
    async with desk.looking(asking) as connection:
        if await has_live_duplicate(connection, asking.tenant, _NO_LEAD, key, company.postcode, at=now):
            return Met(taken=True)
        found = await similar_leads(
            connection, company.company, company.city, company.postcode, at=now, lead=_NO_LEAD
        )
    return Met(taken=False, similar=found)
