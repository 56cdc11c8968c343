"""How often somebody may ask, where no session says who it is: exact over any stretch of time.

Kept in this process. What it protects is work, not secrets: those are too long to be guessed.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from datetime import timedelta
from typing import Final

_MOST_KEYS: Final = 10_000
_UNKNOWN: Final = "unknown"


class Pace:
    """At most so many times in any window of this length.

    Args:
        most: how often.
        window: in how long.
    """

    def __init__(self, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window.total_seconds()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, now: float) -> int:
        """Seconds until this key may go on, rounded up; 0 if it may now. Counts nothing.

        Args:
            key: who asks.
            now: of a clock that only goes forward, in seconds.
        """
        times = self._times.get(key)
        if times is None:
            return 0
        while times and times[0] <= now - self._window:
            times.popleft()
        if not times:
            del self._times[key]
            return 0
        return 0 if len(times) < self._most else int(times[0] + self._window - now) + 1

    def count(self, key: str, now: float) -> None:
        """Count one time. Who has not been seen longest is forgotten first, so that memory is bounded."""
        times = self._times.setdefault(key, deque(maxlen=self._most))
        times.append(now)
        self._times.move_to_end(key)
        if len(self._times) > _MOST_KEYS:
            self._times.popitem(last=False)


def address_range(host: str | None) -> str:
    """What one party can send from: an IPv4 address with its 255 neighbours, an IPv6 network of 64 bits."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return _UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network((address, bits), strict=False))
