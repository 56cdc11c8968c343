"""Master keys: what wraps the keys of leads, and what makes addresses searchable without being readable.

They come from a file (FRISTWERK_MASTER_KEY_FILE) or from the environment (FRISTWERK_MASTER_KEY and
FRISTWERK_INDEX_KEY), never from the database. The newest key wraps, every one listed unwraps.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.settings import Settings, SettingsError

KEY_BYTES: Final = 32
_FINGERPRINT_DIGITS: Final = 16
_INDEX_BYTES: Final = 16
_KEY_LINE: Final = "key"
_INDEX_LINE: Final = "index"
_HEADER: Final = """\
# Fristwerk's master keys. Whoever has this file and the database can read the personal data in it; without
# it nobody can, not even from a backup. Keep it apart from the database and its backups.
# `key` lines: the newest first; the first one wraps, the others only unwrap (fristwerk keys rotate).
# `index` line: makes mail addresses and phone numbers searchable; never changes.
"""


class KeyUnknown(Exception):
    """No key of the ring has this id: it was retired too early, or this is another installation's data."""

    def __init__(self, kek_id: str) -> None:
        super().__init__(f"master key {kek_id} is not configured")
        self.kek_id = kek_id


class BadKey(ValueError):
    """What was to be a key is none; never repeats it."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key that wraps keys. Its id is a fingerprint, so that nobody has to write one down."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """The fingerprint: stored beside what it wraps."""
        return hashlib.sha256(b"fristwerk/master-key|" + self.secret).hexdigest()[:_FINGERPRINT_DIGITS]

    @property
    def cipher(self) -> AESGCM:
        """AES-256-GCM under this key."""
        return AESGCM(self.secret)

    @classmethod
    def from_base64(cls, text: str) -> Self:
        """Read a key.

        Raises:
            BadKey: it is not the base64 form of 32 bytes.
        """
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadKey("is not base64") from error
        if len(secret) != KEY_BYTES:
            raise BadKey(f"must be {KEY_BYTES} bytes in base64, not {len(secret)}")
        return cls(secret)

    @classmethod
    def new(cls) -> Self:
        """A key nobody has."""
        return cls(os.urandom(KEY_BYTES))

    def base64(self) -> str:
        """The form in which it is written down."""
        return base64.b64encode(self.secret).decode()


@dataclass(frozen=True, slots=True)
class Keyring:
    """All master keys of an installation.

    Attributes:
        newest: wraps.
        keys: every key by its id; all of them unwrap.
        index: secret of the blind index; survives every rotation.
    """

    newest: MasterKey
    keys: Mapping[str, MasterKey]
    index: bytes = field(repr=False)

    @classmethod
    def of(cls, keys: Sequence[MasterKey], index: MasterKey) -> Self:
        """Make a ring.

        Args:
            keys: the newest first.
            index: what the blind index is keyed with.

        Raises:
            BadKey: there is no key, or one stands for two purposes or twice.
        """
        if not keys:
            raise BadKey("holds no key")
        by_id = {key.id: key for key in keys}
        if len(by_id) < len(keys) or index.id in by_id:
            raise BadKey("the same key stands there twice")
        return cls(keys[0], MappingProxyType(by_id), index.secret)

    @classmethod
    def new(cls) -> Self:
        """A ring nobody has."""
        return cls.of([MasterKey.new()], MasterKey.new())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a key file.

        Raises:
            BadKey: a line makes no sense; names its number, never its content.
        """
        keys: list[MasterKey] = []
        index: list[MasterKey] = []
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            if len(words) != 2 or words[0] not in (_KEY_LINE, _INDEX_LINE):
                raise BadKey(f"line {number}: must be `key BASE64` or `index BASE64`")
            try:
                made = MasterKey.from_base64(words[1])
            except BadKey as error:
                raise BadKey(f"line {number}: {error}") from error
            (keys if words[0] == _KEY_LINE else index).append(made)
        if len(index) != 1:
            raise BadKey("must hold one line `index BASE64`")
        return cls.of(keys, index[0])

    def with_new_key(self) -> Keyring:
        """The same ring with a new key that wraps from now on."""
        return Keyring.of([MasterKey.new(), *self.keys.values()], MasterKey(self.index))

    def text(self) -> str:
        """The ring as a key file."""
        keys = [f"{_KEY_LINE} {key.base64()}  # {key.id}\n" for key in self.keys.values()]
        return f"{_HEADER}{''.join(keys)}{_INDEX_LINE} {MasterKey(self.index).base64()}\n"

    def key(self, kek_id: str) -> MasterKey:
        """The key of this id.

        Raises:
            KeyUnknown: it is not in the ring.
        """
        found = self.keys.get(kek_id)
        if found is None:
            raise KeyUnknown(kek_id)
        return found

    def blind_index(self, tenant: UUID, column: str, normalised: str) -> bytes:
        """What stands in the database for a value that is searched for as a whole.

        Equal values of one tenant and column give equal bytes; without the index key nobody can tell from
        them what the value is, nor try out guesses.
        """
        said = f"{tenant}|{column}|{normalised}".encode()
        return hmac.digest(self.index, said, "sha256")[:_INDEX_BYTES]

    def tenant_cipher(self, tenant: UUID, purpose: str) -> AESGCM:
        """A key for what belongs to no lead and is kept for days only; survives every rotation.

        Args:
            purpose: wire name; each has a key of its own.
        """
        said = f"tenant-key|{purpose}|{tenant}".encode()
        return AESGCM(hmac.digest(self.index, said, "sha256"))


