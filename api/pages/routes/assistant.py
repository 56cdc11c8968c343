"""What a model says about a lead to whoever asks: on a page of its own, and beside what it is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from activities.ai.asking import AiError, Answered
from activities.ai.case import UseCase
from activities.ai.cases.forms import MOST_WORDS
from adapters.read_model import find_lead
from api.pages.asking_ai import NOT_CONNECTED, language_of, why_no_answer
from api.pages.forms import Form, FormModel, read_form
from api.pages.proposal_texts import proposal_words
from api.pages.routes.lead_shown import lead_id
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from services.assistant import Assistant, allowed, newest_check
from services.errors import Missing, NotFound

router: Final = APIRouter(include_in_schema=False)
_Words = Annotated[str, StringConstraints(max_length=MOST_WORDS)]


class AskForm(FormModel):
    """What somebody says beside his question."""

    words: _Words | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    case: UseCase
    ask: Callable[[Assistant, str | None], Awaitable[Answered[Any]]]
    # What is to be said where there is nothing to ask about.
    nothing: str = N_("There is nothing to ask about yet.")
    needs_words: bool = False


# By the last part of the address.
USES: Final[Mapping[str, _Asked]] = MappingProxyType(
    {
        "summary": _Asked(UseCase.ACTIVITY_SUMMARIZE, lambda one, _: one.summarize()),
        "products": _Asked(
            UseCase.PRODUCT_MATCH,
            lambda one, words: one.match_products(words),
            N_("No product is known yet: connect the ERP, or promise a first box."),
        ),
        "box": _Asked(
            UseCase.SAMPLE_STRATEGY,
            lambda one, words: one.suggest_box(words),
            N_("No product is known yet: connect the ERP, or promise a first box."),
        ),
        "results": _Asked(
            UseCase.ROI_RECOMMEND,
            lambda one, _: one.recommend(),
            N_("No test has a result yet. Note results at the lead's samples first."),
        ),
        "risk": _Asked(
            UseCase.RISK_ASSESS,
            lambda one, _: one.assess_risk(),
            N_("The credit bureau was not asked about this lead yet."),
        ),
        "negotiation": _Asked(
            UseCase.NEGOTIATION_SUPPORT,
            lambda one, words: one.negotiate(words or ""),
            needs_words=True,
        ),
    }
)


@router.get("/leads/{lead}/assistant")
async def read_assistant(lead: str, view: CurrentView) -> Response:
    """What may be asked about a lead."""
    return await _show(view, lead_id(lead), Form(view.text))


@router.post("/leads/{lead}/assistant/{use}")
async def ask_assistant(lead: str, use: str, request: Request, view: CurrentView) -> Response:
    """Ask, and show the answer."""
    identity, asked = lead_id(lead), USES.get(use)
    if asked is None:
        raise NotFound
    async with view.looking() as connection:
        await allowed(connection, view.asking(), identity)
    ai = view.ai
    if ai is None:
        return view.to(f"/leads/{identity}", said=NOT_CONNECTED)
    form = await read_form(request, AskForm)
    if asked.needs_words and form.ok and form.values.words is None:
        form.fail("words", N_("Please fill this in."))
    if not form.ok:
        return await _show(view, identity, form, use=use, status=422)
    assistant = Assistant(ai.router, view.desk, view.asking(), identity, language_of(view))
    why: str | None = None
    answered: Answered[Any] | None = None
    try:
        answered = await asked.ask(assistant, form.values.words)
    except AiError as error:
        why = why_no_answer(view, error)
    except NotFound as error:
        if error.what is Missing.LEAD:
            raise
        why = view.text(asked.nothing)
    if view.htmx:
        return view.part("ai/_answer.html.j2", use=use, answered=answered, why=why, lead_id=identity)
    return await _show(view, identity, form, use=use, answered=answered, why=why)


async def _show(
    view: View,
    lead: UUID,
    form: Form[Any],
    *,
    use: str | None = None,
    answered: Answered[Any] | None = None,
    why: str | None = None,
    status: int = 200,
) -> Response:
    asking = view.asking()
    async with view.looking() as connection:
        may = await allowed(connection, asking, lead)
        found = await find_lead(connection, asking.tenant, str(lead))
    if found is None:
        raise NotFound
    check = await newest_check(view.desk, asking, lead) if view.ai is not None else None
    return view.page(
        "ai/assistant.html.j2",
        status=503 if view.ai is None else status,
        lead=found,
        lead_id=lead,
        may={name for name, one in USES.items() if one.case in may},
        form=form,
        use=use,
        answered=answered,
        why=why,
        check=check,
        not_connected=NOT_CONNECTED,
        longest=MOST_WORDS,
        **proposal_words(view),
    )
