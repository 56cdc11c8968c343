"""AI: what it may cost in a month, what it cost, and how answers came about."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from activities.ai.case import UseCase
from adapters.ai.usage import Usage
from api.pages.charts import Bar, Chart, Series, drawn
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from services import ai

router: Final = APIRouter(include_in_schema=False)

USE_CASES: Final = {
    UseCase.LEAD_CLASSIFY: N_("What sort of customer a lead would be"),
    UseCase.EMAIL_CATEGORIZE: N_("What a mail is about"),
    UseCase.CONTACT_ROLE_DETECT: N_("What a contact does"),
    UseCase.ACTIVITY_SUMMARIZE: N_("What happened to a lead, in short"),
    UseCase.PRODUCT_MATCH: N_("Products that fit"),
    UseCase.HELP_DRAFT: N_("Answers to questions about the program"),
    UseCase.ROI_RECOMMEND: N_("What tests say about money"),
    UseCase.RISK_ASSESS: N_("What a credit answer means"),
    UseCase.SAMPLE_STRATEGY: N_("What to put into a box"),
    UseCase.NEGOTIATION_SUPPORT: N_("How to lead a talk"),
}
_CENTS: Final = Decimal(100)
_Month = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}$")]


@router.get("/ai")
async def read_ai(view: CurrentView, month: _Month = None) -> Response:
    """Show a month of AI."""
    usage = await ai.usage(view.desk, view.asking(), month)
    return view.page(
        "ai/usage.html.j2",
        usage=usage,
        chart=_days(view, usage),
        use_cases=USE_CASES,
        connected=view.wiring.ai is not None and view.wiring.ai.router.configured(view.caller.tenant),
    )


def _days(view: View, usage: Usage) -> Chart:
    bars = [
        Bar(view.reader.day(one.day), str(one.day.day), (float(one.cost_eur * _CENTS),)) for one in usage.days
    ]
    return drawn(
        "ai-days",
        view.text(N_("Cost a day, in cents")),
        view.text(N_("What AI cost on each day of the month that it was asked.")),
        series=(Series("days", view.text(N_("Cents"))),),
        bars=bars,
        spoken=view.reader.number,
    )
