"""The house's own help, from the settings `help.space.*`, and a draft of an answer where AI is connected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from activities.ai.asking import AiError, Answered
from activities.ai.cases.deals import Article
from activities.ai.cases.forms import MOST_WORDS
from adapters.setting_definitions import Json
from api.pages.asking_ai import NOT_CONNECTED, language_of, why_no_answer
from api.pages.forms import Form, FormModel, read_form
from api.pages.view import CurrentView, View
from protection.permission import Act
from services.assistant import HELP_SPACES, help_with

router: Final = APIRouter(include_in_schema=False)
_LONGEST_TITLE: Final = 200
# So much of it goes along with a question.
_MOST_TOLD: Final = 8


class HelpForm(FormModel):
    """A question."""

    words: Annotated[str, StringConstraints(max_length=MOST_WORDS)]


@router.get("/help")
async def read_help(view: CurrentView) -> Response:
    """What the house has written down, and a question."""
    return await _show(view, Form(view.text))


@router.post("/help")
async def ask_help(request: Request, view: CurrentView) -> Response:
    """Draft an answer from what the house has written down."""
    if view.ai is None:
        return view.to("/help", said=NOT_CONNECTED)
    form = await read_form(request, HelpForm)
    if not form.ok:
        return await _show(view, form, status=422)
    articles = await _articles(view)
    try:
        answered = await help_with(
            view.ai.router,
            view.asking(),
            form.values.words,
            articles[:_MOST_TOLD],
            language_of(view),
        )
    except AiError as error:
        return await _show(view, form, why=why_no_answer(view, error))
    return await _show(view, form, answered=answered)


async def _show(
    view: View,
    form: Form[Any],
    *,
    answered: Answered[Any] | None = None,
    why: str | None = None,
    status: int = 200,
) -> Response:
    return view.page(
        "help/page.html.j2",
        status=status,
        form=form,
        use="help",
        answered=answered,
        why=why,
        articles=await _articles(view),
        longest=MOST_WORDS,
    )


async def _articles(view: View) -> list[Article]:
    """The entries of the spaces that are the reader's, by name."""
    spaces = HELP_SPACES if view.can(Act.DECIDE) else HELP_SPACES[:1]
    caller, found = view.caller, []
    for key in spaces:
        settled = await view.wiring.registry.effective(caller.tenant, key, org=caller.org)
        if isinstance(settled.value, Mapping):
            found += [article_of(name, entry) for name, entry in sorted(settled.value.items())]
    return [article for article in found if article is not None]


def article_of(name: str, entry: Json) -> Article | None:
    """An entry as it is shown: a text, or an object with `title` and `text`; None where it is neither."""
    title, text = name, entry
    if isinstance(entry, Mapping):
        named = entry.get("title")
        title, text = named if isinstance(named, str) else name, entry.get("text")
    if not isinstance(text, str) or not text.strip() or not title.strip():
        return None
    return Article(title=title.strip()[:_LONGEST_TITLE], text=text.strip()[:MOST_WORDS])
