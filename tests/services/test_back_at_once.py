"""Given up and brought back at once: nobody is sent away because the life before is still closing."""

from __future__ import annotations

import asyncio

from services import governing
from tests.services.office import Office

ROUNDS = 4


async def there_and_back(office: Office) -> list[str]:
    """The types of a lead's facts after so many rounds."""
    lead = await office.opened()
    for _ in range(ROUNDS):
        await governing.release_lead(office.desk, office.asking("maria"), lead)
        done = await governing.reinstate(office.desk, office.asking("maria"), lead, reason="Too soon")
        assert done.status == "ACTIVE"
    return [fact["type"] for fact in await office.facts(lead)]


async def test_a_lead_is_brought_back_while_its_last_life_is_closing(office: Office) -> None:
    lives = await asyncio.gather(*(there_and_back(office) for _ in range(5)))
    assert lives == [["registered", *["released", "reinstated"] * ROUNDS]] * 5
