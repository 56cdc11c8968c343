"""How the Temporal frontend is reached: an own cluster, with or without TLS, or Temporal Cloud.

The variables and their meaning are those of Temporal's own tools and of `temporalio.envconfig`, with two
exceptions, both for safety: what contradicts itself is refused instead of settled silently, and an API key
never travels without TLS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import Field
from temporalio.service import TLSConfig

from adapters.variables import Address, FromEnvironment, Host, OneLine, SettingsError, WebUrl, needed

_LARGEST_PEM: Final = 1_000_000
_TO_BE_FOUND: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "TEMPORAL_TLS_CLIENT_CERT_PATH": b"-----BEGIN CERTIFICATE-----",
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH": b"-----BEGIN CERTIFICATE-----",
        "TEMPORAL_TLS_CLIENT_KEY_PATH": b"PRIVATE KEY-----",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporalServer:
    """Where the frontend is, and what it is shown.

    Attributes:
        address: host:port.
        namespace: in which all our workflows are.
        api_key: shown with every call; None: none is asked for.
        tls: how the connection is sealed; None: it is not.
    """

    address: str
    namespace: str
    api_key: str | None = field(default=None, repr=False)
    tls: TLSConfig | None = field(default=None, repr=False)


class TemporalSettings(FromEnvironment):
    """What the environment says about Temporal.

    Attributes:
        temporal_address: host:port of the Temporal frontend.
        temporal_namespace: Temporal namespace.
        temporal_ui_url: Where people look at workflows; only printed.
        temporal_api_key: Key of an account at Temporal Cloud, or of a cluster that asks for one; means TLS.
        temporal_tls: Whether to use TLS; default: where a key, a certificate or an authority is configured.
        temporal_tls_client_cert_path: PEM file with the certificate that says who we are (mTLS).
        temporal_tls_client_key_path: PEM file with the key of that certificate.
        temporal_tls_server_ca_cert_path: PEM file with the authority of the server's certificate; default:
            the usual ones.
        temporal_tls_server_name: Name in the server's certificate, where it is not the address's.
    """

    temporal_address: Address | None = Field(None, validation_alias="TEMPORAL_ADDRESS")
    temporal_namespace: OneLine = Field("default", validation_alias="TEMPORAL_NAMESPACE")
    temporal_ui_url: WebUrl | None = Field(None, validation_alias="TEMPORAL_UI_URL")
    temporal_api_key: OneLine | None = Field(None, validation_alias="TEMPORAL_API_KEY", repr=False)
    temporal_tls: bool | None = Field(None, validation_alias="TEMPORAL_TLS")
    temporal_tls_client_cert_path: Path | None = Field(None, validation_alias="TEMPORAL_TLS_CLIENT_CERT_PATH")
    temporal_tls_client_key_path: Path | None = Field(None, validation_alias="TEMPORAL_TLS_CLIENT_KEY_PATH")
    temporal_tls_server_ca_cert_path: Path | None = Field(
        None, validation_alias="TEMPORAL_TLS_SERVER_CA_CERT_PATH"
    )
    temporal_tls_server_name: Host | None = Field(None, validation_alias="TEMPORAL_TLS_SERVER_NAME")

    def temporal(self) -> str:
        """Return host:port of the Temporal frontend.

        Raises:
            SettingsError: None is configured and no embedded stack has been started.
        """
        return needed("TEMPORAL_ADDRESS", self.temporal_address)

    def temporal_server(self) -> TemporalServer:
        """Return how the Temporal frontend is reached; files are read now.

        Raises:
            SettingsError: no address is configured and no embedded stack has been started; what is said about
                TLS contradicts itself; a file cannot be read or holds no PEM.
        """
        return TemporalServer(
            address=self.temporal(),
            namespace=self.temporal_namespace,
            api_key=self.temporal_api_key,
            tls=self._tls(),
        )

    def sealed_by(self) -> str | None:
        """The first variable that asks for TLS; None: no one does."""
        asking: dict[str, object | None] = {
            "TEMPORAL_API_KEY": self.temporal_api_key,
            "TEMPORAL_TLS_CLIENT_CERT_PATH": self.temporal_tls_client_cert_path,
            "TEMPORAL_TLS_CLIENT_KEY_PATH": self.temporal_tls_client_key_path,
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": self.temporal_tls_server_ca_cert_path,
            "TEMPORAL_TLS_SERVER_NAME": self.temporal_tls_server_name,
            "TEMPORAL_TLS": self.temporal_tls or None,
        }
        return next((name for name, value in asking.items() if value is not None), None)

    def _tls(self) -> TLSConfig | None:
        because = self.sealed_by()
        if because is None:
            return None
        if self.temporal_tls is False:
            raise SettingsError("TEMPORAL_TLS", f"is false, but {because} is set, which needs TLS")
        certificate, key = self.temporal_tls_client_cert_path, self.temporal_tls_client_key_path
        if (certificate is None) is not (key is None):
            missing = "TEMPORAL_TLS_CLIENT_CERT_PATH" if key else "TEMPORAL_TLS_CLIENT_KEY_PATH"
            raise SettingsError(missing, "is not set; certificate and key belong together")
        return TLSConfig(
            server_root_ca_cert=_pem(
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH", self.temporal_tls_server_ca_cert_path
            ),
            domain=self.temporal_tls_server_name,
            client_cert=_pem("TEMPORAL_TLS_CLIENT_CERT_PATH", certificate),
            client_private_key=_pem("TEMPORAL_TLS_CLIENT_KEY_PATH", key),
        )


def _pem(name: str, file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_PEM)
    except OSError as error:
        raise SettingsError(name, f"{file} cannot be read ({type(error).__name__})") from error
    if _TO_BE_FOUND[name] not in content:
        what = "private key" if name.endswith("KEY_PATH") else "certificate"
        raise SettingsError(name, f"{file} holds no {what} in PEM")
    return content
