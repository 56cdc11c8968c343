"""The ERP behind the API: it is spoken to by the worker alone."""

from __future__ import annotations

from adapters.outside_settings import OutsideSettings
from services.erp import ErpConnected


def erp_connected(outside: OutsideSettings) -> ErpConnected | None:
    """That there is an ERP; None where there is none.

    Raises:
        SettingsError: something of the account is missing.
    """
    return None if outside.xentral() is None else ErpConnected(outside.tenant)
