"""Whether what rules and dashboards name is told by somebody: asked of a running stack."""

from __future__ import annotations

import json

import httpx

from tests.operations.watching import ONLY_LATER, exported, named_metrics
from tests.stack.running import Up, eventually


def pages(running: Up) -> dict[str, str]:
    """Where Prometheus would look, by its name of the job."""
    ports = json.loads((running.state / "memory.json").read_text())["ports"]
    return {
        "fristwerk-api": f"{running.addresses()['API_URL']}/metrics",
        "fristwerk-worker": f"http://127.0.0.1:{ports['worker-ops']}/metrics",
        "temporal-sdk": f"http://127.0.0.1:{ports['worker-sdk-metrics']}/metrics",
        "temporal-server": f"http://127.0.0.1:{ports['temporal-metrics']}/metrics",
    }


def every_named_metric_is_exported(running: Up) -> None:
    """Each but those that are only told once they have happened; some come with the first activity."""
    named = named_metrics()
    missing: dict[str, str] = {}

    def none_is_missing() -> bool:
        with httpx.Client(timeout=120, trust_env=False) as client:
            told = exported(*(client.get(page).text for page in pages(running).values()))
        missing.clear()
        missing.update({name: named[name] for name in named.keys() - told - ONLY_LATER})
        return not missing

    try:
        eventually(none_is_missing, "every metric that is named is exported")
    except AssertionError as error:
        raise AssertionError(f"nobody exports, and asks: {missing}") from error
