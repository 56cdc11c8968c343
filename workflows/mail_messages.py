"""What a lead's workflow is told of its mails from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, Strict, StringConstraints
from pydantic.dataclasses import dataclass

from protection.facts import Fact, ReminderBounced
from workflows.message import STRICT, Message


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class BounceReminder(Message):
    """The reminder of a cycle came back after a mail server had taken it.

    Attributes:
        cycle: of the reminder.
        code: why, as mail servers number it, such as `5.1.1`.
    """

    cycle: Annotated[int, Strict(), Field(ge=1)]
    code: Annotated[str, StringConstraints(pattern=r"^[0-9a-z.-]{1,40}$")]

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return ReminderBounced(fact_id=fact_id, recorded_at=now, by=self.by, cycle=self.cycle, code=self.code)
