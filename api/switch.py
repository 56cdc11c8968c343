"""Finds the route of a request by its shape, instead of trying every route in turn.

Trying costs about a microsecond a route; with fifty routes that is more than everything else a small
request costs in Python. What is not found by its shape is left to the router, which knows 404 and 405.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from fastapi.routing import APIRoute, APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

# Method, number of slashes, what it is about: GET /api/leads/7 is ("GET", 3, "api/leads"), and the page
# GET /leads/7 is ("GET", 2, "leads").
Shape: TypeAlias = "tuple[str, int, str]"

_API: Final = "api"


class Switch:
    """Stands before a router.

    Args:
        router: answers whatever is not found here; routes it gets later are its own business.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._routes = _by_shape(router.routes)
        self._named = _by_name(router.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not scope.get("root_path"):
            named = self._named.get(scope["path"])
            if named is not None and scope["method"] not in named:
                # `/leads/import` has the shape of `/leads/{lead}`, and is an address of its own.
                scope["route"] = next(iter(named.values()))
                await scope["route"].handle(scope, receive, send)
                return
            for route in self._routes.get(_shape(scope["method"], scope["path"]), ()):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found)
                    await route.handle(scope, receive, send)
                    return
        await self._router.app(scope, receive, send)


def _by_shape(routes: Sequence[BaseRoute]) -> dict[Shape, list[APIRoute]]:
    found: dict[Shape, list[APIRoute]] = {}
    for route in routes:
        # A parameter in the part that tells, or one that spans several parts, has no one shape.
        if isinstance(route, APIRoute) and ":path}" not in route.path and "{" not in _telling(route.path):
            for method in route.methods or ():
                found.setdefault(_shape(method, route.path), []).append(route)
    return found


def _by_name(routes: Sequence[BaseRoute]) -> dict[str, dict[str, APIRoute]]:
    """Addresses without parameters, and the routes of their methods."""
    found: dict[str, dict[str, APIRoute]] = {}
    for route in routes:
        if isinstance(route, APIRoute) and "{" not in route.path:
            found.setdefault(route.path, {}).update(dict.fromkeys(route.methods or (), route))
    return found


def _shape(method: str, path: str) -> Shape:
    return method, path.count("/"), _telling(path)


def _telling(path: str) -> str:
    _, _, rest = path.partition("/")
    first, _, after = rest.partition("/")
    return f"{_API}/{after.partition('/')[0]}" if first == _API else first
