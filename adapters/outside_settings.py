"""How the systems outside are reached: AI providers, credit bureau, ERP, mail inbox. None is needed.

Order of preference as in `adapters/settings.py`: environment, `.env`, the running embedded stack. The stack's
stand-ins fill in one system as a whole or not at all, so that a real key never goes to a stand-in, nor a
stand-in's to a real system. All accounts belong to the installation's tenant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field

from adapters import settings as configuration
from adapters.variables import FromEnvironment, OneLine, SettingsError

_IMAPS_PORT: Final = 993


class ProviderName(StrEnum):
    """Who answers AI calls. Wire names."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An account at an AI provider.

    Attributes:
        name: whose.
        base_url: what the provider's SDK takes as its base URL.
        api_key: secret.
        ca_file: a certificate authority to trust beside the usual ones.
    """

    name: ProviderName
    base_url: str
    api_key: str = field(repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAccount:
    """An account at the credit bureau.

    Attributes:
        url: base URL of the API.
        token_url: where tokens are given (OAuth2, client credentials).
        client_id: how the bureau knows us.
        client_secret: secret.
        webhook_secret: what the bureau signs its news with; None: it sends none, answers are polled.
        ca_file: a certificate authority to trust beside the usual ones.
    """

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class XentralAccount:
    """An account at the ERP.

    Attributes:
        url: base URL of the instance, without `/api`.
        token: secret, a personal access token.
        webhook_secret: what the ERP signs its news with; None: it sends none, everything is polled.
        ca_file: a certificate authority to trust beside the usual ones.
    """

    url: str
    token: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """A mail account that is read; always over TLS, always verified.

    Attributes:
        host: name in the server's certificate.
        port: for TLS from the first byte.
        user: login.
        password: secret.
        folder: which folder is read.
        ca_file: a certificate authority to trust beside the usual ones.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    ca_file: Path | None = None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(value: str) -> str:
    """Credentials travel to it: only TLS, except within this machine."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError("is no URL: the port must be a number up to 65535") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError("must be an address such as https://api.example.org/v1")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise ValueError("must begin with https://; http:// is for this machine only")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be an address without user, question mark or hash")
    return value.rstrip("/")


def _imap_url(value: str) -> str:
    _imap_account(value, None)
    return value


def _imap_account(url: str, ca_file: Path | None) -> ImapAccount:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("is no URL: the port must be a number up to 65535") from error
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme != "imaps" or not parts.hostname or port == 0 or not user or not password:
        raise ValueError("must look like imaps://user:password@imap.example.org:993/INBOX")
    if any(sign in user + password + parts.path for sign in "\r\n\0"):
        raise ValueError("must be one line")
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    host = parts.hostname
    port = port or _IMAPS_PORT
    return ImapAccount(host=host, port=port, user=user, password=password, folder=folder, ca_file=ca_file)


_Address = Annotated[str, AfterValidator(_address)]
_ImapUrl = Annotated[str, AfterValidator(_imap_url)]
# What is filled in together or not at all.
_SYSTEMS: Final = ("OPENAI_", "ANTHROPIC_", "CREDIT_", "XENTRAL_", "IMAP_", "OUTSIDE_CA_FILE")


class OutsideSettings(FromEnvironment):
    """What the environment says about the systems outside; each secret also as `…_FILE`.

    Attributes:
        openai_api_key: key of the OpenAI account; without it OpenAI is not used.
        openai_base_url: where its API is.
        anthropic_api_key: key of the Anthropic account; without it Anthropic is not used.
        anthropic_base_url: where its API is.
        credit_url: base URL of the credit bureau's API; without it nobody is checked.
        credit_token_url: where its tokens are given.
        credit_client_id: how the bureau knows us.
        credit_client_secret: secret of the client.
        credit_webhook_secret: what the bureau signs its news with.
        xentral_url: base URL of the ERP; without it there is none.
        xentral_token: token for the ERP.
        xentral_webhook_secret: what the ERP signs its news with.
        imap_url: account that is read, imaps://user:password@host:993/INBOX.
        outside_ca_file: certificate authorities (PEM) to trust beside the usual ones.
        tenant: whose accounts these are.
    """

    openai_api_key: OneLine | None = Field(None, validation_alias="OPENAI_API_KEY", repr=False)
    openai_base_url: _Address = Field("https://api.openai.com/v1", validation_alias="OPENAI_BASE_URL")
    anthropic_api_key: OneLine | None = Field(None, validation_alias="ANTHROPIC_API_KEY", repr=False)
    anthropic_base_url: _Address = Field("https://api.anthropic.com", validation_alias="ANTHROPIC_BASE_URL")
    credit_url: _Address | None = Field(None, validation_alias="CREDIT_URL")
    credit_token_url: _Address | None = Field(None, validation_alias="CREDIT_TOKEN_URL")
    credit_client_id: OneLine | None = Field(None, validation_alias="CREDIT_CLIENT_ID")
    credit_client_secret: OneLine | None = Field(None, validation_alias="CREDIT_CLIENT_SECRET", repr=False)
    credit_webhook_secret: OneLine | None = Field(None, validation_alias="CREDIT_WEBHOOK_SECRET", repr=False)
    xentral_url: _Address | None = Field(None, validation_alias="XENTRAL_URL")
    xentral_token: OneLine | None = Field(None, validation_alias="XENTRAL_TOKEN", repr=False)
    xentral_webhook_secret: OneLine | None = Field(
        None, validation_alias="XENTRAL_WEBHOOK_SECRET", repr=False
    )
    imap_url: _ImapUrl | None = Field(None, validation_alias="IMAP_URL", repr=False)
    outside_ca_file: Path | None = Field(None, validation_alias="OUTSIDE_CA_FILE")
    tenant: UUID = Field(configuration.DEMO_TENANT, validation_alias="FRISTWERK_TENANT")

    def openai(self) -> Provider | None:
        """The account at OpenAI; None: not configured.

        Raises:
            SettingsError: a file named cannot be read.
        """
        key = self.openai_api_key
        if key is None:
            return None
        ca = self._ca()
        return Provider(name=ProviderName.OPENAI, base_url=self.openai_base_url, api_key=key, ca_file=ca)

    def anthropic(self) -> Provider | None:
        """The account at Anthropic; None: not configured.

        Raises:
            SettingsError: a file named cannot be read.
        """
        key = self.anthropic_api_key
        if key is None:
            return None
        url, ca = self.anthropic_base_url, self._ca()
        return Provider(name=ProviderName.ANTHROPIC, base_url=url, api_key=key, ca_file=ca)

    def credit(self) -> CreditAccount | None:
        """The account at the credit bureau; None: not configured.

        Raises:
            SettingsError: a file named cannot be read, or something of the account is missing.
        """
        if self.credit_url is None:
            return None
        return CreditAccount(
            url=self.credit_url,
            token_url=_needed("CREDIT_TOKEN_URL", self.credit_token_url, "CREDIT_URL"),
            client_id=_needed("CREDIT_CLIENT_ID", self.credit_client_id, "CREDIT_URL"),
            client_secret=_needed("CREDIT_CLIENT_SECRET", self.credit_client_secret, "CREDIT_URL"),
            webhook_secret=self.credit_webhook_secret,
            ca_file=self._ca(),
        )

    def xentral(self) -> XentralAccount | None:
        """The account at the ERP; None: not configured.

        Raises:
            SettingsError: a file named cannot be read, or the token is missing.
        """
        if self.xentral_url is None:
            return None
        return XentralAccount(
            url=self.xentral_url,
            token=_needed("XENTRAL_TOKEN", self.xentral_token, "XENTRAL_URL"),
            webhook_secret=self.xentral_webhook_secret,
            ca_file=self._ca(),
        )

    def imap(self) -> ImapAccount | None:
        """The mail account that is read; None: not configured.

        Raises:
            SettingsError: the file of certificate authorities cannot be read.
        """
        return None if self.imap_url is None else _imap_account(self.imap_url, self._ca())

    def check(self) -> None:
        """Look at everything once, so that a process that starts says at once what is wrong.

        Raises:
            SettingsError: names the first variable that makes no sense.
        """
        for account in (self.openai, self.anthropic, self.credit, self.xentral, self.imap):
            account()

    def _ca(self) -> Path | None:
        if self.outside_ca_file is not None and not self.outside_ca_file.is_file():
            raise SettingsError("OUTSIDE_CA_FILE", f"{self.outside_ca_file} is no file")
        return self.outside_ca_file


def load(*, embedded: bool = True) -> OutsideSettings:
    """Read how the systems outside are reached.

    Args:
        embedded: whether an embedded stack that runs in the state folder fills in what is not configured;
            never beside a real database.

    Returns:
        The settings, checked.

    Raises:
        SettingsError: a value makes no sense; names the variable.
    """
    own = configuration.load(embedded=False)
    configured = OutsideSettings.checked({})
    if not embedded or own.database_url is not None or own.app_database_url is not None:
        return configured
    return OutsideSettings.checked(unconfigured(configured, configuration.running_stack(own.state)))


def unconfigured(configured: OutsideSettings, offered: Mapping[str, str]) -> dict[str, str]:
    """What of an embedded stack's environment fills in: whole systems of which nothing is configured.

    Args:
        configured: what the environment itself says.
        offered: variables of the stand-ins.
    """
    said = [name for name, kept in OutsideSettings.variables().items() if kept in configured.model_fields_set]
    taken = tuple(system for system in _SYSTEMS if not any(name.startswith(system) for name in said))
    return {name: value for name, value in offered.items() if name.startswith(taken)}


def _needed(name: str, value: str | None, because: str) -> str:
    if value is None:
        raise SettingsError(name, f"is not set, but {because} is")
    return value
