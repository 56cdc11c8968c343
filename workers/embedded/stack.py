"""Composes the embedded stack: what is not configured is started, in order, and watched until the end."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from adapters import settings as configuration
from adapters.clear_text import seal_clear_text
from adapters.keyring import Keyring, keyring, read_key_file, write_key_file
from adapters.migrations import MigrationFailed, migrate
from workers.embedded import outside, parts, ports
from workers.embedded.errors import StackError
from workers.embedded.people import write_people
from workers.embedded.postgres import Cluster, cluster
from workers.embedded.state import Memory, Part, StackRecord, StateFolder
from workers.embedded.supervisor import ChildSpec, Supervisor

DATABASE: Final = "fristwerk"
_KEY_FILE: Final = "master.keys"
# What the parts of the outside world usually listen on.
STANDARD_PORTS: Final = {
    "postgres": 5432,
    "temporal": 7233,
    "temporal-ui": 8233,
    "temporal-http": 7243,
    "temporal-metrics": 9233,
    "smtp": 1025,
    "mail-pages": 8025,
    "issuer": 8090,
    "sandbox": 8070,
    "sandbox-openai": 8071,
    "sandbox-anthropic": 8072,
    "sandbox-credit": 8073,
    "sandbox-xentral": 8074,
    "sandbox-imap": 8993,
    "api": 8080,
    "worker-ops": 9100,
    "worker-sdk-metrics": 9101,
}
_ISSUER_AUDIENCE: Final = "fristwerk"
_ISSUER_CLIENT: Final = "fristwerk-pages"
_LOGINS: Final = """
do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = '{login}') then
    create role {login} login nosuperuser nocreatedb nocreaterole nobypassrls noinherit;
  end if;
