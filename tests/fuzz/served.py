"""An application on a socket of its own, served by the event loop of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from tests.workflows.lab import until
from workers.embedded import ports


class _Server(uvicorn.Server):
    """Signals belong to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def is_up(self) -> bool:
        """Whether it listens."""
        return self.started


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application as production serves it; yields its address."""
    port = ports.choose()
    server = _Server(
        uvicorn.Config(
            app,
            host=ports.LOOPBACK,
            port=port,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve())
    try:
        await until(server.is_up)
        yield f"http://{ports.LOOPBACK}:{port}"
    finally:
        server.should_exit = True
        await serving
