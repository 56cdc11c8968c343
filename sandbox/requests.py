"""Every request a stand-in got, without secrets; the newest few thousand are kept."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.switches import Upstream

_KEPT: Final = 20_000
_SECRET: Final = frozenset(
    {"authorization", "x-api-key", "api-key", "cookie", "set-cookie", "proxy-authorization"}
)
_SECRET_FIELDS: Final = frozenset({"client_secret", "apikey", "password"})


@dataclass(slots=True)
class Recorded:
    """A request, and what became of it.

    Attributes:
        number: counts from 1 over all stand-ins.
        upstream: who was asked.
        at: UTC instant.
        method: of HTTP; for mail the command.
        path: without the query.
        query: as it came.
        headers: names in lower case, without those that hold secrets.
        body: as it came, as text.
        answered: HTTP status; None while it is thinking, and where the connection ended instead.
    """

    number: int
    upstream: Upstream
    at: datetime
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    answered: int | None = None

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)


class RequestLog:
    """What the stand-ins were asked. One writer; readers get copies."""

    def __init__(self) -> None:
        self._kept: deque[Recorded] = deque(maxlen=_KEPT)
        self._numbers = itertools.count(1)

    def note(
        self,
        upstream: Upstream,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Recorded:
        """Write a request down."""
        kept = {name: value for name, value in (headers or {}).items() if name not in _SECRET}
        text = body.decode("utf-8", errors="replace")
        if any(name in text.lower() for name in _SECRET_FIELDS):
            text = "(held a secret)"
        recorded = Recorded(next(self._numbers), upstream, datetime.now(UTC), method, path, query, kept, text)
        self._kept.append(recorded)
        return recorded

    def of(self, upstream: Upstream) -> list[Recorded]:
        """The requests of one stand-in, the oldest first."""
        return [one for one in tuple(self._kept) if one.upstream is upstream]

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
