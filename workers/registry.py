"""Which queue runs what: one list for production, tests and simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.erasure import ErasureActivities
from activities.orders import MAIL_QUEUE
from workers.versions import Build
from workflows.hold_campaign import HoldCampaign
from workflows.lead_erasure import LeadErasure
from workflows.lead_protection import LeadProtection
from workflows.names import PROTECTION_QUEUE
from workflows.owed_mail import OwedMail
from workflows.reconciliation import Reconciliation
from workflows.sample_test import SampleTest

# Pure rooms and data, and the workflow's parts, which touch the world only through temporalio.workflow
# (tests/architecture/test_passed_through.py proves it). The sandbox loads whatever is not named here anew
# for every lead: docs/decisions/0060.
PASSED_THROUGH: Final = (
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "protection",
    "activities.ai.classify_orders",
    "activities.ai.orders",
    "activities.campaign_orders",
    "activities.credit_orders",
    "activities.erasure_orders",
    "activities.erp_orders",
    "activities.inbox_orders",
    "activities.records",
    "activities.orders",
    "activities.reconciliation_orders",
    "activities.sample_orders",
    "activities.webhook_orders",
    "workflows.ai_start",
    "workflows.alarm",
    "workflows.campaign_start",
    "workflows.credit_start",
    "workflows.desk",
    "workflows.details",
    "workflows.display",
    "workflows.entries",
    "workflows.erasure_start",
    "workflows.erp_start",
    "workflows.inbox_start",
    "workflows.mail_messages",
    "workflows.mail_start",
    "workflows.mailbox",
    "workflows.message",
    "workflows.messages",
    "workflows.names",
    "workflows.options",
    "workflows.post",
    "workflows.reconciliation_start",
    "workflows.recorder",
    "workflows.request_messages",
    "workflows.sample_plan",
    "workflows.sample_start",
    "workflows.search",
    "workflows.sending",
    "workflows.webhook_start",
)

WORKFLOWS: Final = (LeadProtection, LeadErasure, HoldCampaign, SampleTest, Reconciliation, OwedMail)


@dataclass(frozen=True, slots=True)
class Tuning:
    """How much a worker does at once. Defaults measured on two cores.

    Attributes:
        cached_workflows: leads kept in memory; others are replayed when touched.
        workflow_tasks: workflow tasks at once.
        pollers: connections that wait for workflow tasks.
        mails_at_once: notifications at once; the mail server allows three connections.
        mails_per_minute: enforced by the Temporal server across all workers; 240 an hour is the
            account's limit.
        checks_at_once: pending credit checks looked at at once.
        checks_per_second: enforced by the Temporal server across all workers.
        erp_at_once: steps with the ERP at once.
        erp_per_second: enforced by the Temporal server across all workers.
        mails_sorted_at_once: steps about mails that came in at once.
        mails_sorted_per_second: enforced by the Temporal server across all workers.
        questions_at_once: questions to AI models at once.
        questions_per_second: enforced by the Temporal server across all workers.
        build: which build the workers are, and whether work is handed out by builds.
    """

    cached_workflows: int = 20_000
    workflow_tasks: int = 16
    pollers: int = 10
    mails_at_once: int = 3
    mails_per_minute: float | None = None
    checks_at_once: int = 10
    checks_per_second: float = 10
    erp_at_once: int = 4
    erp_per_second: float = 10
    mails_sorted_at_once: int = 10
    mails_sorted_per_second: float = 200
    questions_at_once: int = 8
    questions_per_second: float = 5
    build: Build = field(default_factory=Build)


@dataclass(frozen=True, slots=True)
class LeadWorkers:
    """The workers of both queues."""

    lead: Worker
    mail: Worker


def runner() -> SandboxedWorkflowRunner:
    """The sandbox, with only pure modules passed through."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


def protection_worker(
    client: Client,
    record_facts: Callable[..., Any],
    erasure: ErasureActivities,
    tuning: Tuning | None = None,
    *,
    more: Sequence[Callable[..., Any]] = (),
    **options: Any,
) -> Worker:
    """The worker of the queue `protection`.

    Args:
        more: activities of workflows that a lead itself does not need.
    """
    tuning = tuning or Tuning()
    return Worker(
        client,
        task_queue=PROTECTION_QUEUE,
        workflows=list(WORKFLOWS),
        activities=[record_facts, *erasure.steps, *more],
        workflow_runner=runner(),
        max_cached_workflows=tuning.cached_workflows,
        max_concurrent_workflow_tasks=tuning.workflow_tasks,
        workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(tuning.pollers),
        deployment_config=tuning.build.config(),
        graceful_shutdown_timeout=timedelta(seconds=10),
        **options,
    )


def outside_worker(
    client: Client,
    queue: str,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., Any]],
    *,
    at_once: int,
    per_second: float | None,
    build: Build,
    cached_workflows: int = 200,
) -> Worker:
    """The worker of a queue behind which a system outside stands, with the workflows of that area.

    Args:
        at_once: activities at once in this process.
        per_second: enforced by the Temporal server across all workers; None: as many as come.
    """
    return Worker(
        client,
        task_queue=queue,
        workflows=list(workflows),
        activities=list(activities),
        workflow_runner=runner(),
        max_cached_workflows=cached_workflows,
        max_concurrent_activities=at_once,
        max_task_queue_activities_per_second=per_second,
        deployment_config=build.config(),
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


def mail_worker(
    client: Client,
    send_notification: Callable[..., Any],
    tuning: Tuning | None = None,
    *,
    more: Sequence[Callable[..., Any]] = (),
) -> Worker:
    """The worker of the queue `mail`.

    Args:
        more: activities that send mails to others than the company's own people.
    """
    tuning = tuning or Tuning()
    per_second = None if tuning.mails_per_minute is None else tuning.mails_per_minute / 60
    return Worker(
        client,
        task_queue=MAIL_QUEUE,
        activities=[send_notification, *more],
        max_concurrent_activities=tuning.mails_at_once,
        max_task_queue_activities_per_second=per_second,
        deployment_config=tuning.build.config(),
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


def lead_worker(
    client: Client,
    record_facts: Callable[..., Any],
    send_notification: Callable[..., Any],
    erasure: ErasureActivities,
    *,
    more: Sequence[Callable[..., Any]] = (),
    mails: Sequence[Callable[..., Any]] = (),
) -> LeadWorkers:
    """Both workers in one process, for simulation and tests."""
    tuning = Tuning(mails_at_once=50)
    return LeadWorkers(
        protection_worker(client, record_facts, erasure, tuning, more=more),
        mail_worker(client, send_notification, tuning, more=mails),
    )
