"""The inbox customers answer to."""

from __future__ import annotations

from typing import Final

from api.pages.outside.shape import Integration
from api.pages.texts import N_

INBOX: Final = Integration("inbox", N_("Mail inbox"), N_("Replies of customers, proposed as progress."))
