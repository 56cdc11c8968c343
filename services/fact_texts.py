"""Facts and mails in words that people can read, in German and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from activities.orders import InvitationKind, NotificationKind
from protection.dates import parse_instant
from protection.explain_texts import Language, moment_text, word_text
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReleased,
    HoldRequested,
    Registered,
    Reinstated,
    RequestDecided,
    Transferred,
)
from protection.wire import fact_to_json

# By fact type; after the slash, which of its forms.
_FACTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "preregistered": "Pre-registered for {owner}.",
        "registered": "Registered for {owner}.",
        "registered/backdated": "Registered for {owner} as of {registered_at}.",
        "activity": "Activity: {kind}.",
        "activity/earlier": "Activity on {occurred_at}: {kind}.",
        "hold_placed": "Hold from {start_at} to {end_at}: {reason}.",
        "hold_placed/open": "Hold from {start_at} until it is released: {reason}.",
        "hold_released": "Hold released.",
        "hold_released/earlier": "Hold released as of {ended_at}.",
        "extension_granted": "Base period extended by {days} days.",
        "hold_requested": "Hold from {start_at} to {end_at} asked for: {reason}.",
        "hold_requested/open": "Hold from {start_at} on asked for: {reason}.",
        "extension_requested": "Extension asked for.",
        "extension_requested/days": "Extension by {days} days asked for.",
        "request_decided/yes": "Request approved.",
        "request_decided/days": "Extension by {days} days approved.",
        "request_decided/no": "Request rejected.",
        "request_withdrawn": "Request withdrawn.",
        "policy_adopted": "Now lives under the rules of version {version}, before {replaces}.",
        "erased": "Personal data erased on request; protection ended.",
        "converted": "Became a customer.",
        "converted/number": "Became customer {customer_no}.",
        "released": "Given up.",
        "transferred": "Handed over to {owner}.",
        "transferred/restart": "Handed over to {owner}, with a new base period.",
        "reinstated": "Reinstated.",
        "reinstated/restart": "Reinstated, with a new base period.",
        "corrected": "Correction of “{about}” {changes}",
        "corrected/never": "Correction: this never was: “{about}”",
        "reminder_sent": "The reminder went out on {sent_at}.",
        "reminder_bounced": "The reminder was refused for good ({code}).",
        "lapsed": "Protection ended on {at}: {reason}.",
    },
    "de": {
        "preregistered": "Vorgemerkt für {owner}.",
        "registered": "Registriert für {owner}.",
        "registered/backdated": "Registriert für {owner} mit Wirkung vom {registered_at}.",
        "activity": "Aktivität: {kind}.",
        "activity/earlier": "Aktivität am {occurred_at}: {kind}.",
        "hold_placed": "Hemmung vom {start_at} bis {end_at}: {reason}.",
        "hold_placed/open": "Hemmung ab {start_at} bis auf Weiteres: {reason}.",
        "hold_released": "Hemmung aufgehoben.",
        "hold_released/earlier": "Hemmung aufgehoben zum {ended_at}.",
        "extension_granted": "Grundschutz um {days} Tage verlängert.",
        "hold_requested": "Hemmung vom {start_at} bis {end_at} beantragt: {reason}.",
        "hold_requested/open": "Hemmung ab {start_at} beantragt: {reason}.",
        "extension_requested": "Verlängerung beantragt.",
        "extension_requested/days": "Verlängerung um {days} Tage beantragt.",
        "request_decided/yes": "Antrag bewilligt.",
        "request_decided/days": "Verlängerung um {days} Tage bewilligt.",
        "request_decided/no": "Antrag abgelehnt.",
        "request_withdrawn": "Antrag zurückgezogen.",
        "policy_adopted": "Es gilt nun die Regelung {version}, zuvor {replaces}.",
        "erased": "Personenbezogene Daten auf Verlangen gelöscht; der Schutz ist beendet.",
        "converted": "Kunde geworden.",
        "converted/number": "Kunde geworden, Nummer {customer_no}.",
        "released": "Freigegeben.",
        "transferred": "Übertragen an {owner}.",
        "transferred/restart": "Übertragen an {owner}, mit neuem Grundschutz.",
        "reinstated": "Wieder eingesetzt.",
        "reinstated/restart": "Wieder eingesetzt, mit neuem Grundschutz.",
        "corrected": "Berichtigung von „{about}“ {changes}",
        "corrected/never": "Berichtigung, dies war nie: „{about}“",
        "reminder_sent": "Die Erinnerung ging hinaus am {sent_at}.",
        "reminder_bounced": "Die Erinnerung wurde endgültig abgewiesen ({code}).",
        "lapsed": "Der Schutz endete am {at}: {reason}.",
    },
}

_FIELDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "registered_at": "registered on {}",
        "kind": "it was: {}",
        "occurred_at": "it was on {}",
        "reason": "because of: {}",
        "start_at": "from {}",
        "end_at": "until {}",
        "ended_at": "ended on {}",
        "days": "{} days",
    },
    "de": {
        "registered_at": "registriert am {}",
        "kind": "es war: {}",
        "occurred_at": "es war am {}",
        "reason": "wegen: {}",
        "start_at": "ab {}",
        "end_at": "bis {}",
        "ended_at": "beendet am {}",
        "days": "{} Tage",
    },
}

_OTHER_KINDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "EMAIL_SENT": "mail sent",
        "NOTE": "note",
        "CALL_ATTEMPT": "attempt to call",
        "MEETING_PLANNED": "meeting planned",
    },
    "de": {
        "EMAIL_SENT": "E-Mail gesendet",
        "NOTE": "Notiz",
        "CALL_ATTEMPT": "Anrufversuch",
        "MEETING_PLANNED": "Termin geplant",
    },
}

_MAILS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        NotificationKind.REMINDER: "Reminder",
        NotificationKind.NOTICE_PROGRESS: "Notice: progress is due soon",
        NotificationKind.NOTICE_BASE: "Notice: the base period ends soon",
        NotificationKind.NOTICE_PREREGISTRATION: "Notice: the pre-registration ends soon",
        NotificationKind.NOTICE_HOLD: "Notice: a hold has lasted very long",
        NotificationKind.REQUEST_MADE: "A request waits for a decision",
        NotificationKind.REQUEST_DECIDED: "A request was decided",
        NotificationKind.LAPSE: "Protection has ended",
        InvitationKind.INVITATION: "The customer was asked how the samples were",
        InvitationKind.REMINDER: "The customer was reminded to say how the samples were",
    },
    "de": {
        NotificationKind.REMINDER: "Erinnerung",
        NotificationKind.NOTICE_PROGRESS: "Hinweis: Fortschritt bald fällig",
        NotificationKind.NOTICE_BASE: "Hinweis: der Grundschutz endet bald",
        NotificationKind.NOTICE_PREREGISTRATION: "Hinweis: die Vormerkung endet bald",
        NotificationKind.NOTICE_HOLD: "Hinweis: eine Hemmung dauert sehr lange",
        NotificationKind.REQUEST_MADE: "Ein Antrag wartet auf Entscheidung",
        NotificationKind.REQUEST_DECIDED: "Ein Antrag wurde entschieden",
        NotificationKind.LAPSE: "Der Schutz ist beendet",
        InvitationKind.INVITATION: "Der Kunde wurde gefragt, wie die Muster waren",
        InvitationKind.REMINDER: "Der Kunde wurde erinnert, zu sagen, wie die Muster waren",
    },
}

_MAIL_STATUS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"sending": "on its way", "sent": "sent", "bounced": "refused for good", "dead": "not delivered"},
    "de": {
        "sending": "unterwegs",
        "sent": "gesendet",
        "bounced": "endgültig abgewiesen",
        "dead": "nicht zugestellt",
    },
}
_MAIL: Final[Mapping[Language, str]] = {
    "en": "Mail to {who}, {status}: {what}.",
    "de": "E-Mail an {who}, {status}: {what}.",
}


def fact_words(
    fact: Fact,
    *,
    language: Language,
    tz: ZoneInfo,
    named: Callable[[str], str],
    about: Fact | None = None,
) -> str:
    """One fact as a sentence.

    Args:
        tz: the zone of its times.
        named: what a person of that id is called.
        about: the fact a correction speaks of.
    """

    def said(name: str, value: Any) -> str:
        if name == "owner":
            return named(str(value))
        if isinstance(value, datetime):
            return moment_text(value, tz, language)
        if isinstance(value, date):
            return value.isoformat()
        return _OTHER_KINDS[language].get(str(value)) or word_text(str(value), language)

    plain = {name: getattr(fact, name) for name in fact_to_json(fact) if name != "type"}
    values = {name: said(name, value) for name, value in plain.items() if value is not None}
    if isinstance(fact, Corrected):
        # A correction of a correction there is none of, so this ends here.
        values["about"] = (
            fact.corrects if about is None else fact_words(about, language=language, tz=tz, named=named)
        )
        values["changes"] = _changes(fact.replacement or {}, said, language)
    return _FACTS[language][fact.type + _form(fact)].format(**values)


def _changes(replacement: Mapping[str, Any], said: Callable[[str, Any], str], language: Language) -> str:
    told = []
    for name, value in replacement.items():
        text = "…"
        if value is not None:
            text = said(name, parse_instant(value) if name.endswith("_at") else value)
        told.append(_FIELDS[language][name].format(text))
    return ", ".join(told) + "."


def _form(fact: Fact) -> str:  # noqa: PLR0911 - one line a form
    match fact:
        case Registered(registered_at=at) if at < fact.recorded_at:
            return "/backdated"
        case ActivityRecorded(occurred_at=at) if at != fact.recorded_at:
            return "/earlier"
        case HoldPlaced(end_at=None) | HoldRequested(end_at=None):
            return "/open"
        case HoldReleased(ended_at=ended) if ended is not None:
            return "/earlier"
        case ExtensionRequested(days=days) if days is not None:
            return "/days"
        case RequestDecided(approved=True, days=days):
            return "/yes" if days is None else "/days"
        case RequestDecided():
            return "/no"
        case Converted(customer_no=number) if number is not None:
            return "/number"
        case Transferred(restart_base=True) | Reinstated(restart_base=True):
            return "/restart"
        case Corrected(replacement=None):
            return "/never"
        case _:
            return ""


def mail_words(kind: str, status: str, who: str, language: Language) -> str:
    """A mail as a sentence; kinds and statuses we do not know stay as they are."""
    return _MAIL[language].format(
        who=who,
        status=_MAIL_STATUS[language].get(status, status),
        what=_MAILS[language].get(kind, kind),
    )
