"""The credit bureau."""

from __future__ import annotations

from typing import Final

from api.pages.outside.shape import Integration
from api.pages.texts import N_

CREDIT: Final = Integration("credit", N_("Credit bureau (Allianz Trade)"), N_("Credit checks of companies."))