end $$;
alter role {login} password '{password}';
grant {role} to {login} with set true, inherit false;
"""


class Reporter(Protocol):
    """Shows people what happens."""

    def say(self, line: str) -> None:
        """Show one line, at once."""

    def ready(self, record: StackRecord, seconds: float, busy: dict[str, int]) -> None:
        """Show the first screen: everything is up, after so many seconds; `busy` ports had to be replaced."""


@dataclass(slots=True)
class _Plan:
    """What of the stack is embedded, and where."""

    settings: configuration.Settings
    memory: Memory
    busy: dict[str, int] = field(default_factory=dict)

    def port(self, name: str) -> int:
        standard = self.settings.api_port if name == "api" else STANDARD_PORTS[name]
        earlier = self.memory.ports.get(name)
        wanted = [standard] if earlier is None else [earlier, standard]
        others = [number for other, number in self.memory.ports.items() if other != name]
        chosen = ports.choose(*wanted, taken=others)
        if chosen != standard:
            self.busy[name] = standard
        self.memory.ports[name] = chosen
        return chosen


def run(
    settings: configuration.Settings, reporter: Reporter, *, workers: bool = True, seed: bool = True
) -> None:
    """Start what is not configured, keep it running, and stop it cleanly when asked to.

    Args:
        settings: Settings without any embedded stack (`settings.load(embedded=False)`).
        reporter: Shows what happens.
        workers: Whether workers are started; without them only the servers run.
        seed: Whether a new embedded database gets the demo leads.

    Raises:
        StackError: It could not start, or a child died too often; everything has been stopped again.
        StopRequested: Somebody asked it to end; everything has been stopped.
    """
    began = time.monotonic()
    with StateFolder(settings.state) as state:
        plan = _Plan(settings, state.memory())
        environment: dict[str, str] = {}
        record = StackRecord(os.getpid(), datetime.now(UTC).isoformat(), ready=False, environment=environment)
        holder: list[Supervisor] = []

        def publish() -> None:
            record.parts = [
                Part(
                    name=child.spec.name,
                    where=child.spec.where,
                    pid=child.process.pid if child.restart_at is None else None,
                    restarts=child.restarts,
                    ready=child.ready,
                    log=str(child.log),
                )
                for child in holder[0].children
            ]
            state.publish(record)

        with Supervisor(state.private("logs"), say=reporter.say, changed=publish) as supervisor:
            holder.append(supervisor)
            publish()
            database = _start_servers(supervisor, plan, state, environment)
            ring = _keyring(settings, state, environment)
            _migrate(plan, database, environment, ring)
            state.remember(plan.memory)
            if workers:
                ours = _processes(plan, state, environment, reporter.say)
                state.remember(plan.memory)
                supervisor.start(*ours)
                if seed and database is not None:
                    _seed_once(supervisor, state, _environment(settings, environment), reporter.say)
            record.ready = True
            publish()
            reporter.ready(record, time.monotonic() - began, plan.busy)
            supervisor.watch()


def _start_servers(
    supervisor: Supervisor, plan: _Plan, state: StateFolder, environment: dict[str, str]
) -> Cluster | None:
    """Start the servers side by side; fills in the environment that leads to them."""
    settings, loopback = plan.settings, ports.LOOPBACK
    base = _environment(settings, {})
    specs = []
    database: Cluster | None = None
    if settings.database_url is None:
        passwords = plan.memory.passwords
        database = cluster(state.path / "postgres", plan.port("postgres"), passwords["postgres"])
        state.remember(plan.memory)
        environment["DATABASE_URL"] = database.url(DATABASE)
        environment["APP_DATABASE_URL"] = database.url(DATABASE, "fristwerk_app_login", passwords["app"])
        environment["WORKER_DATABASE_URL"] = database.url(
            DATABASE, "fristwerk_worker_login", passwords["worker"]
        )
        environment["PUBLIC_DATABASE_URL"] = database.url(
            DATABASE, "fristwerk_public_login", passwords["public"]
        )
        specs.append(parts.postgres(database, base))
    if settings.temporal_address is None:
        ui_port = plan.port("temporal-ui")
        spec = parts.temporal(
            state.private("temporal") / "temporal.db",
            port=plan.port("temporal"),
            ui_port=ui_port,
            http_port=plan.port("temporal-http"),
            metrics_port=plan.port("temporal-metrics"),
            namespace=settings.temporal_namespace,
            environment=base,
        )
        environment["TEMPORAL_ADDRESS"] = spec.where
        environment["TEMPORAL_UI_URL"] = f"http://{loopback}:{ui_port}"
        specs.append(spec)
    if settings.smtp_url is None:
        smtp_port, http_port = plan.port("smtp"), plan.port("mail-pages")
        environment["SMTP_URL"] = f"smtp://{loopback}:{smtp_port}"
        mails = state.private("mails")
        control = None if database is None else f"http://{loopback}:{plan.port('sandbox')}"
        specs.append(
            parts.mail_sink(
                mails, smtp_port=smtp_port, http_port=http_port, control=control, environment=base
            )
        )
    if _may_issue(settings):
        port = plan.port("issuer")
        folder = state.private("issuer")
        write_people(folder / "users.json")
        spec = parts.issuer(state.path, folder, port=port, environment=base)
        environment["OIDC_ISSUER"] = spec.where
        environment["OIDC_AUDIENCE"] = _ISSUER_AUDIENCE
        environment["OIDC_JWKS_URL"] = f"{spec.where}/jwks.json"
        environment["OIDC_CLIENT_ID"] = _ISSUER_CLIENT
        environment["OIDC_CLIENT_SECRET_FILE"] = str(folder / "client")
        specs.append(spec)
    if database is not None:
        # Made-up answers are good for an embedded database only.
        specs.append(outside.sandbox(state.private("sandbox"), plan.port, base))
    supervisor.start(*specs)
    if database is not None:
        environment.update(outside.leading_there(state.private("sandbox")))
    return database


def _may_issue(settings: configuration.Settings) -> bool:
    """Tell whether demo tokens are in place: nothing real is behind them, and nobody else gives tokens."""
    real = (settings.database_url, settings.app_database_url, settings.oidc_issuer, settings.oidc_jwks_url)
    return all(setting is None for setting in real)


def _processes(
    plan: _Plan, state: StateFolder, environment: dict[str, str], say: Callable[[str], None]
) -> list[ChildSpec]:
    """List our own processes; fills in the address of the API, which the mails of the worker mention."""
    settings = plan.settings
    if settings.oidc_issuer is None and "OIDC_ISSUER" not in environment:
        say(
            "The API is not started: OIDC_ISSUER and OIDC_JWKS_URL are not set, and demo tokens are only "
            "given beside an embedded database."
        )
        return [_worker(plan, state, _environment(settings, environment))]
    port = plan.port("api")
    url = environment["API_URL"] = f"http://{ports.LOOPBACK}:{port}"
    if "public_url" not in settings.model_fields_set:
        environment["PUBLIC_URL"] = url
    ours = _environment(settings, environment)
    return [_worker(plan, state, ours), parts.api(url, port=port, environment=ours)]


def _worker(plan: _Plan, state: StateFolder, environment: dict[str, str]) -> ChildSpec:
    ops_port, sdk_metrics_port = plan.port("worker-ops"), plan.port("worker-sdk-metrics")
    return parts.worker(
        state.path, ops_port=ops_port, sdk_metrics_port=sdk_metrics_port, environment=environment
    )


def _keyring(settings: configuration.Settings, state: StateFolder, environment: dict[str, str]) -> Keyring:
    """The master keys that are configured, else those of the state folder, made at the first start."""
    if settings.master_key is not None or settings.master_key_file is not None:
        return keyring(settings)
    file = state.path / _KEY_FILE
    if not file.exists():
        write_key_file(file, Keyring.new())
    environment["FRISTWERK_MASTER_KEY_FILE"] = str(file)
    return read_key_file(file)


def _migrate(plan: _Plan, database: Cluster | None, environment: dict[str, str], ring: Keyring) -> None:
    url = environment.get("DATABASE_URL") or plan.settings.owner_login().url
    try:
        migrate(url)
        asyncio.run(seal_clear_text(configuration.Login(url, None), lambda: ring))
    except MigrationFailed as error:
        raise StackError(f"the database could not be migrated:\n{error}") from error
    if database is not None:
        for name in ("app", "worker", "public"):
            login = {"login": f"fristwerk_{name}_login", "role": f"fristwerk_{name}"}
            database.sql(_LOGINS.format(**login, password=plan.memory.passwords[name]))


def _seed_once(
    supervisor: Supervisor, state: StateFolder, environment: dict[str, str], say: Callable[[str], None]
) -> None:
    done = state.path / "seeded"
    if done.exists():
        return
    say("Making demo leads for the first start …")
    status = supervisor.run(
        "seed-demo", [sys.executable, "-m", "cli.app", "seed-demo"], environment, parts.PROJECT
    )
    if status == 0:
        done.touch()
    else:
        say(f"The demo leads could not be made (exit status {status}); everything else runs. The last words:")
        say(supervisor.tail("seed-demo"))


def _environment(settings: configuration.Settings, embedded: dict[str, str]) -> dict[str, str]:
    """Return what a child of ours gets: our environment, what is embedded, and one set of time zone rules."""
    return {
        **os.environ,
        **embedded,
        "FRISTWERK_STATE": str(settings.state.absolute()),
        "PYTHONTZPATH": "",
        "PYTHONUNBUFFERED": "1",
    }
