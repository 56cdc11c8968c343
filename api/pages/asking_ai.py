"""What a page says where a model has no answer."""

from __future__ import annotations

import math

from activities.ai.asking import AiError, AiUnavailable, BudgetSpent, NotConfigured
from activities.ports import Language
from api.pages.texts import N_
from api.pages.view import PublicView

NOT_CONNECTED = N_("No AI provider is connected. Everything else works without.")


def why_no_answer(view: PublicView, error: AiError) -> str:
    """Why, and what to do, in the reader's words."""
    match error:
        case NotConfigured():
            return view.text(NOT_CONNECTED)
        case BudgetSpent(renews_at=renews_at):
            day = view.reader.day(renews_at)
            return view.text(N_("This month's budget for AI is spent. It begins anew on %(day)s."), day=day)
        case AiUnavailable(retry_after=retry_after):
            minutes = max(1, math.ceil(retry_after.total_seconds() / 60))
            return view.count(
                "No AI provider is of use at the moment. Try again in %(num)s minute.",
                "No AI provider is of use at the moment. Try again in %(num)s minutes.",
                minutes,
            )
        case _:
            return view.text(N_("The AI's answer could not be used. Try again, or say it in other words."))


def language_of(view: PublicView) -> Language:
    """In which language the reader is answered."""
    return Language(view.language)
