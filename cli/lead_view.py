"""One lead as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.table import Table

from adapters.console_model import LeadMail, Person
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.read_model import Hold, Lead
from cli.moments import distance, wall, wall_and_distance
from cli.output import table
from protection.explain_texts import word_text
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReleased,
    Lapsed,
    Preregistered,
    Registered,
    Reinstated,
    ReminderBounced,
    ReminderSent,
    Transferred,
)
from protection.lifecycle import REMINDER_BOUNCED, Snapshot
from protection.state import ALIVE, LeadState, Status

_LAST: Final = 8
_LONGEST_NOTE: Final = 100

_MEANING: Final = {
    Status.PREREGISTERED: "pre-registered, not protected",
    Status.ACTIVE: "protected",
    Status.GRACE: "protected, in grace: without progress it lapses",
    Status.EXPIRED: "lapsed",
    Status.CONVERTED: "became a customer",
    Status.RELEASED: "given up",
    Status.ERASED: "erased",
}
_PROBLEMS: Final = {
    REMINDER_BOUNCED: "the reminder was refused for good, so no grace runs; mend the owner's address, then: "
    "fristwerk retry-mail ID",
}


def show_lead(
    console: Console,
    *,
    lead: Lead,
    state: LeadState,
    answer: Snapshot,
    as_of: datetime | None,
    holds: Sequence[Hold],
    mails: Sequence[LeadMail],
    contacts: Sequence[ContactEntry],
    names: dict[str, Person],
) -> None:
    """Print a lead.

    Args:
        state: the lead as of its newest fact.
        answer: its deadlines as of the moment asked for.
        as_of: that moment, a UTC instant; None is now.
    """
    tz = state.policy.timezone
    place = " ".join(part for part in (lead.postcode, lead.city) if part)
    console.print(f"{lead.company}, {place}", style="bold", markup=False)
    head = table(None, "", "")
    head.show_header = False
    head.add_row("lead", " · ".join(part for part in (lead.external_id, str(lead.id)) if part))
    head.add_row("owner", _person(state.basis.owner, names))
    for contact in contacts:
        if contact.kind is ContactKind.CONTACT:
            head.add_row("contact", ", ".join(filter(None, (contact.name, contact.email, contact.phone))))
    if as_of is not None:
        head.add_row("as known on", wall(as_of, timezone=tz))
    head.add_row("status", f"{answer.status} – {_MEANING[answer.status]}")
    if answer.paused:
        head.add_row("", "the clock stands still because of a hold")
    _deadlines(head, state, answer)
    if state.problem is not None:
        head.add_row("problem", _PROBLEMS.get(state.problem, state.problem))
    console.print(head, markup=False)
    if holds:
        console.print("\nholds", style="italic")
        rows = table(None, "id", "reason", "from", "until", "placed by")
        for hold in holds:
            until = "open" if hold.end_at is None else wall(hold.end_at, timezone=tz)
            if hold.end_at is not None and hold.end_at <= hold.start_at:
                until = "never begun"
            by = _person(hold.placed_by, names)
            rows.add_row(hold.hold, hold.reason, wall(hold.start_at, timezone=tz), until, by)
        console.print(rows, markup=False)
    _facts(console, state, contacts, names)
    if mails:
        console.print("\nmails", style="italic")
        rows = table(None, "kind", "to", "status", "when")
        for mail in mails:
            status = mail.status if mail.code is None else f"{mail.status} ({mail.code})"
            when = wall(mail.sent_at or mail.created_at, timezone=tz)
            rows.add_row(mail.kind, _person(mail.recipient, names), status, when)
        console.print(rows, markup=False)
    console.print("\nWhy: fristwerk lead ID --explain", style="dim", markup=False)


def _deadlines(head: Table, state: LeadState, answer: Snapshot) -> None:
    tz, since = state.policy.timezone, answer.as_of
    add = head.add_row
    if answer.status in ALIVE:
        add("protected until", wall_and_distance(answer.valid_until, since, timezone=tz))
        add("base period until", wall_and_distance(answer.base_until, since, timezone=tz))
        add("progress owed until", wall_and_distance(answer.progress_until, since, timezone=tz))
        if answer.reminder_due_at is not None:
            add("reminder goes out", wall_and_distance(answer.reminder_due_at, since, timezone=tz))
        if answer.grace_until is not None:
            add("grace until", wall_and_distance(answer.grace_until, since, timezone=tz))
    elif answer.valid_until is not None:
        why = "" if answer.reason is None else f": {word_text(answer.reason, 'en')}"
        at = f"{wall(answer.valid_until, timezone=tz)} ({distance(answer.valid_until, since)})"
        add("ended", at + why)


def _person(key: str | None, names: dict[str, Person]) -> str:
    person = names.get(key or "")
    if person is None:
        return key or ""
    return person.display_name


def _facts(
    console: Console, state: LeadState, contacts: Sequence[ContactEntry], names: dict[str, Person]
) -> None:
    notes = {contact.fact_id: contact.note for contact in contacts if contact.kind is not ContactKind.CONTACT}
    last = "" if state.revision <= _LAST else f" (last {_LAST} of {state.revision})"
    console.print(f"\nwhat happened{last}", style="italic", markup=False)
    rows = table(None, "recorded", "what", "by", "id")
    for fact in state.facts[-_LAST:]:
        what = fact_text(fact, state.policy.timezone, names)
        note = notes.get(fact.fact_id)
        if note:
            one_line = " ".join(note.split())
            what += f" – “{one_line[:_LONGEST_NOTE]}{'…' if len(one_line) > _LONGEST_NOTE else ''}”"
        at = wall(fact.recorded_at, timezone=state.policy.timezone)
        rows.add_row(at, what, _person(fact.by, names), fact.fact_id)
    console.print(rows, markup=False)


def fact_text(fact: Fact, tz: str, names: dict[str, Person]) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a kind
    """A fact in a few words."""
    match fact:
        case Preregistered(owner=owner):
            return f"pre-registered for {_person(owner, names)}"
        case Registered(owner=owner, registered_at=at) if at == fact.recorded_at:
            return f"registered for {_person(owner, names)}"
        case Registered(owner=owner, registered_at=at):
            return f"registered for {_person(owner, names)} as of {wall(at, timezone=tz)}"
        case ActivityRecorded(kind=kind, occurred_at=at):
            said = word_text(kind, "en")
            return said if at == fact.recorded_at else f"{said} of {wall(at, timezone=tz)}"
        case HoldPlaced(hold=hold, reason=reason, start_at=start, end_at=end):
            span = f"from {wall(start, timezone=tz)}"
            span += "" if end is None else f" to {wall(end, timezone=tz)}"
            return f"hold {hold} {span}: {word_text(reason, 'en')}"
        case HoldReleased(hold=hold):
            return f"hold {hold} released"
        case ExtensionGranted(days=days):
            return f"base period extended by {days} days"
        case Converted(customer_no=number):
            return "became a customer" if number is None else f"became customer {number}"
        case Transferred(owner=owner, restart_base=restart):
            return f"handed over to {_person(owner, names)}" + (", base period restarted" if restart else "")
        case Reinstated(restart_base=restart):
            return "reinstated" + (", base period restarted" if restart else "")
        case Corrected(corrects=wrong, replacement=None):
            return f"correction: {wrong} never was"
        case Corrected(corrects=wrong, replacement=right):
            told = ", ".join(f"{name} is {value}" for name, value in (right or {}).items())
            return f"correction of {wrong}: {told}"
        case ReminderSent(sent_at=at):
            return f"reminder went out on {wall(at, timezone=tz)}"
        case ReminderBounced(code=code):
            return f"reminder refused for good ({code})"
        case Lapsed(at=at, reason=reason):
            return f"lapsed on {wall(at, timezone=tz)}: {word_text(reason, 'en')}"
        case _:
            return fact.type.replace("_", " ")
