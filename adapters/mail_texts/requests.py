"""What is said of requests for a hold or an extension, and of their decision. Sentences are message ids."""

from __future__ import annotations

from datetime import datetime

from adapters.mail_texts.pen import Body, Pen, document_task, missing_entry_task, why_ended
from protection.policy import Mode
from protection.requests import Request, RequestKind, RequestStatus
from protection.state import Status


def request_made(pen: Pen) -> Body:
    """To those who decide: who asks for what, what would follow, and where to decide."""
    request = _request(pen)
    if request.kind is RequestKind.HOLD:
        return _hold_asked(pen, request)
    return _extension_asked(pen, request)


def request_decided(pen: Pen) -> Body:
    """To the owner and whoever asked: how it was decided, by whom, and what holds now."""
    request = _request(pen)
    hold, approved = request.kind is RequestKind.HOLD, request.status is RequestStatus.APPROVED
    if hold:
        subject, told = _hold_approved(pen, request) if approved else _hold_rejected(pen, request)
    else:
        subject, told = _extension_approved(pen, request) if approved else _extension_rejected(pen)
    return Body(
        subject=subject,
        banner=pen.say("Approved") if approved else pen.say("Rejected"),
        until=_ends(pen),
        paragraphs=(told, *_ended(pen), _words_elsewhere(pen)),
        details=(
            *_asked(pen, request),
            *_decided(pen, request),
            *(_hold_details if hold else _extension_details)(pen, request),
            *_deadlines(pen),
        ),
        tasks=_next_steps(pen, approved=approved, hold=hold),
    )


def _request(pen: Pen) -> Request:
    request = pen.letter.request
    assert request is not None, "a letter of a request is drafted with it"  # noqa: S101
    return request


def _hold_asked(pen: Pen, request: Request) -> Body:
    granted = pen.say("If approved as asked for, protected until")
    return Body(
        subject=pen.subject("%(company)s, %(city)s: please decide on a hold"),
        banner=pen.say("Please decide"),
        paragraphs=(
            pen.say(
                "%(who)s asks for a hold for %(company)s in %(city)s: %(reason)s (clause d).",
                who=pen.name(request.requested_by),
                reason=_reason(pen, request),
            ),
            _runs_on(pen),
            _words_elsewhere(pen),
        ),
        details=(
            *_asked(pen, request),
            *_hold_details(pen, request),
            *_deadlines(pen),
            (granted, pen.until(pen.letter.if_granted)),
        ),
        tasks=(
            pen.say(
                "Approve it: open the request; you can change the beginning and the end of the hold there."
            ),
            _reject_task(pen),
        ),
    )


def _extension_asked(pen: Pen, request: Request) -> Body:
    who = pen.name(request.requested_by)
    if request.days is None:
        wish = pen.say(
            "%(who)s asks for an extension of the base period of %(company)s in %(city)s (clause e); "
            "how many days is for you to say.",
            who=who,
        )
    else:
        wish = pen.say(
            "%(who)s asks for an extension of the base period of %(company)s in %(city)s "
            "by %(days)s (clause e).",
            who=who,
            days=pen.days(request.days),
        )
    granted = pen.say("If approved as asked for, base period until")
    return Body(
        subject=pen.subject("%(company)s, %(city)s: please decide on an extension"),
        banner=pen.say("Please decide"),
        paragraphs=(wish, _runs_on(pen), *_decided_first(pen), _words_elsewhere(pen)),
        details=(
            *_asked(pen, request),
            *_extension_details(pen, request),
            *_deadlines(pen),
            *(() if request.days is None else ((granted, pen.until(pen.letter.if_granted)),)),
        ),
        tasks=(
            pen.say("Approve it: open the request, and say by how many days."),
            _reject_task(pen),
        ),
    )


def _runs_on(pen: Pen) -> str:
    return pen.say("The clock goes on running until this is decided; nobody decides a request of their own.")


def _decided_first(pen: Pen) -> tuple[str, ...]:
    policy = pen.letter.policy
    if policy.mode is not Mode.LEAST or not policy.extension_decision_days:
        return ()
    return (
        pen.say(
            "If the request is still open when the base period ends, that end waits for the decision, "
            "%(days)s at most.",
            days=pen.days(policy.extension_decision_days),
        ),
    )


def _words_elsewhere(pen: Pen) -> str:
    return pen.say(
        "What was written about it in words are personal notes: you can read them in the lead, not here."
    )


def _reject_task(pen: Pen) -> str:
    return pen.say(
        "Reject it: give the reason there; the owner of the lead and whoever asked are told by mail."
    )


