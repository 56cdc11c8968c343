"""The AI providers."""

from __future__ import annotations

from typing import Final

from api.pages.outside.shape import Integration
from api.pages.texts import N_

AI: Final = Integration("ai", N_("AI providers"), N_("Suggestions: kinds of mails, summaries, drafts."))
