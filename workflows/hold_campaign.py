"""The workflow `hold-campaign`: one hold over many leads, placed lead by lead, and ended for all at once.

Which leads, and how far it is with each, is on record; a step takes the next ones in hand. So a run that was
broken off is taken up where it stood, and a campaign that is over can be ended by a new run.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows import names, options

with workflow.unsafe.imports_passed_through():
    from activities.campaign_orders import ADVANCE_CAMPAIGN, CampaignOrder, CampaignStep
    from protection.refusal import Refused
    from workflows.campaign_start import StartCampaign
    from workflows.messages import parse, to_json


@workflow.defn(name=names.HOLD_CAMPAIGN)
class HoldCampaign:
    """Places one hold on many leads, and lets it go for all of them when told so."""

    def __init__(self) -> None:
        self._step: CampaignStep | None = None
        self._told = 0
        self._heard = 0

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Answers the last step: `{"after", "left", "placed", "refused", "ended", "ending"}`."""
        try:
            start = parse(StartCampaign, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        after = start.after
        steps = 0
        while True:
            if steps == start.steps:
                workflow.continue_as_new(to_json(replace(start, after=after)))
            steps += 1
            self._heard = self._told
            step = self._step = await self._advance(start, after)
            workflow.set_current_details(_in_words(step))
            after = step.after
            if after is None and not self._hears_more():
                if step.left == 0:
                    return asdict(step)
                # Whoever did not answer is told again, or sooner if the campaign is ended.
                with suppress(TimeoutError):
                    await workflow.wait_condition(self._hears_more, timeout=options.CAMPAIGN_PAUSE)

    @workflow.signal(name=names.LOOK_AGAIN)
    def look_again(self, _: Any = None) -> None:
        """Something new is on record, such as that the campaign is to be ended for all its leads."""
        self._told += 1

    @workflow.query(name=names.PROGRESS)
    def progress(self) -> dict[str, Any] | None:
        """How far it is; None before the first step."""
        return None if self._step is None else asdict(self._step)

    def _hears_more(self) -> bool:
        return self._told != self._heard

    async def _advance(self, start: StartCampaign, after: str | None) -> CampaignStep:
        answer: CampaignStep = await workflow.execute_activity(
            ADVANCE_CAMPAIGN,
            CampaignOrder(start.tenant, start.campaign, start.batch, after),
            result_type=CampaignStep,
            start_to_close_timeout=options.CAMPAIGN_ATTEMPT,
            heartbeat_timeout=options.CAMPAIGN_HEARTBEAT,
            retry_policy=options.CAMPAIGN_RETRY,
        )
        return answer


def _in_words(step: CampaignStep) -> str:
    doing = "Being ended for all its leads." if step.ending else "The hold is being placed."
    if step.left == 0:
        doing = "Ended for all its leads." if step.ending else "The hold is placed."
    return (
        f"{doing} It stands on {step.placed} leads; {step.refused} refused, {step.ended} ended or left out, "
        f"{step.left} to go."
    )
