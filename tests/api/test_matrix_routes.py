"""No route without a place in the matrix, and no act without a route."""

from __future__ import annotations

from fastapi.routing import APIRoute

from api.pages.paths import is_api
from protection.permission import Act
from tests.api.house import Api
from tests.api.matrix_deeds import DEEDS, EVERYBODYS


def _routes(api: Api) -> set[str]:
    """Everything the application answers to, method by method; who may see which page is in tests/pages."""
    found = set()
    for route in api.app.routes:
        assert isinstance(route, APIRoute), f"{route!r} is none of FastAPI's, so nobody knows its right"
        if not is_api(route.path):
            continue
        found |= {f"{method} {route.path}" for method in route.methods or ()}
    return found


def _template(route: str) -> str:
    return route.partition("?")[0]


def test_every_route_has_a_right_or_a_reason(frame: Api) -> None:
    tried = {_template(deed.route) for deed in DEEDS}
    routes = _routes(frame)
    assert routes - tried - set(EVERYBODYS) == set(), "new: say in tests/api/matrix_deeds.py who may"
    assert (tried | set(EVERYBODYS)) - routes == set(), "gone: take it out of tests/api/matrix_deeds.py"
    assert tried.isdisjoint(EVERYBODYS)


def test_every_act_is_done_by_a_route() -> None:
    assert {deed.act for deed in DEEDS} == set(Act)


def test_only_what_names_nobody_is_open(frame: Api) -> None:
    """Every reason is given for reading; whatever writes asks for a right, or for a secret link."""
    assert [route for route in EVERYBODYS if not route.startswith("GET ")] == [
        "POST /api/feedback/{token}",
        "POST /api/webhooks/{source}",
    ]
