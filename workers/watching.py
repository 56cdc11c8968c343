"""Where a worker process may be watched: `/healthz`, `/readyz` and `/metrics` on OPS_ADDRESS.

It listens before the first connection is made, so that a worker that waits for its database can be told from
one that is gone.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from importlib.metadata import version
from typing import Final, Protocol

import uvicorn
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.runtime import Runtime

from adapters import log
from adapters.database import open_pool
from adapters.health import database_answers, temporal_answers
from adapters.settings import Settings, SettingsError
from adapters.temporal_client import connect
from adapters.watch_figures import Figures
from adapters.watch_settings import host_and_port
from workers.bootstrap import QUEUES
from workflows.names import PROTECTION_QUEUE

_BACKLOG: Final = 64
_FINISH_SECONDS: Final = 2
# One for who asks whether all is well, one for the figures.
_CONNECTIONS: Final = 2
_log = log.get(__name__)

Question = Callable[[], Awaitable[bool]]


class Source(Protocol):
    """Something that is read anew whenever somebody wants to see the metrics."""

    async def read(self) -> Sequence[Metric]:
        """What it knows now; never raises because something outside is away."""


class Watch:
    """What a worker process tells about itself.

    Args:
        queues: which queues it works for.
        build: what it was built from.
    """

    def __init__(self, queues: Sequence[str], build: str | None = None) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._working = Gauge(
            "fristwerk_worker_working",
            "Whether this process takes work from the queue (1) or waits for database or Temporal (0).",
            ("queue", "build"),
            registry=self._registry,
        )
        self._queues = tuple(queues)
        self._build = build or version("fristwerk")
        self._parts: dict[str, Question] = {}
        self._sources: list[Source] = []
        self.working(begun=False)

    def working(self, *, begun: bool) -> None:
        """Say whether the workers of this process take work."""
        self._begun = begun
        for queue in self._queues:
            self._working.labels(queue, self._build).set(begun)

    def needs(self, part: str, answers: Question) -> None:
        """Name a part that has to be there for the process to be ready.

        Args:
            part: how `/readyz` calls it.
            answers: whether it is there; asked with a deadline of its own.
        """
        self._parts[part] = answers

    def reads(self, source: Source) -> None:
        """Show what this source knows among the metrics."""
        self._sources.append(source)

    async def readiness(self) -> dict[str, bool]:
        """Which parts are there; `working` is the process itself."""
        answers = await asyncio.gather(*(ask() for ask in self._parts.values()))
        return {"working": self._begun, **dict(zip(self._parts, answers, strict=True))}

    async def page(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        read = [metric for source in self._sources for metric in await source.read()]
        shown = CollectorRegistry()
        shown.register(_Read(read))
        return generate_latest(self._registry) + generate_latest(shown)


class _Read:
    """Metrics that have been read already, as a collector."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


@asynccontextmanager
async def watch_of(
    settings: Settings, queues: Sequence[str], runtime: Runtime | None = None
) -> AsyncIterator[Watch]:
    """What a worker process for these queues tells about itself, over connections of its own.

    Database and Temporal may be away; it then says so.

    Args:
        runtime: of the SDK, with its own telemetry; None: the process-wide one.

    Raises:
        SettingsError: something needed is not configured.
    """
    pool = await open_pool(
        settings.worker_login(), name="fristwerk-watch", smallest=0, largest=_CONNECTIONS, session_state=False
    )
    try:
        client = await connect(settings, runtime=runtime, lazy=True)
        watch = Watch(queues)
        watch.needs("database", partial(database_answers, pool))
        watch.needs("temporal", partial(temporal_answers, client))
        if PROTECTION_QUEUE in queues:
            # Of all processes together; whoever keeps the clocks tells about them.
            watch.reads(Figures(pool, client, QUEUES))
        yield watch
    finally:
        await pool.close()


def application(watch: Watch) -> Starlette:
    """The three pages of a worker process."""

    async def health(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_: Request) -> Response:
        parts = await watch.readiness()
        told = {"ready": all(parts.values()), **{name: "up" if up else "down" for name, up in parts.items()}}
        return JSONResponse(told, 200 if all(parts.values()) else 503)

    async def metrics(_: Request) -> Response:
        return Response(await watch.page(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[Route("/healthz", health), Route("/readyz", ready), Route("/metrics", metrics)],
    )


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def watched(watch: Watch, place: str | None) -> AsyncIterator[str | None]:
    """Answers those who watch for as long as it is open; tells where.

    Args:
        watch: what is told.
        place: address:port to listen on; None: nobody is answered.

    Raises:
        SettingsError: nobody can listen there.
    """
    if place is None:
        yield None
        return
    with _listening(place) as listening:
        server = _Server(
            uvicorn.Config(
                application(watch),
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_FINISH_SECONDS,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        host, port = listening.getsockname()[:2]
        _log.info("watched", host=host, port=port)
        try:
            yield f"{host}:{port}"
        finally:
            server.should_exit = True
            await serving


def _listening(place: str) -> socket.socket:
    host, port = host_and_port(place)
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        raise SettingsError("OPS_ADDRESS", f"cannot listen on {place} ({error.strerror})") from error
    made.setblocking(False)
    return made
