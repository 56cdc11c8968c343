"""Living leads adopting a policy version, in the background: who has it done looks at how far it is."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any, Final
from uuid import UUID

from adapters.database import Pool
from adapters.errand_store import ErrandKind
from adapters.lead_gateway import TemporalLeadGateway
from adapters.policy_store import Choice, count_to_adopt, versions
from protection.permission import Act
from services.adoption import Campaign, Fate, NobodyAnswers, adopt
from services.asking import Asking
from services.errands import Errands, Teller
from services.rehearsal import eyes_of
from services.words import malformed

PER_SECOND: Final = 50
_TELL_EVERY: Final = 50
_MOST_NAMED: Final = 200


async def begin_adoption(
    errands: Errands,
    pool: Pool,
    gateway: TemporalLeadGateway,
    asking: Asking,
    *,
    version: str,
    from_version: str | None,
) -> UUID:
    """Have living leads go over to a version; the errand's id.

    Its outcome counts the leads by what became of them (`fates`), names those that did not adopt it (`left`,
    the first of them), and says whether it was given up because nobody answered (`halted`).

    Args:
        from_version: only leads that are under this version now; None is all.

    Raises:
        Forbidden: the caller may not change settings.
        Refused: there is no such version; names the field.
        AlreadyRunning: another adoption is running.
    """
    asking.require(Act.CHANGE_SETTINGS)
    looking = eyes_of(pool, asking.caller)
    choice = Choice(from_version=from_version)
    async with looking() as connection:
        known = {one.policy.version: one.policy for one in await versions(connection, asking.tenant)}
        for field, name in (("version", version), ("from_version", from_version)):
            if name is not None and name not in known:
                raise malformed(field, "there is no such version")
        whole = await count_to_adopt(connection, asking.tenant, version, choice)
    campaign = Campaign(
        tenant=asking.tenant,
        policy=known[version],
        choice=choice,
        by=asking.caller.user,
        per_second=PER_SECOND,
    )

    async def work(tell: Teller) -> None:
        fates = dict.fromkeys(Fate, 0)
        left: list[list[str]] = []
        halted = False

        def outcome() -> dict[str, Any]:
            return {
                "fates": {str(fate): number for fate, number in fates.items()},
                "left": left,
                "halted": halted,
            }

        try:
            async with aclosing(adopt(looking, gateway, campaign)) as told:
                async for one in told:
                    fates[one.fate] += 1
                    if one.fate is not Fate.ADOPTED and len(left) < _MOST_NAMED:
                        left.append([str(one.lead), str(one.fate)])
                    if sum(fates.values()) % _TELL_EVERY == 0:
                        await tell(sum(fates.values()), outcome(), False)
        except NobodyAnswers:
            halted = True
        await tell(sum(fates.values()), outcome(), True)

    plan = {"version": version, "from_version": from_version}
    return await errands.begin(pool, asking, ErrandKind.POLICY_ADOPTION, plan, whole=whole, work=work)
