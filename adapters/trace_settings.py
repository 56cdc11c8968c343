"""Where traces go: read once from the environment and `.env`, in the names that OpenTelemetry gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field

from adapters.variables import FromEnvironment, OneLine, WebUrl

_HEADERS: Final = "OTEL_EXPORTER_OTLP_HEADERS"


def _without_user(value: str) -> str:
    if "@" in urlsplit(value).netloc:
        raise ValueError(f"names a user, and addresses are logged; credentials belong into {_HEADERS}")
    return value


def _headers(value: str) -> str:
    for part in value.split(","):
        name, equals, content = part.partition("=")
        if not equals or not name.strip().isascii() or not name.strip() or not content.strip():
            raise ValueError("must be name=value, several separated by commas")
        if not unquote(content).isprintable():
            raise ValueError("holds a character that no header may hold")
    return value


def _file(value: Path) -> Path:
    if not value.is_file():
        raise ValueError("names no file")
    return value


class TraceSettings(FromEnvironment):
    """Where traces go.

    Attributes:
        endpoint: collector that takes OTLP over HTTP, such as http://collector:4318; None: none are kept.
        headers: sent along, `name=value`, separated by commas; hold credentials.
        certificate: file of one more CA to verify the collector with.
        service: what the process is called in traces; default: `fristwerk-api`, `fristwerk-worker`.
        share: of all traces that are kept, from 0 to 1; the same ones in every process.
    """

    endpoint: Annotated[WebUrl, AfterValidator(_without_user)] | None = Field(
        None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    headers: Annotated[OneLine, AfterValidator(_headers)] | None = Field(
        None, validation_alias=_HEADERS, repr=False
    )
    certificate: Annotated[Path, AfterValidator(_file)] | None = Field(
        None, validation_alias="OTEL_EXPORTER_OTLP_CERTIFICATE"
    )
    service: OneLine | None = Field(None, validation_alias="OTEL_SERVICE_NAME")
    share: float = Field(1.0, ge=0, le=1, allow_inf_nan=False, validation_alias="OTEL_TRACES_SAMPLER_ARG")

    def sent_along(self) -> dict[str, str]:
        """Headers of every delivery, by name."""
        pairs = (part.partition("=") for part in (self.headers or "").split(",") if part)
        return {name.strip().lower(): unquote(content.strip()) for name, _, content in pairs}


def load() -> TraceSettings:
    """Read where traces go.

    Raises:
        SettingsError: a value makes no sense; names the variable.
    """
    return TraceSettings.checked({})
