"""Addresses of pages: which are open to everybody, and which may be returned to."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_LOCAL: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}", re.ASCII)
_MACHINES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
# Besides these everything outside /api needs somebody who is signed in.
_OPEN: Final = frozenset({"/sign-in", "/sign-in/start", "/sign-in/callback", "/look", "/favicon.ico"})
_OPEN_BELOW: Final = ("/static/", "/feedback/")
_CALENDAR: Final = re.compile(r"/calendar/[^/]+\.ics")


def is_api(path: str) -> bool:
    """Whether JSON is spoken there."""
    return path.startswith("/api/") or path == "/api" or path in _MACHINES


def is_open(path: str) -> bool:
    """Whether a page may be read without signing in; what is not listed may not."""
    return path in _OPEN or path.startswith(_OPEN_BELOW) or _CALENDAR.fullmatch(path) is not None


def local_path(text: str) -> str | None:
    """The text if it is a path of ours, with query; None for all else: other hosts, schemes, tricks."""
    if not _LOCAL.fullmatch(text):
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc else text
