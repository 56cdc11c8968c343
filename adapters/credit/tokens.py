"""Tokens of the credit bureau (OAuth2, client credentials): fetched once, kept until nearly their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from adapters.breaker import Breaker
from adapters.credit.wire import Token
from adapters.http import Method, Upstream
from adapters.outside_settings import CreditAccount

NAME: Final = "credit-token"
# A token that ends while a request is on its way is of no use.
_LEEWAY: Final = timedelta(seconds=30)


class Tokens:
    """Gives a token that is still good; many who ask at once fetch one.

    Args:
        account: whose.
        breaker: stands before the place where tokens are given.
        timeout: for fetching one.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        account: CreditAccount,
        *,
        breaker: Breaker,
        timeout: timedelta,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account = account
        base, _, path = account.token_url.rpartition("/")
        self._path = f"/{path}"
        self._upstream = Upstream(NAME, base, breaker=breaker, timeout=timeout, ca_file=account.ca_file)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._good_until = 0.0

    async def bearer(self) -> str:
        """A token.

        Raises:
            UpstreamError: none was given.
        """
        async with self._lock:
            if self._token is None or self._clock() >= self._good_until:
                asked = self._clock()
                given = await self._upstream.ask(
                    Method.POST,
                    self._path,
                    Token,
                    form={
                        "grant_type": "client_credentials",
                        "client_id": self._account.client_id,
                        "client_secret": self._account.client_secret,
                    },
                    headers={"Accept": "application/json"},
                )
                # One that lasts less than the leeway is at least good for now.
                lasts = max(given.expires_in - _LEEWAY.total_seconds(), given.expires_in / 2)
                self._token, self._good_until = given.access_token, asked + lasts
            return self._token

    def refused(self, token: str) -> None:
        """The bureau did not take this one: fetch another, unless that has happened already."""
        if self._token == token:
            self._token = None

    async def aclose(self) -> None:
        """Close its connections."""
        await self._upstream.aclose()
