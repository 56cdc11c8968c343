"""Explanations in words that a sales manager can read aloud, in German and English."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from protection.dates import zone
from protection.explain import Explanation
from protection.state import Status
from protection.steps import Rule, Step, Subject

Language = Literal["de", "en"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_HEAD: dict[Language, dict[Status, str]] = {
    "en": {
        Status.PREREGISTERED: "This lead is only pre-registered; it is kept for its owner for a while.",
        Status.ACTIVE: "This lead is protected.",
        Status.GRACE: "This lead is protected, but it is in grace: without progress it lapses.",
        Status.EXPIRED: "Protection of this lead has lapsed.",
        Status.CONVERTED: "This lead has become a customer.",
        Status.RELEASED: "This lead was given up.",
        Status.ERASED: "This lead was erased.",
    },
    "de": {
        Status.PREREGISTERED: "Dieser Lead ist nur vorgemerkt; er bleibt eine Zeit lang frei gehalten.",
        Status.ACTIVE: "Dieser Lead ist geschützt.",
        Status.GRACE: "Dieser Lead ist geschützt, aber in der Nachfrist: ohne Fortschritt verfällt er.",
        Status.EXPIRED: "Der Schutz dieses Leads ist erloschen.",
        Status.CONVERTED: "Dieser Lead ist Kunde geworden.",
        Status.RELEASED: "Dieser Lead wurde freigegeben.",
        Status.ERASED: "Dieser Lead wurde gelöscht.",
    },
}

_PAUSED: dict[Language, str] = {
    "en": "The clock stands still at the moment, because a hold is in force.",
    "de": "Die Uhr steht zurzeit still, weil ein Hemmungsgrund vorliegt.",
}

_SUBJECTS: dict[Language, dict[Subject, str]] = {
    "en": {
        Subject.BASE_UNTIL: "Base period until",
        Subject.PROGRESS_UNTIL: "Progress due by",
        Subject.GRACE_UNTIL: "Grace until",
        Subject.VALID_UNTIL: "Protected until, if nothing else happens",
        Subject.RESERVED_UNTIL: "Kept for its owner until",
        Subject.ENDED: "Protection ended",
    },
    "de": {
        Subject.BASE_UNTIL: "Grundschutz bis",
        Subject.PROGRESS_UNTIL: "Fortschritt fällig bis",
        Subject.GRACE_UNTIL: "Nachfrist bis",
        Subject.VALID_UNTIL: "Geschützt bis, wenn nichts weiter geschieht",
        Subject.RESERVED_UNTIL: "Frei gehalten bis",
        Subject.ENDED: "Schutz beendet",
    },
}

_UNKNOWN: dict[Language, str] = {"en": "not yet known", "de": "noch nicht bekannt"}
_CLAUSE: dict[Language, str] = {"en": "clause", "de": "Buchstabe"}

_STEPS: dict[Language, dict[Rule, str]] = {
    "en": {
        Rule.REGISTERED: "Registered on {from_at}.",
        Rule.BACKDATED: "Registered as of {from_at}, entered later.",
        Rule.TENURE: "The present owner took over on {from_at}.",
        Rule.REINSTATED: "Reinstated on {from_at}.",
        Rule.PROGRESS: "Last progress: {word} on {from_at}.",
        Rule.BASE_PERIOD: "Plus {count} months: {to_at}.",
        Rule.PROGRESS_PERIOD: "Plus {count} days: {to_at}.",
        Rule.EXTENSION: "Extended by {count} days: {to_at}.",
        Rule.HOLD: "No time counts from {from_at} to {to_at} ({word}), which adds {stood}.",
        Rule.HOLD_DAYS: (
            "A hold from {from_at} to {to_at} ({word}): days it touches do not count, which adds {count}."
        ),
        Rule.ROLL: "Moved to the next working day: {to_at}.",
        Rule.OPEN_HOLD: "The clock stands still since {from_at} until the hold ends{about}.",
        Rule.CORRECTION: "An entry ({word}) was corrected on {from_at}; this is what is known now.",
        Rule.REMINDER: "The reminder went out on {from_at}.",
        Rule.REMINDER_DUE: (
            "Without progress a reminder goes out on {from_at}; then {count} days of grace run until {to_at}."
        ),
        Rule.REMINDER_BOUNCED: (
            "The reminder could not be delivered, so no grace runs. It has to be sent again."
        ),
        Rule.GRACE_PERIOD: "Plus {count} days of grace: {to_at}.",
        Rule.ENDS_FIRST: (
            "The base period ends first, on {from_at}; protection ends with it unless there is a "
            "customer agreement."
        ),
        Rule.GREATEST: "The later of base period and progress period counts.",
        Rule.DECIDED_FIRST: (
            "An extension request is open: it is decided first, so that protection does not end on {from_at} "
            "but with the decision, on {to_at} at the latest."
        ),
        Rule.POLICY: "Since {from_at} the policy version {word} applies.",
        Rule.RESERVED: "Pre-registered on {from_at}; {count} days to document the first contact: {to_at}.",
        Rule.UNPURSUED: "Without a registration it is deleted after {count} days: {to_at}.",
        Rule.ENDED: "On {from_at}: {word}.",
    },
    "de": {
        Rule.REGISTERED: "Registriert am {from_at}.",
        Rule.BACKDATED: "Registriert mit Wirkung vom {from_at}, später erfasst.",
        Rule.TENURE: "Vom jetzigen Inhaber übernommen am {from_at}.",
        Rule.REINSTATED: "Wieder eingesetzt am {from_at}.",
        Rule.PROGRESS: "Letzter Fortschritt: {word} am {from_at}.",
        Rule.BASE_PERIOD: "Zuzüglich {count} Monate: {to_at}.",
        Rule.PROGRESS_PERIOD: "Zuzüglich {count} Tage: {to_at}.",
        Rule.EXTENSION: "Verlängert um {count} Tage: {to_at}.",
        Rule.HOLD: "Vom {from_at} bis {to_at} zählt keine Zeit ({word}); das ergibt {stood} mehr.",
        Rule.HOLD_DAYS: (
            "Hemmung vom {from_at} bis {to_at} ({word}): berührte Tage zählen nicht; das ergibt {count} mehr."
        ),
        Rule.ROLL: "Verschoben auf den nächsten Werktag: {to_at}.",
        Rule.OPEN_HOLD: "Die Uhr steht still seit {from_at}, bis die Hemmung endet{about}.",
        Rule.CORRECTION: (
            "Ein Eintrag ({word}) wurde am {from_at} berichtigt; dies ist der heutige Kenntnisstand."
        ),
        Rule.REMINDER: "Die Erinnerung ging hinaus am {from_at}.",
        Rule.REMINDER_DUE: (
            "Ohne Fortschritt geht am {from_at} eine Erinnerung hinaus; dann laufen {count} Tage "
            "Nachfrist bis {to_at}."
        ),
        Rule.REMINDER_BOUNCED: (
            "Die Erinnerung war nicht zustellbar, daher läuft keine Nachfrist. Sie muss erneut "
            "gesendet werden."
        ),
        Rule.GRACE_PERIOD: "Zuzüglich {count} Tage Nachfrist: {to_at}.",
        Rule.ENDS_FIRST: (
            "Der Grundschutz endet zuerst, am {from_at}; damit endet der Schutz, wenn kein "
            "Kundenvertrag besteht."
        ),
        Rule.GREATEST: "Es zählt das spätere Ende von Grundschutz und Fortschrittsfrist.",
        Rule.DECIDED_FIRST: (
            "Ein Antrag auf Verlängerung ist offen: er wird zuerst entschieden, daher endet der Schutz nicht "
            "am {from_at}, sondern mit der Entscheidung, spätestens am {to_at}."
        ),
        Rule.POLICY: "Seit {from_at} gilt die Regelfassung {word}.",
        Rule.RESERVED: "Vorgemerkt am {from_at}; {count} Tage, um den Erstkontakt zu belegen: {to_at}.",
        Rule.UNPURSUED: "Ohne Registrierung wird sie nach {count} Tagen gelöscht: {to_at}.",
        Rule.ENDED: "Am {from_at}: {word}.",
    },
}

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "QUALIFIED_CALL": "qualified call",
        "CUSTOMER_REACTION": "reaction of the customer",
        "SCHEDULED_FOLLOWUP": "scheduled follow-up",
        "SAMPLE_FEEDBACK": "feedback on samples",
        "ROI_PRESENTATION": "ROI presentation",
        "FFZ_PRICE_APPROVAL": "price approval by the company",
        "FFZ_SAMPLE_DELAY": "late samples from the company",
        "FFZ_SUPPLY_ISSUE": "supply problem at the company",
        "CUSTOMER_BLOCKED": "blocking period at the customer",
        "OTHER": "other reason",
        "INACTIVITY": "no progress until the end of grace",
        "BASE_PERIOD": "the base period was over",
        "CONVERTED": "customer agreement",
        "RELEASED": "given up",
        "ERASED": "erased",
        "registered": "registration",
        "activity": "activity",
        "extension_granted": "extension",
        "hold_placed": "hold",
        "hold_released": "end of a hold",
        "hold_requested": "request for a hold",
        "request_decided": "decision on a request",
        "UNPURSUED": "pre-registered and not pursued",
    },
    "de": {
        "QUALIFIED_CALL": "qualifiziertes Gespräch",
        "CUSTOMER_REACTION": "Reaktion des Kunden",
        "SCHEDULED_FOLLOWUP": "vereinbarter Folgetermin",
        "SAMPLE_FEEDBACK": "Rückmeldung zu Mustern",
        "ROI_PRESENTATION": "Wirtschaftlichkeitsrechnung vorgestellt",
        "FFZ_PRICE_APPROVAL": "Preisfreigabe durch das Unternehmen",
        "FFZ_SAMPLE_DELAY": "verspätete Muster des Unternehmens",
        "FFZ_SUPPLY_ISSUE": "Lieferproblem des Unternehmens",
        "CUSTOMER_BLOCKED": "Sperrzeit beim Kunden",
        "OTHER": "sonstiger Grund",
        "INACTIVITY": "kein Fortschritt bis zum Ende der Nachfrist",
        "BASE_PERIOD": "der Grundschutz war abgelaufen",
        "CONVERTED": "Kundenvertrag",
        "RELEASED": "freigegeben",
        "ERASED": "gelöscht",
        "registered": "Registrierung",
        "activity": "Aktivität",
        "extension_granted": "Verlängerung",
        "hold_placed": "Hemmung",
        "hold_released": "Ende einer Hemmung",
        "hold_requested": "Antrag auf Hemmung",
        "request_decided": "Entscheidung über einen Antrag",
        "UNPURSUED": "vorgemerkt und nicht weiter verfolgt",
    },
}


def moment_text(moment: datetime, tz: ZoneInfo, language: Language) -> str:
    """An instant in a zone's wall time, with the zone's abbreviation, to the minute."""
    wall = moment.astimezone(tz)
    if language == "de":
        return f"{wall.day:02}.{wall.month:02}.{wall.year}, {wall:%H:%M} Uhr ({zone_text(wall, language)})"
    return f"{wall.day} {_MONTHS[wall.month - 1]} {wall.year}, {wall:%H:%M} {zone_text(wall, language)}"


def zone_text(wall: datetime, language: Language) -> str:
    """The abbreviation of a wall time's zone, as people of this language write it."""
    name = wall.tzname() or ""
    return {"CET": "MEZ", "CEST": "MESZ"}.get(name, name) if language == "de" else name


