"""The news of systems outside behind the API."""

from __future__ import annotations

from activities.webhook_orders import Source
from adapters.database import Pool
from adapters.outside_settings import OutsideSettings
from adapters.vault import Vault
from adapters.webhooks.store import WebhookDoor
from services.webhooks import WebhookDesk


def webhook_desk(pool: Pool, vault: Vault, outside: OutsideSettings) -> WebhookDesk:
    """Takes the news of those systems whose signing secret is configured.

    Args:
        pool: connections as the application.
        vault: seals what was sent.
        outside: the installation's accounts.

    Raises:
        SettingsError: something of an account is missing.
    """
    accounts = {Source.XENTRAL: outside.xentral(), Source.ALLIANZ: outside.credit()}
    secrets = {
        source: account.webhook_secret
        for source, account in accounts.items()
        if account is not None and account.webhook_secret is not None
    }
    return WebhookDesk(WebhookDoor(pool, vault), outside.tenant, secrets)
