"""The settings as they hold now, kept in process and forgotten the moment one changes.

An answer is served from memory only while the watch hears: while it does not, every answer is read anew.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeAlias
from uuid import UUID

from adapters.background import stopped
from adapters.database import Pool, transaction
from adapters.setting_definitions import DEFINITIONS, Definition
from adapters.setting_store import values_of
from adapters.setting_values import Effective, Stored, resolve
from adapters.setting_watch import SettingWatch
from adapters.settings import Login
from protection.permission import Role

_READER: Final = "settings"
# The process reads for whoever asks it; who may see what, is decided where somebody asks.
_ROLES: Final = (Role.AUDITOR,)
_MOST_TENANTS: Final = 1_000

Values: TypeAlias = "Mapping[str, Sequence[Stored]]"


class UnknownSetting(LookupError):
    """There is no setting of this key."""

    def __init__(self, key: str) -> None:
        super().__init__("there is no such setting")
        self.key = key


def definition_of(key: str) -> Definition:
    """The definition of a key.

    Raises:
        UnknownSetting: there is none.
    """
    try:
        return DEFINITIONS[key]
    except KeyError as error:
        raise UnknownSetting(key) from error


class SettingsRegistry:
    """What holds, for a tenant, an org and a user.

    Args:
        pool: connections of the application or the worker role.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: OrderedDict[UUID, Values] = OrderedDict()
        self._reading: dict[UUID, asyncio.Task[Values]] = {}
        self._watch: SettingWatch | None = None

    def watched_by(self, watch: SettingWatch) -> None:
        """Serve from memory while this watch hears."""
        self._watch = watch

    @property
    def hears(self) -> bool:
        """Whether changes of other processes are told; while not, nothing is served from memory."""
        return self._watch is not None and self._watch.hears

    def forget(self, tenant: UUID | None) -> None:
        """Read anew what may have changed: a tenant's settings, or (None) all."""
        # Whoever is reading right now may have read what was before; he may keep it, nobody else.
        if tenant is None:
            self._kept.clear()
            self._reading.clear()
        else:
            self._kept.pop(tenant, None)
            self._reading.pop(tenant, None)

    async def effective(
        self, tenant: UUID, key: str, *, org: str | None = None, user: str | None = None
    ) -> Effective:
        """What holds for a key.

        Args:
            tenant: whose setting.
            org: whose values count beside those of the tenant.
            user: the same.

        Raises:
            UnknownSetting: there is no such key.
        """
        definition = definition_of(key)
        values = await self.values(tenant)
        return resolve(definition, values.get(key, ()), org=org, user=user)

    async def values(self, tenant: UUID) -> Values:
        """What is stored for everybody and in a tenant, by key."""
        kept = self._kept.get(tenant)
        if kept is not None and self.hears:
            self._kept.move_to_end(tenant)
            return kept
        reading = self._reading.get(tenant) if self.hears else None
        if reading is None:
            reading = asyncio.create_task(self._read(tenant))
            self._reading[tenant] = reading
            reading.add_done_callback(lambda done: self._keep(tenant, done))
        return await asyncio.shield(reading)

    async def _read(self, tenant: UUID) -> Values:
        async with transaction(self._pool, tenant, _READER, _ROLES) as connection:
            stored = await values_of(connection, tenant)
        by_key: dict[str, list[Stored]] = {}
        for value in stored:
            by_key.setdefault(value.key, []).append(value)
        return by_key

    def _keep(self, tenant: UUID, done: asyncio.Task[Values]) -> None:
        if self._reading.get(tenant) is not done:
            return
        del self._reading[tenant]
        if done.cancelled() or done.exception() is not None or not self.hears:
            return
        self._kept[tenant] = done.result()
        while len(self._kept) > _MOST_TENANTS:
            self._kept.popitem(last=False)


@asynccontextmanager
async def open_registry(pool: Pool, login: Login) -> AsyncIterator[SettingsRegistry]:
    """A registry that hears of changes for as long as it is open.

    Args:
        pool: connections of the application or the worker role.
        login: the same, for the one connection that listens.
    """
    registry = SettingsRegistry(pool)
    watch = SettingWatch(login, registry.forget)
    registry.watched_by(watch)
    listening = asyncio.create_task(watch.run())
    try:
        yield registry
    finally:
        await stopped([listening])
