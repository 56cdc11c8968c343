"""What each kind of letter says, once, for plain text and HTML alike. Sentences are message ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from activities.letters import Letter
from activities.orders import NotificationKind
from activities.ports import Reader
from adapters.mail_texts.catalogue import Phrases
from adapters.mail_texts.moments import deadline_parts
from adapters.mail_texts.pen import (
    Body,
    Pen,
    document_task,
    extension_task,
    hold_task,
    missing_entry_task,
    why_ended,
)
from adapters.mail_texts.plain import one_line
from adapters.mail_texts.requests import request_decided, request_made
from protection.explain_texts import explanation_text


@dataclass(frozen=True, slots=True)
class Content:
    """A letter's parts, in the reader's language, nothing escaped yet.

    Attributes:
        banner: what kind of letter it is, in a word or two.
        heading: what it is about.
        until: label, day, and time with zone of the deadline it is about; None where there is none.
        details: label and value, in order.
        tasks: what the reader can do.
        story: the explanation line by line; empty unless the letter carries one.
        links: wording and path of what the reader can open, the most useful first.
    """

    subject: str
    banner: str
    heading: str
    until: tuple[str, str, str] | None
    greeting: str
    paragraphs: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    tasks_heading: str
    tasks: tuple[str, ...]
    story_heading: str
    story: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    footer: str


def content(letter: Letter, reader: Reader, zone: ZoneInfo, phrases: Phrases) -> Content:
    """The letter in words for this reader."""
    pen = Pen(letter, reader, zone, phrases)
    body = _BODIES[letter.kind](pen)
    head = (
        (phrases.say("Company"), one_line(letter.company)),
        (phrases.say("City"), one_line(letter.city)),
    )
    return Content(
        subject=body.subject,
        banner=body.banner,
        heading=f"{one_line(letter.company)}, {one_line(letter.city)}",
        until=_until(body, pen),
        greeting=phrases.say("Hello %(name)s,") % {"name": one_line(reader.name)},
        paragraphs=body.paragraphs,
        details=head + body.details,
        tasks_heading=phrases.say("What you can do now"),
        tasks=body.tasks,
        story_heading=phrases.say("How this came about"),
        story=body.story,
        links=_links(pen),
        footer=phrases.say(
            "This message was written automatically by Fristwerk. "
            "Every time is shown with the zone it is meant in."
        ),
    )


def _until(body: Body, pen: Pen) -> tuple[str, str, str] | None:
    label, at = body.until or ("", None)
    if at is None:
        return None
    return label, *deadline_parts(at, pen.phrases.language, pen.zone)


def _links(pen: Pen) -> tuple[tuple[str, str], ...]:
    letter = pen.letter
    lead = pen.say("Open the lead"), f"/leads/{letter.lead}"
    if letter.kind is NotificationKind.REQUEST_MADE and letter.request is not None:
        asked = f"/desk/requests/{letter.lead}/{quote(letter.request.request, safe='')}"
        return (pen.say("Decide on it"), asked), lead
    return (lead,)


def _ends_before(pen: Pen) -> tuple[str, ...]:
    """Where the base period ends protection before grace could."""
    ends, grace = pen.letter.valid_until, pen.letter.grace_until
    if ends is None or ends == grace:
        return ()
    return (
        pen.say(
            "Whatever happens until then, the base period ends earlier, on %(date)s. Protection ends with it "
            "unless there is a written customer agreement (clause f) or an extension (clause e).",
            date=pen.until(ends),
        ),
    )


def _reminder(pen: Pen) -> Body:
    letter = pen.letter
    subject = pen.subject("%(company)s, %(city)s: please document progress")
    if letter.grace_until is not None:
        subject = pen.subject(
            "%(company)s, %(city)s: please document progress by %(date)s", letter.valid_until
        )
    return Body(
        subject=subject,
        banner=pen.say("Reminder"),
        until=(pen.say("Document progress by"), letter.valid_until),
        paragraphs=(
            pen.say(
                "for %(company)s in %(city)s, progress was due by %(date)s, and none has been documented. "
                "Under clause c of the customer protection agreement we ask you for an update "
                "and set you %(grace)s for it.",
                date=pen.until(letter.progress_until),
                grace=pen.grace(),
            ),
            pen.say(
                "The period of grace ends: %(date)s. If nothing is documented by then, protection lapses.",
                date=pen.until(letter.grace_until),
            ),
            *_ends_before(pen),
        ),
        details=(
            (pen.say("Progress was due by"), pen.until(letter.progress_until)),
            (pen.say("End of grace"), pen.until(letter.grace_until)),
            (pen.say("Last progress"), pen.progress()),
            (pen.say("Base period until"), pen.until(letter.base_until)),
        ),
        tasks=(document_task(pen), extension_task(pen), hold_task(pen)),
    )


def _notice_progress(pen: Pen) -> Body:
    letter = pen.letter
    return Body(
        subject=pen.subject("%(company)s, %(city)s: progress due by %(date)s", letter.progress_until),
        banner=pen.say("Advance notice"),
        until=(pen.say("Progress due by"), letter.progress_until),
        paragraphs=(
            pen.say(
                "for %(company)s in %(city)s, the next documented progress is due by %(date)s. If none is "
                "documented by then, a reminder goes out and sets %(grace)s of grace (clause c).",
                date=pen.until(letter.progress_until),
                grace=pen.grace(),
            ),
        ),
        details=(
            (pen.say("Progress due by"), pen.until(letter.progress_until)),
            (pen.say("Last progress"), pen.progress()),
            (pen.say("Base period until"), pen.until(letter.base_until)),
        ),
        tasks=(document_task(pen), hold_task(pen)),
    )


def _notice_base(pen: Pen) -> Body:
    letter = pen.letter
    return Body(
        subject=pen.subject("%(company)s, %(city)s: base period ends on %(date)s", letter.base_until),
        banner=pen.say("Advance notice"),
        until=(pen.say("Base period until"), letter.base_until),
        paragraphs=(
            pen.say(
                "the base period of protection for %(company)s in %(city)s ends on %(date)s.",
                date=pen.until(letter.base_until),
            ),
            pen.say(
                "Protection ends then at the latest, unless there is a written customer agreement (clause f) "
                "or an extension (clause e)."
            ),
        ),
        details=(
            (pen.say("Base period until"), pen.until(letter.base_until)),
            (pen.say("Last progress"), pen.progress()),
        ),
        tasks=(
            pen.say(
                "Record the agreement: if a written customer agreement exists, convert the lead (clause f)."
            ),
            extension_task(pen),
            hold_task(pen),
        ),
    )


def _notice_preregistration(pen: Pen) -> Body:
    letter = pen.letter
    until, deleted = pen.until(letter.valid_until), letter.deleted_at
    paragraphs = [
        pen.say(
            "the pre-registration of %(company)s in %(city)s keeps others from registering the lead until "
            "%(date)s. After that, whoever registers it first has it.",
            date=until,
        )
    ]
    details = [(pen.say("Reserved until"), until)]
    if deleted is not None:
        paragraphs.append(
            pen.say(
                "A pre-registration that nobody pursues is deleted, this one on %(date)s (clause i).",
                date=pen.until(deleted),
            )
        )
        details.append((pen.say("Deleted on"), pen.until(deleted)))
    months = pen.phrases.count("%(num)d month", "%(num)d months", letter.policy.base_months)
    return Body(
        subject=pen.subject("%(company)s, %(city)s: reserved only until %(date)s", letter.valid_until),
        banner=pen.say("Advance notice"),
        until=(pen.say("Reserved until"), letter.valid_until),
        paragraphs=tuple(paragraphs),
        details=tuple(details),
        tasks=(
            pen.say(
                "Register the lead: name a central contact or document the first contact; "
                "protection then begins and lasts %(months)s (clause a).",
                months=months,
            ),
            pen.say("If you do not pursue it any more, release it, so that others can."),
        ),
    )


def _notice_hold(pen: Pen) -> Body:
    letter, hold = pen.letter, pen.letter.hold
    assert hold is not None, "a letter about a hold is drafted with it"  # noqa: S101
    days = pen.days(letter.policy.max_hold_days)
    if hold.end_at is None:
        ends, until = (
            pen.say("It does not end by itself; while it lasts no period runs (clause d)."),
            pen.say("open, until it is released"),
        )
    else:
        until = pen.until(hold.end_at)
        ends = pen.say("No period runs until it ends on %(date)s (clause d).", date=until)
    return Body(
        subject=pen.subject("%(company)s, %(city)s: a hold has lasted %(days)s", days=days),
        banner=pen.say("Please check"),
        paragraphs=(
            pen.say(
                "the hold for %(company)s in %(city)s has lasted %(days)s: %(reason)s. "
                "None shall last longer without somebody looking at it again.",
                days=days,
                reason=pen.word(hold.reason),
            ),
            ends,
        ),
        details=(
            (pen.say("Agent"), pen.name(letter.owner)),
            (pen.say("Reason"), pen.word(hold.reason)),
            (pen.say("Hold from"), pen.at(hold.start_at)),
            (pen.say("Hold until"), until),
            *(
                ()
                if letter.held_by is None
                else ((pen.say("Placed or approved by"), pen.name(letter.held_by)),)
            ),
        ),
        tasks=(
            pen.say(
                "Is the cause gone? Then a manager releases the hold in the lead, and the clock runs on."
            ),
            pen.say("Does the cause persist? Then nothing has to be done; the hold stays in force."),
        ),
    )


def _lapse(pen: Pen) -> Body:
    letter = pen.letter
    assert letter.explanation is not None, "a lapse letter is drafted with its explanation"  # noqa: S101
    told = replace(letter.explanation, timezone=pen.zone.key)
    story = explanation_text(told, pen.phrases.language.value)
    return Body(
        subject=pen.subject("%(company)s, %(city)s: protection has ended"),
        banner=pen.say("End of protection"),
        until=(pen.say("Protection ended"), letter.valid_until),
        paragraphs=(
            pen.say(
                "protection of %(company)s in %(city)s ended on %(date)s. The lead is free again.",
                date=pen.until(letter.valid_until),
            ),
            why_ended(pen),
        ),
        details=(
            (pen.say("Agent"), pen.name(letter.owner)),
            (pen.say("Protection ended"), pen.until(letter.valid_until)),
            (pen.say("Last progress"), pen.progress()),
        ),
        tasks=(missing_entry_task(pen),),
        story=tuple(story.splitlines()),
    )


_BODIES: Final[Mapping[NotificationKind, Callable[[Pen], Body]]] = {
    NotificationKind.REMINDER: _reminder,
    NotificationKind.NOTICE_PROGRESS: _notice_progress,
    NotificationKind.NOTICE_BASE: _notice_base,
    NotificationKind.NOTICE_PREREGISTRATION: _notice_preregistration,
    NotificationKind.NOTICE_HOLD: _notice_hold,
    NotificationKind.REQUEST_MADE: request_made,
    NotificationKind.REQUEST_DECIDED: request_decided,
    NotificationKind.LAPSE: _lapse,
}
