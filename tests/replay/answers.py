"""The shapes of `inbound-mail` and `lead-classify` whose histories are kept: name, and what is answered.

Recorded by `python -m tests.replay.answers`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from activities.ai.classify_orders import (
    CLASSIFY_LEAD,
    DETECT_CONTACT_ROLE,
    Classified,
    ClassifyOrder,
    ClassifySeen,
)
from activities.ai.orders import AI_QUEUE
from activities.errors import ErrorType, final
from activities.inbox_orders import (
    CATEGORISE_MAIL,
    INBOX_QUEUE,
    PROPOSE_REACTION,
    SORT_MAIL,
    TELL_BOUNCE,
    MailOrder,
    NextStep,
    Sorted,
)
from tests.replay.histories import FOLDER
from tests.replay.recorder import record, written
from tests.workflows.lab import Lab
from workers.registry import runner
from workflows import names
from workflows.ai_start import StartClassify
from workflows.inbound_mail import InboundMail
from workflows.inbox_start import StartInboundMail
from workflows.lead_classify import LeadClassify
from workflows.messages import to_json


@dataclass(frozen=True, slots=True)
class Answers:
    """What is found and said about one mail or one lead.

    Attributes:
        step: what a mail turns out to need.
        model: whether a model answers.
    """

    step: NextStep = NextStep.NONE
    model: bool = True

    @activity.defn(name=SORT_MAIL)
    async def sort(self, _: MailOrder) -> Sorted:
        """Whose mail it is."""
        return Sorted(self.step, "ignored" if self.step is NextStep.NONE else None)

    @activity.defn(name=CATEGORISE_MAIL)
    async def categorise(self, _: MailOrder) -> Sorted:
        """What it is about."""
        self._asked()
        return Sorted(NextStep.PROPOSE)

    @activity.defn(name=PROPOSE_REACTION)
    async def propose(self, _: MailOrder) -> Sorted:
        """Proposed."""
        return Sorted(outcome="proposed")

    @activity.defn(name=TELL_BOUNCE)
    async def tell_bounce(self, _: MailOrder) -> Sorted:
        """Told to the lead."""
        return Sorted(outcome="told")

    @activity.defn(name=CLASSIFY_LEAD)
    async def classify(self, _: ClassifyOrder) -> ClassifySeen:
        """What sort of customer it would be."""
        self._asked()
        return ClassifySeen(Classified.PROPOSED)

    @activity.defn(name=DETECT_CONTACT_ROLE)
    async def role(self, _: ClassifyOrder) -> ClassifySeen:
        """Who the contact is there."""
        return ClassifySeen(Classified.UNSURE)

    def _asked(self) -> None:
        if not self.model:
            raise final(ErrorType.MALFORMED_ORDER, "of no use")


async def mail(lab: Lab, answers: Answers) -> WorkflowHandle[Any, Any]:
    """A mail that is seen through."""
    identity = str(uuid4())
    steps: list[Callable[..., Any]] = [answers.sort, answers.propose, answers.tell_bounce]
    async with (
        Worker(
            lab.client,
            task_queue=INBOX_QUEUE,
            workflows=[InboundMail],
            activities=steps,
            workflow_runner=runner(),
        ),
        Worker(lab.client, task_queue=AI_QUEUE, activities=[answers.categorise]),
    ):
        handle = await lab.client.start_workflow(
            names.INBOUND_MAIL,
            to_json(StartInboundMail(tenant=str(lab.tenant), mail=identity)),
            id=names.inbound_mail_id(lab.tenant, identity, by_hand=False),
            task_queue=INBOX_QUEUE,
        )
        await handle.result()
    return handle


async def lead(lab: Lab, answers: Answers) -> WorkflowHandle[Any, Any]:
    """A lead that is classified."""
    identity = str(uuid4())
    async with Worker(
        lab.client,
        task_queue=AI_QUEUE,
        workflows=[LeadClassify],
        activities=[answers.classify, answers.role],
        workflow_runner=runner(),
    ):
        handle = await lab.client.start_workflow(
            names.LEAD_CLASSIFY,
            to_json(StartClassify(tenant=str(lab.tenant), lead=identity)),
            id=names.classify_id(lab.tenant, identity),
            task_queue=AI_QUEUE,
        )
        await handle.result()
    return handle


MAILS: Final[Mapping[str, Answers]] = MappingProxyType(
    {
        "inbox/ignored": Answers(),
        "inbox/proposed": Answers(NextStep.CATEGORISE),
        "inbox/uncategorised": Answers(NextStep.CATEGORISE, model=False),
        "inbox/bounce": Answers(NextStep.TELL_BOUNCE),
    }
)
LEADS: Final[Mapping[str, Answers]] = MappingProxyType(
    {"ai/classified": Answers(), "ai/given-up": Answers(model=False)}
)


@pytest.mark.parametrize("name", [*MAILS, *LEADS])
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    handle = await (mail(lab, MAILS[name]) if name in MAILS else lead(lab, LEADS[name]))
    await written(name, await handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, (*MAILS, *LEADS))
