"""What the mails look like, for people who word them: every kind in every language, as files to open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from activities.letters import LeadLedger, Letter, Occasion, draft
from activities.orders import NotificationKind
from activities.ports import Contact, Invitation, Language, Reader, Written
from adapters.mail_texts.writer import MailTexts
from protection.facts import (
    ActivityRecorded,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldRequested,
    Lapsed,
    Preregistered,
    Registered,
    ReminderSent,
    RequestDecided,
)
from protection.lifecycle import lapse_by, replay, snapshot
from protection.policy import Policy

_LEAD = UUID("0f7e0000-0000-4000-8000-00000000abcd")
_COMPANY = "Bäckerei Sonnenschein GmbH & Co. KG"
_FAR = timedelta(days=400)
_NAMES = {"agent": "Erika Muster", "manager": "Max Mustermann"}


@dataclass(frozen=True, slots=True)
class Preview:
    """One letter as one reader gets it."""

    kind: NotificationKind
    language: Language
    written: Written


def _until(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("the sample life leaves no deadline open")
    return moment


def sample_letters(registered_at: datetime, policy: Policy) -> Iterator[Letter]:
    """One letter of each kind, from a made-up life that begins at this UTC instant."""
    call = registered_at + timedelta(days=20, hours=2)
    facts: tuple[Fact, ...] = (
        Registered(
            fact_id="1", recorded_at=registered_at, by="agent", owner="agent", registered_at=registered_at
        ),
        ActivityRecorded(fact_id="2", recorded_at=call, by="agent", kind="QUALIFIED_CALL", occurred_at=call),
    )
    now = snapshot(replay(policy, facts), call)
    due, base = _until(now.reminder_due_at), _until(now.base_until)
    cycle = replay(policy, facts).cycle
    reminder = ReminderSent(fact_id="3", recorded_at=due, by="system", sent_at=due, cycle=cycle)
    end, reason = lapse_by(replay(policy, (*facts, reminder)), due + _FAR) or (base, None)
    if reason is None:
        raise ValueError("the sample life does not end")
    lapse = Lapsed(fact_id="4", recorded_at=end, by="system", at=end, reason=reason)
    later = base - timedelta(days=20)
    visit = ActivityRecorded(
        fact_id="5", recorded_at=later, by="agent", kind="ROI_PRESENTATION", occurred_at=later
    )
    before = timedelta(days=7)
    noted = Preregistered(fact_id="1", recorded_at=registered_at, by="agent", owner="agent")
    reserved = _until(snapshot(replay(policy, (noted,)), registered_at).valid_until)
    hold = HoldPlaced(
        fact_id="6",
        recorded_at=call,
        by="manager",
        hold="6",
        reason=HoldReason.FFZ_SAMPLE_DELAY,
        start_at=call,
    )
    asked = ExtensionRequested(
        fact_id="7", recorded_at=later, by="agent", request="7", days=30, next_step_at=base + before
    )
    wanted = HoldRequested(
        fact_id="8",
        recorded_at=call,
        by="agent",
        request="8",
        reason=HoldReason.CUSTOMER_BLOCKED,
        start_at=call,
        end_at=call + before,
    )
    approved = RequestDecided(fact_id="9", recorded_at=call, by="manager", request="8", approved=True)
    for kind, known, key, about, at in (
        (NotificationKind.NOTICE_PROGRESS, facts, cycle, due, due - before),
        (NotificationKind.REMINDER, facts, cycle, due, due),
        (NotificationKind.NOTICE_BASE, (facts[0], visit), cycle, base, base - before),
        (NotificationKind.NOTICE_PREREGISTRATION, (noted,), reserved, reserved, reserved - timedelta(days=3)),
        (NotificationKind.NOTICE_HOLD, (*facts, hold), "6", call + _FAR, call + _FAR),
        (NotificationKind.REQUEST_MADE, (facts[0], visit, asked), "7", later, later),
        (NotificationKind.REQUEST_DECIDED, (*facts, wanted, approved), "8", call, call),
        (NotificationKind.LAPSE, (*facts, reminder, lapse), cycle, end, end),
    ):
        ledger = LeadLedger(_COMPANY, "Ulm", policy, known)
        letter = draft(Occasion(kind, _LEAD, str(key), about), ledger, at)
        if letter is not None:
            yield replace(letter, names=_NAMES)


def sample_invitation(at: datetime, language: Language) -> tuple[Invitation, Contact]:
    """An invitation to give feedback to a made-up customer, sent at this UTC instant."""
    invitation = Invitation(
        lead=_LEAD,
        company=_COMPANY,
        sender="FreshFoodz",
        agent="agent",
        products=("FF-100 Tomatensugo", "FF-200 Basilikumpesto"),
        delivered_at=at - timedelta(days=3),
        expires_at=at + timedelta(days=30),
        language=language,
    )
    return invitation, Contact("kitchen@example.org", "Lena Beispiel")


def previews(
    writer: MailTexts, registered_at: datetime, timezone: str = "Europe/Berlin", policy: Policy | None = None
) -> list[Preview]:
    """Every kind of letter in every language.

    Args:
        registered_at: when the sample lead was registered, a UTC instant.
        timezone: IANA name of the reader's zone.
        policy: the contract's numbers; its defaults if None.
    """
    return [
        Preview(letter.kind, language, writer.write(letter, reader))
        for letter in sample_letters(registered_at, policy or Policy())
        for language in Language
        for user in ["manager" if letter.kind is NotificationKind.REQUEST_MADE else "agent"]
        for reader in [Reader(user, f"{user}@example.org", _NAMES[user], language, timezone)]
    ]


def write_previews(folder: Path, shown: list[Preview]) -> list[Path]:
    """Writes each letter as `kind.language.html` and `.txt` (subject line first); returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for preview in shown:
        stem = f"{preview.kind}.{preview.language}"
        for name, text in (
            (f"{stem}.html", preview.written.html),
            (f"{stem}.txt", f"{preview.written.subject}\n\n{preview.written.text}"),
        ):
            (folder / name).write_text(text, encoding="utf-8")
            files.append(folder / name)
    return files
