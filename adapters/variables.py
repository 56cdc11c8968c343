"""What environment variables may hold, secrets that lie in files, and what is said when one makes no sense.

The base of `adapters/settings.py`, `adapters/temporal_settings.py` and `adapters/outside_settings.py`. Values
are never repeated in messages, because they may hold passwords.
"""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from string import ascii_letters, digits
from typing import Annotated, Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

_HOST_CHARACTERS: Final = frozenset(ascii_letters + digits + ".:-")
_FILE: Final = "_FILE"
# A secret is a line; whoever names a file of another kind by mistake shall not have it read as a whole.
_LONGEST_SECRET: Final = 65_536


class SettingsError(Exception):
    """A setting is missing or makes no sense.

    Attributes:
        field: Name of the environment variable.
        message: What is wrong with it, without its value.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def _url(schemes: frozenset[str]) -> AfterValidator:
    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError as error:
            raise ValueError("is no URL: the port must be a number up to 65535") from error
        if parts.scheme not in schemes:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in sorted(schemes))}")
        if not parts.hostname and "host=" not in parts.query:
            raise ValueError("names no host")
        if port == 0:
            raise ValueError("names port 0")
        return value

    return AfterValidator(check)


def _host_and_port(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("must be host:port, for example 127.0.0.1:7233")
    return value


def _one_line(value: str) -> str:
    if not value.strip() or "\n" in value or "\r" in value:
        raise ValueError("must be one line and not empty")
    return value


def _host(value: str) -> str:
    if not value or set(value) - _HOST_CHARACTERS:
        raise ValueError("must be a host name or an address, for example 127.0.0.1 or 0.0.0.0")
    return value


def _networks(value: str) -> str:
    for part in filter(None, map(str.strip, value.split(","))):
        try:
            ip_network(part)
        except ValueError as error:
            raise ValueError("must be networks such as 10.0.0.0/8, separated by commas") from error
    return value


def _mail_from(value: str) -> str:
    if "@" not in _one_line(value):
        raise ValueError("must hold an e-mail address, for example Fristwerk <fristwerk@example.org>")
    return value


def _scopes(value: str) -> str:
    if "openid" not in _one_line(value).split():
        raise ValueError("must hold openid, for example: openid profile")
    return value


PostgresUrl = Annotated[str, _url(frozenset({"postgres", "postgresql"}))]
SmtpUrl = Annotated[str, _url(frozenset({"smtp", "smtps", "smtp+starttls"}))]
WebUrl = Annotated[str, _url(frozenset({"http", "https"}))]
Address = Annotated[str, AfterValidator(_host_and_port)]
Host = Annotated[str, AfterValidator(_host)]
OneLine = Annotated[str, AfterValidator(_one_line)]
Networks = Annotated[str, AfterValidator(_networks)]
MailFrom = Annotated[str, AfterValidator(_mail_from)]
Scopes = Annotated[str, AfterValidator(_scopes)]


class FromEnvironment(BaseSettings):
    """Settings from the environment and `.env`; a secret NAME may lie in the file that NAME_FILE names.

    A secret is a field that is not shown (`repr=False`). What is said nearer goes first: the environment
    before `.env`, and in each of the two the value before the file.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, case_sensitive=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Behind each source the files that it names; nothing of the machine's own folders of secrets."""
        return tuple(
            layer
            for source in (init_settings, env_settings, dotenv_settings)
            for layer in (source, _Files(settings_cls, source))
        )

    @classmethod
    def variables(cls) -> dict[str, str]:
        """The field by the name of each variable that is read, those that name a secret's file too."""
        own = {_variable(declared): name for name, declared in cls.model_fields.items()}
        return {**{f"{variable}{_FILE}": own[variable] for variable in _secrets(cls)}, **own}

    @classmethod
    def checked(cls, fill_in: Mapping[str, str]) -> Self:
        """Read and check everything.

        Args:
            fill_in: variables that go before the environment.

        Raises:
            SettingsError: a value makes no sense; names the variable.
        """
        try:
            return cls.model_validate(dict(fill_in))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            field = str(first["loc"][0]) if first["loc"] else "settings"
            raise SettingsError(field, first["msg"].removeprefix("Value error, ")) from None


class _Files(PydanticBaseSettingsSource):
    """The secrets of the files that another source names."""

    def __init__(self, settings_cls: type[BaseSettings], source: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._said: Mapping[str, Any] = {}
        if isinstance(source, InitSettingsSource):
            self._said = source.init_kwargs
        elif isinstance(source, (EnvSettingsSource, DotEnvSettingsSource)):
            self._said = source.env_vars

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = _variable(field)
        file = self._said.get(f"{variable}{_FILE}")
        secret = None if file is None else secret_in(f"{variable}{_FILE}", Path(file))
        return secret, variable, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for variable, declared in _secrets(self.settings_cls).items():
            if variable not in self._said:
                secret, _, _ = self.get_field_value(declared, variable)
                if secret is not None:
                    found[variable] = secret
        return found


def _variable(declared: FieldInfo) -> str:
    return str(declared.validation_alias)


def _secrets(settings: type[BaseSettings]) -> dict[str, FieldInfo]:
    """The secrets by variable; one whose `…_FILE` is a field of its own has a file of its own form."""
    declared = {_variable(field): field for field in settings.model_fields.values()}
    return {
        variable: field
        for variable, field in declared.items()
        if not field.repr and f"{variable}{_FILE}" not in declared
    }


def secret_in(name: str, file: Path) -> str:
    """Read the one line of a secret's file; `name` is the variable that names the file.

    Raises:
        SettingsError: the file cannot be read, or holds none.
    """
    try:
        with file.open(encoding="utf-8") as stream:
            secret = stream.read(_LONGEST_SECRET + 1).strip()
    except (OSError, ValueError) as error:
        raise SettingsError(name, f"{file} cannot be read ({type(error).__name__})") from error
    if not secret or len(secret) > _LONGEST_SECRET or set(secret) & set("\n\r\0"):
        raise SettingsError(name, f"{file} must hold one line, the secret")
    return secret


_Value = TypeVar("_Value")


def needed(name: str, value: _Value | None) -> _Value:
    """The value of a variable that cannot be done without.

    Raises:
        SettingsError: it is not set.
    """
    if value is None:
        raise SettingsError(name, "is not set, and no embedded stack runs. Start one: fristwerk up")
    return value
