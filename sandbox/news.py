"""Webhooks as the played systems send them: signed, with an id, and again where nobody took them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

_TRIES: Final = 3
_SECONDS: Final = 5.0
_KEPT: Final = 2_000
_TAKEN: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Sent:
    """A webhook that went out.

    Attributes:
        event_id: of the event; the same at every try.
        url: where to.
        body: as it was sent.
        headers: signature included.
        status: HTTP; None where nobody answered.
    """

    event_id: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    status: int | None


def signed(secret: str, event_id: str, body: bytes, at: int) -> dict[str, str]:
    """The headers of a webhook.

    Args:
        secret: shared with whoever gets it.
        event_id: of the event.
        body: as it is sent.
        at: Unix seconds of sending.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "x-event-id": event_id,
        "x-timestamp": str(at),
        "x-signature": f"sha256={digest}",
    }


class News:
    """Sends what one system has to tell."""

    def __init__(self, secret: str, *, again_after: float) -> None:
        """Prepare.

        Args:
            secret: everything is signed with.
            again_after: seconds between two tries.
        """
        self._secret = secret
        self._again_after = again_after
        self._sent: deque[Sent] = deque(maxlen=_KEPT)
        self._going: set[asyncio.Task[None]] = set()

    def tell(self, url: str, event: Mapping[str, Any]) -> None:
        """Send an event, in the background; `eventId` is its id."""
        task = asyncio.get_running_loop().create_task(self._deliver(url, event))
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    def sent(self) -> list[Sent]:
        """Every try, the oldest first."""
        return list(self._sent)

    async def settle(self) -> None:
        """Wait until everything has been taken or given up."""
        while self._going:
            await asyncio.gather(*self._going)

    def forget(self) -> None:
        """Give up what is still tried, and forget what was sent."""
        for task in self._going:
            task.cancel()
        self._sent.clear()

    async def _deliver(self, url: str, event: Mapping[str, Any]) -> None:
        body = json.dumps(event, ensure_ascii=False).encode()
        event_id = str(event["eventId"])
        for number in range(_TRIES):
            if number:
                await asyncio.sleep(self._again_after)
            headers = signed(self._secret, event_id, body, int(time.time()))
            status = await asyncio.to_thread(_post, url, body, headers)
            self._sent.append(Sent(event_id, url, body, headers, status))
            if status in _TAKEN:
                return


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("POST", parts.path or "/", body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
