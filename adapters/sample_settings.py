"""What a tenant has settled about samples, and its hosts for themselves (domain.md section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from activities.sample_orders import DelayHold
from adapters.registry import SettingsRegistry
from adapters.setting_definitions import DEFINITIONS, Json

TOKEN_DAYS: Final = "sample.feedback.tokenDays"  # noqa: S105 - the name of a setting
AUTO_REMINDER: Final = "sample.feedback.autoReminder"
RATE: Final = "sample.feedback.ratePerHour"
SUBMISSIONS: Final = "sample.feedback.submissions"
TIMING: Final = "sample.feedback.timing"
DELAY: Final = "sample.delay.hold"


@dataclass(frozen=True, slots=True)
class SampleRules:
    """What holds for the samples of one host.

    Attributes:
        open_for: how long a form stays open.
        once: whether it closes with the first answer.
        invite_days: days from the delivery to the invitation.
        remind_days: days from the invitation to its reminder; None: there is none.
        delay: what comes of samples that are shipped late.
    """

    open_for: timedelta
    once: bool
    invite_days: int
    remind_days: int | None
    delay: DelayHold


async def sample_rules(registry: SettingsRegistry, tenant: UUID, owner: str) -> SampleRules:
    """What holds for the samples of this lead's owner."""

    async def field(key: str, name: str) -> Json:
        value = (await registry.effective(tenant, key, user=owner)).value
        if not isinstance(value, dict):  # pragma: no cover - the setting's schema lets nothing else in
            raise TypeError(f"{key} is no object")
        return value[name]

    reminds = await field(AUTO_REMINDER, "enabled")
    return SampleRules(
        open_for=timedelta(days=_whole(await field(TOKEN_DAYS, "days"))),
        once=await field(SUBMISSIONS, "mode") == "once",
        invite_days=_whole(await field(TIMING, "inviteDays")),
        remind_days=_whole(await field(TIMING, "remindDays")) if reminds else None,
        delay=DelayHold(str(await field(DELAY, "mode"))),
    )


def usual_rate() -> int:
    """Requests an hour for one form and one address range, where nobody has settled anything."""
    default = DEFINITIONS[RATE].default
    if not isinstance(default, dict):  # pragma: no cover - it stands in our own table
        raise TypeError(f"{RATE} is no object")
    return _whole(default["count"])


def _whole(value: Json) -> int:
    if not isinstance(value, int):  # pragma: no cover - the setting's schema lets nothing else in
        raise TypeError("no whole number")
    return value
