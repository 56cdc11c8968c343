"""The figures of the installation as metrics, counted by hand; without a database there are none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from prometheus_client.core import Metric

from activities.orders import MAIL_QUEUE
from adapters.database import Pool, open_pool, transaction
from adapters.reconciliation_store import KeptFinding, begin_run, finish_run, keep_finding
from adapters.settings import Login, Role
from adapters.temporal_client import connect
from adapters.watch_figures import Figures
from protection.dates import format_instant
from tests.api.house import settings_for
from tests.lists.leads import living
from tests.sql.commands import DAY, T0
from tests.sql.conftest import app, new_tenant, worker
from workflows.names import PROTECTION_QUEUE

__all__ = ["app", "worker"]

NOW = T0 + 61 * DAY
HOUR = timedelta(hours=1)
Seen = dict[tuple[str, frozenset[tuple[str, str]]], float]


def _seen(metrics: list[Metric]) -> Seen:
    found = [
        ((sample.name, frozenset(sample.labels.items())), sample.value)
        for metric in metrics
        for sample in metric.samples
    ]
    assert len(dict(found)) == len(found), "a sample is told twice"
    return dict(found)


def _of(seen: Seen, name: str, tenant: UUID, **labels: str) -> float | None:
    return seen.get((f"fristwerk_{name}", frozenset({"tenant": str(tenant), **labels}.items())))


async def _busy(worker: Pool, postgres_url: str) -> UUID:
    tenant = await new_tenant(worker)
    lead = await living(worker, tenant, "Waiting")  # its reminder was due a day ago
    end = f"{NOW - HOUR:%Y-%m-%dT%H:%M:%SZ}"
    await living(
        worker, tenant, "Lapsed", status="EXPIRED", ended_at=end, valid_until=end, reminder_due_at=None
    )
    run = uuid4()
    # As the superuser: nobody of ours writes all of this by hand.
    told = {"app.tenant": str(tenant), "app.user": "agent", "app.at": format_instant(NOW - HOUR)}
    connection = await asyncpg.connect(postgres_url, server_settings=told)
    try:
        for kind, status, code in (
            ("reminder", "bounced", "550"),
            ("lapse", "dead", "451"),
            ("notice-base", "dead", "superseded"),
            ("notice-progress", "sending", None),
        ):
            await connection.execute(
                "insert into notification"
                " (tenant, id, lead, cycle, kind, recipient, channel, status, code, created_at, updated_at)"
                " values ($1, gen_random_uuid(), $2, '1', $3, 'agent', 'EMAIL', $4, $5, $6, $6)",
                *(tenant, lead, kind, status, code, NOW - HOUR),
            )
        await connection.execute(
            "insert into upstream_standing (tenant, system, process, state, since, failures, told_at)"
            " values ($1, 'credit', 'api', 'open', $2, 10, $2),"
            " ($1, 'xentral', 'erp-worker', 'closed', $2, 0, $2)",
            *(tenant, NOW - HOUR),
        )
        await connection.execute(
            "insert into ai_budget (tenant, org, month, booked, reserved) values ($1, '', $2, 990.5, 20)",
            *(tenant, NOW.date().replace(day=1)),
        )
        for outcome, decision in (("answered", "small"), ("answered", "cached"), ("unavailable", None)):
            await connection.execute(
                "insert into ai_call (tenant, id, at, actor, use_case, outcome, decision, cost_eur)"
                " values ($1, gen_random_uuid(), $2, 'agent', 'LEAD_CLASSIFY', $3, $4, 0.25)",
                *(tenant, NOW - HOUR, outcome, decision),
            )
        for milliseconds in (100, 200, 900):
            await connection.execute(
                "insert into credit_check (tenant, id, lead, account, country, amount, bucket, currency,"
                " purpose, registration_no, requested_by, requested_at, took_ms)"
                " values ($1, gen_random_uuid(), $2, $5, 'DE', 10, 100, 'EUR',"
                " 'SAMPLES', 'HRB 1', 'agent', $3, $4)",
                *(tenant, lead, NOW - timedelta(minutes=1), milliseconds, f"A-{milliseconds}"),
            )
    finally:
        await connection.close()
    async with transaction(worker, tenant, "system") as ours:
        await begin_run(ours, tenant, run, by="schedule", at=NOW - 2 * HOUR)
        await keep_finding(ours, tenant, run, KeptFinding(lead, "gap", "revisions are missing: 2", False))
        await finish_run(ours, tenant, run, leads=2, workflows=2, first_broken=3, at=NOW - HOUR)
    return tenant


async def test_every_tenant_is_counted_and_named_by_its_id_alone(
    worker: Pool, postgres_url: str, tmp_path: Path
) -> None:
    busy, quiet = await _busy(worker, postgres_url), await new_tenant(worker)
    client = await connect(settings_for(tmp_path, postgres_url), lazy=True)  # nobody is there
    figures = Figures(worker, client, [PROTECTION_QUEUE, MAIL_QUEUE], now=lambda: NOW)
    first = await figures.read()
    seen = _seen(list(first))
    assert await figures.read() is first, "within ten seconds nothing is read again"
    expected = {
        ("leads_expired_last_day", ()): 1,
        ("reminders_pending", ()): 1,
        ("reminder_oldest_seconds", ()): 86_400,
        ("requests_pending", ()): 0,
        ("request_oldest_seconds", ()): 0,
        ("mails_waiting", ()): 1,
        ("ai_cost_eur", ()): 1010.5,
        ("ai_cap_eur", ()): 1000,
        ("ai_cost_day_eur", ()): 0.75,
        ("credit_checks_recent", ()): 3,
        ("credit_p95_seconds", ()): 0.9,
        ("audit_chain_broken", ()): 1,
        ("reconciliation_age_seconds", ()): 3600,
        ("reconciliation_leads", ()): 2,
        ("leads", (("status", "active"),)): 1,
        ("leads", (("status", "expired"),)): 1,
        ("leads", (("status", "grace"),)): 0,
        ("reminders_last_day", (("outcome", "bounced"),)): 1,
        # One was called off, and waits for nobody.
        ("dead_letters", (("source", "mail"),)): 1,
        ("dead_letters", (("source", "webhook"),)): 0,
        ("breaker_open", (("upstream", "credit"), ("process", "api"))): 1,
        ("breaker_open", (("upstream", "xentral"), ("process", "erp-worker"))): 0,
        ("ai_calls_last_day", (("how", "small"),)): 1,
        ("ai_calls_last_day", (("how", "unavailable"),)): 1,
        ("divergences", (("check", "gap"),)): 1,
        ("divergences", (("check", "not-running"),)): 0,
    }
    assert {key: _of(seen, key[0], busy, **dict(key[1])) for key in expected} == expected
    assert _of(seen, "leads", quiet, status="active") == 0
    assert _of(seen, "reminders_pending", quiet) == 0
    # Where nothing was compared, asked or checked, nobody is told that all is well.
    for name in ("reconciliation_age_seconds", "audit_chain_broken", "credit_p95_seconds"):
        assert _of(seen, name, quiet) is None
    nameless = {name: value for (name, labels), value in seen.items() if not labels}
    assert nameless["fristwerk_figures_read"] == 1
    assert nameless["fristwerk_database_bytes"] > 1_000_000
    assert 0 < nameless["fristwerk_database_connections"] < nameless["fristwerk_database_connections_most"]
    # Nobody answers at the Temporal address: no backlog is told rather than none.
    assert not [name for name, _ in seen if name.startswith("fristwerk_backlog")]


async def test_without_a_database_it_says_so_and_tells_no_half_figures(
    postgres_url: str, tmp_path: Path
) -> None:
    pool = await open_pool(Login(postgres_url, Role.WORKER), name="away", smallest=0, largest=1)
    await pool.close()
    client = await connect(settings_for(tmp_path, postgres_url), lazy=True)
    seen = _seen(list(await Figures(pool, client, [MAIL_QUEUE]).read()))
    assert {name: value for (name, _), value in seen.items() if name == "fristwerk_figures_read"} == {
        "fristwerk_figures_read": 0
    }
    assert {name for name, _ in seen} == {"fristwerk_figures_read", "fristwerk_figures_reading_seconds"}
