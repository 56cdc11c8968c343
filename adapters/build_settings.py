"""Which build a worker process is, and whether Temporal hands out work by builds."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.settings import SettingsError

# What a history says of the worker that wrote it, with every workflow task.
RELEASE: Final = version("fristwerk")
# Of a worker that takes whatever work there is; the server keeps the name for information only.
UNROUTED: Final = "fristwerk"

_BUILD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
# The server joins deployment and build by a dot or a colon.
_DEPLOYMENT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _build(value: str) -> str:
    if not _BUILD.fullmatch(value):
        raise ValueError("must be up to 100 letters, digits, dots, plus and minus signs, such as 1.4.0")
    return value


def _deployment(value: str) -> str:
    if not _DEPLOYMENT.fullmatch(value):
        raise ValueError("must be up to 63 small letters, digits and minus signs, such as fristwerk")
    return value


class BuildSettings(BaseSettings):
    """Build and deployment of this process (docs/operations/upgrades.md).

    Attributes:
        build: names this build among all that ever work; default: the release.
        deployment: the Temporal worker deployment it belongs to. Then it gets no work before it is made
            current. None: whatever build is there takes what work there is.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, case_sensitive=True
    )

    build: Annotated[str, AfterValidator(_build)] = Field(RELEASE, validation_alias="FRISTWERK_BUILD")
    deployment: Annotated[str, AfterValidator(_deployment)] | None = Field(
        None, validation_alias="FRISTWERK_DEPLOYMENT"
    )


def load() -> BuildSettings:
    """Read which build this is.

    Raises:
        SettingsError: a value makes no sense; names the variable.
    """
    try:
        return BuildSettings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingsError(str(first["loc"][0]), first["msg"].removeprefix("Value error, ")) from None