def _hold_approved(pen: Pen, request: Request) -> tuple[str, str]:
    start_at, end_at = _interval(pen, request)
    subject = pen.subject("%(company)s, %(city)s: hold approved")
    if end_at is None:
        return subject, pen.say(
            "the hold for %(company)s in %(city)s was approved: %(reason)s. From %(start)s on no period "
            "runs, until the hold is released (clause d).",
            reason=_reason(pen, request),
            start=start_at,
        )
    return subject, pen.say(
        "the hold for %(company)s in %(city)s was approved: %(reason)s. From %(start)s to %(end)s "
        "no period runs (clause d).",
        reason=_reason(pen, request),
        start=start_at,
        end=end_at,
    )


def _hold_rejected(pen: Pen, request: Request) -> tuple[str, str]:
    return pen.subject("%(company)s, %(city)s: hold rejected"), pen.say(
        "the hold that was asked for, for %(company)s in %(city)s, was rejected: %(reason)s. "
        "The request has stopped no clock; all periods run on as before.",
        reason=_reason(pen, request),
    )


def _extension_approved(pen: Pen, request: Request) -> tuple[str, str]:
    return pen.subject("%(company)s, %(city)s: extension approved"), pen.say(
        "the base period of %(company)s in %(city)s was extended by %(days)s (clause e).",
        days=pen.days(request.days or 0),
    )


def _extension_rejected(pen: Pen) -> tuple[str, str]:
    return pen.subject("%(company)s, %(city)s: extension rejected"), pen.say(
        "the extension that was asked for, for %(company)s in %(city)s, was rejected. "
        "The base period stays as it was."
    )


def _ended(pen: Pen) -> tuple[str, ...]:
    if pen.letter.status is not Status.EXPIRED:
        return ()
    ended = pen.say("Protection has ended: %(date)s.", date=pen.until(pen.letter.valid_until))
    return (ended, why_ended(pen))


def _asked(pen: Pen, request: Request) -> tuple[tuple[str, str], ...]:
    return (
        (pen.say("Asked for by"), pen.name(request.requested_by)),
        (pen.say("Asked for on"), pen.at(request.requested_at)),
    )


def _decided(pen: Pen, request: Request) -> tuple[tuple[str, str], ...]:
    who, at = request.decided_by, request.decided_at
    if who is None or at is None:  # pragma: no cover - what is decided has both
        return ()
    return (pen.say("Decided by"), pen.name(who)), (pen.say("Decided on"), pen.at(at))


def _reason(pen: Pen, request: Request) -> str:
    return "" if request.reason is None else pen.word(request.reason)


def _interval(pen: Pen, request: Request) -> tuple[str, str | None]:
    """Beginning and end of the hold: as it is now if there is one, else as asked for."""
    known = request if pen.letter.hold is None else pen.letter.hold
    start_at = "" if known.start_at is None else pen.at(known.start_at)
    return start_at, None if known.end_at is None else pen.until(known.end_at)


def _hold_details(pen: Pen, request: Request) -> tuple[tuple[str, str], ...]:
    start_at, end_at = _interval(pen, request)
    return (
        (pen.say("Reason"), _reason(pen, request)),
        (pen.say("Hold from"), start_at),
        (pen.say("Hold until"), end_at or pen.say("open, until it is released")),
    )


def _extension_details(pen: Pen, request: Request) -> tuple[tuple[str, str], ...]:
    rows: list[tuple[str, str]] = []
    if request.days is not None:
        rows.append((pen.say("Extension by"), pen.days(request.days)))
    if request.next_step_at is not None:
        rows.append((pen.say("Next step planned for"), pen.at(request.next_step_at)))
    return tuple(rows)


def _ends(pen: Pen) -> tuple[str, datetime | None]:
    if pen.letter.status is Status.EXPIRED:
        return pen.say("Protection ended"), pen.letter.valid_until
    return pen.say("Protected until, if nothing else happens"), pen.letter.valid_until


def _deadlines(pen: Pen) -> tuple[tuple[str, str], ...]:
    letter = pen.letter
    if letter.status is Status.EXPIRED:
        return ((pen.say("Protection ended"), pen.until(letter.valid_until)),)
    return (
        (pen.say("Base period until"), pen.until(letter.base_until)),
        (pen.say("Protected until, if nothing else happens"), pen.until(letter.valid_until)),
    )


def _next_steps(pen: Pen, *, approved: bool, hold: bool) -> tuple[str, ...]:
    if pen.letter.status is Status.EXPIRED:
        return (missing_entry_task(pen),)
    if approved and hold:
        released = pen.say("Tell a manager as soon as the cause is gone, so that the hold can be released.")
        return released, document_task(pen)
    if approved:
        return (document_task(pen),)
    again = pen.say("Ask again if something is new: give the reason and the next step with the customer.")
    return document_task(pen), again
