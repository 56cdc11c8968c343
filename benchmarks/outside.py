"""The outside world for a benchmark: the sandbox as a process of its own, which takes no turns from us."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from adapters.outside_settings import OutsideSettings
from workers.embedded import ports
from workers.embedded.process import spawn

_PROJECT = Path(__file__).resolve().parents[1]
_SECONDS = 30


class Played:
    """A running sandbox.

    Attributes:
        settings: the accounts that lead there.
    """

    def __init__(self, control: str, environment: dict[str, str]) -> None:
        self.settings = OutsideSettings.model_validate(environment)
        self._control = httpx.Client(base_url=control, timeout=_SECONDS)

    def switch(self, upstream: str, **how: Any) -> None:
        """Have a system behave differently, such as `switch("credit", latency_ms=150)`."""
        self._control.put(f"/_sandbox/switches/{upstream}", json=how).raise_for_status()

    def act(self, name: str, **fields: str) -> None:
        """Have something happen there, such as `act("stock", products="1000")`."""
        self._control.post(f"/_sandbox/acts/{name}", json=fields).raise_for_status()

    def deliver(self, mail: bytes) -> None:
        """Put a mail into the inbox."""
        self._control.post("/_sandbox/inbox", content=mail).raise_for_status()

    def bill(self, upstream: str) -> dict[str, Any]:
        """What a provider charges: `calls`, `inputTokens`, `outputTokens`, `usd`."""
        answer = self._control.get(f"/_sandbox/bill/{upstream}").raise_for_status()
        bill: dict[str, Any] = answer.json()
        return bill

    def close(self) -> None:
        """Close the connection to its control."""
        self._control.close()


@contextmanager
def played() -> Iterator[Played]:
    """A sandbox of one's own, as new; everything in it is well."""
    with tempfile.TemporaryDirectory() as folder:
        port = ports.choose()
        command = [sys.executable, "-m", "sandbox", "--folder", folder, "--port", str(port)]
        with (Path(folder) / "log").open("wb") as output:
            process = spawn(command, output=output, folder=_PROJECT)
        try:
            control = f"http://{ports.LOOPBACK}:{port}"
            transport = httpx.HTTPTransport(retries=10)
            with httpx.Client(transport=transport, timeout=_SECONDS) as asker:
                asker.get(f"{control}/_sandbox/switches").raise_for_status()
            environment = json.loads((Path(folder) / "environment.json").read_text(encoding="utf-8"))
            found = Played(control, environment)
            try:
                yield found
            finally:
                found.close()
        finally:
            process.terminate()
            process.wait(_SECONDS)
