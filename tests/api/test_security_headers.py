"""What browsers are told with every answer of every address: pages, JSON, problems, files, machines."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.api.house import Api, Callers, api_over, settings_for

# The same for everybody, whoever asks.
_DOCUMENTS: Final = ("/static/", "/api/docs", "/api/openapi.json", "/favicon")
ALWAYS: Final = {
    "x-content-type-options": {"nosniff"},
    "referrer-policy": {"no-referrer", "same-origin"},
    "cross-origin-opener-policy": {"same-origin"},
    "cross-origin-resource-policy": {"same-origin"},
    "permissions-policy": {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
}


def well_said(answer: httpx.Response, where: str) -> None:
    """Each header once, with a value we know; nothing from elsewhere runs, and nobody frames us."""
    for name, values in ALWAYS.items():
        assert answer.headers.get_list(name) == [answer.headers[name]], f"{where}: {name}"
        assert answer.headers[name] in values, f"{where}: {name}"
    (policy,) = answer.headers.get_list("content-security-policy")
    parts = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    assert parts["default-src"] == ["'none'"], where
    assert parts["frame-ancestors"] == ["'none'"], where
    assert "'unsafe-inline'" not in parts.get("script-src", []), where
    assert "'unsafe-eval'" not in policy, where
    assert "http:" not in policy, where
    assert "https:" not in policy, where
    assert "*" not in policy, where
    (kept,) = answer.headers.get_list("cache-control")
    assert "no-store" in kept or "private" in kept or where.startswith(_DOCUMENTS), where
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers, where
    for cookie in answer.headers.get_list("set-cookie"):
        assert "httponly" in cookie.lower(), where
        assert "samesite=" in cookie.lower(), where


def addresses(api: Api) -> list[str]:
    """Every address there is, with something that is nobody's where it names a thing."""
    paths = {str(getattr(route, "path", "")) for route in api.app.router.routes}
    filled = {path.replace("{path:path}", "app.css").replace("{", "").replace("}", "") for path in paths}
    return sorted(
        {path.partition(":")[0] for path in filled} | {"/nothing", "/api/nothing", "/static/nothing"}
    )


async def test_every_address_says_it(frame: Api, callers: Callers) -> None:
    token = callers.token("adam", "admin", "manager")
    walked = addresses(frame)
    assert len(walked) > 100
    for path in walked:
        well_said(await frame.get(path), path)
        if path.startswith("/api"):
            well_said(await frame.get(path, token), path)
    for path in ("/sign-in", "/api/docs", "/api/openapi.json"):
        answer = await frame.get(path)
        assert answer.status_code == 200
        well_said(answer, path)


@pytest.mark.parametrize("public", ["https://fristwerk.example", "http://127.0.0.1:8080"])
async def test_over_tls_browsers_are_told_to_stay_there(
    public: str, callers: Callers, postgres_url: str, tmp_path: Path
) -> None:
    async with api_over(settings_for(tmp_path, postgres_url, PUBLIC_URL=public), callers) as api:
        secure = public.startswith("https")
        for path in ("/healthz", "/sign-in", "/api/me", "/nothing"):
            said = (await api.get(path)).headers.get("strict-transport-security")
            assert said == ("max-age=31536000" if secure else None)
        started = await api.get("/sign-in/start")
        for cookie in started.headers.get_list("set-cookie"):
            assert ("secure" in cookie.lower()) is secure
            assert cookie.startswith("__Host-") is secure
