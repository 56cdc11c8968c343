"""A worker process: `python -m workers.main --queues protection,mail`.

Ends on SIGTERM or SIGINT after the work in hand is done; a second signal ends it at once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from typing import Final

from temporalio.runtime import Runtime
from temporalio.service import RPCError
from temporalio.worker import Worker

from adapters import build_settings, log, outside_settings, settings, trace_settings, watch_settings
from adapters.health import DATABASE_AWAY
from adapters.sdk_metrics import measured_runtime
from adapters.temporal_client import TemporalAway
from adapters.trace_export import Service, exported
from adapters.watch_settings import WatchSettings
from workers.bootstrap import QUEUES, workers
from workers.readiness import announce
from workers.registry import Tuning
from workers.versions import Build
from workers.watching import watch_of, watched

_PAUSE_SECONDS: Final = 2.0
_AWAY: Final[tuple[type[Exception], ...]] = (*DATABASE_AWAY, TemporalAway, RPCError)
_log = log.get(__name__)


def _queues(text: str) -> list[str]:
    wanted = [queue.strip() for queue in text.split(",") if queue.strip()]
    unknown = sorted(set(wanted) - set(QUEUES))
    if unknown or not wanted:
        raise argparse.ArgumentTypeError(
            f"queues are {', '.join(QUEUES)}, not {', '.join(unknown) or 'nothing'}"
        )
    return wanted


async def run(queues: list[str], configured: settings.Settings, watching: WatchSettings) -> None:
    """Works until told to stop.

    Raises:
        SettingsError: something needed is not configured, or nobody can listen where this is to be watched.
    """
    runtime = measured_runtime(watching.sdk_metrics_address)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        watch = await stack.enter_async_context(watch_of(configured, queues, runtime))
        await stack.enter_async_context(watched(watch, watching.ops_address))
        made = await _begun(stack, queues, configured, stop, runtime)
        if made is None:
            return
        running = [asyncio.create_task(worker.run()) for worker in made]
        announce()
        watch.working(begun=True)
        _log.info("working", queues=queues)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
        watch.working(begun=False)
        _log.info("stopping")
        await asyncio.gather(*(worker.shutdown() for worker in made))
        stopped.cancel()
        await asyncio.gather(*running)


async def _begun(
    stack: AsyncExitStack,
    queues: list[str],
    configured: settings.Settings,
    stop: asyncio.Event,
    runtime: Runtime | None,
) -> list[Worker] | None:
    """The workers, as soon as database and Temporal are there; None if told to stop before."""
    outside = outside_settings.load()
    tuning = Tuning(build=Build.of(build_settings.load()))
    while not stop.is_set():
        try:
            return await stack.enter_async_context(
                workers(configured, queues, tuning, outside=outside, runtime=runtime)
            )
        except _AWAY as error:
            _log.warning("not begun yet, trying again", error=type(error).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PAUSE_SECONDS):
                await stop.wait()
    return None


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(prog="python -m workers.main", description="Runs Fristwerk's workers.")
    parser.add_argument("--queues", type=_queues, default=list(QUEUES), help="comma-separated, default: all")
    arguments = parser.parse_args()
    code = 0
    try:
        configured = settings.load()
        log.configure(configured.log_level)
        watching = watch_settings.load()
        with exported(trace_settings.load(), Service.WORKER):
            asyncio.run(run(arguments.queues, configured, watching))
    except settings.SettingsError as error:
        sys.stderr.write(f"Setting {error}\n")
        code = 2
    except Exception:  # noqa: BLE001 - the outermost frame: whatever it was is logged and ends the process
        _log.exception("the worker ended")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # A process that ran a worker may crash while the interpreter finalizes; there is nothing left to do.
    os._exit(code)


if __name__ == "__main__":
    main()
