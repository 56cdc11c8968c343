"""What the workflow `owed-mail` is started with."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from activities.orders import NotificationKind
from workflows.message import STRICT, Id, Instant

_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartMail:
    """Send a notification whose order was lost; see `activities.orders.NotificationOrder`.

    Attributes:
        cycle: with lead and kind what it is known by; whoever was told under it is not told again.
        due_at: the instant it is about.
    """

    tenant: _UUID
    lead: _UUID
    kind: NotificationKind
    cycle: Id
    due_at: Instant
