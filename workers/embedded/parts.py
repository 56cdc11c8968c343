"""The children of the embedded stack, each as a specification for the supervisor."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adapters.search_attributes import SEARCH_ATTRIBUTES
from workers.embedded import ports
from workers.embedded.postgres import STOP_SIGNAL, Cluster
from workers.embedded.programs import program
from workers.embedded.supervisor import ChildSpec
from workers.readiness import READY_FILE, announced

PROJECT: Final = Path(__file__).resolve().parents[2]
# Write-ahead log: two to three times faster than the default, and survives kill -9.
_PRAGMAS: Final = ("journal_mode=wal", "synchronous=normal")
# Mass holds are not throttled to the server's cautious defaults; skipping time is for demonstrations.
_KNOBS: Final = (
    "worker.batcherRPS=2000",
    "worker.batcherConcurrency=20",
    "frontend.WorkflowTimeSkippingEnabled=true",
)


def postgres(cluster: Cluster, environment: Mapping[str, str]) -> ChildSpec:
    """Return the database server."""
    return ChildSpec(
        name="postgres",
        command=cluster.command(),
        where=f"{ports.LOOPBACK}:{cluster.port}, database fristwerk",
        ready=lambda _: ports.answers(cluster.port) and cluster.is_ready(),
        environment={"PATH": environment.get("PATH", ""), "LC_ALL": "C"},
        account=cluster.account,
        stop_signal=STOP_SIGNAL,
        stop_seconds=90,
    )


def temporal(
    file: Path,
    *,
    port: int,
    ui_port: int,
    http_port: int,
    metrics_port: int,
    namespace: str,
    environment: Mapping[str, str],
) -> ChildSpec:
    """Return the Temporal server with its web pages.

    Args:
        file: SQLite file that holds every history.
        port: Port of the frontend.
        ui_port: Port of the web pages.
        http_port: Port of the HTTP API.
        metrics_port: Port of the metrics.
        namespace: Namespace to make beside `default`.
        environment: Environment of the process.

    Returns:
        The specification.
    """
    binary = str(program("temporal"))
    address = f"{ports.LOOPBACK}:{port}"

    def ready(_: int) -> bool:
        if not ports.answers(port) or not ports.answers(ui_port):
            return False
        probe = [binary, "operator", "namespace", "describe", "--address", address, "-n", namespace]
        return subprocess.run(probe, check=False, capture_output=True).returncode == 0

    numbers = {"--port": port, "--ui-port": ui_port, "--http-port": http_port, "--metrics-port": metrics_port}
    command = [
        binary,
        "server",
        "start-dev",
        "--db-filename",
        str(file),
        "--ip",
        ports.LOOPBACK,
        "--log-level",
        "warn",
    ]
    command += [part for flag, number in numbers.items() for part in (flag, str(number))]
    command += [part for pragma in _PRAGMAS for part in ("--sqlite-pragma", pragma)]
    command += [part for knob in _KNOBS for part in ("--dynamic-config-value", knob)]
    command += [
        part for name, kind in SEARCH_ATTRIBUTES.items() for part in ("--search-attribute", f"{name}={kind}")
    ]
    command += [] if namespace == "default" else ["--namespace", namespace]
    return ChildSpec(name="temporal", command=command, where=address, ready=ready, environment=environment)


def mail_sink(
    folder: Path, *, smtp_port: int, http_port: int, control: str | None, environment: Mapping[str, str]
) -> ChildSpec:
    """Return the mail server that keeps every mail in a folder and shows it on a page.

    Args:
        folder: where mails lie.
        smtp_port: Loopback port for mail.
        http_port: Loopback port for the pages.
        control: address of the sandbox's control, where answers go; None without a sandbox.
        environment: Environment of the process.

    Returns:
        The specification.
    """
    numbers = ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    numbers += [] if control is None else ["--control", control]
    return ChildSpec(
        name="mail-sink",
        command=[sys.executable, "-m", "sandbox.mail_sink", "--folder", str(folder), *numbers],
        where=f"{ports.LOOPBACK}:{smtp_port}, mails at http://{ports.LOOPBACK}:{http_port}",
        ready=lambda _: ports.answers(smtp_port) and ports.answers(http_port),
        environment=environment,
        folder=PROJECT,
        stop_seconds=5,
    )


def sandbox(
    folder: Path,
    *,
    port: int,
    numbers: Mapping[str, int],
    tells: str,
    also_trust: Path | None,
    environment: Mapping[str, str],
) -> ChildSpec:
    """Return the stand-ins for the systems outside.

    Args:
        folder: where they keep things.
        port: of their control page; it listens once all of them do.
        numbers: of their own ports, by name.
        tells: where the ERP's webhooks go.
        also_trust: PEM file of further authorities to trust.
        environment: Environment of the process.

    Returns:
        The specification.
    """
    command = [sys.executable, "-m", "sandbox", "--folder", str(folder), "--port", str(port)]
    command += [part for name, number in numbers.items() for part in (f"--{name}-port", str(number))]
    command += ["--erp-tells", tells]
    command += [] if also_trust is None else ["--also-trust", str(also_trust.absolute())]
    return ChildSpec(
        name="sandbox",
        command=command,
        where=f"http://{ports.LOOPBACK}:{port}, AI, credit bureau, ERP and inbox played",
        ready=lambda _: ports.answers(port),
        environment=environment,
        folder=PROJECT,
        stop_seconds=5,
    )


def issuer(state: Path, folder: Path, *, port: int, environment: Mapping[str, str]) -> ChildSpec:
    """Return the issuer of tokens for the demo tenant's people."""
    return ChildSpec(
        name="issuer",
        command=[
            sys.executable,
            "-m",
            "sandbox.issuer",
            *("--state", str(state), "--folder", str(folder), "--port", str(port)),
        ],
        where=f"http://{ports.LOOPBACK}:{port}",
        ready=lambda _: ports.answers(port),
        environment=environment,
        folder=PROJECT,
        stop_seconds=5,
    )


def api(url: str, *, port: int, environment: Mapping[str, str]) -> ChildSpec:
    """Return the HTTP API; it listens once everything it needs has been opened."""
    return ChildSpec(
        name="api",
        command=[sys.executable, "-m", "api.main"],
        where=f"{url}/api, to try it: {url}/api/docs",
        ready=lambda _: ports.answers(port),
        environment={**environment, "API_PORT": str(port)},
        folder=PROJECT,
        stop_seconds=15,
    )


def worker(state: Path, *, ops_port: int, sdk_metrics_port: int, environment: Mapping[str, str]) -> ChildSpec:
    """Return the worker process; it says itself when it takes work (`workers/readiness.py`).

    Args:
        state: where it announces itself.
        ops_port: where it tells whether it is well and what it counts.
        sdk_metrics_port: where Temporal's SDK tells what it counts.
        environment: Environment of the process.
    """
    announcement = state / "worker.ready"
    watched = {
        "OPS_ADDRESS": f"{ports.LOOPBACK}:{ops_port}",
        "SDK_METRICS_ADDRESS": f"{ports.LOOPBACK}:{sdk_metrics_port}",
    }
    return ChildSpec(
        name="worker",
        command=[sys.executable, "-m", "workers.main"],
        where=f"every queue, watched at http://{ports.LOOPBACK}:{ops_port}/metrics",
        ready=lambda pid: announced(announcement, pid),
        environment={**environment, **watched, READY_FILE: str(announcement)},
        folder=PROJECT,
        stop_seconds=60,
    )
