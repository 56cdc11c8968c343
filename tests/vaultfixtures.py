"""Master keys for tests: the same ones in every process of a run, and worth nothing elsewhere."""

from __future__ import annotations

import hashlib
from typing import Final

from adapters.keyring import Keyring, MasterKey
from adapters.vault import Vault


def key_of(name: str) -> MasterKey:
    """A key that belongs to this name."""
    return MasterKey(hashlib.sha256(f"fristwerk-test|{name}".encode()).digest())


RING: Final = Keyring.of([key_of("one")], key_of("index"))
VAULT: Final = Vault(RING)

# What a process finds in its environment to have the same ring.
KEY_ENVIRONMENT: Final = {
    "FRISTWERK_MASTER_KEY": key_of("one").base64(),
    "FRISTWERK_INDEX_KEY": key_of("index").base64(),
}