def duration_text(span: timedelta, language: Language) -> str:
    """A duration in days, hours and minutes; parts that are zero left out."""
    minutes = round(span.total_seconds() / 60)
    units = (("day", "days", 1440), ("hour", "hours", 60), ("minute", "minutes", 1))
    if language == "de":
        units = (("Tag", "Tage", 1440), ("Stunde", "Stunden", 60), ("Minute", "Minuten", 1))
    parts = []
    for one, many, size in units:
        number, minutes = divmod(minutes, size)
        if number:
            parts.append(f"{number} {one if number == 1 else many}")
    return " ".join(parts) or f"0 {units[-1][1]}"


def word_text(word: str, language: Language) -> str:
    """A word of the domain for readers; words joined by commas each on their own."""
    known = _WORDS[language]
    return ", ".join(known.get(part, part) for part in word.split(", "))


def subject_text(subject: Subject, language: Language) -> str:
    """What a deadline is called, up to its date."""
    return _SUBJECTS[language][subject]


def step_text(step: Step, tz: ZoneInfo, language: Language) -> str:
    """One step as a sentence, with its clause."""
    return f"{step_sentence(step, tz, language)} [{_CLAUSE[language]} {step.clause}]"


def step_sentence(step: Step, tz: ZoneInfo, language: Language) -> str:
    """One step as a sentence."""

    def at(moment: datetime | None) -> str:
        return _UNKNOWN[language] if moment is None else moment_text(moment, tz, language)

    return _STEPS[language][step.rule].format(
        from_at=at(step.from_at),
        to_at=at(step.to_at),
        count=step.count,
        stood=duration_text(step.stood_still, language),
        word=word_text(step.word, language),
        about=f" ({word_text(step.word, language)})" if step.word else "",
    )


def explanation_text(explanation: Explanation, language: Language) -> str:
    """The whole explanation as plain lines of text."""
    tz = zone(explanation.timezone)
    lines = [_HEAD[language][explanation.answer.status]]
    if explanation.answer.paused:
        lines.append(_PAUSED[language])
    for reckoning in explanation.reckonings:
        at = _UNKNOWN[language] if reckoning.at is None else moment_text(reckoning.at, tz, language)
        lines += ["", f"{subject_text(reckoning.subject, language)}: {at}"]
        lines += [f"  - {step_text(step, tz, language)}" for step in reckoning.steps]
    return "\n".join(lines)
