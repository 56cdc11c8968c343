"""The audit chain of a tenant verified part by part, so that a long one tells how far it is."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from adapters.database import Pool
from adapters.errand_store import ErrandKind, chain_end, part_broken
from adapters.lead_reading import audit_holds
from protection.permission import Act
from services.asking import Asking
from services.errands import Errands, Teller
from services.history import KeptHead
from services.rehearsal import eyes_of

# Rows verified in one reading: some tenths of a second.
PART: Final = 20_000


async def check_chain(
    errands: Errands, pool: Pool, asking: Asking, kept: KeptHead | None = None, *, part: int = PART
) -> UUID:
    """Begin to verify the tenant's audit chain; the errand's id. Rows written meanwhile are left out.

    Its outcome says `first_broken` (the first row that is missing or not as it was written; None) and, where
    a head kept elsewhere was given, `kept_is_there`.

    Args:
        kept: the chain's head as noted earlier.
        part: rows verified at a time.

    Raises:
        Forbidden: the caller may not read the tenant's audit.
        AlreadyRunning: somebody verifies it at this moment.
    """
    asking.require(Act.READ_AUDIT)
    looking = eyes_of(pool, asking.caller)
    async with looking() as connection:
        end = await chain_end(connection)
    plan: dict[str, Any] = {"seq": end.seq, "hash": end.hash}
    if kept is not None:
        plan["kept"] = f"{kept.seq}:{kept.hash}"

    async def work(tell: Teller) -> None:
        outcome: dict[str, Any] = {"first_broken": None}
        for first in range(1, end.seq + 1, part):
            last = min(first + part - 1, end.seq)
            async with looking() as connection:
                outcome["first_broken"] = await part_broken(connection, first, last)
            if outcome["first_broken"] is not None:
                break
            await tell(last, outcome, False)
        else:
            async with looking() as connection:
                if not await audit_holds(connection, asking.tenant, end.seq, end.hash):
                    outcome["first_broken"] = end.seq
        if kept is not None:
            async with looking() as connection:
                outcome["kept_is_there"] = await audit_holds(connection, asking.tenant, kept.seq, kept.hash)
        await tell(end.seq, outcome, True)

    return await errands.begin(pool, asking, ErrandKind.AUDIT_CHECK, plan, whole=end.seq, work=work)
