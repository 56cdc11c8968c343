"""The bare thing beside our API: FastAPI routes with one bare query, or one bare workflow update.

Usage: python -m benchmarks.bare_api PORT TENANT; the rest comes from the environment as for our API.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from pydantic import BaseModel

from adapters import settings as configuration
from adapters.database import open_pool
from adapters.temporal_client import connect
from api.main import CONNECTIONS
from benchmarks import bare
from benchmarks.throughput import SQL

_PAGE: Final = Environment(autoescape=True).from_string(
    "<!doctype html><title>Leads</title><table>{% for row in rows %}"
    "<tr><td>{{ row.company }}<td>{{ row.city }}<td>{{ row.status }}<td>{{ row.valid_until }}{% endfor %}"
)


class Row(BaseModel):
    """What a status read answers, as it lies in the table."""

    lead: UUID
    revision: int
    status: str
    paused: bool
    owner: str
    base_until: datetime | None
    progress_until: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    valid_until: datetime | None
    registered_at: datetime | None
    last_progress_at: datetime | None
    policy_version: str
    active_holds: list[str]


class ListedRow(Row):
    """The same in a list, with what the lead is called."""

    company: str
    city: str


class Told(BaseModel):
    """What is told to the bare workflow."""

    kind: str


def create(tenant: UUID) -> FastAPI:
    """The bare application."""
    settings = configuration.load()

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        owner = settings.owner_login()
        async with await open_pool(owner, name="bare-api", largest=CONNECTIONS, session_state=False) as pool:
            app.state.pool, app.state.client = pool, await connect(settings, lazy=True)
            yield

    app = FastAPI(lifespan=opened, openapi_url=None)

    @app.get("/leads/{lead}")
    async def one(lead: UUID) -> Row:
        async with app.state.pool.acquire() as connection:
            found = await SQL.bare_read(connection, tenant=tenant, lead=lead)
        return Row(**found)

    @app.get("/leads")
    async def many() -> list[ListedRow]:
        async with app.state.pool.acquire() as connection:
            return [ListedRow(**row) async for row in SQL.bare_list(connection, tenant=tenant, most=50)]

    @app.get("/page", response_class=HTMLResponse)
    async def page() -> HTMLResponse:
        async with app.state.pool.acquire() as connection:
            rows = [row async for row in SQL.bare_list(connection, tenant=tenant, most=50)]
        return HTMLResponse(_PAGE.render(rows=rows))

    @app.post("/form", status_code=303)
    async def take(request: Request) -> Response:
        said = parse_qs((await request.body()).decode())
        async with app.state.pool.acquire() as connection:
            await SQL.bare_form(connection, tenant=tenant, said=json.dumps(said))
        return Response(status_code=303, headers={"Location": "/thanks"})

    @app.post("/bare/{number}", status_code=201)
    async def tell(number: int, told: Told) -> dict[str, Any]:
        handle = app.state.client.get_workflow_handle(f"bare/{number}")
        done = await handle.execute_update(bare.TELL, {"by": "agent", "kind": told.kind})
        return {"done": done}

    return app


def main() -> None:
    """Entry point of the process."""
    port, tenant = int(sys.argv[1]), UUID(sys.argv[2])
    server = uvicorn.Server(
        uvicorn.Config(create(tenant), port=port, http="httptools", log_config=None, access_log=False)
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve())


if __name__ == "__main__":
    main()
