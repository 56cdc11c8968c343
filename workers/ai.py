"""The worker of the queue `ai`: whatever asks models in the background, at the pace the providers allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.ai.orders import AI_QUEUE
from workers.registry import RELEASE, Tuning, runner


def ai_worker(
    client: Client,
    activities: Sequence[Callable[..., Any]],
    workflows: Sequence[type],
    tuning: Tuning | None = None,
) -> Worker:
    """The worker of the queue `ai`.

    Args:
        activities: what asks models.
        workflows: those that have it asked.
    """
    tuning = tuning or Tuning()
    return Worker(
        client,
        task_queue=AI_QUEUE,
        workflows=list(workflows),
        activities=list(activities),
        workflow_runner=runner(),
        max_cached_workflows=200,
        max_concurrent_activities=tuning.questions_at_once,
        max_task_queue_activities_per_second=tuning.questions_per_second,
        build_id=RELEASE,
        graceful_shutdown_timeout=timedelta(seconds=10),
    )
