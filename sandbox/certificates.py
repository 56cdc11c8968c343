"""A certificate authority of the sandbox's own, made when there is none; and one that nobody trusts."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID: Final = timedelta(days=30)
# One that ends sooner is made anew at a start.
_LEFT: Final = timedelta(days=2)
_AUTHORITY_FILE: Final = "authority.pem"
_SERVER_FILE: Final = "server.pem"
_HOSTS: Final = (
    x509.DNSName("localhost"),
    x509.IPAddress(IPv4Address("127.0.0.1")),
)
_NO_USES: Final = dict.fromkeys(
    ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
     "decipher_only"),
    False,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority with the server's certificate it has signed.

    Attributes:
        certificate: of the authority, PEM; whoever trusts it trusts the server.
        server: what the server shows.
    """

    certificate: bytes
    server: ssl.SSLContext


def kept_authority(folder: Path, name: str) -> Authority:
    """The authority of an earlier start, as long as it is good; else a new one, kept for the next start.

    Its own key is not kept: it signs nothing again.

    Args:
        folder: where it lies; only we may read it.
        name: what the authority calls itself.
    """
    authority, server = folder / _AUTHORITY_FILE, folder / _SERVER_FILE
    if authority.exists() and server.exists():
        certificate = x509.load_pem_x509_certificate(authority.read_bytes())
        if certificate.not_valid_after_utc > datetime.now(UTC) + _LEFT:
            return _authority(authority.read_bytes(), server)
    made, shown = _made(name)
    server.unlink(missing_ok=True)
    server.touch(mode=0o600)
    server.write_bytes(shown)
    authority.write_bytes(made)
    return _authority(made, server)


def new_authority(name: str) -> Authority:
    """An authority that is kept nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        return kept_authority(Path(folder), name)


def _authority(certificate: bytes, server: Path) -> Authority:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return Authority(certificate, context)


def _made(name: str) -> tuple[bytes, bytes]:
    """The authority's certificate, and the server's with its key: for loopback names, for 30 days."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    issuer_key, issuer = ec.generate_private_key(ec.SECP256R1()), _name(name)
    authority = (
        _builder(issuer, issuer, issuer_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **_NO_USES),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    shown = (
        _builder(_name("127.0.0.1"), issuer, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName(_HOSTS), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    return authority.public_bytes(pem), secret + shown.public_bytes(pem)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _VALID)
    )
