"""Where a stand-in meets HTTP: every request is written down, and spoilt as its switch says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import unquote

from sandbox.requests import RequestLog
from sandbox.switches import Switch, Switches
from sandbox.wire import Answer, Asked, StandIn

TRANSPORT: Final = "sandbox.transport"
_MOST_BYTES: Final = 4_000_000

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Stage:
    """A stand-in as an ASGI application."""

    def __init__(self, played: StandIn, switches: Switches, log: RequestLog) -> None:
        self._played = played
        self._switches = switches
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if body is None:
            await _send(send, self._played.refusal(413))
            return
        asked = Asked(
            method=scope["method"],
            path=unquote(scope["raw_path"].decode("latin-1")),
            query=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
        )
        upstream = self._played.upstream
        recorded = self._log.note(
            upstream, asked.method, asked.path, query=asked.query, headers=asked.headers, body=body
        )
        switch = self._switches.take(upstream)
        await self._switches.think(upstream, switch.latency_ms)
        transport: asyncio.Transport = scope[TRANSPORT]
        if switch.outage or transport.is_closing():
            transport.abort()
            await _gone(receive)
            return
        answer = await self._answer(asked, switch)
        if switch.half:
            content = answer.encoded()
            await _start(send, answer, len(content))
            await send(
                {"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True}
            )
            transport.close()
            await _gone(receive)
            return
        recorded.answered = answer.status
        if switch.malformed:
            content = answer.encoded()
            await _start(send, answer, len(content) // 2)
            await send({"type": "http.response.body", "body": content[: len(content) // 2]})
            return
        # Counted before it is sent: whoever has the answer finds it on the bill.
        self._played.delivered(asked, answer)
        await _send(send, answer)

    async def _answer(self, asked: Asked, switch: Switch) -> Answer:
        if switch.wrong_credentials:
            return self._played.refusal(401)
        if switch.error is not None:
            refused = self._played.refusal(switch.error)
            if switch.retry_after is None:
                return refused
            return Answer(
                refused.status, refused.body, {**refused.headers, "retry-after": str(switch.retry_after)}
            )
        return await self._played.answer(asked)


async def _body(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


async def _gone(receive: Receive) -> None:
    """Wait until the connection has ended, so that nobody misses the rest of an answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, answer: Answer, length: int) -> None:
    headers = {"content-type": "application/json", **answer.headers, "content-length": str(length)}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})


async def _send(send: Send, answer: Answer) -> None:
    content = answer.encoded()
    await _start(send, answer, len(content))
    await send({"type": "http.response.body", "body": content})
