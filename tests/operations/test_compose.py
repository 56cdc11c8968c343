"""What the compose file promises, of what Docker Compose itself makes of it; and the image's recipe."""

from __future__ import annotations

import re
import stat
import subprocess
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapters.build_settings import BuildSettings
from adapters.keyring import read_key_file
from adapters.mail_turns import MailLimits
from adapters.outside_settings import OutsideSettings
from adapters.probe import answers_well
from adapters.search_attributes import SEARCH_ATTRIBUTES
from adapters.settings import Settings
from adapters.variables import secret_in
from adapters.watch_settings import WatchSettings
from tests.architecture.sources import tracked
from tests.operations.compose import (
    ACCOUNTS,
    FILE,
    OUTSIDE,
    PROJECT,
    Composition,
    Refused,
    Service,
    lint,
    read,
)
from workers.bootstrap import QUEUES

IMAGE = "fristwerk:0.1.0"
# Postfix begins as root to drop to accounts of its own, and writes: docs/operations/deploy.md.
ROOT = {"mail-relay"}
ONCE = {"backup", "migrate", "logins", "temporal-database", "temporal-schema", "temporal-namespace"}
# What leaves the containers.
WRITTEN = {"backup": ["/backups"]}
# What tools of others read: who follows traces.
OTHERS = {"OTEL_EXPORTER_OTLP_ENDPOINT"}
CHOSEN_BY_PEOPLE = {"oidc_client_secret", "smtp_url", "relay_password"}


@pytest.fixture(scope="module")
def all_of_it() -> Composition:
    return read(FILE, OUTSIDE, variables=ACCOUNTS)


def _ours(composition: Composition) -> dict[str, Service]:
    return {name: service for name, service in composition.services.items() if service.image == IMAGE}


def test_the_real_parser_takes_it_and_finds_what_is_wrong(tmp_path: Path) -> None:
    alone = read(FILE, profiles=(), variables={})
    assert not {"prometheus", "grafana", "alertmanager", "mail-relay"} & set(alone.services)
    text = FILE.read_text()
    for wrong, why in {
        text.replace("stop_grace_period: 60s", "stop_grace_time: 60s"): "stop_grace_time",
        text.replace("temporal-schema: {condition", "temporal-tables: {condition"): "temporal-tables",
        text.replace("secrets: [postgres_password]", "secrets: [a_password]"): "a_password",
    }.items():
        assert wrong != text
        (tmp_path / "wrong.yml").write_text(wrong)
        with pytest.raises(Refused, match=why):
            read(tmp_path / "wrong.yml", variables={})


@pytest.mark.parametrize("missing", ["FRISTWERK_TENANT", "PUBLIC_URL", "OIDC_ISSUER"])
def test_what_has_no_default_must_be_given(missing: str) -> None:
    with pytest.raises(Refused, match=missing):
        read(FILE, variables={missing: ""})


def test_every_container_is_kept_small(all_of_it: Composition) -> None:
    for name, service in all_of_it.services.items():
        version = service.image.rpartition(":")[2]
        assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-[a-z]+)?", version), f"{name}: {service.image}"
        assert service.cap_drop == ["ALL"], name
        assert service.security_opt == ["no-new-privileges:true"], name
        limits = service.deploy.resources.limits
        assert min(limits.cpus, limits.memory, limits.pids) > 0, name
        assert (service.restart == "no") is (name in ONCE), name
        assert (service.healthcheck is None) is (name in ONCE), name
        assert all(port.host_ip == "127.0.0.1" for port in service.ports), name
        if name not in ROOT:
            assert service.read_only, name
            user, _, group = service.user.partition(":")
            assert int(user) > 0, name
            assert group, name
        files = [mount for mount in service.volumes if mount.type == "bind"]
        assert [mount.target for mount in files if not mount.read_only] == WRITTEN.get(name, []), name
    ours = _ours(all_of_it)
    assert {service.user for service in ours.values()} == {"10001:10001"}
    assert {"postgres", "temporal-schema", "temporal"} <= {
        name for name, service in all_of_it.services.items() if list(service.networks) == ["inside"]
    }


def test_each_queue_has_a_worker_of_its_own(all_of_it: Composition) -> None:
    workers = {name: service for name, service in all_of_it.services.items() if name.startswith("worker-")}
    served = {name: (service.command or [])[-1] for name, service in workers.items()}
    assert served == {f"worker-{queue}": queue for queue in QUEUES}


def test_every_variable_is_one_that_is_read(all_of_it: Composition) -> None:
    known = {str(field.validation_alias) for kind in (WatchSettings, BuildSettings, MailLimits)
             for field in kind.model_fields.values()}  # fmt: skip
    known |= {*Settings.variables(), *OutsideSettings.variables(), *OTHERS}
    for name, service in _ours(all_of_it).items():
        assert set(service.environment) <= known, name


