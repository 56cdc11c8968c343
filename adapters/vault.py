"""The vault: personal data of leads, sealed before they reach the database and opened after they left it.

Works on the connection of a transaction that has its context, as whatever role acts there: row security
decides whose keys and rows there are. Keys are unwrapped when they are needed and never kept (it takes
some ten microseconds), so nothing outlives an erasure.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self
from uuid import UUID

import asyncpg

from adapters.database import Connection, load_queries
from adapters.keyring import Keyring, KeyUnknown, keyring
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.normalise import email_key, phone_key
from adapters.sealing import DataKey, NotOpened, TenantKey, WrappedKey, new_key, unwrap
from adapters.settings import Settings

_SQL: Final = load_queries("vault")
_NOBODYS: Final = UUID(int=0)
_COLUMNS: Final = ("name", "email", "phone", "note")


class NoteConflict(Exception):
    """Another text is kept under this fact id."""


class KeyOutOfReach(Exception):
    """The caller may not write to this lead: its protection has ended, or it is not his.

    The transaction may be aborted by then.
    """

    def __init__(self, lead: UUID) -> None:
        super().__init__(f"the key of lead {lead} is not the caller's to use")
        self.lead = lead


class Erased(Exception):
    """A lead's key was destroyed while something was being sealed under it; nothing was kept."""


