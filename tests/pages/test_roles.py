"""Every page in every role: shown or refused as a page; never an error, nothing of another tenant."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute

from api.pages.areas import ROUTERS
from api.pages.paths import is_open
from tests.api.shop import Shop
from tests.pages.visitor import Visitor, signed_in, visitor

_PARAMETER: Final = re.compile(r"\{[^}]+\}")
_ROUTES: Final = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
READ: Final = sorted({route.path for route in _ROUTES if "GET" in (route.methods or ())})
WRITTEN: Final = sorted({route.path for route in _ROUTES if "POST" in (route.methods or ())})
# What only some may see; everything else is for everybody who is signed in.
ONLY: Final[dict[str, set[str]]] = {
    "/ai": {"maria", "adam", "olga"},
    "/desk": {"maria", "adam"},
    "/mails": {"adam"},
    "/settings": {"maria", "adam", "olga"},
    "/status": {"adam"},
    "/integrations": {"maria", "adam", "olga"},
    "/integrations/webhooks": {"maria", "adam", "olga"},
}


async def _people(shop: Shop) -> dict[str, Visitor]:
    return {user: await visitor(shop, user) for user in ("anna", "maria", "adam", "olga")}


async def test_every_page_is_shown_or_refused(shop: Shop) -> None:
    people = await _people(shop)
    for path in READ:
        if is_open(path) or "{" in path:
            continue
        for user, visiting in people.items():
            answer = await visiting.get(path)
            # No system outside is connected here: the ERP's page says so.
            served = {200, 303, 403, 404, 422} | ({503} if path == "/erp" else set())
            assert answer.status_code in served, (user, path, answer.status_code)
            if path in ONLY:
                assert (answer.status_code == 200) == (user in ONLY[path]), (user, path, answer.status_code)


@pytest.mark.parametrize("value", ["0f7e0000-0000-4000-8000-00000000dead", "%00", "ü", "x" * 300, "'--"])
async def test_what_does_not_exist_is_told_so(shop: Shop, value: str) -> None:
    visiting = await visitor(shop, "adam")
    for path in READ:
        if not is_open(path) and "{" in path:
            answer = await visiting.get(_PARAMETER.sub(value, path))
            assert answer.status_code in {303, 307, 400, 404, 405, 410, 422}, (path, answer.status_code)


async def test_nothing_is_read_of_another_tenant(shop: Shop) -> None:
    lead = (await shop.opened()).removeprefix("/")
    stranger = await signed_in(shop.api, shop.office.lab.tenant, "stranger", "agent")
    for path in READ:
        if "{lead}" in path and path.count("{") == 1:
            answer = await stranger.get(path.replace("{lead}", lead))
            assert answer.status_code == 404, (path, answer.status_code)


async def test_forms_full_of_nonsense_change_nothing_and_break_nothing(shop: Shop) -> None:
    people = await _people(shop)
    lead = (await shop.opened()).removeprefix("/")
    before = await shop.office.facts(UUID(lead))
    nonsense: dict[str, Any] = {
        "kind": "x",
        "days": "-1",
        "reason": "<b>",
        "at": "never",
        "owner": "'",
        "leads": "none",
        "x": "y",
    }
    for path in WRITTEN:
        if path in {"/sign-out", "/look"} or is_open(path):
            continue
        filled = _PARAMETER.sub(str(uuid4()), path.replace("{lead}", lead))
        for user in ("olga", "anna"):
            answer = await people[user].post(filled, **nonsense)
            assert answer.status_code in {303, 400, 403, 404, 409, 422}, (user, path, answer.status_code)
    assert await shop.office.facts(UUID(lead)) == before
