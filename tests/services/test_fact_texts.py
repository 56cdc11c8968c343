"""Facts and mails in words: every type, every form, both languages."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from activities.orders import NotificationKind
from protection.basis import CORRECTABLE
from protection.dates import zone
from protection.explain_texts import Language
from protection.facts import (
    FACT_TYPES,
    ActivityRecorded,
    Converted,
    Corrected,
    EndReason,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldReleased,
    HoldRequested,
    Lapsed,
    Registered,
    Reinstated,
    RequestDecided,
    Transferred,
)
from protection.policy import Policy, policy_to_json
from services.fact_texts import _FACTS, _FIELDS, fact_words, mail_words

AT = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
BEFORE = AT - timedelta(days=3)
TZ = zone("Europe/Berlin")
NAMES = {"anna": "Anna Beispiel"}
LANGUAGES: tuple[Language, ...] = ("de", "en")
_VALUES: dict[str, Any] = {
    "owner": "anna",
    "registered_at": AT,
    "kind": "QUALIFIED_CALL",
    "occurred_at": AT,
    "hold": "h1",
    "request": "r1",
    "reason": HoldReason.OTHER,
    "start_at": AT,
    "end_at": None,
    "days": 30,
    "approved": True,
    "version": "two",
    "replaces": "one",
    "policy": policy_to_json(Policy()),
    "corrects": "f1",
    "sent_at": AT,
    "cycle": 1,
    "code": "550",
    "at": AT,
}


def made(kind: type[Fact], /, **said: Any) -> Any:
    needed = {
        field.name: _VALUES[field.name]
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.name in _VALUES
    }
    base: dict[str, Any] = {"fact_id": "f9", "recorded_at": AT, "by": "anna"}
    if kind is Lapsed:
        needed["reason"] = EndReason.INACTIVITY
    return kind(**base | needed | said)


def words(fact: Fact, language: Language, about: Fact | None = None) -> str:
    return fact_words(fact, language=language, tz=TZ, named=lambda key: NAMES.get(key, key), about=about)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(FACT_TYPES))
def test_every_type_has_words(name: str, language: Language) -> None:
    said = words(made(FACT_TYPES[name]), language)
    assert said
    assert "{" not in said
    assert "None" not in said


def test_both_languages_know_the_same() -> None:
    assert _FACTS["de"].keys() == _FACTS["en"].keys()
    assert _FIELDS["de"].keys() == _FIELDS["en"].keys() == set().union(*CORRECTABLE.values())
    forms = {form.partition("/")[0] for form in _FACTS["de"]}
    assert forms == FACT_TYPES.keys()


CALL = made(ActivityRecorded, occurred_at=BEFORE)
FORMS: list[tuple[Fact, str, str]] = [
    (
        made(Registered, registered_at=BEFORE),
        "Registered for Anna Beispiel as of 29 Apr 2026, 11:30 CEST.",
        "Registriert für Anna Beispiel mit Wirkung vom 29.04.2026, 11:30 Uhr (MESZ).",
    ),
    (
        CALL,
        "Activity on 29 Apr 2026, 11:30 CEST: qualified call.",
        "Aktivität am 29.04.2026, 11:30 Uhr (MESZ): qualifiziertes Gespräch.",
    ),
    (made(ActivityRecorded, kind="NOTE"), "Activity: note.", "Aktivität: Notiz."),
    (
        made(HoldPlaced, end_at=AT + timedelta(days=5)),
        "Hold from 2 May 2026, 11:30 CEST to 7 May 2026, 11:30 CEST: other reason.",
        "Hemmung vom 02.05.2026, 11:30 Uhr (MESZ) bis 07.05.2026, 11:30 Uhr (MESZ): sonstiger Grund.",
    ),
    (
        made(HoldRequested, end_at=AT + timedelta(days=5)),
        "Hold from 2 May 2026, 11:30 CEST to 7 May 2026, 11:30 CEST asked for: other reason.",
        (
            "Hemmung vom 02.05.2026, 11:30 Uhr (MESZ) bis 07.05.2026, 11:30 Uhr (MESZ) beantragt: "
            "sonstiger Grund."
        ),
    ),
    (
        made(HoldReleased, ended_at=BEFORE),
        "Hold released as of 29 Apr 2026, 11:30 CEST.",
        "Hemmung aufgehoben zum 29.04.2026, 11:30 Uhr (MESZ).",
    ),
    (
        made(ExtensionRequested, days=20),
        "Extension by 20 days asked for.",
        "Verlängerung um 20 Tage beantragt.",
    ),
    (made(RequestDecided), "Request approved.", "Antrag bewilligt."),
    (
        made(RequestDecided, days=20),
        "Extension by 20 days approved.",
        "Verlängerung um 20 Tage bewilligt.",
    ),
    (made(RequestDecided, approved=False), "Request rejected.", "Antrag abgelehnt."),
    (
        made(Converted, customer_no="K7", agreement_date=date(2026, 5, 1)),
        "Became customer K7.",
        "Kunde geworden, Nummer K7.",
    ),
    (
        made(Transferred, restart_base=True),
        "Handed over to Anna Beispiel, with a new base period.",
        "Übertragen an Anna Beispiel, mit neuem Grundschutz.",
    ),
    (
        made(Reinstated, restart_base=True),
        "Reinstated, with a new base period.",
        "Wieder eingesetzt, mit neuem Grundschutz.",
    ),
]


@pytest.mark.parametrize(("fact", "english", "german"), FORMS, ids=lambda value: str(value)[:30])
def test_every_form_has_its_words(fact: Fact, english: str, german: str) -> None:
    assert words(fact, "en") == english
    assert words(fact, "de") == german


def test_a_correction_says_what_was_and_what_is_right() -> None:
    right = made(Corrected, replacement={"kind": "EMAIL_SENT", "occurred_at": "2026-05-01T08:00:00Z"})
    assert words(right, "en", CALL) == (
        "Correction of “Activity on 29 Apr 2026, 11:30 CEST: qualified call.” it was: mail sent, "
        "it was on 1 May 2026, 10:00 CEST."
    )
    assert words(right, "de", CALL).startswith("Berichtigung von „Aktivität am 29.04.2026")
    open_again = made(Corrected, replacement={"end_at": None})
    assert words(open_again, "en", made(HoldPlaced)).endswith("until ….")
    days = made(Corrected, replacement={"days": 10})
    assert words(days, "de", made(ExtensionGranted)).endswith("10 Tage.")
    assert words(made(Corrected), "en", CALL).startswith("Correction: this never was: “Activity on")
    assert "f1" in words(made(Corrected), "de")


def test_mails_have_words() -> None:
    for kind in NotificationKind:
        for status in ("sending", "sent", "bounced", "dead"):
            for language in LANGUAGES:
                said = mail_words(kind, status, "Anna", language)
                assert kind not in said
                assert "Anna" in said
    assert mail_words("reminder", "sent", "Anna", "en") == "Mail to Anna, sent: Reminder."
    assert mail_words("reminder", "dead", "Anna", "de") == "E-Mail an Anna, nicht zugestellt: Erinnerung."
    assert mail_words("smoke-signal", "lit", "Anna", "en") == "Mail to Anna, lit: smoke-signal."
