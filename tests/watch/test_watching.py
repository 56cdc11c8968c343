"""Where a worker process may be watched: it answers before it works, and tells what is missing."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families

from adapters import watch_settings
from adapters.sdk_metrics import measured_runtime
from adapters.settings import SettingsError
from adapters.watch_settings import host_and_port
from tests.api.house import settings_for
from workers.embedded import ports
from workers.watching import Watch, application, watch_of, watched


@pytest.mark.parametrize("name", ["OPS_ADDRESS", "SDK_METRICS_ADDRESS"])
@pytest.mark.parametrize(
    "value",
    [
        "9100", ":9100", "0.0.0.0:", "0.0.0.0:0", "0.0.0.0:65536", "0.0.0.0:-1", "0.0.0.0:9100 ",
        "worker:9100", "http://0.0.0.0:9100", "1.2.3:9100", "::1:9100", "[127.0.0.1]:9100", "[::1]",
        "0.0.0.0:٩١٠٠", "?:9100",
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_the_variable_s_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"{name}='{value}'\n")
    with pytest.raises(SettingsError, match="address:port") as refused:
        watch_settings.load()
    assert refused.value.field == name


def test_what_is_said_holds_and_nothing_is_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    nothing = watch_settings.load()
    assert (nothing.ops_address, nothing.sdk_metrics_address) == (None, None)
    monkeypatch.setenv("OPS_ADDRESS", "[::]:9100")
    monkeypatch.setenv("SDK_METRICS_ADDRESS", "0.0.0.0:9101")
    said = watch_settings.load()
    assert (said.ops_address, said.sdk_metrics_address) == ("[::]:9100", "0.0.0.0:9101")
    assert host_and_port("[::]:9100") == ("::", 9100)
    assert measured_runtime(None) is None


async def test_a_place_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind((ports.LOOPBACK, 0))
        other.listen()
        place = f"{ports.LOOPBACK}:{other.getsockname()[1]}"
        with pytest.raises(SettingsError, match="cannot listen") as ops:
            async with watched(Watch(["mail"]), place):
                raise AssertionError("it listens")
        with pytest.raises(SettingsError, match="cannot listen") as sdk:
            measured_runtime(place)
    assert (ops.value.field, sdk.value.field) == ("OPS_ADDRESS", "SDK_METRICS_ADDRESS")


class _Source:
    async def read(self) -> Sequence[Metric]:
        return [GaugeMetricFamily("fristwerk_of_a_source", "What a source knows.", 7)]


async def test_a_worker_tells_whether_it_works_what_is_missing_and_what_it_counts(
    postgres_url: str, tmp_path: Path
) -> None:
    async with watch_of(settings_for(tmp_path, postgres_url), ["protection", "mail"]) as watch:
        watch.reads(_Source())
        transport = httpx.ASGITransport(application(watch))
        async with httpx.AsyncClient(transport=transport, base_url="http://worker.test") as client:
            assert (await client.get("/healthz")).json() == {"alive": True}
            waiting = await client.get("/readyz")
            watch.working(begun=True)
            working = await client.get("/readyz")
            page = await client.get("/metrics")
            assert (await client.get("/elsewhere")).status_code == 404
            assert (await client.post("/metrics")).status_code == 405
    # Nobody is at the settings' Temporal address.
    parts = {"ready": False, "working": "down", "database": "up", "temporal": "down"}
    assert (waiting.status_code, waiting.json()) == (503, parts)
    assert (working.status_code, working.json()) == (503, {**parts, "working": "up"})
    seen = {
        (sample.name, sample.labels.get("queue")): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }
    assert page.headers["content-type"].startswith("text/plain")
    assert seen["fristwerk_of_a_source", None] == 7
    assert seen["fristwerk_worker_working", "protection"] == seen["fristwerk_worker_working", "mail"] == 1
    assert seen["process_resident_memory_bytes", None] > 0


async def test_it_answers_on_its_place_until_it_ends() -> None:
    anywhere = watched(Watch(["mail"]), f"{ports.LOOPBACK}:0")
    async with anywhere as place, httpx.AsyncClient() as client:
        told = await client.get(f"http://{place}/readyz")
        assert (told.status_code, told.json()) == (503, {"ready": False, "working": "down"})
        with pytest.raises(SettingsError):
            async with watched(Watch(["mail"]), place):
                raise AssertionError("two listen in one place")
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://{place}/healthz")
    async with watched(Watch(["mail"]), None) as nowhere:
        assert nowhere is None
