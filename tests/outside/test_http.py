"""What comes back from a system outside is what it documents, or a named error."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from pydantic import BaseModel, Field
from structlog.testing import capture_logs

from activities.upstreams import (
    CircuitOpen,
    Fault,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
    UpstreamMalformed,
    UpstreamRefused,
    WrongCredentials,
)
from adapters.breaker import BreakerState
from adapters.http import Method, Upstream

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Product(BaseModel):
    """A product."""

    sku: str
    on_stock: int = Field(alias="onStock")
    note: str | None = None


@asynccontextmanager
async def serving(act: Act, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that does exactly this with every connection; its address."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await act(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http{'s' if tls else ''}://localhost:{port}/api/v1"
    finally:
        server.close()


def answering(raw: bytes, seen: list[bytes] | None = None) -> Act:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b":0"
        )
        body = await reader.readexactly(int(length.split(b":")[1]))
        if seen is not None:
            seen.append(head + body)
        writer.write(raw)
        await writer.drain()

    return act


def told(status: str, body: bytes = b"{}", more: str = "", length: int | None = None) -> bytes:
    said = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {said}\r\nConnection: close\r\n{more}\r\n".encode() + body


def upstream(url: str, *, ca_file: Path | None = None, within: float = 30, most: int = 2000) -> Upstream:
    return Upstream(
        "erp",
        url,
        timeout=timedelta(seconds=within),
        ca_file=ca_file,
        headers={"Authorization": "Bearer secret-of-ours"},
        most_bytes=most,
        now=lambda: NOW,
    )


async def failing(act: Act, *, within: float = 30) -> UpstreamError:
    async with serving(act) as url, upstream(url, within=within) as erp:
        with pytest.raises(UpstreamError) as failed:
            await erp.ask(Method.GET, "/products", list[Product])
    return failed.value


async def test_a_documented_answer_is_a_model_and_our_body_is_json() -> None:
    seen: list[bytes] = []
    good = told("200 OK", b'[{"sku": "A-1", "onStock": 3, "unknown": true}]')
    async with serving(answering(good, seen), None) as url, upstream(url) as erp:
        found = await erp.ask(
            Method.POST,
            "/products",
            list[Product],
            body=Product(sku="A-1", onStock=3),
            query={"page": 2},
            headers={"Idempotency-Key": "one"},
        )
        reply = await erp.send(Method.POST, "/token", form={"grant_type": "client_credentials"})
        state = erp.state()
    assert found == [Product(sku="A-1", onStock=3)]
    assert seen[0].startswith(b"POST /api/v1/products?page=2 HTTP/1.1")
    assert b"secret-of-ours" in seen[0]
    assert seen[0].endswith(b'{"sku":"A-1","onStock":3}')
    assert seen[1].endswith(b"grant_type=client_credentials")
    assert (reply.status, reply.content) == (200, b'[{"sku": "A-1", "onStock": 3, "unknown": true}]')
    assert (state.state, state.fault) == (BreakerState.CLOSED, None)
    assert state.answered is not None


@pytest.mark.parametrize(
    ("raw", "kind", "fault"),
    [
        (told("500 Broken"), UpstreamDown, Fault.SERVER_ERROR),
        (told("408 Late"), UpstreamDown, Fault.TIMEOUT),
        (told("401 Who"), WrongCredentials, Fault.WRONG_CREDENTIALS),
        (told("403 No"), WrongCredentials, Fault.WRONG_CREDENTIALS),
        (told("404 Where"), UpstreamRefused, Fault.REFUSED),
        (told("302 Elsewhere", more="Location: http://127.0.0.1:1/\r\n"), UpstreamRefused, Fault.REFUSED),
        (told("200 OK", b"<html>maintenance</html>"), UpstreamMalformed, Fault.MALFORMED),
        (told("200 OK", b'[{"sku": "A-1", "onStock": "many"}]'), UpstreamMalformed, Fault.MALFORMED),
        (told("200 OK", b""), UpstreamMalformed, Fault.MALFORMED),
        (told("200 OK", b"\xff\xfe\x00"), UpstreamMalformed, Fault.MALFORMED),
        (told("200 OK", b"[" * 1999), UpstreamMalformed, Fault.MALFORMED),
        (told("200 OK", b" " * 2001), UpstreamMalformed, Fault.MALFORMED),
        (told("200 OK", b'[{"sku":', length=100), UpstreamMalformed, Fault.HALF_ANSWER),
        (told("200 OK", b"rubbish", "Content-Encoding: gzip\r\n"), UpstreamMalformed, Fault.HALF_ANSWER),
        (told("404 Where", b"x" * 100_000), UpstreamRefused, Fault.REFUSED),
        (b"", UpstreamDown, Fault.CONNECTION_LOST),
        (b"220 mail.example ESMTP\r\n", UpstreamDown, Fault.CONNECTION_LOST),
    ],
)
async def test_everything_else_is_a_named_error(raw: bytes, kind: type[UpstreamError], fault: Fault) -> None:
    failed = await failing(answering(raw))
    assert type(failed) is kind
    assert failed.fault is fault


async def test_which_field_is_wrong_is_told_and_its_value_is_not() -> None:
    with capture_logs() as lines:
        failed = await failing(answering(told("200 OK", b'[{"sku": "A", "onStock": "anna@example.org"}]')))
    assert isinstance(failed, UpstreamMalformed)
    assert failed.where == "0.onStock"
    assert "anna" not in f"{failed!r}{failed}{lines}"
    assert {"event": "upstream failed", "fault": Fault.MALFORMED}.items() <= lines[-1].items()
    assert "secret-of-ours" not in str(lines)


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("7", timedelta(seconds=7)),
        ("Mon, 23 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", timedelta()),
        ("9" * 40, timedelta(hours=1)),
        ("-3", None),
        ("soon", None),
        ("²", None),
    ],
)
async def test_a_pause_it_asks_for_is_read(header: str, pause: timedelta | None) -> None:
    busy = await failing(answering(told("429 Enough", more=f"Retry-After: {header}\r\n")))
    assert isinstance(busy, UpstreamBusy)
    assert busy.retry_after == pause


async def test_slow_is_down_even_when_it_drips() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing() and not reader.at_eof():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    for act in (drip, silent):
        failed = await failing(act, within=0.2)
        assert (type(failed), failed.fault) == (UpstreamDown, Fault.TIMEOUT)


async def test_nobody_there_opens_the_breaker() -> None:
    async with serving(answering(b"")) as url:
        pass
    async with upstream(url) as erp:
        for _ in range(5):
            with pytest.raises(UpstreamDown) as down:
                await erp.send(Method.GET, "/products")
            assert down.value.fault is Fault.NO_CONNECTION
        with pytest.raises(CircuitOpen):
            await erp.send(Method.GET, "/products")
        assert erp.state().state is BreakerState.OPEN


async def test_a_certificate_nobody_trusts_is_named_and_one_more_ca_helps(tmp_path: Path) -> None:
    authority, good = trustme.CA(), told("200 OK", b"[]")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    async with serving(answering(good), tls) as url:
        async with upstream(url) as stranger:
            with pytest.raises(UpstreamDown) as down:
                await stranger.ask(Method.GET, "/products", list[Product])
            assert down.value.fault is Fault.NOT_TRUSTED
        async with upstream(url, ca_file=ca_file) as known:
            assert await known.ask(Method.GET, "/products", list[Product]) == []

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(told("400 No TLS here"))
        await writer.drain()

    async with serving(plain) as url, upstream(url.replace("http:", "https:")) as erp:
        with pytest.raises(UpstreamDown) as down:
            await erp.ask(Method.GET, "/products", list[Product])
        assert down.value.fault is Fault.TLS_FAILED


@pytest.mark.parametrize("path", ["", "products", "//elsewhere.example/x", "http://elsewhere.example/"])
async def test_a_path_never_leads_to_another_host(path: str) -> None:
    async with upstream("http://127.0.0.1:1") as erp:
        with pytest.raises(ValueError, match="slash"):
            await erp.send(Method.GET, path)