class Vault:
    """Seals and opens what is personal."""

    def __init__(self, ring: Keyring, again: Callable[[], Keyring] | None = None) -> None:
        """Use this ring.

        Args:
            ring: the master keys.
            again: reads them anew; asked when a key turns up that the ring does not know, so that a process
                need not be started again after a rotation.
        """
        self._ring = ring
        self._again = again

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The vault of this installation.

        Raises:
            SettingsError: no master keys are configured, or they make no sense.
        """
        return cls(keyring(settings), lambda: keyring(settings))

    async def seal_entries(
        self, connection: Connection, tenant: UUID, lead: UUID, entries: Iterable[ContactEntry]
    ) -> list[UUID]:
        """Keep rows of a lead; those already there stay. Answers the ids of the new ones.

        Raises:
            NoteConflict: another text is kept under the id of one of them; roll the transaction back.
            KeyOutOfReach: the caller may not write to this lead.
            Erased: the lead was erased meanwhile.
        """
        wanted = list(entries)
        new = await self.seal_leads(connection, tenant, {lead: wanted})
        known = {entry.id: entry for entry in wanted if entry.id not in new}
        if known:
            for kept in await self.open_contacts(connection, tenant, lead):
                if kept.id in known and kept.note != known[kept.id].note:
                    raise NoteConflict(kept.fact_id)
        return [entry.id for entry in wanted if entry.id in new]

    async def seal_leads(
        self, connection: Connection, tenant: UUID, entries: Mapping[UUID, Sequence[ContactEntry]]
    ) -> set[UUID]:
        """Keep rows of many leads in one go; those already there stay. Answers the ids of the new ones.

        Raises:
            KeyOutOfReach: the caller may not write to one of the leads.
            Erased: one of them was erased meanwhile.
        """
        rows = [(lead, entry) for lead, listed in entries.items() for entry in listed]
        if not rows:
            return set()
        sealed = await self._sealed(connection, tenant, rows)
        listed = [entry for _, entry in rows]
        try:
            added = _SQL.add_sealed(
                connection,
                **sealed,
                kinds=[str(entry.kind) for entry in listed],
                fact_ids=[entry.fact_id for entry in listed],
                occurred=[entry.occurred_at for entry in listed],
                channels=[entry.channel for entry in listed],
            )
            return {row["id"] async for row in added}
        except asyncpg.ForeignKeyViolationError as error:
            if error.constraint_name == "lead_contact_sealed_under":
                raise Erased from error
            raise
        except asyncpg.InsufficientPrivilegeError as error:
            raise KeyOutOfReach(rows[0][0]) from error

    async def seal_known(
        self, connection: Connection, tenant: UUID, entries: Mapping[UUID, Sequence[ContactEntry]]
    ) -> None:
        """Give rows that are there already, and hold nothing sealed, what belongs into them."""
        rows = [(lead, entry) for lead, listed in entries.items() for entry in listed]
        await _SQL.fill_sealed(connection, **await self._sealed(connection, tenant, rows))

    async def open_contacts(
        self, connection: Connection, tenant: UUID, lead: UUID
    ) -> tuple[ContactEntry, ...]:
        """The lead's personal data the caller may see, oldest first; what was erased is None.

        Raises:
            KeyUnknown: the master key that wraps its key is not configured.
            NotOpened: something was changed, or does not belong where it lies.
        """
        rows = [row async for row in _SQL.sealed_of(connection, tenant=tenant, lead=lead)]
        keys: dict[UUID, DataKey] = {}
        for row in rows:
            if row["wrapped_key"] is not None and row["key"] not in keys:
                wrapped = WrappedKey(tenant, lead, row["key"], row["kek_id"], row["wrapped_key"])
                keys[row["key"]] = self.unwrapped(wrapped)
        return tuple(_opened(keys.get(row["key"]), row) for row in rows)

    async def search(
        self, connection: Connection, tenant: UUID, *, email: str | None = None, phone: str | None = None
    ) -> tuple[UUID, ...]:
        """The leads with a contact of exactly this address or number, of those the caller may see.

        Spelling does not matter (see `adapters.normalise`); with both, both must be of one contact. Asking
        for neither finds nothing.
        """
        email_index, phone_index = self._email_index(tenant, email), self._phone_index(tenant, phone)
        if email_index is None and phone_index is None:
            return ()
        found = _SQL.leads_by_contact(
            connection, tenant=tenant, email_index=email_index, phone_index=phone_index
        )
        return tuple([row["lead"] async for row in found])

    def request_mark(self, tenant: UUID, said: str) -> bytes:
        """What is kept of a request so that its repetition is known: equal requests give equal bytes.

        Keyed as the blind indexes are, because names and notes are part of what was said: from a plain hash
        they could be guessed long after they were erased.
        """
        return self._ring.blind_index(tenant, "request", said)

    async def key_for(self, connection: Connection, tenant: UUID, lead: UUID) -> DataKey:
        """The lead's key, to seal something under it; made where it has none.

        Raises:
            KeyOutOfReach: the caller may not write to this lead.
        """
        return (await self._keys(connection, tenant, [lead]))[lead]

    async def key_of(self, connection: Connection, tenant: UUID, lead: UUID) -> DataKey | None:
        """The lead's key, to open something; None where there is none, or not for this caller."""
        return (await self._stored(connection, tenant, [lead])).get(lead)

    def unwrapped(self, key: WrappedKey) -> DataKey:
        """A key as the database keeps it, made usable.

        Raises:
            KeyUnknown: the master key that wraps it is not configured.
            NotOpened: it was changed, or is another lead's.
        """
        try:
            return unwrap(self._ring, key)
        except KeyUnknown:
            if self._again is None:
                raise
            self._ring = self._again()
            return unwrap(self._ring, key)

    def feedback_token(self, tenant: UUID, invitation: UUID, salt: bytes) -> str:
        """The token of a feedback form: 43 characters fit for addresses.

        Nobody without the index key can make it or tell it from chance; so it need not be kept anywhere, and
        is still the same in an invitation, its reminder, and a second try of either.
        """
        said = f"{invitation}|{salt.hex()}"
        parts = (self._ring.blind_index(tenant, f"feedback-token-{half}", said) for half in (1, 2))
        return base64.urlsafe_b64encode(b"".join(parts)).rstrip(b"=").decode()

    def tenant_key(self, tenant: UUID, purpose: str) -> TenantKey:
        """Seals what belongs to no lead, and is kept for days only."""
        return TenantKey.of(self._ring, tenant, purpose)

    def range_mark(self, network: str) -> bytes:
        """What is kept of an address range that asks for forms: equal ranges give equal bytes."""
        return self._ring.blind_index(_NOBODYS, "address-range", network)

    async def remove(self, connection: Connection, tenant: UUID, lead: UUID, ids: Iterable[UUID]) -> None:
        """Remove rows that turned out to belong to nothing."""
        await _SQL.remove_sealed(connection, tenant=tenant, lead=lead, ids=list(ids))

    async def _keys(self, connection: Connection, tenant: UUID, leads: Sequence[UUID]) -> dict[UUID, DataKey]:
        """The keys of these leads; made for those that have none."""
        found = await self._stored(connection, tenant, leads)
        missing = [new_key(self._ring, tenant, lead) for lead in leads if lead not in found]
        if missing:
            try:
                await _SQL.add_keys(
                    connection,
                    tenant=tenant,
                    leads=[key.lead for key in missing],
                    ids=[key.id for key in missing],
                    kek_id=self._ring.newest.id,
                    wrapped=[key.wrapped for key in missing],
                    created_at=datetime.now(UTC),
                )
            except asyncpg.InsufficientPrivilegeError as error:
                raise KeyOutOfReach(missing[0].lead) from error
            found |= await self._stored(connection, tenant, [key.lead for key in missing])
        for lead in leads:
            if lead not in found:
                raise KeyOutOfReach(lead)
        return found

    async def _stored(
        self, connection: Connection, tenant: UUID, leads: Sequence[UUID]
    ) -> dict[UUID, DataKey]:
        rows = _SQL.keys_of(connection, tenant=tenant, leads=list(leads))
        keys = [
            WrappedKey(tenant, row["lead"], row["id"], row["kek_id"], row["wrapped_key"])
            async for row in rows
        ]
        return {key.lead: self.unwrapped(key) for key in keys}

    async def _sealed(
        self, connection: Connection, tenant: UUID, rows: Sequence[tuple[UUID, ContactEntry]]
    ) -> dict[str, Any]:
        """The columns of these rows, sealed, as arrays for the queries."""
        keys = await self._keys(connection, tenant, sorted({lead for lead, _ in rows}))
        columns: dict[str, list[bytes | None]] = {
            f"{column}s": [_sealed(keys[lead], column, entry) for lead, entry in rows] for column in _COLUMNS
        }
        return {
            "tenant": tenant,
            "leads": [lead for lead, _ in rows],
            "ids": [entry.id for _, entry in rows],
            "keys": [keys[lead].id for lead, _ in rows],
            **columns,
            "email_indexes": [self._email_index(tenant, entry.email) for _, entry in rows],
            "phone_indexes": [self._phone_index(tenant, entry.phone) for _, entry in rows],
            "domain_indexes": [self.domain_index(tenant, entry.email) for _, entry in rows],
        }

    def domain_index(self, tenant: UUID, email: str | None) -> bytes | None:
        """What a contact is found by whose address has the same domain; None where there is no domain."""
        _, _, domain = email_key(email or "").rpartition("@")
        return self._ring.blind_index(tenant, "domain", domain) if domain else None

    def new_key(self, tenant: UUID, owner: UUID) -> WrappedKey:
        """A key of its own for something that belongs to no lead, such as a mail; nobody has it yet."""
        return new_key(self._ring, tenant, owner)

    def mark(self, tenant: UUID, kind: str, said: str) -> bytes:
        """A keyed hash, 16 bytes: equal for equal words, saying nothing about them."""
        return self._ring.blind_index(tenant, kind, said)

    def _email_index(self, tenant: UUID, email: str | None) -> bytes | None:
        key = email_key(email or "")
        return self._ring.blind_index(tenant, "email", key) if key else None

    def _phone_index(self, tenant: UUID, phone: str | None) -> bytes | None:
        key = phone_key(phone or "")
        return self._ring.blind_index(tenant, "phone", key) if key else None


def _sealed(key: DataKey, column: str, entry: ContactEntry) -> bytes | None:
    text: str | None = getattr(entry, column)
    return None if text is None else key.seal(column, entry.id, text)


def _opened(key: DataKey | None, row: asyncpg.Record) -> ContactEntry:
    clear: dict[str, str | None] = {}
    for column in _COLUMNS:
        sealed = row[column]
        if sealed is not None and key is None:
            raise NotOpened(f"lead_contact.{column}")
        clear[column] = None if sealed is None or key is None else key.open(column, row["id"], sealed)
    return ContactEntry(
        id=row["id"],
        kind=ContactKind(row["kind"]),
        fact_id=row["fact_id"],
        occurred_at=row["occurred_at"],
        channel=row["channel"],
        **clear,
    )
