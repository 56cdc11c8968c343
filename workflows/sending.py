"""How every workflow has a notification sent: on the mail queue, as often as it takes."""

from __future__ import annotations

from temporalio import workflow

from workflows import options

with workflow.unsafe.imports_passed_through():
    from activities.orders import MAIL_QUEUE, SEND_NOTIFICATION, NotificationOrder, NotificationResult


async def send(order: NotificationOrder) -> NotificationResult:
    """Returns once it has come to an end.

    Raises:
        ActivityError: it was called off, or the order was one that nobody can carry out.
    """
    result: NotificationResult = await workflow.execute_activity(
        SEND_NOTIFICATION,
        order,
        task_queue=MAIL_QUEUE,
        result_type=NotificationResult,
        start_to_close_timeout=options.MAIL_ATTEMPT,
        heartbeat_timeout=options.MAIL_HEARTBEAT,
        retry_policy=options.MAIL_RETRY,
        summary=f"{order.kind} (cycle {order.cycle})",
    )
    return result
