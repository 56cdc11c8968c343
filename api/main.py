"""The API as a process: composition, socket, server, and a clean end."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Final

import httpx
import uvicorn
import uvloop
from temporalio.runtime import Runtime

from adapters import log, outside_settings, settings, trace_settings, watch_settings
from adapters.database import open_pool
from adapters.feedback_gate import FeedbackGate
from adapters.health import DATABASE_AWAY
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.outside_settings import OutsideSettings
from adapters.registry import open_registry
from adapters.sdk_metrics import measured_runtime
from adapters.settings import Settings, SettingsError
from adapters.temporal_client import connect
from adapters.trace_export import Service, exported
from adapters.vault import Vault
from api.ai_wiring import opened_ai
from api.app import create_app
from api.auth import Expectations, TokenVerifier
from api.credit_wiring import open_credits
from api.erp_wiring import erp_connected
from api.heads import BoundedHeads
from api.keys import JwksKeys
from api.pages.openid import Provider
from api.webhook_wiring import webhook_desk
from api.wiring import Wiring
from services.desk import ANSWER_WITHIN
from services.feedback import FeedbackDesk

CONNECTIONS: Final = 10
# Starting a lead's workflow from its ledger; nothing else reads past the application role.
LEDGER_CONNECTIONS: Final = 2
# The public form's own, so that it takes nothing from those who are signed in.
FORM_CONNECTIONS: Final = 4
_BACKLOG: Final = 1024
_KEEP_ALIVE_SECONDS: Final = 75
_FINISH_SECONDS: Final = 10
_ISSUER_SECONDS: Final = 5.0

_log = log.get(__name__)


class CannotServe(Exception):
    """The API cannot start; the message says why and what to do."""


@asynccontextmanager
async def wired(
    configured: Settings,
    *,
    http: httpx.AsyncClient | None = None,
    outside: OutsideSettings | None = None,
    runtime: Runtime | None = None,
    patience: timedelta = ANSWER_WITHIN,
) -> AsyncIterator[Wiring]:
    """Everything the API needs, opened; closed afterwards.

    Temporal and the token issuer may be away; until they are back, requests that need them get a 503.

    Args:
        configured: where everything is.
        http: what the issuer's keys are fetched with, instead of a client of our own.
        outside: how the systems outside are reached; None: none is connected.
        runtime: of Temporal's SDK, with its own telemetry; None: the process-wide one.
        patience: how long an act may take to be on record.

    Raises:
        SettingsError: something needed is not configured.
    """
    oidc = configured.oidc()
    vault = Vault.of(configured)
    async with AsyncExitStack() as stack:
        pool = await open_pool(
            configured.app_login(), name="fristwerk-api", largest=CONNECTIONS, session_state=False
        )
        stack.push_async_callback(pool.close)
        ledgers = await open_pool(
            configured.worker_login(), name="fristwerk-api-ledgers", smallest=0, largest=LEDGER_CONNECTIONS
        )
        stack.push_async_callback(ledgers.close)
        form = await open_pool(
            configured.public_login(),
            name="fristwerk-feedback",
            largest=FORM_CONNECTIONS,
            session_state=False,
        )
        stack.push_async_callback(form.close)
        registry = await stack.enter_async_context(open_registry(pool, configured.app_login()))
        client = await connect(configured, runtime=runtime, lazy=True)
        if http is None:
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=_ISSUER_SECONDS))
        keys = JwksKeys(http, oidc.jwks_url)
        wiring = Wiring(
            app=pool,
            gateway=TemporalLeadGateway(client, PostgresPeople(ledgers), within=patience),
            temporal=client,
            patience=patience,
            vault=vault,
            registry=registry,
            tokens=TokenVerifier(keys, Expectations(oidc.issuer, oidc.audience)),
            public_url=configured.public_url,
            feedback=FeedbackDesk(FeedbackGate(form, vault), vault, configured.proxies()),
            provider=_provider(configured, http, keys),
            ai=None if outside is None else await opened_ai(stack, outside, pool, registry, vault),
            credit=None if outside is None else await open_credits(stack, configured, outside),
            erp=None if outside is None else erp_connected(outside),
            webhooks=None if outside is None else webhook_desk(pool, vault, outside),
        )
        stack.push_async_callback(wiring.imports.stop)
        stack.push_async_callback(wiring.gatherings.stop)
        stack.push_async_callback(wiring.errands.stop)
        yield wiring


def _provider(configured: Settings, http: httpx.AsyncClient, keys: JwksKeys) -> Provider | None:
    sign_in = configured.sign_in()
    if sign_in is None:
        return None
    issuer = configured.oidc().issuer
    return Provider(
        http,
        sign_in,
        issuer=issuer,
        tokens=TokenVerifier(keys, Expectations(issuer, sign_in.client_id)),
        public_url=configured.public_url,
    )


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again before the pools are closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def told_to_stop(self) -> None:
        """Finish the requests in hand; told a second time, drop them."""
        self.force_exit = self.should_exit
        self.should_exit = True


async def run(configured: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in hand.

    Raises:
        SettingsError: something needed is not configured.
        CannotServe: the database does not answer, or the port is taken.
    """
    runtime = measured_runtime(watch_settings.load().sdk_metrics_address)
    try:
        async with wired(configured, outside=outside_settings.load(), runtime=runtime) as wiring:
            with _listening(configured.api_host, configured.api_port) as listening:
                await _serve(wiring, listening)
    except DATABASE_AWAY as error:
        raise CannotServe(f"The database does not answer ({type(error).__name__}).") from error


async def _serve(wiring: Wiring, listening: socket.socket) -> None:
    server = _Server(
        uvicorn.Config(
            create_app(wiring),
            http=BoundedHeads,
            ws="none",
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_FINISH_SECONDS,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.told_to_stop)
    host, port = listening.getsockname()[:2]
    _log.info("serving", host=host, port=port)
    await server.serve(sockets=[listening])
    _log.info("stopped serving")


def _listening(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError as error:
        raise CannotServe(
            f"API_HOST, API_PORT: cannot listen on {host}:{port} ({error.strerror})."
        ) from error
    made.setblocking(False)
    return made


def serve(configured: Settings) -> None:
    """Run the API as this process.

    Raises:
        SettingsError: something needed is not configured.
        CannotServe: it cannot start.
    """
    with (
        exported(trace_settings.load(), Service.API),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(run(configured))


def main() -> None:
    """Entry point of the process."""
    try:
        configured = settings.load()
        log.configure(configured.log_level)
        serve(configured)
    except SettingsError as error:
        sys.stderr.write(f"Setting {error}\n")
        sys.exit(2)
    except CannotServe as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