def keyring(settings: Settings) -> Keyring:
    """The master keys of this installation.

    Raises:
        SettingsError: none are configured, or they make no sense; names the variable.
    """
    if settings.master_key is not None and settings.master_key_file is not None:
        raise SettingsError(
            "FRISTWERK_MASTER_KEY_FILE", "FRISTWERK_MASTER_KEY is set too; set one of the two"
        )
    if settings.master_key_file is not None:
        return read_key_file(settings.master_key_file)
    if settings.master_key is None:
        raise SettingsError(
            "FRISTWERK_MASTER_KEY_FILE",
            "is not set, nor is FRISTWERK_MASTER_KEY, and no embedded stack runs; make a file of keys with: "
            "fristwerk keys generate FILE",
        )
    if settings.index_key is None:
        raise SettingsError("FRISTWERK_INDEX_KEY", "is not set; FRISTWERK_MASTER_KEY needs it beside it")
    keys = [_named("FRISTWERK_MASTER_KEY", part) for part in settings.master_key.split(",")]
    try:
        return Keyring.of(keys, _named("FRISTWERK_INDEX_KEY", settings.index_key))
    except BadKey as error:
        raise SettingsError("FRISTWERK_MASTER_KEY", str(error)) from None


def _named(variable: str, text: str) -> MasterKey:
    try:
        return MasterKey.from_base64(text)
    except BadKey as error:
        raise SettingsError(variable, str(error)) from None


def read_key_file(file: Path) -> Keyring:
    """The master keys of a file.

    Raises:
        SettingsError: it cannot be read or makes no sense.
    """
    try:
        return Keyring.from_text(file.read_text(encoding="ascii"))
    except OSError as error:
        raise SettingsError(
            "FRISTWERK_MASTER_KEY_FILE", f"{file} cannot be read ({error.strerror})"
        ) from error
    except (BadKey, UnicodeDecodeError) as error:
        why = str(error) if isinstance(error, BadKey) else "is not plain text"
        raise SettingsError("FRISTWERK_MASTER_KEY_FILE", f"{file}: {why}") from None


def write_key_file(file: Path, ring: Keyring) -> None:
    """Write a key file that only our account may read; another one is replaced in one step."""
    half = file.with_name(f".{file.name}.part")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_text(ring.text(), encoding="ascii")
    half.rename(file)
