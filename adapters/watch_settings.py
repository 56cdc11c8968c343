"""Where a process may be watched: read once from the environment and `.env`, like adapters/settings.py.

An embedded stack tells its children by their environment; nothing of it leads other processes here, because
two of them cannot listen in one place.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.settings import SettingsError

_EXAMPLE: Final = "must be address:port without a name, for example 127.0.0.1:9100 or [::]:9100"


def _place(value: str) -> str:
    host, _, port = value.rpartition(":")
    try:
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        version = ip_address(bare).version
    except ValueError as error:
        raise ValueError(_EXAMPLE) from error
    if (version == 6) != (bare != host) or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(_EXAMPLE)
    return value


Place: TypeAlias = Annotated[str, AfterValidator(_place)]


class WatchSettings(BaseSettings):
    """Where a process may be watched.

    Attributes:
        ops_address: address:port where a worker process tells whether it is well and what it counts
            (`/healthz`, `/readyz`, `/metrics`); None: nowhere.
        sdk_metrics_address: address:port where Temporal's SDK tells what it counts (`/metrics`), of a worker
            process or of the API; None: nowhere.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, case_sensitive=True
    )

    ops_address: Place | None = Field(None, validation_alias="OPS_ADDRESS")
    sdk_metrics_address: Place | None = Field(None, validation_alias="SDK_METRICS_ADDRESS")


def load() -> WatchSettings:
    """Read where this process may be watched.

    Raises:
        SettingsError: a value makes no sense; names the variable.
    """
    try:
        return WatchSettings.model_validate({})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingsError(str(first["loc"][0]), first["msg"].removeprefix("Value error, ")) from None


def host_and_port(place: str) -> tuple[str, int]:
    """What a socket takes for a checked address:port."""
    host, _, port = place.rpartition(":")
    return host.strip("[]"), int(port)
