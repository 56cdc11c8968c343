"""Every system outside, in the order of the page. A new one is one more module, and one more entry here."""

from __future__ import annotations

from typing import Final

from api.pages.outside.ai import AI
from api.pages.outside.credit import CREDIT
from api.pages.outside.erp import ERP
from api.pages.outside.inbox import INBOX
from api.pages.outside.inside import DATABASE, TEMPORAL
from api.pages.outside.issuer import ISSUER
from api.pages.outside.mail import MAIL
from api.pages.outside.webhooks import WEBHOOKS

INTEGRATIONS: Final = (DATABASE, TEMPORAL, MAIL, ISSUER, ERP, CREDIT, AI, INBOX, WEBHOOKS)
