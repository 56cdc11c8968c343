"""Grafana's dashboards: written here, kept as JSON beside it for provisioning.

    python -m deploy.grafana.boards

writes deploy/grafana/dashboards/*.json anew; tests/operations/test_watching.py says when that was forgotten,
when a query does not parse, and when a metric in one is exported by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from deploy.grafana.panels import BYTES, EUR, PER_SECOND, SECONDS, SHARE, Board, Number, graph, p95, whose

FOLDER: Final = Path(__file__).with_name("dashboards")
_ERRORS: Final = (
    'sum(rate(fristwerk_http_requests_total{status=~"5.."}[5m]))'
    " / sum(rate(fristwerk_http_requests_total[5m])) or vector(0)"
)
_BY_CLASS: Final = (
    "sum by (class)"
    ' (label_replace(rate(fristwerk_http_requests_total[5m]), "class", "${1}xx", "status", "(.).."))'
)

LEADS: Final = Board(
    "leads",
    "Fristwerk: leads and deadlines",
    (
        Number("Lapsed within a day", "Alert above 10.", whose("fristwerk_leads_expired_last_day"), 11),
        Number("Reminders pending", "Alert above 20.", whose("fristwerk_reminders_pending"), 21),
        Number(
            "Oldest reminder due",
            "An hour is promised.",
            whose("fristwerk_reminder_oldest_seconds"),
            1800,
            SECONDS,
        ),
        Number("Clocks overdue", "None should be.", whose("fristwerk_leads_overdue"), 1),
        Number(
            "Divergences",
            "Ledger, projection and workflow; none should be.",
            "sum by (tenant) (max by (tenant, check) (fristwerk_divergences))",
            1,
        ),
        Number("Audit chain broken", "0 is whole.", whose("fristwerk_audit_chain_broken"), 1),
        graph(
            "Leads by status",
            "As the projection has them.",
            ("max by (tenant, status) (fristwerk_leads)", "{{status}}"),
        ),
        graph(
            "Standing still, expiring",
            "Paused clocks, and ends within 7 days.",
            (whose("fristwerk_leads_paused"), "paused"),
            (whose("fristwerk_leads_expiring"), "expiring"),
            (whose("fristwerk_leads_with_problem"), "with a problem"),
        ),
        graph(
            "Requests waiting",
            "Holds and extensions nobody has decided.",
            (whose("fristwerk_requests_pending"), "requests"),
        ),
        graph(
            "Oldest request",
            "For how long it waits.",
            (whose("fristwerk_request_oldest_seconds"), "waits"),
            unit=SECONDS,
        ),
        graph(
            "Last reconciliation",
            "Since when it is done.",
            ("min by (tenant) (fristwerk_reconciliation_age_seconds)", "{{tenant}}"),
            unit=SECONDS,
        ),
        graph(
            "Leads compared",
            "By the last reconciliation.",
            (whose("fristwerk_reconciliation_leads"), "{{tenant}}"),
        ),
    ),
)

MAIL: Final = Board(
    "mail",
    "Fristwerk: mails",
    (
        Number(
            "Mails given up",
            "Nobody tries them again but you.",
            'max by (tenant) (fristwerk_dead_letters{source="mail"})',
            1,
        ),
        Number("Mails waiting", "Still tried.", whose("fristwerk_mails_waiting"), 50),
        Number("Workers for mails", "", 'max(fristwerk_queue_workers{queue="mail"})', 1, below=True),
        graph(
            "Reminders of a day",
            "What came of them.",
            ("max by (tenant, outcome) (fristwerk_reminders_last_day)", "{{outcome}}"),
        ),
        graph(
            "Mails waiting",
            "They wait for the mail server, or for their turn at its limits.",
            (whose("fristwerk_mails_waiting"), "waiting"),
            (whose("fristwerk_reminders_pending"), "reminders pending"),
        ),
        graph(
            "Backlog of the queue mail",
            "Tasks that wait for a worker.",
            ('max by (queue) (fristwerk_backlog{queue="mail"})', "tasks"),
        ),
    ),
)

OUTSIDE: Final = Board(
    "outside",
    "Fristwerk: systems outside",
    (
        Number(
            "Breakers open",
            "Systems that are left alone.",
            "count(fristwerk_breaker_open == 1) or vector(0)",
            1,
        ),
        Number(
            "Webhooks given up",
            "",
            'max by (tenant) (fristwerk_dead_letters{source="webhook"})',
            1,
        ),
        Number("AI cost of the month", "", whose("fristwerk_ai_cost_eur"), 900, EUR),
        Number(
            "Credit checks, p95", "300 ms are promised.", whose("fristwerk_credit_p95_seconds"), 0.3, SECONDS
        ),
        graph(
            "Breakers",
            "1: a process leaves the system alone.",
            ("max by (upstream, process) (fristwerk_breaker_open)", "{{upstream}} seen by {{process}}"),
        ),
        graph(
            "AI: cost and budget of the month",
            "Booked and set aside.",
            (whose("fristwerk_ai_cost_eur"), "cost"),
            (whose("fristwerk_ai_cap_eur"), "budget"),
            unit=EUR,
        ),
        graph(
            "AI: cost of a day",
            "Of the last 24 hours.",
            (whose("fristwerk_ai_cost_day_eur"), "cost"),
            unit=EUR,
        ),
        graph(
            "AI: calls of a day",
            "By how they were answered, or why not.",
            ("max by (tenant, how) (fristwerk_ai_calls_last_day)", "{{how}}"),
        ),
        graph(
            "Credit checks, p95",
            "Of five minutes.",
            (whose("fristwerk_credit_p95_seconds"), "p95"),
            unit=SECONDS,
        ),
        graph(
            "Credit checks of five minutes",
            "",
            (whose("fristwerk_credit_checks_recent"), "checks"),
        ),
    ),
)

API: Final = Board(
    "api",
    "Fristwerk: API",
    (
        Number("Processes", "", 'sum(up{job="fristwerk-api"})', 1, below=True),
        Number(
            "Answers that are errors",
            "Alert above 1 %.",
            _ERRORS,
            0.01,
            SHARE,
        ),
        Number("In progress", "", "sum(fristwerk_http_requests_in_progress)", 100),
        graph(
            "Requests",
            "By the class of their answers.",
            (
                _BY_CLASS,
                "{{class}}",
            ),
            unit=PER_SECOND,
        ),
        graph(
            "Duration, p95 of the slowest ten routes",
            "",
            (
                f"topk(10, {p95('fristwerk_http_request_seconds', 'route')})",
                "{{route}}",
            ),
            unit=SECONDS,
        ),
        graph(
            "Where a lead stands, p95",
            "50 ms are promised.",
            (
                p95("fristwerk_http_request_seconds", only='{route="/api/leads/{lead}/protection"}'),
                "p95",
            ),
            unit=SECONDS,
        ),
        graph(
            "Requests by route",
            "",
            ("topk(10, sum by (route) (rate(fristwerk_http_requests_total[5m])))", "{{route}}"),
            unit=PER_SECOND,
        ),
        graph(
            "Memory",
            "Of each process.",
            ('process_resident_memory_bytes{job="fristwerk-api"}', "{{instance}}"),
            unit=BYTES,
        ),
        graph(
            "CPU",
            "Cores used by each process.",
            ('rate(process_cpu_seconds_total{job="fristwerk-api"}[5m])', "{{instance}}"),
        ),
    ),
)

TEMPORAL: Final = Board(
    "temporal",
    "Fristwerk: Temporal and workers",
    (
        Number("Largest backlog", "Alert above 100.", "max(fristwerk_backlog)", 101),
        Number(
            "Workflow tasks that fail",
            "Of ten minutes; none should.",
            "sum(increase(temporal_workflow_task_execution_failed_total[10m])) or vector(0)",
            1,
        ),
        graph(
            "Worker processes",
            "That take work, by queue and build.",
            ("sum by (queue, build) (fristwerk_worker_working)", "{{queue}} {{build}}"),
        ),
        graph(
            "Backlog", "Tasks that wait for a worker.", ("max by (queue) (fristwerk_backlog)", "{{queue}}")
        ),
        graph(
            "Seen by Temporal",
            "Workers that asked for work within minutes.",
            ("max by (queue) (fristwerk_queue_workers)", "{{queue}}"),
        ),
        graph(
            "Workflow tasks, wait before they begin, p95",
            "",
            (
                p95("temporal_workflow_task_schedule_to_start_latency_seconds", "task_queue"),
                "{{task_queue}}",
            ),
            unit=SECONDS,
        ),
        graph(
            "Workflow tasks, duration, p95",
            "",
            (
                p95("temporal_workflow_task_execution_latency_seconds", "workflow_type"),
                "{{workflow_type}}",
            ),
            unit=SECONDS,
        ),
        graph(
            "Activities, duration, p95",
            "",
            (
                p95("temporal_activity_execution_latency_seconds", "activity_type"),
                "{{activity_type}}",
            ),
            unit=SECONDS,
        ),
        graph(
            "Leads in memory",
            "Workflows kept by the workers.",
            ("sum by (task_queue) (temporal_sticky_cache_size)", "{{task_queue}}"),
        ),
        graph(
            "Free slots",
            "What workers could still do at once.",
            (
                "sum by (task_queue, worker_type) (temporal_worker_task_slots_available)",
                "{{task_queue}} {{worker_type}}",
            ),
        ),
        graph(
            "Temporal server: requests",
            "By operation.",
            ("topk(10, sum by (operation) (rate(service_requests[5m])))", "{{operation}}"),
            unit=PER_SECOND,
        ),
        graph(
            "Temporal server: its database, p95",
            "",
            (p95("persistence_latency"), "p95"),
        ),
    ),
)

DATABASE: Final = Board(
    "postgresql",
    "Fristwerk: PostgreSQL",
    (
        Number("Size", "", "max(fristwerk_database_bytes)", 1e12, BYTES),
        Number(
            "Connections taken",
            "Alert above 80 %.",
            "max(fristwerk_database_connections) / max(fristwerk_database_connections_most)",
            0.8,
            SHARE,
        ),
        Number("Figures read", "0: the worker could not.", "1 - max(fristwerk_figures_read)", 1),
        graph("Size", "", ("max(fristwerk_database_bytes)", "bytes"), unit=BYTES),
        graph(
            "Connections",
            "",
            ("max(fristwerk_database_connections)", "taken"),
            ("max(fristwerk_database_connections_most)", "allowed"),
        ),
        graph(
            "Transactions",
            "Rolled back: refused, or broken off.",
            ("max by (end) (rate(fristwerk_database_transactions_total[5m]))", "{{end}}"),
            unit="ops",
        ),
        graph(
            "Blocks read",
            "From memory or from disk.",
            ("max by (source) (rate(fristwerk_database_blocks_total[5m]))", "{{source}}"),
            unit="ops",
        ),
        graph(
            "Deadlocks and temporary files",
            "Neither should be much.",
            ("max(increase(fristwerk_database_deadlocks_total[5m]))", "deadlocks"),
            ("max(rate(fristwerk_database_temporary_bytes_total[5m]))", "temporary bytes a second"),
        ),
        graph(
            "Reading the figures",
            "How long a scrape of them takes.",
            ("max(fristwerk_figures_reading_seconds)", "seconds"),
            unit=SECONDS,
        ),
    ),
)

BOARDS: Final = (LEADS, MAIL, OUTSIDE, API, TEMPORAL, DATABASE)


def write(boards: Iterable[Board] = BOARDS) -> None:
    """Write them down for provisioning."""
    for board in boards:
        (FOLDER / f"{board.name}.json").write_text(board.json(), encoding="utf-8")


if __name__ == "__main__":
    write()
