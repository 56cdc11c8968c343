"""Settings of traces, and ids in logs and headers without any export."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind
from temporalio.api.common.v1 import Payload

from adapters import temporal_tracing, trace_settings, tracing
from adapters.trace_export import Service, exported
from adapters.variables import SettingsError

OURS = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in trace_settings.TraceSettings.variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_is_followed_where_no_address_is_set() -> None:
    with exported(trace_settings.load(), Service.API):
        assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "must begin with http:// or https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "names no host"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:geheim@collector:4318", "names a user"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "geheim", "must be name=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "=geheim", "must be name=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=geheim,", "must be name=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=geheim%0d%0ax:y", "holds a character"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/geheim.pem", "names no file"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "less than or equal to 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "-1", "greater than or equal to 0"),
        ("OTEL_TRACES_SAMPLER_ARG", "nan", "finite"),
        ("OTEL_TRACES_SAMPLER_ARG", "half", "valid number"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        trace_settings.load()
    assert refused.value.field == name
    assert said in refused.value.message
    assert "geheim" not in str(refused.value)


def test_headers_are_understood_and_may_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "headers"
    file.write_text("Authorization=Bearer%20geheim,x-org= 7 \n")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS_FILE", str(file))
    found = trace_settings.load()
    assert found.sent_along() == {"authorization": "Bearer geheim", "x-org": "7"}
    assert "geheim" not in repr(found)


@pytest.mark.parametrize("said", ["", "00", "\u00e4", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "x" * 9_999])
def test_garbage_begins_a_trace(said: str) -> None:
    with tracing.begun("x", SpanKind.SERVER, [said]) as span:
        assert int(tracing.trace_id(span), 16) != 0
        assert int(tracing.span_id(span), 16) != 0
        line = tracing.correlated(None, "info", {})
        assert line == {"trace_id": tracing.trace_id(span), "span_id": tracing.span_id(span)}
    assert tracing.correlated(None, "info", {}) == {}


async def test_the_id_goes_on_without_export() -> None:
    request = httpx.Request("GET", "http://outside.test/")
    await tracing.carry(request)
    assert tracing.TRACEPARENT not in request.headers
    with tracing.begun("x", SpanKind.SERVER, [OURS]) as span:
        assert tracing.trace_id(span) == "ab" * 16
        assert tracing.span_id(span) != "cd" * 8
        with tracing.within("part", SpanKind.CLIENT) as part:
            assert part is span
        await tracing.carry(request)
    assert request.headers[tracing.TRACEPARENT] == f"00-{'ab' * 16}-{tracing.span_id(span)}-00"


def test_a_header_in_temporal_holds_at_most_a_few_and_garbage_is_nothing() -> None:
    many = temporal_tracing._write([OURS] * 20)
    assert temporal_tracing._read({"traceparent": many}) == [OURS] * 8
    assert temporal_tracing._read({}) == []
    for data in (b"", b"null", b"\xff\xfe", b"{" * 5_000, b'["00-XY"]', OURS.encode()[:-1]):
        assert temporal_tracing._read({"traceparent": Payload(data=data)}) == []
