"""What belongs together, from a request to all that it sets off: one trace id, in logs, headers and spans.

The id is made at the door of the API, or by whoever acts first, and goes on as W3C `traceparent`: in a header
of Temporal's messages, and in one of every HTTP request to systems outside. It is there with and without
exported traces; only where `adapters/trace_export.py` was told an address is anything measured and kept.

Names and attributes are words of ours, ids and numbers. Errors are told by their kind, never by their text.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Final, Protocol, TypeAlias

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    ProxyTracerProvider,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.typing import EventDict, WrappedLogger

from activities.upstreams import UpstreamError

TRACEPARENT: Final = "traceparent"

Attributes: TypeAlias = Mapping[str, str | int | bool]

# Follows whatever `trace_export` sets.
_TRACER: Final = trace.get_tracer("fristwerk")
_W3C: Final = TraceContextTextMapPropagator()


class _WithHeaders(Protocol):
    @property
    def headers(self) -> MutableMapping[str, str]: ...


def correlated(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Add trace and span to a line of the log (a structlog processor)."""
    here = trace.get_current_span().get_span_context()
    if here.is_valid:
        line["trace_id"] = f"{here.trace_id:032x}"
        line["span_id"] = f"{here.span_id:016x}"
    return line


def trace_id(span: Span) -> str:
    """The id that all parts of a trace share, in 32 hexadecimal digits."""
    return f"{span.get_span_context().trace_id:032x}"


def span_id(span: Span) -> str:
    """The id of this part alone, in 16 hexadecimal digits."""
    return f"{span.get_span_context().span_id:016x}"


def traceparent(span: Span | None = None) -> str | None:
    """Where a span is, or we are, as the header tells it to others; None outside of any trace."""
    carrier: dict[str, str] = {}
    context = None if span is None else trace.set_span_in_context(span, Context())
    _W3C.inject(carrier, context)
    return carrier.get(TRACEPARENT)


async def carry(request: _WithHeaders) -> None:
    """Let an HTTP request to a system outside say what it belongs to (an event hook of httpx)."""
    if (here := traceparent()) is not None:
        request.headers[TRACEPARENT] = here


@contextmanager
def begun(
    name: str,
    kind: SpanKind,
    said: Sequence[str] = (),
    attributes: Attributes | None = None,
    *,
    followed: bool = True,
) -> Iterator[Span]:
    """What somebody has caused; the beginning of a trace where nothing is said that makes sense.

    Args:
        said: `traceparent`s of what caused it: the first is its parent, the others are linked to it.
        followed: whether it is kept where traces are; False: it has its ids for the log, and that is all.
    """
    found = [one for one in map(_understood, said) if one.is_valid]
    if followed and _is_exported():
        parent = trace.set_span_in_context(NonRecordingSpan(found[0]), Context()) if found else Context()
        with _running(name, kind, parent, attributes, [Link(one) for one in found[1:]]) as span:
            yield span
        return
    # Nobody follows; ids tell the parts apart in the log.
    fresh = secrets.randbits(64) or 1
    span = NonRecordingSpan(
        SpanContext(found[0].trace_id if found else secrets.randbits(128) or 1, fresh, is_remote=False)
    )
    token = contexts.attach(trace.set_span_in_context(span, Context()))
    try:
        yield span
    finally:
        contexts.detach(token)


@contextmanager
def within(name: str, kind: SpanKind, attributes: Attributes | None = None) -> Iterator[Span]:
    """A part of what is going on; nothing of its own where nobody follows it."""
    around = trace.get_current_span()
    if not around.is_recording():
        yield around
        return
    with _running(name, kind, contexts.get_current(), attributes, ()) as span:
        yield span


def opened(name: str, said: Sequence[str], attributes: Attributes) -> Span | None:
    """A part that its caller ends with `ended` and that is nowhere the current one; None: nobody follows."""
    found = [one for one in map(_understood, said) if one.is_valid]
    if not found or not _is_exported():
        return None
    parent = trace.set_span_in_context(NonRecordingSpan(found[0]), Context())
    return _TRACER.start_span(name, parent, SpanKind.SERVER, dict(attributes))


def ended(span: Span, error: BaseException | None = None) -> None:
    """End what `opened` began."""
    if error is not None:
        failed(span, error)
    span.end()


def failed(span: Span, error: BaseException) -> None:
    """Say that a part failed, and with what kind of error."""
    span.set_status(Status(StatusCode.ERROR))
    span.set_attribute("error.type", type(error).__name__)
    if isinstance(error, UpstreamError):
        span.set_attribute("fristwerk.fault", str(error.fault))


@contextmanager
def _running(
    name: str, kind: SpanKind, parent: Context, attributes: Attributes | None, links: Sequence[Link]
) -> Iterator[Span]:
    with _TRACER.start_as_current_span(
        name,
        parent,
        kind,
        None if attributes is None else dict(attributes),
        list(links),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as error:
            failed(span, error)
            raise


def _understood(said: str) -> SpanContext:
    """What a `traceparent` says; of no trace where it makes no sense."""
    context = _W3C.extract({TRACEPARENT: said}, Context())
    return trace.get_current_span(context).get_span_context()


def _is_exported() -> bool:
    return not isinstance(trace.get_tracer_provider(), ProxyTracerProvider)
