"""The shapes of lives whose histories are kept: name, and what happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from protection.facts import HoldReason
from tests.workflows.lab import DAY, HOUR, Lab, Lead, call, due, until
from tests.workflows.returning import comes_back
from workflows import names
from workflows.mail_messages import BounceReminder
from workflows.messages import (
    Convert,
    CorrectFact,
    GrantExtension,
    PlaceHold,
    RecordActivity,
    ReleaseHold,
    ReleaseLead,
    RetryReminder,
    Transfer,
)
from workflows.request_messages import (
    DecideExtension,
    DecideHold,
    RequestExtension,
    RequestHold,
    WithdrawRequest,
)


async def lapse(lab: Lab) -> Lead:
    """Nobody ever does anything."""
    lead = await lab.registered()
    await lead.forward(await due(lead))
    await lead.forward((await lead.row())["grace_until"])
    return lead


async def holds_and_grace(lab: Lab) -> Lead:
    """Progress, a hold, a planned hold, a reminder, progress in the grace, and the end all the same."""
    lead = await lab.registered()
    await lead.forward(20 * DAY)
    await lead.tell(call(lead, "call-1"))
    await lead.tell(PlaceHold(reason=HoldReason.FFZ_SAMPLE_DELAY, hold="h1", by="boss", fact_id="h1"))
    await lead.forward(15 * DAY)
    await lead.tell(ReleaseHold(hold="h1", by="boss", fact_id="r1"))
    start = (await due(lead)) - 2 * DAY
    await lead.tell(
        PlaceHold(reason=HoldReason.OTHER, start_at=start, end_at=start + 5 * DAY, by="boss", fact_id="h2")
    )
    await lead.forward(start + 5 * DAY + HOUR)
    await lead.forward(await due(lead))
    await lead.forward(3 * DAY)
    await lead.tell(call(lead, "call-2"))
    await lead.forward(await due(lead))
    await lead.forward((await lead.row())["grace_until"])
    return lead


async def conversion(lab: Lab) -> Lead:
    """Every other message, then a customer."""
    lead = await lab.lead()
    await lead.preregister()
    await lead.tell(lead.registration(fact_id="reg"))
    await lead.forward(5 * DAY)
    await lead.tell(RecordActivity(kind="NOTE", by=lead.owner, fact_id="note"))
    await lead.tell(call(lead, "call"))
    await lead.tell(call(lead, "call"))
    await lead.tell(GrantExtension(days=30, by="boss", fact_id="x"))
    await lead.tell(CorrectFact(corrects="call", replacement=None, by="boss", fact_id="c"))
    await lab.person("heir")
    await lead.tell(Transfer(owner="heir", by="boss", fact_id="t"))
    await lead.forward(5 * DAY)
    await lead.tell(Convert(customer_no="K1", by="boss", fact_id="won"))
    await until(lead.is_over)
    return lead


async def signals(lab: Lab) -> Lead:
    """All that signals may be, wanted and unwanted; then the lead is given up."""
    lead = await lab.registered()
    await lead.forward(DAY)
    await lead.handle.signal(names.RECORD_ACTIVITY, {"kind": "QUALIFIED_CALL", "by": "boss", "fact_id": "s1"})
    await lead.handle.signal(
        names.PLACE_HOLD, {"reason": "OTHER", "by": "boss", "fact_id": "s2", "hold": "h"}
    )
    await lead.handle.signal(names.RELEASE_HOLD, args=[])
    await lead.handle.signal(names.CONVERT, args=["x", "y"])
    await lead.handle.signal("stop-the-clock", 7)
    await lead.wait_for(refused_facts=3)
    await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))
    await until(lead.is_over)
    return lead


async def bounce(lab: Lab) -> Lead:
    """The reminder is refused for good, and sent again by an operator."""
    lead = await lab.registered(address="bounce")
    await lead.forward(await due(lead))
    await lead.forward(DAY)
    await lead.move("")
    await lead.tell(RetryReminder(by="boss"))
    await lead.wait_for(status="GRACE")
    await lead.forward((await lead.row())["grace_until"])
    return lead


async def late_bounce(lab: Lab) -> Lead:
    """The reminder comes back two days after it went out, is sent again, and nobody answers."""
    lead = await lab.registered()
    await lead.forward(await due(lead))
    await lead.forward(2 * DAY)
    await comes_back(lead, "reminder")
    await lead.tell(BounceReminder(cycle=1, code="5.1.1", by="inbound-mail", fact_id="back"))
    await lead.forward(20 * DAY)
    await lead.tell(RetryReminder(by="boss"))
    await lead.wait_for(status="GRACE")
    await lead.forward((await lead.row())["grace_until"])
    return lead


async def decisions(lab: Lab) -> Lead:
    """A hold and an extension asked for; granted, refused after the base period; then the erasure."""
    short = await lab.version(replace(lab.policy, version="short", base_months=2))
    lead = await lab.registered(policy=short)
    await lead.tell(RequestHold(reason=HoldReason.OTHER, request="h", by=lead.owner, fact_id="ask-h"))
    await lead.tell(DecideHold(request="h", approve=True, by="boss", fact_id="yes-h"))
    await lead.forward(65 * DAY)
    await lead.tell(ReleaseHold(hold="h", by="boss", fact_id="end-h"))
    await lead.tell(RequestHold(reason=HoldReason.OTHER, request="g", by=lead.owner, fact_id="ask-g"))
    await lead.tell(WithdrawRequest(request="g", by=lead.owner, fact_id="back-g"))
    await lead.tell(RequestExtension(request="x", by=lead.owner, fact_id="ask-x"))
    await lead.forward((await lead.row())["base_until"] + 5 * DAY)
    await lead.tell(DecideExtension(request="x", approve=False, by="boss", fact_id="no-x"))
    await until(lead.is_over)
    return lead


async def reservation(lab: Lab) -> Lead:
    """Pre-registered, warned of, and deleted because nobody pursued it."""
    lead = await lab.lead()
    await lead.preregister()
    await lead.forward(8 * DAY)
    await lead.forward(60 * DAY)
    await until(lead.is_over)
    return lead


LIVES: Final[Mapping[str, Callable[[Lab], Awaitable[Lead]]]] = MappingProxyType(
    {
        "lapse": lapse,
        "holds-and-grace": holds_and_grace,
        "conversion": conversion,
        "signals": signals,
        "bounce": bounce,
        "late-bounce": late_bounce,
        "decisions": decisions,
        "reservation": reservation,
    }
)
