"""The manifests say what the compose file says, and Kubernetes' own schemas read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.operations.compose import FILE, Composition, Refused, read
from tests.operations.manifests import FOLDER, check, documents, manifests
from workers.bootstrap import QUEUES

# What the compose file fills in from variables and a cluster sets as it likes.
OWN = {"FRISTWERK_BUILD", "FRISTWERK_DEPLOYMENT", "OTEL_EXPORTER_OTLP_ENDPOINT"}


@pytest.fixture(scope="module")
def composition() -> Composition:
    return read(FILE, variables={})


def _of(kind: str) -> dict[str, dict[str, Any]]:
    found = (one for file in manifests() for one in documents(file))
    return {one["metadata"]["name"]: one for one in found if one["kind"] == kind}


def _containers() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, one in {**_of("Deployment"), **_of("Job")}.items():
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        yield name, pod, container


def test_schemas_take_them_and_find_what_is_wrong(tmp_path: Path) -> None:
    # All of them are read by `make check`.
    assert check(FOLDER / "api.yaml") == 4
    text = (FOLDER / "api.yaml").read_text()
    for wrong in (
        text.replace("readinessProbe:", "readynessProbe:"),
        text.replace("replicas: 2", "replicas: two"),
        text.replace("apps/v1", "apps/v9"),
        "- nothing\n",
        "a: [\n",
    ):
        (tmp_path / "wrong.yaml").write_text(wrong)
        with pytest.raises(Refused):
            check(tmp_path / "wrong.yaml")


def test_every_pod_is_kept_small() -> None:
    for name, pod, container in _containers():
        assert pod["securityContext"] == {
            "runAsNonRoot": True, "runAsUser": 10001, "runAsGroup": 10001, "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }, name  # fmt: skip
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name  # fmt: skip
        assert pod["automountServiceAccountToken"] is False, name
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}, name
        assert container["resources"]["requests"], name
        if name != "migrate":
            probes = {
                kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("liveness", "readiness")
            }
            assert probes == {"liveness": "/healthz", "readiness": "/readyz"}, name
            ports = {port["name"] for port in container["ports"]}
            assert container["livenessProbe"]["httpGet"]["port"] in ports, name


def test_they_run_what_the_compose_file_runs(composition: Composition) -> None:
    services = {"api", "migrate", *(f"worker-{queue}" for queue in QUEUES)}
    assert {name for name, _, _ in _containers()} == services
    maps = {name: one["data"] for name, one in _of("ConfigMap").items()}
    for name, pod, container in _containers():
        service = composition.services[name]
        assert container["command"] == service.command, name
        variables = {entry["name"]: entry["value"] for entry in container.get("env", ())}
        for source in container.get("envFrom", ()):
            variables |= maps[source["configMapRef"]["name"]]
        ours = set(service.environment) - OWN - ({"LOG_LEVEL"} if name == "migrate" else set())
        assert set(variables) == ours, name
        # A secret of Kubernetes for each login, so that a pod sees those it uses.
        shown = {entry["secret"]["name"].removeprefix("fristwerk-").replace("-", "_")
                 for entry in pod["volumes"][0]["projected"]["sources"]}  # fmt: skip
        used = {mount.source.removesuffix("_database_url").removesuffix("_url").removesuffix("_client_secret")
                for mount in service.secrets}  # fmt: skip
        assert shown == used, name
