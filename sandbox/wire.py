"""What a stand-in gets and gives, and what all of them have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from sandbox.switches import Upstream


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        method: of HTTP.
        path: decoded, without the query.
        query: as it came.
        headers: names in lower case.
        body: as it came.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def fields(self) -> dict[str, str]:
        """The query's parameters; of one given twice the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", errors="replace"), keep_blank_values=True))

    def json(self) -> dict[str, Any] | None:
        """The body as a JSON object; None if it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def bearer(self) -> str:
        """What is shown as a bearer token; empty if nothing is."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: JSON.

    Attributes:
        status: HTTP.
        body: what becomes JSON.
        headers: beside the usual ones.
    """

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body as it goes over the wire."""
        return json.dumps(self.body, ensure_ascii=False).encode()


class StandIn(Protocol):
    """Plays one system outside over HTTP."""

    @property
    def upstream(self) -> Upstream:
        """Which."""
        ...

    async def answer(self, asked: Asked) -> Answer:
        """Answer a request, credentials included."""
        ...

    def refusal(self, status: int) -> Answer:
        """The answer the system documents for a status of 400 and above."""
        ...

    def delivered(self, asked: Asked, answer: Answer) -> None:
        """Take note that an answer has gone out as a whole."""
        ...
