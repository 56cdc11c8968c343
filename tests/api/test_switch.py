"""The switch finds what the router would find, and leaves everything else to it."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Message, Scope

from api.app import ROUTERS as JSON_ROUTERS
from api.pages.areas import ROUTERS as PAGES
from api.switch import _by_shape, _shape, _telling
from tests.api.house import Api, Callers

ROUTES = [
    route for router in (*JSON_ROUTERS, *PAGES) for route in router.routes if isinstance(route, APIRoute)
]
PARAMETER = re.compile(r"\{[^}]+\}")


def _scope(method: str, path: str) -> Scope:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.name} {route.path}")
def test_every_route_is_found_as_the_router_would_find_it(route: APIRoute) -> None:
    shapes = _by_shape(ROUTES)
    for value in ("x", "0f7e0000-0000-4000-8000-000000000001", "effective", "campaigns"):
        path = PARAMETER.sub(value, route.path)
        for method in route.methods or ():
            scope = _scope(method, path)
            one_by_one = next(one for one in ROUTES if one.matches(scope)[0] is Match.FULL)
            by_shape = next(
                one for one in shapes[_shape(method, path)] if one.matches(scope)[0] is Match.FULL
            )
            assert by_shape is one_by_one


def test_no_route_has_to_be_found_one_by_one() -> None:
    indexed = {id(route) for routes in _by_shape(ROUTES).values() for route in routes}
    assert [route.path for route in ROUTES if id(route) not in indexed] == []


@pytest.mark.parametrize(
    ("path", "telling"),
    [
        ("", ""),
        ("/", ""),
        ("/api", "api/"),
        ("/api/", "api/"),
        ("/api/leads", "api/leads"),
        ("/leads/7/holds", "leads"),
        ("//x/y", ""),
        ("x", ""),
    ],
)
def test_shapes(path: str, telling: str) -> None:
    assert _telling(path) == telling


async def test_routes_that_come_later_are_found_too(frame: Api, callers: Callers) -> None:
    @frame.app.get("/api/later/{thing:path}")
    async def later(thing: str) -> str:
        return thing

    answer = await frame.get("/api/later/a/b", callers.token("anna", "agent"))
    assert answer.json() == "a/b"


async def test_below_another_address_nothing_opens(frame: Api, callers: Callers) -> None:
    token = callers.token("anna", "agent")
    told: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        **_scope("GET", "/proxy/api/me"),
        "root_path": "/proxy",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
    }
    await frame.app(scope, receive, send)
    assert told == [303]
