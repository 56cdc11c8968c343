"""What a worker needs whose system sends news: the workflow, the step that settles it, and the messenger.

The handler of the news is an activity of the system's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from activities.webhooks import WebhookActivities
from adapters.database import Pool
from adapters.vault import Vault
from adapters.webhooks.messenger import carrying
from adapters.webhooks.store import WebhookEvents
from workflows.webhook_event import WebhookEvent

carrying_webhooks: Final = carrying


@dataclass(frozen=True, slots=True)
class WebhookParts:
    """What is registered on a worker beside the handler.

    Attributes:
        events: the news, for the handler.
    """

    workflows: tuple[type, ...]
    activities: tuple[Callable[..., Any], ...]
    events: WebhookEvents


def webhook_parts(pool: Pool, vault: Vault) -> WebhookParts:
    """The parts over this database.

    Args:
        pool: connections as the worker role.
        vault: opens what was sent.
    """
    events = WebhookEvents(pool, vault)
    return WebhookParts((WebhookEvent,), (WebhookActivities(events).settle,), events)
