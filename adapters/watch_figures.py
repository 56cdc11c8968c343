"""The figures of the whole installation as metrics: of every tenant, the task queues and the database.

They are read when somebody asks, at most once in ten seconds. A tenant is
named by its id alone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from temporalio.client import Client

from activities.ai.asking import Asker
from adapters import log
from adapters.ai.rules import month_cap
from adapters.breaker import BreakerState, utc_now
from adapters.database import Pool, transaction
from adapters.health import TROUBLES
from adapters.outside import queue_standing
from adapters.reconcile.comparing import Check
from adapters.reconciliation_store import KeptRun, last_of_each_tenant, overseeing, tenants
from adapters.registry import SettingsRegistry
from adapters.watch_store import (
    ServerFigures,
    TenantFigures,
    server_figures,
    tenant_figures,
)

READER: Final = "watch"
_KEEP: Final = timedelta(seconds=10)
_log = log.get(__name__)


class Figures:
    """A source of metrics (`workers.watching.Source`).

    Args:
        pool: connections as the worker role.
        client: Temporal, which may be away.
        queues: whose backlog is told.
        now: UTC instants.
        keep: for how long what was read is told again.
    """

    def __init__(
        self,
        pool: Pool,
        client: Client,
        queues: Sequence[str],
        *,
        now: Callable[[], datetime] = utc_now,
        keep: timedelta = _KEEP,
    ) -> None:
        self._pool = pool
        self._client = client
        self._queues = queues
        self._now = now
        self._keep = keep
        self._registry = SettingsRegistry(pool)
        self._read: tuple[float, list[Metric]] | None = None
        self._turn = asyncio.Lock()

    async def read(self) -> Sequence[Metric]:
        """The figures now; without a database those of the queues, and that there is none."""
        async with self._turn:
            if self._read is None or time.monotonic() - self._read[0] > self._keep.total_seconds():
                self._read = (time.monotonic(), await self._fresh())
            return self._read[1]

    async def _fresh(self) -> list[Metric]:
        began = time.perf_counter()
        made = _Families()
        try:
            await self._database(made)
            up = True
        except TROUBLES as error:
            _log.warning("figures: not read", error=type(error).__name__)
            # Half of the figures would be taken for all of them.
            made, up = _Families(), False
        await self._backlogs(made)
        made.gauge("fristwerk_figures_read", "Whether the figures could be read from the database.", up)
        made.gauge(
            "fristwerk_figures_reading_seconds",
            "How long reading the figures took.",
            time.perf_counter() - began,
        )
        return made.all()

    async def _database(self, made: _Families) -> None:
        async with overseeing(self._pool) as connection:
            known = await tenants(connection)
            runs = await last_of_each_tenant(connection)
            _tell_server(made, await server_figures(connection))
        at = self._now()
        for tenant in known:
            async with transaction(self._pool, tenant, READER, reading=True) as connection:
                figures = await tenant_figures(connection, tenant, as_of=at)
            caps = await month_cap(self._registry, Asker(tenant=tenant, user=READER))
            _tell_leads(made, tenant, figures, at)
            _tell_outside(made, tenant, figures, caps.tenant)
            _tell_run(made, tenant, runs.get(tenant), at)

    async def _backlogs(self, made: _Families) -> None:
        standings = await asyncio.gather(*(queue_standing(self._client, queue) for queue in self._queues))
        for queue, standing in zip(self._queues, standings, strict=True):
            if standing is not None:
                label = {"queue": queue}
                made.gauge("fristwerk_backlog", "Tasks that wait for a worker.", standing.backlog, label)
                made.gauge(
                    "fristwerk_queue_workers",
                    "Worker processes that asked Temporal for work within the last minutes.",
                    standing.workers,
                    label,
                )


class _Families:
    """Metrics by name, each with one help text and one set of labels."""

    def __init__(self) -> None:
        self._made: dict[str, Metric] = {}

    def gauge(
        self, name: str, says: str, value: float | Decimal, labels: dict[str, str] | None = None
    ) -> None:
        family = self._made.setdefault(name, GaugeMetricFamily(name, says, labels=tuple(labels or ())))
        family.add_sample(name, labels or {}, float(value))

    def counter(self, name: str, says: str, value: int, labels: dict[str, str] | None = None) -> None:
        family = self._made.setdefault(name, CounterMetricFamily(name, says, labels=tuple(labels or ())))
        family.add_sample(f"{name}_total", labels or {}, value)

    def all(self) -> list[Metric]:
        return list(self._made.values())


def _tell_leads(made: _Families, tenant: UUID, figures: TenantFigures, at: datetime) -> None:
    whose = {"tenant": str(tenant)}
    for status, leads in figures.leads.items():
        made.gauge("fristwerk_leads", "Leads by status.", leads, {**whose, "status": status.value.lower()})
    now = figures.now
    for name, says, value in (
        ("leads_paused", "Leads whose clock stands still.", now.paused),
        ("leads_with_problem", "Leads an operator has to look at.", now.with_problem),
        ("leads_overdue", "Leads whose clock should have moved 15 minutes ago.", now.wake_ups_overdue),
        ("leads_expiring", "Leads whose protection ends within 7 days.", now.expiring),
        ("leads_expired_last_day", "Leads that lapsed within 24 hours.", now.expired_last_day),
        ("reminders_pending", "Leads whose reminder should be out and is not.", now.reminders_due),
        ("requests_pending", "Requests nobody has decided.", now.requests_pending),
        ("mails_waiting", "Mails that are still tried.", now.mails_waiting),
    ):
        made.gauge(f"fristwerk_{name}", says, value, whose)
    for name, says, since in (
        ("reminder", "For how long the oldest reminder is due; 0 without one.", figures.reminder_due_since),
        ("request", "For how long the oldest request waits; 0 without one.", now.oldest_request_at),
    ):
        made.gauge(f"fristwerk_{name}_oldest_seconds", says, _seconds(since, at), whose)
    for outcome, count in (("sent", figures.reminders_sent), ("bounced", figures.reminders_bounced)):
        made.gauge(
            "fristwerk_reminders_last_day",
            "Reminders by what came of them within 24 hours.",
            count,
            {**whose, "outcome": outcome},
        )
    for source, letters in figures.given_up.items():
        made.gauge(
            "fristwerk_dead_letters",
            "What was given up and waits for people.",
            letters,
            {**whose, "source": source},
        )


def _tell_outside(made: _Families, tenant: UUID, figures: TenantFigures, cap: Decimal) -> None:
    whose = {"tenant": str(tenant)}
    for one in figures.breakers:
        made.gauge(
            "fristwerk_breaker_open",
            "Whether a process leaves a system outside alone (1), or asks it (0).",
            one.state is not BreakerState.CLOSED,
            {**whose, "upstream": one.system, "process": one.process},
        )
    made.gauge("fristwerk_ai_cost_eur", "EUR booked and set aside this month.", figures.ai_spent, whose)
    made.gauge("fristwerk_ai_cap_eur", "EUR a month that AI may cost.", cap, whose)
    made.gauge("fristwerk_ai_cost_day_eur", "EUR of AI calls within 24 hours.", figures.ai_cost_day, whose)
    for how, calls in figures.ai_answers.items():
        made.gauge(
            "fristwerk_ai_calls_last_day",
            "AI calls within 24 hours by how they were answered, or why not.",
            calls,
            {**whose, "how": how},
        )
    made.gauge(
        "fristwerk_credit_checks_recent", "Credit checks of five minutes.", figures.credit_checks, whose
    )
    if figures.credit_p95 is not None:
        made.gauge(
            "fristwerk_credit_p95_seconds",
            "How long 95 of 100 credit checks of five minutes took at most.",
            figures.credit_p95.total_seconds(),
            whose,
        )


def _tell_run(made: _Families, tenant: UUID, run: KeptRun | None, at: datetime) -> None:
    if run is None:
        return
    whose = {"tenant": str(tenant)}
    checks: Iterable[str] = sorted({*map(str, Check), *run.found})
    for check in checks:
        made.gauge(
            "fristwerk_divergences",
            "What the last reconciliation left for people, by check.",
            run.found.get(check, 0),
            {**whose, "check": check},
        )
    made.gauge(
        "fristwerk_audit_chain_broken",
        "Whether the last reconciliation found a row of the audit chain that is not as written.",
        run.first_broken_audit is not None,
        whose,
    )
    made.gauge(
        "fristwerk_reconciliation_age_seconds",
        "Since when the last reconciliation is done.",
        _seconds(run.finished_at, at),
        whose,
    )
    made.gauge(
        "fristwerk_reconciliation_leads",
        "Leads that the last reconciliation compared.",
        run.leads_compared,
        whose,
    )


def _tell_server(made: _Families, server: ServerFigures) -> None:
    made.gauge("fristwerk_database_bytes", "Size of the database.", server.bytes)
    made.gauge("fristwerk_database_connections", "Connections to the database.", server.connections)
    made.gauge(
        "fristwerk_database_connections_most", "Connections the server allows.", server.most_connections
    )
    for end, count in (("commit", server.commits), ("rollback", server.rollbacks)):
        made.counter("fristwerk_database_transactions", "Transactions by their end.", count, {"end": end})
    for source, count in (("memory", server.blocks_hit), ("disk", server.blocks_read)):
        made.counter(
            "fristwerk_database_blocks", "Blocks read, by where they were found.", count, {"source": source}
        )
    made.counter("fristwerk_database_deadlocks", "Deadlocks.", server.deadlocks)
    made.counter("fristwerk_database_temporary_bytes", "Bytes of temporary files.", server.temp_bytes)


def _seconds(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds())
