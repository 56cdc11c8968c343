"""Has living leads go over to another version of the policy, and shows what becomes of each."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from typing import Any, Final

from adapters.database import Caller
from adapters.policy_store import count_to_adopt
from cli.console import DONE, NOT_DONE, OPERATOR, complain
from cli.desk import Acting
from cli.importing.progress import ProgressView
from cli.output import err, out, print_json, table
from protection.permission import Role
from services.adoption import Adoption, Campaign, Fate, NobodyAnswers, adopt
from services.rehearsal import eyes_of

_MOST_KEPT: Final = 1000
_MOST_SHOWN: Final = 50


async def adopted(desk: Acting, campaign: Campaign, *, json: bool) -> int:
    """Tell every chosen lead; the exit status."""
    looking = eyes_of(desk.reading.pool, Caller(desk.tenant, OPERATOR, (Role.ADMIN,)))
    fates: Counter[Fate] = Counter()
    troubles: list[Adoption] = []
    stopped = False
    async with looking() as connection:
        count = await count_to_adopt(connection, desk.tenant, campaign.policy.version, campaign.choice)
    with ProgressView(err()) as view:
        view.phase("Adopting", count, "leads")
        async with aclosing(adopt(looking, desk.gateway, campaign)) as told:
            try:
                async for one in told:
                    view.advance(1)
                    fates[one.fate] += 1
                    if one.fate is not Fate.ADOPTED and len(troubles) < _MOST_KEPT:
                        troubles.append(one)
            except NobodyAnswers:
                stopped = True
    if json:
        print_json(_plain(campaign, fates, troubles))
    else:
        _show(campaign, fates, troubles)
    if stopped:
        complain("Nobody answers; stopped. Run it again, it goes on where it was. See: fristwerk status")
    return NOT_DONE if troubles else DONE


def _plain(campaign: Campaign, fates: Counter[Fate], troubles: list[Adoption]) -> dict[str, Any]:
    return {
        "version": campaign.policy.version,
        "leads": {str(fate): fates[fate] for fate in Fate},
        "not_adopted": [
            {
                "lead": str(one.lead),
                "external_id": one.external_id,
                "version": one.version,
                "fate": str(one.fate),
                "why": one.why,
            }
            for one in troubles
        ],
    }


def _show(campaign: Campaign, fates: Counter[Fate], troubles: list[Adoption]) -> None:
    console = out()
    if troubles:
        rows = table(None, "lead", "stays under", "", "why")
        for one in troubles[:_MOST_SHOWN]:
            rows.add_row(one.external_id or str(one.lead), one.version, str(one.fate), one.why or "")
        console.print(rows, markup=False)
    console.print(
        f"{fates[Fate.ADOPTED]:,} leads live under {campaign.policy.version} now; "
        f"{fates.total() - fates[Fate.ADOPTED]:,} do not.",
        markup=False,
    )
