"""News that systems outside send by themselves."""

from __future__ import annotations

from typing import Final

from api.pages.outside.shape import Integration
from api.pages.texts import N_

WEBHOOKS: Final = Integration("webhooks", N_("Webhooks"), N_("News from ERP and credit bureau, signed."))
