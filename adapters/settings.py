"""Everything that can be configured, read once from the environment, `.env` and the running embedded stack.

Order of preference: environment, `.env` in the current folder, what `fristwerk up` has written into its
state folder. A value that makes no sense is refused with the name of the variable; values are never
repeated in messages, because they may hold passwords.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from adapters.folders import STACK_FILE, default_state_folder
from adapters.temporal_settings import TemporalSettings
from adapters.variables import (
    Host,
    MailFrom,
    Networks,
    OneLine,
    PostgresUrl,
    Scopes,
    SettingsError,
    SmtpUrl,
    WebUrl,
    needed,
)

# What others find here.
__all__ = [
    "DEMO_TENANT", "LogLevel", "Login", "Oidc", "Role", "Settings", "SettingsError", "SignIn", "load",
    "running_stack",
]  # fmt: skip
DEMO_TENANT: Final = UUID("0f7e0000-0000-4000-8000-000000000001")


class Role(StrEnum):
    """Database roles a process may act as; made by the first migration."""

    APP = "fristwerk_app"
    WORKER = "fristwerk_worker"
    PUBLIC = "fristwerk_public"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Login:
    """Where to connect, and as which role to act there.

    Attributes:
        url: PostgreSQL URL with user and password.
        role: Role to switch to right after connecting, by `server_settings`; None keeps the login's own.
    """

    url: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class Oidc:
    """Whose tokens the API takes.

    Attributes:
        issuer: the `iss` of every token, exactly.
        audience: what must be in its `aud`.
        jwks_url: where the issuer's public keys are.
    """

    issuer: str
    audience: str
    jwks_url: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """As what people's sign-in is asked for at the issuer (OpenID Connect).

    Attributes:
        client_id: how the issuer knows us; in the `aud` of every id token.
        client_secret: what we show the issuer; None where it knows us without one.
        scopes: what is asked for, separated by blanks.
    """

    client_id: str
    client_secret: str | None = field(repr=False)
    scopes: str


class Settings(TemporalSettings):
    """What a process of ours needs to know about the world around it.

    Attributes:
        database_url: PostgreSQL as the owner, for migrations.
        app_database_url: PostgreSQL for the command line and the API; default: `database_url`, switched to
            the role `fristwerk_app`.
        worker_database_url: PostgreSQL for workers; default: `database_url`, switched to `fristwerk_worker`.
        public_database_url: PostgreSQL for the public feedback form; default: `database_url`, switched to
            `fristwerk_public`.
        trusted_proxies: Networks, separated by commas, whose word is taken for where a request comes from.
        smtp_url: smtp://host:port, smtps://… or smtp+starttls://user:password@host:port.
        mail_from: Sender of every mail.
        public_url: Where people reach Fristwerk; links in mails begin with it.
        api_host: Address the API listens on.
        api_port: Port the API listens on.
        oidc_issuer: Whose tokens the API takes: their `iss`.
        oidc_audience: What must be in a token's `aud`.
        oidc_jwks_url: Where the issuer's public keys are.
        oidc_client_id: As what people sign in to the pages; without it nobody can.
        oidc_client_secret: The client's secret at the issuer.
        oidc_scopes: What is asked for at a sign-in; `openid` and whatever brings the claims tenant and roles.
        state: Folder of the embedded stack.
        tenant: Tenant the command line works for.
        log_level: How much goes to standard error.
        master_key_file: File of the keys that wrap the keys of leads (adapters/keyring.py).
        master_key: The same keys in base64, newest first, separated by commas.
        objection_days: How long after a lapse somebody may object to the erasure of personal data, in days.
        index_key: Key of the blind index in base64, where `master_key` is used.
    """

    database_url: PostgresUrl | None = Field(None, validation_alias="DATABASE_URL", repr=False)
    app_database_url: PostgresUrl | None = Field(None, validation_alias="APP_DATABASE_URL", repr=False)
    worker_database_url: PostgresUrl | None = Field(None, validation_alias="WORKER_DATABASE_URL", repr=False)
    public_database_url: PostgresUrl | None = Field(None, validation_alias="PUBLIC_DATABASE_URL", repr=False)
    trusted_proxies: Networks = Field("", validation_alias="TRUSTED_PROXIES")
    smtp_url: SmtpUrl | None = Field(None, validation_alias="SMTP_URL", repr=False)
    mail_from: MailFrom = Field("Fristwerk <fristwerk@localhost.localdomain>", validation_alias="MAIL_FROM")
    public_url: WebUrl = Field("http://127.0.0.1:8080", validation_alias="PUBLIC_URL")
    api_host: Host = Field("127.0.0.1", validation_alias="API_HOST")
    api_port: Annotated[int, Field(ge=1, le=65535)] = Field(8080, validation_alias="API_PORT")
    oidc_issuer: WebUrl | None = Field(None, validation_alias="OIDC_ISSUER")
    oidc_audience: OneLine = Field("fristwerk", validation_alias="OIDC_AUDIENCE")
    oidc_jwks_url: WebUrl | None = Field(None, validation_alias="OIDC_JWKS_URL")
    oidc_client_id: OneLine | None = Field(None, validation_alias="OIDC_CLIENT_ID")
    oidc_client_secret: OneLine | None = Field(None, validation_alias="OIDC_CLIENT_SECRET", repr=False)
    oidc_scopes: Scopes = Field("openid", validation_alias="OIDC_SCOPES")
    state: Path = Field(default_factory=default_state_folder, validation_alias="FRISTWERK_STATE")
    tenant: UUID = Field(DEMO_TENANT, validation_alias="FRISTWERK_TENANT")
    log_level: LogLevel = Field(LogLevel.INFO, validation_alias="LOG_LEVEL")
    master_key_file: Path | None = Field(None, validation_alias="FRISTWERK_MASTER_KEY_FILE")
    master_key: OneLine | None = Field(None, validation_alias="FRISTWERK_MASTER_KEY", repr=False)
    objection_days: int = Field(0, validation_alias="FRISTWERK_OBJECTION_DAYS", ge=0, le=365)
    index_key: OneLine | None = Field(None, validation_alias="FRISTWERK_INDEX_KEY", repr=False)

    def owner_login(self) -> Login:
        """Return the login that migrates; its role is its own.

        Raises:
            SettingsError: No database is configured and no embedded stack has been started.
        """
        return Login(needed("DATABASE_URL", self.database_url), role=None)

    def app_login(self) -> Login:
        """Return the login of the command line and the API, acting as `fristwerk_app`.

        Raises:
            SettingsError: No database is configured and no embedded stack has been started.
        """
        return Login(needed("APP_DATABASE_URL", self.app_database_url or self.database_url), Role.APP)

    def worker_login(self) -> Login:
        """Return the login of workers, acting as `fristwerk_worker`.

        Raises:
            SettingsError: No database is configured and no embedded stack has been started.
        """
        return Login(
            needed("WORKER_DATABASE_URL", self.worker_database_url or self.database_url), Role.WORKER
        )

    def public_login(self) -> Login:
        """Return the login of the public feedback form, acting as `fristwerk_public`.

        Raises:
            SettingsError: No database is configured and no embedded stack has been started.
        """
        return Login(
            needed("PUBLIC_DATABASE_URL", self.public_database_url or self.database_url), Role.PUBLIC
        )

    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Return the networks whose word is taken for where a request comes from."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    def smtp(self) -> str:
        """Return the URL of the mail server.

        Raises:
            SettingsError: None is configured and no embedded stack has been started.
        """
        return needed("SMTP_URL", self.smtp_url)

    def oidc(self) -> Oidc:
        """Return whose tokens the API takes.

        Raises:
            SettingsError: No issuer is configured and no embedded stack has been started.
        """
        return Oidc(
            issuer=needed("OIDC_ISSUER", self.oidc_issuer),
            audience=self.oidc_audience,
            jwks_url=needed("OIDC_JWKS_URL", self.oidc_jwks_url),
        )

    def sign_in(self) -> SignIn | None:
        """Return as what people sign in to the pages; None if nobody can."""
        if self.oidc_client_id is None:
            return None
        return SignIn(self.oidc_client_id, self.oidc_client_secret, self.oidc_scopes)


_ISSUER: Final = frozenset(
    {
        "OIDC_ISSUER",
        "OIDC_AUDIENCE",
        "OIDC_JWKS_URL",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_CLIENT_SECRET_FILE",
    }
)


def load(*, embedded: bool = True) -> Settings:
    """Read the settings of this process.

    Args:
        embedded: Whether an embedded stack that runs in the state folder fills in what is not configured.

    Returns:
        The settings, checked.

    Raises:
        SettingsError: A value makes no sense; names the variable.
    """
    configured = Settings.checked({})
    sealed_by = configured.sealed_by()
    if sealed_by is not None and configured.temporal_address is None:
        # A key never goes to the embedded server, which knows nobody.
        raise SettingsError("TEMPORAL_ADDRESS", f"is not set, but {sealed_by} is")
    if not embedded:
        return configured
    open_to_stack = {
        variable for variable, name in Settings.variables().items() if name not in configured.model_fields_set
    }
    if configured.database_url is not None or configured.app_database_url is not None:
        # The demo issuer gives tokens to anybody; they are good for the embedded database only.
        open_to_stack -= _ISSUER
    running = running_stack(configured.state)
    return Settings.checked({name: value for name, value in running.items() if name in open_to_stack})


def running_stack(state: Path) -> dict[str, str]:
    """Read what a running `fristwerk up` has written down, so that other windows find it."""
    file = state / STACK_FILE
    try:
        environment = json.loads(file.read_text(encoding="utf-8"))["environment"]
        return {str(name): str(value) for name, value in environment.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except PermissionError as error:
        raise SettingsError("FRISTWERK_STATE", f"{file} belongs to another account") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = type(error).__name__
        raise SettingsError("FRISTWERK_STATE", f"{file} cannot be understood ({reason})") from error
