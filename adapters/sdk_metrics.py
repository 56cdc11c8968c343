"""What Temporal's SDK counts, in the format of Prometheus: on a port of its own, by the SDK's own server."""

from __future__ import annotations

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from adapters.settings import SettingsError


def measured_runtime(place: str | None) -> Runtime | None:
    """A runtime of the SDK whose clients and workers are counted; one a process.

    Names end in their unit and counters in `_total`, durations are seconds: as everybody else's metrics.

    Args:
        place: address:port to listen on; None: nothing is counted.

    Returns:
        What `adapters/temporal_client.py` takes as its runtime.

    Raises:
        SettingsError: nobody can listen there.
    """
    if place is None:
        return None
    metrics = PrometheusConfig(
        bind_address=place, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=metrics))
    except ValueError as error:
        raise SettingsError("SDK_METRICS_ADDRESS", f"cannot listen on {place}") from error
