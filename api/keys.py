"""The issuer's public keys: fetched once for all who wait, at most one refresh a minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import httpx
import jwt
from jwt import PyJWK

from adapters import log

ALGORITHMS: Final = ("RS256", "ES256")
REFRESH_SECONDS: Final = 60.0
# After a fetch that failed: soon, but not with every request.
RETRY_SECONDS: Final = 5.0
# Keys are read again after this time even where every token's key is known: one may have been withdrawn.
OLD_SECONDS: Final = 600.0
_SMALLEST_RSA: Final = 2048
_MOST_BYTES: Final = 500_000

_log = log.get(__name__)


class KeysAway(Exception):
    """The issuer's keys could not be read; whether a token is good cannot be said."""


class JwksKeys:
    """Public keys by key id, from a JWKS address."""

    def __init__(
        self, http: httpx.AsyncClient, url: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare; nothing is fetched yet.

        Args:
            http: client with a timeout; closed by whoever made it.
            url: address of the key set.
            clock: seconds that only go forward.
        """
        self._http = http
        self._url = url
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: dict[str, PyJWK] = {}
        self._fetched: float | None = None
        self._failed: float | None = None

    async def get(self, key_id: str) -> PyJWK | None:
        """The key of this id; None if the issuer has none.

        Raises:
            KeysAway: the key is unknown, and the issuer cannot be asked.
        """
        found = self._keys.get(key_id)
        if found is not None and not self._is_old():
            return found
        async with self._lock:
            if self._may_fetch(known=key_id in self._keys):
                await self._fetch()
            found = self._keys.get(key_id)
            if found is None and self._failed is not None:
                raise KeysAway
            return found

    async def check(self) -> None:
        """Make sure that keys are there.

        Raises:
            KeysAway: there are none, and the issuer cannot be asked.
        """
        async with self._lock:
            if self._may_fetch(known=bool(self._keys)):
                await self._fetch()
            if not self._keys:
                raise KeysAway

    def _is_old(self) -> bool:
        return self._fetched is None or self._clock() - self._fetched > OLD_SECONDS

    def _may_fetch(self, *, known: bool) -> bool:
        now = self._clock()
        if self._failed is not None and now - self._failed <= RETRY_SECONDS:
            return False
        if known:
            return self._is_old()
        return self._fetched is None or self._failed is not None or now - self._fetched > REFRESH_SECONDS

    async def _fetch(self) -> None:
        """Read the key set; on failure the keys known so far stay."""
        try:
            answer = await self._http.get(self._url, headers={"Accept": "application/json"})
            answer.raise_for_status()
            if len(answer.content) > _MOST_BYTES:
                raise ValueError("the key set is too large")
            found = answer.json()
            if not isinstance(found, dict):
                raise ValueError("the key set is no object")
            listed = jwt.PyJWKSet.from_dict(found).keys
        except (httpx.HTTPError, httpx.InvalidURL, jwt.PyJWTError, ValueError, RecursionError) as error:
            self._failed = self._clock()
            _log.warning("the issuer's keys could not be read", error=type(error).__name__)
            return
        self._keys = {key.key_id: key for key in listed if key.key_id and _usable(key)}
        self._fetched, self._failed = self._clock(), None
        _log.info("the issuer's keys were read", usable=len(self._keys), listed=len(listed))


def _usable(key: PyJWK) -> bool:
    size = getattr(key.key, "key_size", 0)
    strong = key.algorithm_name == "ES256" or size >= _SMALLEST_RSA
    return key.algorithm_name in ALGORITHMS and strong and key.public_key_use in {None, "sig"}
