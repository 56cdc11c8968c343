"""A collector of traces on loopback: a real receiver of OTLP over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A span as it was delivered; ids in hexadecimal digits."""

    service: str
    trace: str
    span: str
    parent: str
    name: str
    attributes: dict[str, str | int]
    failed: bool
    said: str


class Collector:
    """What was delivered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spans: list[Seen] = []
        self._raw: list[bytes] = []
        self._shown: set[str] = set()

    def take(self, path: str, authorization: str, body: bytes) -> None:
        """One delivery."""
        request = ExportTraceServiceRequest.FromString(body)
        spans = [
            _seen(resource.resource.attributes, span)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._lock:
            self._spans += spans
            self._raw.append(body)
            self._shown.add(f"{path} {authorization}")

    def spans(self, trace: str | None = None) -> list[Seen]:
        """All of them, or those of a trace."""
        with self._lock:
            return [span for span in self._spans if trace in {None, span.trace}]

    def raw(self) -> bytes:
        """Everything that came over the wire."""
        with self._lock:
            return b"".join(self._raw)

    def shown(self) -> set[str]:
        """Where it came to, and as whom."""
        with self._lock:
            return set(self._shown)


def _values(attributes: Any) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for attribute in attributes:
        value = attribute.value
        found[attribute.key] = value.string_value or value.int_value
    return found


def _seen(resource: Any, span: Any) -> Seen:
    return Seen(
        service=str(_values(resource)["service.name"]),
        trace=span.trace_id.hex(),
        span=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        attributes=_values(span.attributes),
        failed=span.status.code == 2,
        said=span.status.message + "".join(event.name for event in span.events),
    )


@contextmanager
def collecting() -> Iterator[tuple[Collector, str]]:
    """A collector that runs, and where."""
    collector = Collector()

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take(self.path, self.headers.get("authorization", ""), body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing to tell."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="collector", daemon=True)
    thread.start()
    try:
        yield collector, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)
