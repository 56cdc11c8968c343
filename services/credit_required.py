"""Whether something waits for the credit bureau's yes, as the tenant has settled it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from adapters.act_store import Standing
from adapters.credit import store
from adapters.credit.records import CreditStatus
from adapters.credit.rules import Occasion, Requirement, requirement
from adapters.database import Connection
from services.acting import Check
from services.asking import Asking
from services.desk import Desk
from services.errors import CreditWanted


async def credit_needed(desk: Desk, asking: Asking, lead: UUID, occasion: Occasion) -> Check | None:
    """What looks for the bureau's yes inside the transaction of an act; None where none is needed."""
    wanted = await requirement(desk.registry, asking.tenant, occasion, asking.caller.org)
    return partial(_look, desk, asking, lead, wanted) if wanted.required else None


async def _look(
    desk: Desk, asking: Asking, lead: UUID, wanted: Requirement, connection: Connection, _: Standing
) -> None:
    """Go on only if the last thing the bureau has said of the lead is a yes that still holds.

    Raises:
        CreditWanted: it is not, or with a worse grade than will do.
    """
    told = await store.standing_answer(connection, asking.tenant, lead, desk.now())
    if told is None:
        raise CreditWanted
    status, grade = told
    good = wanted.worst is None or (grade is not None and grade <= wanted.worst)
    if status is not CreditStatus.APPROVED or not good:
        raise CreditWanted
