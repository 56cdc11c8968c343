"""Temporal over TLS, as Temporal Cloud asks for it: a listener that ends TLS before a real server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from adapters.settings import Settings
from adapters.temporal_client import TemporalAway, connect

KEY = "a" * 40
# Of RFC 7541, appendix B: how HTTP/2 writes the few letters that are needed here.
HUFFMAN = {"B": "1011101", "e": "00101", "a": "00011", "r": "101100", " ": "010100"}


def compressed(text: str) -> bytes:
    bits = "".join(HUFFMAN[letter] for letter in text)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


@dataclass(slots=True)
class Front:
    """What ends TLS, and what it has seen."""

    port: int
    seen: bytearray = field(default_factory=bytearray)
    shown: list[object] = field(default_factory=list)


@asynccontextmanager
async def front(target: str, context: ssl.SSLContext) -> AsyncIterator[Front]:
    """Hands on to the server what comes in over TLS."""
    host, _, port = target.rpartition(":")
    found = Front(0)
    serving: set[asyncio.Task[None]] = set()
    open_ends: list[asyncio.StreamWriter] = []

    async def hand_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, see: Callable[[bytes], None]
    ) -> None:
        try:
            while chunk := await reader.read(65_536):
                see(chunk)
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.shown.append(writer.get_extra_info("peercert"))
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        open_ends.extend((writer, inner_writer))
        ways = (
            hand_on(reader, inner_writer, found.seen.extend),
            hand_on(inner_reader, writer, lambda _: None),
        )
        # Whoever leaves, leaves both.
        await asyncio.gather(*ways, return_exceptions=True)

    def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(come, "127.0.0.1", 0, ssl=context)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found
        # A client keeps its connection: it is ended here, and everything ends by itself.
        for end in open_ends:
            end.close()
        await asyncio.gather(*serving)


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """Whom both sides trust; its certificate is `ca.pem`."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    return made


def context(authority: trustme.CA, *, certificate_asked: bool) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("temporal.internal").configure_cert(made)
    made.set_alpn_protocols(["h2"])
    if certificate_asked:
        made.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(made)
    return made


async def connected(port: int, **said: str) -> Client:
    names = {f"TEMPORAL_{name}": value for name, value in said.items()}
    return await connect(Settings.model_validate({"TEMPORAL_ADDRESS": f"127.0.0.1:{port}", **names}))


async def test_with_a_certificate_of_ones_own_and_not_without(
    temporal_env: WorkflowEnvironment, authority: trustme.CA, tmp_path: Path
) -> None:
    ours = authority.issue_cert(common_name="fristwerk")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    ours.private_key_pem.write_to_path(tmp_path / "key.pem")
    trusting = {"TLS_SERVER_CA_CERT_PATH": f"{tmp_path}/ca.pem", "TLS_SERVER_NAME": "temporal.internal"}
    ourselves = {
        "TLS_CLIENT_CERT_PATH": f"{tmp_path}/cert.pem",
        "TLS_CLIENT_KEY_PATH": f"{tmp_path}/key.pem",
    }
    target = temporal_env.client.service_client.config.target_host
    async with front(target, context(authority, certificate_asked=True)) as found:
        client = await connected(found.port, **trusting, **ourselves)
        assert await client.service_client.check_health()
        assert "fristwerk" in str(found.shown[-1])
        for wrong in (
            {},  # no TLS at all
            trusting,  # nobody
            ourselves,  # an authority that the server is not known by
            {**trusting, **ourselves, "TLS_SERVER_NAME": "another.internal"},
        ):
            with pytest.raises(TemporalAway):
                await connected(found.port, **wrong)


async def test_a_key_is_shown_with_every_call_and_only_over_tls(
    temporal_env: WorkflowEnvironment, authority: trustme.CA, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    target = temporal_env.client.service_client.config.target_host
    async with front(target, context(authority, certificate_asked=False)) as found:
        client = await connected(
            found.port,
            API_KEY_FILE=str(tmp_path / "key"),
            TLS_SERVER_CA_CERT_PATH=f"{tmp_path}/ca.pem",
            TLS_SERVER_NAME="temporal.internal",
        )
        assert await client.service_client.check_health()
        assert client.namespace == "default"
        assert compressed(f"Bearer {KEY}") in found.seen
    async with front(target, context(authority, certificate_asked=False)) as stranger:
        # Whose certificate nobody vouches for: the key stays here.
        with pytest.raises(TemporalAway):
            await connected(stranger.port, API_KEY=KEY)
        assert stranger.seen == b""
