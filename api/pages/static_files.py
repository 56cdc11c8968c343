"""Files of the pages: read once, packed once, named with a hash of what they hold, kept by browsers."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

_BASE: Final = "/static"
_FOLDER: Final = Path(__file__).with_name("static")
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "public, no-cache"
_HASH_LENGTH: Final = 12

router: Final = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent.

    Attributes:
        plain: what it holds.
        packed: the same with gzip.
        media_type: of what kind it is.
        version: stands for exactly this content.
    """

    plain: bytes
    packed: bytes
    media_type: str
    version: str


def _htmx() -> Path:
    """Htmx as the package django-htmx brings it; nothing of Django is needed or installed."""
    found = importlib.util.find_spec("django_htmx")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("django_htmx")
    return Path(found.submodule_search_locations[0]) / "static" / "django_htmx" / "htmx-2.min.js"


def _read(file: Path) -> StaticFile:
    plain = file.read_bytes()
    return StaticFile(
        plain,
        gzip.compress(plain, 9, mtime=0),
        _TYPES[file.suffix],
        hashlib.sha256(plain).hexdigest()[:_HASH_LENGTH],
    )


FILES: Final[Mapping[str, StaticFile]] = MappingProxyType(
    {
        "htmx.js": _read(_htmx()),
        **{file.name: _read(file) for file in sorted(_FOLDER.iterdir()) if file.suffix in _TYPES},
    }
)


def address(name: str) -> str:
    """Where a file is; changes with its content, so that browsers may keep it for ever."""
    return f"{_BASE}/{name}?v={FILES[name].version}"


@router.get(f"{_BASE}/{{name}}")
async def read_static(name: str, request: Request) -> Response:
    """A file of the pages."""
    file = FILES.get(name)
    if file is None:
        raise HTTPException(404)
    tag = f'"{file.version}"'
    exact = request.query_params.get("v") == file.version
    headers = {
        "Cache-Control": _FOR_EVER if exact else _ASK_AGAIN,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        return Response(file.packed, media_type=file.media_type, headers=headers)
    return Response(file.plain, media_type=file.media_type, headers=headers)


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes gzip."""
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
