"""The sandbox as a program: `python -m sandbox`. Loopback only; nothing in it is real."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Final

import uvicorn

from sandbox.control import control
from sandbox.listening import LOOPBACK
from sandbox.memory import Memory
from sandbox.published import kept_accounts, publish
from sandbox.switches import Upstream
from sandbox.world import World

_DECIDES_AFTER: Final = 5.0  # seconds; long enough to see that somebody waits
_KEPT_EVERY: Final = 2.0  # seconds


async def serve(world: World, folder: Path, port: int, numbers: dict[Upstream, int]) -> None:
    """Run everything until SIGTERM or SIGINT.

    Args:
        world: what is played.
        folder: where the variables that lead here are written down.
        port: of the control page.
        numbers: of the stand-ins' ports.
    """
    stop = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, stop.set)
    memory = Memory(world, folder)
    memory.recall()
    await world.open(numbers)
    publish(world, folder)
    # The control listens last: who reaches it reaches everything.
    pages = _Pages(uvicorn.Config(control(world), LOOPBACK, port, log_level="warning", access_log=False))
    serving = asyncio.create_task(pages.serve())
    while not stop.is_set():
        memory.keep()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _KEPT_EVERY)
    memory.keep()
    pages.should_exit = True
    await serving
    await world.close()


class _Pages(uvicorn.Server):
    """Leaves signals to the whole program."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def main() -> None:
    """Run the sandbox as a process."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="certificates, inbox, records")
    parser.add_argument("--port", type=int, required=True, help="of the control page")
    for upstream in Upstream:
        parser.add_argument(f"--{upstream}-port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--erp-tells", default=None, help="address the ERP's webhooks go to")
    parser.add_argument(
        "--also-trust", type=Path, default=None, help="PEM file, put beside our own authority"
    )
    given = parser.parse_args()
    try:
        given.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        also = given.also_trust.read_bytes() if given.also_trust is not None else b""
        world = World(
            given.folder,
            kept_accounts(given.folder),
            also_trusted=also,
            decides_after=_DECIDES_AFTER,
            erp_tells=given.erp_tells,
        )
    except (OSError, ValueError) as error:
        sys.exit(f"The sandbox does not start: {error}")
    numbers = {upstream: getattr(given, f"{upstream}_port") for upstream in Upstream}
    asyncio.run(serve(world, given.folder, given.port, numbers))


if __name__ == "__main__":
    main()
