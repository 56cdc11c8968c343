"""The stand-ins for the systems outside: whether they are started, and what of them is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from adapters import outside_settings
from adapters.settings import SettingsError
from workers.embedded import parts, ports
from workers.embedded.errors import StackError
from workers.embedded.supervisor import ChildSpec

PLAYED: Final = ("openai", "anthropic", "credit", "xentral", "imap")
WEBHOOK_PATH: Final = "/api/webhooks/xentral"
_FILE: Final = "environment.json"
_ENVIRONMENT: Final = TypeAdapter(dict[str, str])


def sandbox(folder: Path, port: Callable[[str], int], environment: Mapping[str, str]) -> ChildSpec:
    """The stand-ins as a child of the stack.

    Args:
        folder: where they keep things.
        port: chooses a port by its name.
        environment: of the process.

    Raises:
        StackError: the variables for the systems outside make no sense.
    """
    return parts.sandbox(
        folder,
        port=port("sandbox"),
        numbers={name: port(f"sandbox-{name}") for name in PLAYED},
        tells=f"http://{ports.LOOPBACK}:{port('api')}{WEBHOOK_PATH}",
        also_trust=_configured().outside_ca_file,
        environment=environment,
    )


def leading_there(folder: Path) -> dict[str, str]:
    """The variables of all stand-ins whose system is not configured; they have written them down themselves.

    The authority to trust is always theirs: it is in one file with those that are configured.

    Args:
        folder: where they keep things.

    Raises:
        StackError: what they have written cannot be understood.
    """
    file = folder / _FILE
    try:
        offered = _ENVIRONMENT.validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise StackError(f"{file} cannot be understood ({type(error).__name__})") from error
    used = outside_settings.unconfigured(_configured(), offered)
    return {**used, "OUTSIDE_CA_FILE": offered["OUTSIDE_CA_FILE"]}


def _configured() -> outside_settings.OutsideSettings:
    try:
        return outside_settings.load(embedded=False)
    except SettingsError as error:
        raise StackError(str(error)) from error
