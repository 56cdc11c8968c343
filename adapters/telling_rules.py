"""Who is told, and where, as the settings registry says (domain.md section 11)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from activities.ports import Channel
from adapters.registry import SettingsRegistry
from protection.permission import Role

ROLES: Final = "lead.protection.notify.roles"
CHANNELS: Final = "lead.protection.reminder.channels"


class SettledRules:
    """What a tenant has settled about who is told, and where. Changes hold from the next notification on.

    Args:
        registry: the settings.
    """

    def __init__(self, registry: SettingsRegistry) -> None:
        self._registry = registry

    async def roles(self, tenant: UUID) -> frozenset[Role]:
        """The roles that are told, beside those in person concerned, of lapses, requests and long holds."""
        return frozenset(Role(name) for name in await self._words(tenant, ROLES))

    async def channels(self, tenant: UUID) -> tuple[Channel, ...]:
        """Where reminders go beside the mail, which is what the contract asks for."""
        told = [Channel(name) for name in await self._words(tenant, CHANNELS)]
        return tuple(channel for channel in told if channel is not Channel.EMAIL)

    async def _words(self, tenant: UUID, key: str) -> list[str]:
        value = (await self._registry.effective(tenant, key)).value
        if not isinstance(value, list):  # pragma: no cover - the setting's schema lets nothing else in
            raise TypeError(f"{key} is no list")
        return [str(item) for item in value]
