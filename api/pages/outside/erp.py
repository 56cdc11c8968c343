"""The ERP."""

from __future__ import annotations

from typing import Final

from api.pages.outside.shape import Integration
from api.pages.texts import N_

ERP: Final = Integration(
    "erp", N_("ERP (Xentral)"), N_("Products, sample orders, shipments, first invoices.")
)
