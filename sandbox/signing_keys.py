"""The demo issuer's keys: made once, kept where only we may read, replaced by newer ones on demand."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_BITS: Final = 2048
_PUBLISHED: Final = 2  # the key that signs, and the one before it, whose tokens still live


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key.

    Attributes:
        key_id: the fingerprint of its public half.
        algorithm: RS256 or ES256.
    """

    key_id: str
    algorithm: str
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def public(self) -> dict[str, Any]:
        """The public half as a JWK."""
        return {**_public(self.private), "kid": self.key_id, "alg": self.algorithm, "use": "sig"}

    def sign(self, claims: dict[str, Any]) -> str:
        """A token that says this."""
        return jwt.encode(claims, self.private, algorithm=self.algorithm, headers={"kid": self.key_id})


class KeyRing:
    """Keys in a folder, numbered; the highest number signs."""

    def __init__(self, folder: Path) -> None:
        """Read the keys of a folder; the first one is made if there is none."""
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._files():
            self.rotate()

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return _read(self._files()[-1])

    def published(self) -> list[dict[str, Any]]:
        """The public halves that tokens may be checked with, as JWKs."""
        return [_read(file).public() for file in self._files()[-_PUBLISHED:]]

    def rotate(self) -> SigningKey:
        """Make a new key that signs from now on: RSA and elliptic curve by turns."""
        files = self._files()
        number = 1 + (int(files[-1].stem) if files else 0)
        made = (
            ec.generate_private_key(ec.SECP256R1())
            if number % 2 == 0
            else rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        )
        content = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        half = self._folder / f"{number:06}.part"
        write_secret(half, content)
        half.rename(self._folder / f"{number:06}.pem")
        return self.current

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.pem"))


def write_secret(file: Path, content: bytes) -> None:
    """Write a file that nobody else may read, from its first byte on."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)


@lru_cache(maxsize=16)
def _read(file: Path) -> SigningKey:
    private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{file} holds no key that signs tokens")
    # As RFC 7638 has it: the required members in the order of their names.
    required = json.dumps(_public(private), sort_keys=True, separators=(",", ":"))
    algorithm = "RS256" if isinstance(private, rsa.RSAPrivateKey) else "ES256"
    return SigningKey(sha256(required.encode()).hexdigest()[:24], algorithm, private)


def _public(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    if isinstance(private, rsa.RSAPrivateKey):
        made = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        return {name: made[name] for name in ("e", "kty", "n")}
    made = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {name: made[name] for name in ("crv", "kty", "x", "y")}
