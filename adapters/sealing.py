"""Sealing of personal data: a key per lead, and every value bound to the one place it belongs to.

Format of everything sealed: version (1 byte) | nonce (12) | ciphertext with tag (AES-256-GCM). What it is
bound to (tenant, lead, table and column, row) is authenticated and not stored: a value that is moved to
another lead, column or row does not open.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keyring import KEY_BYTES, Keyring

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
SHORTEST: Final = len(_VERSION) + _NONCE_BYTES + _TAG_BYTES


class NotOpened(Exception):
    """Something sealed does not open: it was changed, or does not belong where it lies."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place} does not open: it was changed, or belongs elsewhere")
        self.place = place


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A lead's data key as the database keeps it.

    Attributes:
        tenant: whose lead.
        lead: whose key.
        id: this key's own id; a lead that gets a new key gets a new id.
        kek_id: the master key that wraps it.
        wrapped: the sealed key.
    """

    tenant: UUID
    lead: UUID
    id: UUID
    kek_id: str
    wrapped: bytes

    @property
    def place(self) -> str:
        """What the sealed key is bound to."""
        return f"{self.tenant}|{self.lead}|lead_key.wrapped_key|{self.id}|{self.kek_id}"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A lead's data key, unwrapped. Lives as long as the transaction that asked for it, and is kept nowhere.

    Attributes:
        tenant: whose lead.
        lead: whose key.
        id: see `WrappedKey.id`.
    """

    tenant: UUID
    lead: UUID
    id: UUID
    cipher: AESGCM = field(repr=False)

    def seal(self, column: str, row: UUID, text: str, *, table: str = "lead_contact") -> bytes:
        """Seal a value of a column and of one row."""
        return _seal(self.cipher, text.encode(), self._place(table, column, row))

    def open(self, column: str, row: UUID, sealed: bytes, *, table: str = "lead_contact") -> str:
        """Open what `seal` has sealed.

        Raises:
            NotOpened: it is not what was sealed for this place.
        """
        return _open(self.cipher, sealed, self._place(table, column, row)).decode()

    def _place(self, table: str, column: str, row: UUID) -> str:
        return f"{self.tenant}|{self.lead}|{table}.{column}|{row}"


@dataclass(frozen=True, slots=True)
class TenantKey:
    """Seals what belongs to no lead, for one purpose of one tenant.

    Attributes:
        tenant: whose.
        purpose: wire name.
    """

    tenant: UUID
    purpose: str
    cipher: AESGCM = field(repr=False)

    @classmethod
    def of(cls, ring: Keyring, tenant: UUID, purpose: str) -> Self:
        """The key for that purpose."""
        return cls(tenant, purpose, ring.tenant_cipher(tenant, purpose))

    def seal(self, row: UUID, plain: bytes) -> bytes:
        """Seal a value of one row."""
        return _seal(self.cipher, plain, self._place(row))

    def open(self, row: UUID, sealed: bytes) -> bytes:
        """Open what `seal` has sealed.

        Raises:
            NotOpened: it is not what was sealed for this row.
        """
        return _open(self.cipher, sealed, self._place(row))

    def _place(self, row: UUID) -> str:
        return f"{self.tenant}|{self.purpose}|{row}"


def new_key(ring: Keyring, tenant: UUID, lead: UUID) -> WrappedKey:
    """Make a key for a lead, wrapped by the newest master key."""
    return _wrap(ring, WrappedKey(tenant, lead, uuid4(), ring.newest.id, b""), os.urandom(KEY_BYTES))


def unwrap(ring: Keyring, key: WrappedKey) -> DataKey:
    """Make a lead's key usable.

    Raises:
        KeyUnknown: its master key is not in the ring.
        NotOpened: it was changed, or is another lead's.
    """
    return DataKey(key.tenant, key.lead, key.id, AESGCM(_secret(ring, key)))


def rewrap(ring: Keyring, key: WrappedKey) -> WrappedKey:
    """The same key, wrapped by the newest master key; what it has sealed stays as it is.

    Raises:
        KeyUnknown: its master key is not in the ring.
        NotOpened: it was changed, or is another lead's.
    """
    moved = WrappedKey(key.tenant, key.lead, key.id, ring.newest.id, b"")
    return _wrap(ring, moved, _secret(ring, key))


def _wrap(ring: Keyring, key: WrappedKey, secret: bytes) -> WrappedKey:
    wrapped = _seal(ring.newest.cipher, secret, key.place)
    return WrappedKey(key.tenant, key.lead, key.id, key.kek_id, wrapped)


def _secret(ring: Keyring, key: WrappedKey) -> bytes:
    return _open(ring.key(key.kek_id).cipher, key.wrapped, key.place)


def _seal(cipher: AESGCM, plain: bytes, place: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, plain, _bound(place))


def _open(cipher: AESGCM, sealed: bytes, place: str) -> bytes:
    if len(sealed) < SHORTEST or sealed[:1] != _VERSION:
        raise NotOpened(place)
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], _bound(place))
    except InvalidTag:
        raise NotOpened(place) from None


def _bound(place: str) -> bytes:
    return _VERSION + b"|fristwerk|" + place.encode()