def test_secrets_come_as_files_only(all_of_it: Composition) -> None:
    secrets = {name.removesuffix("_FILE") for kind in (Settings, OutsideSettings) for name in kind.variables()
               if name.endswith("_FILE") and name != "OUTSIDE_CA_FILE"}  # fmt: skip
    for name, service in _ours(all_of_it).items():
        assert not secrets & set(service.environment), name
        named = {value for key, value in service.environment.items() if key.endswith("_FILE")}
        # Neither is one missing that is named, nor one shown to a container that does not use it.
        assert named == {mount.target for mount in service.secrets}, name
    # What a feedback form or the ERP's worker does not need it does not get.
    shown = {mount.source for mount in all_of_it.services["worker-mail"].secrets}
    assert shown == {"master_keys", "worker_database_url", "smtp_url"}
    migrating = [name for name, service in _ours(all_of_it).items()
                 if any(mount.source == "migrate_database_url" for mount in service.secrets)]  # fmt: skip
    assert migrating == ["migrate"]


def test_the_secrets_nobody_chooses_are_made_once(tmp_path: Path) -> None:
    script, folder = PROJECT / "deploy/compose/make-secrets.sh", tmp_path / "secrets"
    first = subprocess.run([script, folder], check=True, capture_output=True, text=True)
    assert "smtp_url" in first.stderr
    made = {file.name: file.read_bytes() for file in folder.iterdir()}
    wanted = set(read(FILE, variables={}).secrets)
    assert set(made) == wanted - CHOSEN_BY_PEOPLE
    assert len({*made.values()}) == len(made)
    for name in made:
        if name != "master_keys":
            secret_in(name, folder / name)
    assert len(read_key_file(folder / "master_keys").keys) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    app = made["app_database_url"].decode()
    assert made["app_database_password"].decode() in app
    Settings.model_validate({"APP_DATABASE_URL": app})
    subprocess.run([script, folder], check=True, capture_output=True)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == made


def test_scripts_are_shell() -> None:
    scripts = [file for file in tracked() if file.suffix == ".sh"]
    assert {"make-secrets.sh", "schema.sh", "server.sh", "namespace.sh", "run.sh"} <= {
        s.name for s in scripts
    }
    for script in scripts:
        subprocess.run(["sh", "-n", script], check=True)


def test_the_probe_tells_good_from_bad_and_from_nobody() -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/readyz" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        answering = threading.Thread(target=server.serve_forever)
        answering.start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert answers_well(f"{url}/readyz")
        assert not answers_well(f"{url}/healthz")
        assert not answers_well(url)
        server.shutdown()
        answering.join()
    assert not answers_well(f"{url}/readyz")


@pytest.mark.parametrize(
    "url", ["", "readyz", "https://127.0.0.1/", "http://", "http://u@h/", "http://h:port/"]
)
def test_a_probe_of_nonsense_says_so(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|[Pp]ort"):
        answers_well(url)


def test_who_sets_up_temporal_cloud_is_told_every_search_attribute() -> None:
    text = (PROJECT / "docs/operations/temporal-cloud.md").read_text()
    assert dict(re.findall(r"--sa (\w+)=(\w+)", text)) == SEARCH_ATTRIBUTES


# ---------------------------------------------------------------- the image


def test_the_dockerfile_is_in_order_and_the_linter_is_awake(tmp_path: Path) -> None:
    lint(PROJECT / "Dockerfile")
    careless = tmp_path / "Dockerfile"
    careless.write_text("FROM python:latest\nRUN cd /tmp\n")
    with pytest.raises(Refused, match="DL3007"):
        lint(careless)


def test_the_image_holds_every_room_and_is_made_of_the_locks_alone() -> None:
    text = (PROJECT / "Dockerfile").read_text()
    rooms = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    copied = set(re.findall(r"^COPY (\w+) \1$", text, re.MULTILINE))
    assert copied == {pattern.rstrip("*") for pattern in rooms["include"]}
    allowed = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    sources = {
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for word in line.split()
    }
    assert allowed == sources
    installs = [
        line for line in text.splitlines() if " install " in line or " sync " in line or "uv build" in line
    ]
    assert installs
    assert all("--require-hashes" in line or "--offline" in line for line in installs)
    assert "apt-get" not in text
    assert text.splitlines()[-1] == 'CMD ["fristwerk", "api"]'
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)


def test_nothing_a_room_needs_is_left_out_of_the_wheel() -> None:
    found = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]
    rooms = {pattern.rstrip("*") for pattern in found["packages"]["find"]["include"]}
    taken = {pattern.lstrip("*") for pattern in found["package-data"]["*"]} | {".py"}
    # For people, and for who writes migrations.
    left_out = {"README.md", "checksums"}
    missing = [
        str(file)
        for file in tracked()
        if file.relative_to(PROJECT).parts[0] in rooms
        and file.suffix not in taken
        and file.name not in left_out
    ]
    assert missing == []
