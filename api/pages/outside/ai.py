"""The AI providers."""

from __future__ import annotations

from typing import Final

from adapters.outside_settings import ProviderName
from api.pages.outside.shape import ABSENT, Found, Integration, Line, Link, by_standings
from api.pages.texts import N_
from api.pages.view import View
from services.ai import budget_now


async def _providers(view: View) -> Found:
    ai = view.wiring.ai
    if ai is None or not ai.router.configured(view.caller.tenant):
        return ABSENT
    budget = await budget_now(view.desk, view.asking())
    number = view.reader.number
    lines = (
        Line(N_("Connected"), ", ".join(one.name for one in ai.standings())),
        Line(N_("Spent this month, EUR"), f"{number(float(budget.booked))} / {number(float(budget.cap))}"),
    )
    links = (Link("/ai", N_("What AI costs")),)
    return await by_standings(view, *ProviderName, lines=lines, links=links)


AI: Final = Integration(
    "ai", N_("AI providers"), N_("Suggestions: kinds of mails, summaries, drafts."), _providers
)
