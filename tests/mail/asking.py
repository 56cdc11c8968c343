"""Facts and letters of requests, and how they read."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from activities.letters import LeadLedger, Letter, Occasion, draft
from activities.orders import NotificationKind
from activities.ports import Language, Reader, Written
from adapters.mail_texts.writer import MailTexts
from protection.facts import ExtensionRequested, Fact, HoldReason, HoldRequested, RequestDecided
from protection.policy import Policy
from tests.mail.world import CALL, later

LEAD = UUID(int=1)
MADE, DECIDED = NotificationKind.REQUEST_MADE, NotificationKind.REQUEST_DECIDED
RESERVED, LONG = NotificationKind.NOTICE_PREREGISTRATION, NotificationKind.NOTICE_HOLD
CONTRACT = Policy()
ASKED = later(CALL, days=1)
WRITER = MailTexts("https://leads.example")
NAMES = {"erika": "Erika Müller", "otto": "Otto Helfer", "max": "Max Boss"}


def hold_wanted(
    by: str = "erika", end_at: datetime | None = None, start_at: datetime = ASKED
) -> HoldRequested:
    return HoldRequested(
        fact_id="hw", recorded_at=ASKED, by=by, request="q", reason=HoldReason.FFZ_SAMPLE_DELAY,
        start_at=start_at, end_at=end_at,
    )  # fmt: skip


def more_days_wanted(
    by: str = "erika", days: int | None = 30, at: datetime = ASKED, step: datetime | None = None
) -> ExtensionRequested:
    return ExtensionRequested(fact_id="ew", recorded_at=at, by=by, request="q", days=days, next_step_at=step)


def decision(
    *, approved: bool, days: int | None = None, end_at: datetime | None = None, at: datetime = ASKED
) -> RequestDecided:
    return RequestDecided(
        fact_id="d", recorded_at=later(at, hours=1), by="max", request="q", approved=approved, days=days,
        end_at=end_at,
    )  # fmt: skip


def letter(
    kind: NotificationKind,
    at: datetime,
    *facts: Fact,
    cycle: str = "q",
    about: datetime | None = None,
    policy: Policy = CONTRACT,
) -> Letter | None:
    return draft(Occasion(kind, LEAD, cycle, about or at), LeadLedger("Firma", "Ulm", policy, facts), at)


def needed(found: Letter | None) -> Letter:
    assert found is not None
    return replace(found, names=NAMES)


def said(found: Letter | None, language: Language = Language.DE) -> Written:
    reader = Reader("max", "max@ffz.example", "Max Boss", language, "Europe/Berlin")
    return WRITER.write(needed(found), reader)
