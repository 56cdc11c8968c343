"""Plain questions first: what the address itself says needs no parsing by the frame.

FastAPI looks at every parameter a route has, in Python, whether it was sent or not. On the two routes that
everybody reads all the time this was a third of a request's cost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

Plain: TypeAlias = Callable[[Request], Awaitable[Response | None]]


def plain_first(plain: Plain) -> type[APIRoute]:
    """A kind of route that asks this first, and does what it does otherwise where the answer is None.

    Args:
        plain: answers what it understands for certain; all else, what is malformed too, is not its business.
    """

    class PlainFirst(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            whole = super().get_route_handler()

            async def handler(request: Request) -> Response:
                return await plain(request) or await whole(request)

            return handler

    return PlainFirst
