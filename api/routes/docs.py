"""The OpenAPI document, and pages to try it on; everything is served from here, no foreign host."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import FileResponse, JSONResponse, Response

_BASE: Final = "/api/docs"
_TYPES: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fristwerk API</title>
<link rel="icon" href="{_BASE}/favicon.png">
<link rel="stylesheet" href="{_BASE}/swagger-ui.css">
</head>
<body>
<div id="page"><noscript><a href="/api/openapi.json">The document itself</a></noscript></div>
<script src="{_BASE}/swagger-ui-bundle.js"></script>
<script src="{_BASE}/start.js"></script>
</body>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  tryItOutEnabled: true,
});
"""
# What may be read without a token.
OPEN: Final = frozenset(
    {"/api/openapi.json", _BASE, f"{_BASE}/start.js", *(f"{_BASE}/{name}" for name in _TYPES)}
)
# The same for whatever lies below: a secret link, or a signature, is all that is asked for there.
OPEN_BELOW: Final = ("/api/feedback/", "/api/webhooks/")

router = APIRouter(include_in_schema=False)


def _folder() -> Path:
    found = importlib.util.find_spec("fastapi_offline")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("fastapi_offline")
    return Path(found.origin).parent / "static"


_FILES: Final = _folder()


@router.get("/api/openapi.json")
async def read_openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": "no-cache"})


@router.get(_BASE)
async def read_docs() -> Response:
    """The page."""
    return Response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _POLICY})


@router.get(f"{_BASE}/start.js")
async def read_start() -> Response:
    """What opens the document on the page."""
    return Response(_START, media_type="text/javascript")


@router.get(f"{_BASE}/{{name}}")
async def read_asset(name: str) -> Response:
    """A file of the page."""
    if name not in _TYPES:
        raise HTTPException(404)
    return FileResponse(_FILES / name, media_type=_TYPES[name], headers={"Cache-Control": "max-age=86400"})
