"""Sends traces to a collector (OTLP over HTTP) where one is configured; otherwise nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from adapters.trace_settings import TraceSettings

_SECONDS: Final = 5.0
_FLUSH_MILLISECONDS: Final = 5_000


class Service(StrEnum):
    """Our processes, as they are called in traces."""

    API = "fristwerk-api"
    WORKER = "fristwerk-worker"


@contextmanager
def exported(configured: TraceSettings, service: Service) -> Iterator[None]:
    """Follow this process as long as this runs, if the settings say where to; once in a process."""
    if configured.endpoint is None:
        yield
        return
    by_id = TraceIdRatioBased(configured.share)
    provider = TracerProvider(
        # Whoever calls us cannot hide a request, nor have all of his kept: the trace's id decides everywhere.
        sampler=ParentBased(by_id, remote_parent_sampled=by_id, remote_parent_not_sampled=by_id),
        resource=Resource(
            {
                "service.name": configured.service or str(service),
                "service.namespace": "fristwerk",
                "service.version": version("fristwerk"),
            }
        ),
        span_limits=SpanLimits(max_span_attribute_length=200),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(
        BatchSpanProcessor(
            OTLPSpanExporter(
                f"{configured.endpoint.rstrip('/')}/v1/traces",
                certificate_file=None if configured.certificate is None else str(configured.certificate),
                headers=configured.sent_along(),
                timeout=_SECONDS,
            )
        )
    )
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.force_flush(_FLUSH_MILLISECONDS)
        provider.shutdown()
