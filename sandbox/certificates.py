"""A certificate authority of the sandbox's own, made at every start; and one that nobody trusts."""

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


def new_authority(name: str) -> Authority:
    """Make an authority and a certificate for this machine's loopback names, valid for 30 days.

    Args:
        name: what the authority calls itself.
    """
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
    return Authority(authority.public_bytes(serialization.Encoding.PEM), _context(shown, key))


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


def _context(shown: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The library reads keys from files only; this one is gone as soon as it has been read.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.touch(mode=0o600)
        file.write_bytes(secret + shown.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(file)
    return context
