"""The API as a process on a real socket, with an issuer that is asked over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import uvicorn

from api.main import _Server
from tests.api.house import ISSUER, NOBODY, Callers, settings_for
from workers.embedded import ports

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Process:
    """A running API."""

    process: asyncio.subprocess.Process
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(120):
            return await self.process.wait()

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def jwks_url(callers: Callers) -> AsyncIterator[str]:
    """Where the issuer's keys really are."""
    port = ports.choose()
    server = _Server(uvicorn.Config(callers.app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    yield f"http://127.0.0.1:{port}/jwks.json"
    server.should_exit = True
    await serving


@asynccontextmanager
async def running(folder: Path, **environment: str) -> AsyncIterator[Process]:
    log = folder / "api.log"
    port = ports.choose()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("OIDC_", "FRISTWERK_"))}
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "api.main",
            cwd=PROJECT,
            env={**ours, "FRISTWERK_STATE": str(folder), "API_PORT": str(port), **environment},
            stderr=output,
        )
    started = Process(process, port, log)
    try:
        yield started
    finally:
        await started.stop()


async def _until(true: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(2400):
        if await true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within two minutes: {what}")


async def _answering(started: Process) -> None:
    async def answers() -> bool:
        assert started.process.returncode is None, started.log.read_text()
        return await asyncio.to_thread(ports.answers, started.port)

    await _until(answers, "it answers")


@pytest.fixture
def environment(postgres_url: str, tmp_path: Path, jwks_url: str) -> dict[str, str]:
    settings_for(tmp_path, postgres_url)
    return {
        "DATABASE_URL": postgres_url,
        "TEMPORAL_ADDRESS": NOBODY,
        "OIDC_ISSUER": ISSUER,
        "OIDC_JWKS_URL": jwks_url,
        "FRISTWERK_MASTER_KEY_FILE": str(tmp_path / "master.keys"),
    }


async def test_it_serves_and_ends_cleanly(
    environment: dict[str, str], tmp_path: Path, callers: Callers
) -> None:
    async with (
        running(tmp_path, **environment) as started,
        httpx.AsyncClient(base_url=started.url, timeout=120) as client,
    ):
        await _answering(started)
        token = callers.token("anna-muster", "agent")
        for _ in range(3):
            answer = await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
            assert answer.json()["user"] == "anna-muster"
            assert "server" not in answer.headers

        async def missing_temporal() -> bool:
            ready = await client.get("/readyz")
            expected = {"ready": False, "database": "up", "temporal": "down", "issuer": "up"}
            return bool(expected.items() <= ready.json().items())

        # On a busy machine the database may miss its deadline once.
        await _until(missing_temporal, "only Temporal is missing")
        large = await client.post(
            "/api/me",
            content=b"x" * 2_000_000,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        assert large.status_code == 413
        # The connection is kept open by the client, and does not hold anything up.
        assert await started.stop() == 0
    told = [(line["route"], line["status"]) for line in started.lines() if line["event"] == "request"]
    assert ("/readyz", 503) in told
    assert [one for one in told if one[0] != "/readyz"] == [("/api/me", 200)] * 3 + [("(none)", 413)]
    assert "anna" not in started.log.read_text()
    assert "stopped serving" in [line["event"] for line in started.lines()]


async def test_a_head_that_does_not_end_is_not_collected(environment: dict[str, str], tmp_path: Path) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: api.test\r\n"
    chunked = (
        b"POST /healthz HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    )
    endless = (whole, b"GET /healthz?", whole + b"\r\n" + whole, chunked)
    async with running(tmp_path, **environment) as started:
        await _answering(started)
        for beginning in endless:
            _, writer = await asyncio.open_connection("127.0.0.1", started.port)
            sent = 0
            with suppress(ConnectionError):
                writer.write(beginning + b"X-Long: ")
                while sent < 20_000_000 and not writer.is_closing():
                    writer.write(b"x" * 100_000)
                    await writer.drain()
                    sent += 100_000
            # The kernels hold some of it, the process does not.
            assert sent < 20_000_000
            writer.close()
        async with httpx.AsyncClient(base_url=started.url, timeout=120) as client:
            long = await client.get("/healthz", headers={"X-Long": "x" * 30_000})
        assert long.status_code == 200


async def test_what_is_in_hand_is_finished(
    environment: dict[str, str], tmp_path: Path, callers: Callers
) -> None:
    async with running(tmp_path, **environment) as started:
        await _answering(started)
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        head = (
            "POST /api/leads HTTP/1.1\r\nHost: api.test\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {callers.token('anna', 'agent')}\r\nContent-Length: 15\r\n\r\n"
        )
        writer.write(head.encode() + b'{"company"')
        await writer.drain()
        async with httpx.AsyncClient(timeout=120) as client:

            async def counted() -> bool:
                return "in_progress 2.0" in (await client.get(f"{started.url}/metrics")).text

            await _until(counted, "it has been taken in")
        started.process.send_signal(signal.SIGTERM)

        async def closed() -> bool:
            return not await asyncio.to_thread(ports.answers, started.port)

        await _until(closed, "nobody new is let in")
        writer.write(b": 17}")
        async with asyncio.timeout(120):
            answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 422 ")
        assert b"#/company" in answer
        assert await started.stop() == 0


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"OIDC_JWKS_URL": ""}, 2, "Setting OIDC_JWKS_URL: is not set"),
        ({"API_PORT": "no"}, 2, "Setting API_PORT: "),
        ({"API_HOST": "192.0.2.1"}, 1, "API_HOST, API_PORT: cannot listen on 192.0.2.1:"),
        (
            {"API_HOST": "no-such-host.invalid"},
            1,
            "API_HOST, API_PORT: cannot listen on no-such-host.invalid:",
        ),
        ({"DATABASE_URL": f"postgresql://postgres@{NOBODY}/x"}, 1, "The database does not answer"),
    ],
)
async def test_it_says_why_it_does_not_start(
    environment: dict[str, str], tmp_path: Path, changed: dict[str, str], status: int, said: str
) -> None:
    async with running(tmp_path, **{**environment, **changed}) as started:
        async with asyncio.timeout(120):
            assert await started.process.wait() == status
        assert said in started.log.read_text()
        assert "Traceback" not in started.log.read_text()


async def test_a_taken_port_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        async with running(tmp_path, **{**environment, "API_PORT": port}) as started:
            async with asyncio.timeout(120):
                assert await started.process.wait() == 1
            assert f"cannot listen on 127.0.0.1:{port} (Address already in use)" in started.log.read_text()
