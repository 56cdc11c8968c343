"""The API as a client sees it that is told no more than an answer: who it is, what it says, what it hears."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from sandbox.issuer import CLIENT_FILE
from tests.chaos.population import AGENTS

MANAGER: Final = "maria"
_SECONDS: Final = 15.0
_AGAIN: Final = 1.0
# The demo issuer's tokens live an hour.
_TOKEN_SECONDS: Final = 1_500.0
# Nobody was there, or not in time: whether it was done is unknown.
_UNKNOWN: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
# What the clients do is always allowed and well-formed.
_NEVER: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.BAD_REQUEST})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that says what came of it.

    Attributes:
        done: it was done; otherwise it was refused, and nothing was.
        code: of the refusal.
    """

    done: bool
    body: dict[str, Any] = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who gives tokens.

    Attributes:
        folder: where its secret lies.
    """

    url: str
    folder: Path

    async def token(self, http: httpx.AsyncClient, name: str) -> str:
        """A token for one of the demo tenant's people."""
        secret = (self.folder / CLIENT_FILE).read_text(encoding="ascii")
        form = {"grant_type": "password", "username": name, "client_secret": secret}
        given = await http.post(f"{self.url}/token", data=form)
        given.raise_for_status()
        return str(given.json()["access_token"])


class Api:
    """The API of a running stack; use it as a context manager.

    Attributes:
        answers: how often each status came.
        broken: answers that no client should ever get, such as a 500.
        seconds: how long the answered requests took.
    """

    def __init__(self, url: str, issuer: Issuer) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=_SECONDS)
        self._issuer = issuer
        self._tokens: dict[str, str] = {}
        self._until = 0.0
        self.answers: Counter[str] = Counter()
        self.broken: list[str] = []
        self.seconds: list[float] = []

    async def __aenter__(self) -> Self:
        await self.sign_in()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def sign_in(self) -> None:
        """Fetch everybody's tokens again once they are old."""
        if time.monotonic() < self._until:
            return
        for name in (*AGENTS, MANAGER):
            self._tokens[name] = await self._issuer.token(self._http, name)
        self._until = time.monotonic() + _TOKEN_SECONDS

    async def call(
        self, who: str, method: str, path: str, body: dict[str, Any] | None = None, key: str | None = None
    ) -> Answer | None:
        """Ask once; None where it is unknown what came of it."""
        heads = {"Authorization": f"Bearer {self._tokens[who]}"}
        if key is not None:
            heads["Idempotency-Key"] = key
        began = time.monotonic()
        try:
            answer = await self._http.request(method, path, json=body, headers=heads)
        except httpx.HTTPError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.status_code in _UNKNOWN:
            return None
        told = answer.json() if answer.content else {}
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code in _NEVER:
            self.broken.append(
                f"{answer.status_code} {method} {path} {told.get('type')} {told.get('instance')}"
            )
            return None
        self.seconds.append(time.monotonic() - began)
        if answer.is_success and answer.status_code != HTTPStatus.ACCEPTED:
            return Answer(True, told)
        return Answer(False, told, str(told.get("type", "similar")))

    async def until_answered(
        self,
        who: str,
        method: str,
        path: str,
        *,
        body: dict[str, Any] | None = None,
        key: str | None = None,
        within: float,
    ) -> tuple[Answer | None, int]:
        """Ask again and again under the same key until there is an answer; it, and how often it was asked.

        Args:
            within: seconds; None is the answer after that.
        """
        until, tries = time.monotonic() + within, 0
        while True:
            tries += 1
            answer = await self.call(who, method, path, body, key)
            if answer is not None or time.monotonic() > until:
                return answer, tries
            await asyncio.sleep(_AGAIN)
