"""What a lead's page says of the ERP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api.pages.outside.erp import connected
from api.pages.view import View
from services.known_customers import known_customer


async def known_customer_on(view: View, lead: UUID) -> dict[str, Any]:
    """The day of an invoice that makes the lead no new customer; None where there is none, or no ERP."""
    found = await known_customer(view.desk, view.asking(), lead) if connected(view) else None
    return {"known_customer": None if found is None else f"{found:%Y-%m-%d}"}
