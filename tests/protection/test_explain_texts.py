"""Explanations in words, German and English, that a sales manager reads aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from protection.dates import zone
from protection.explain import Explanation, explain
from protection.explain_texts import (
    Language,
    duration_text,
    explanation_text,
    moment_text,
    step_text,
    word_text,
)
from protection.facts import ActivityRecorded, EndReason, HoldReason
from protection.lifecycle import snapshot
from protection.policy import QUALIFYING
from protection.state import Status
from protection.steps import CLAUSES, Reckoning, Rule, Step, Subject
from tests.protection.told import (
    BERLIN,
    A,
    day,
    hold,
    life,
    progress,
    reminded,
)


def test_every_rule_has_a_clause_and_a_text_in_both_languages() -> None:
    assert set(CLAUSES) == set(Rule)
    for rule in Rule:
        for language, clause in (("en", "clause"), ("de", "Buchstabe")):
            text = step_text(Step(rule), zone("UTC"), "de" if language == "de" else "en")
            assert text.endswith(f"[{clause} {CLAUSES[rule]}]")
            assert "{" not in text


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_status_and_subject_has_a_text(language: Language) -> None:
    answer = snapshot(life(), A)
    heads = set()
    for status in Status:
        reckonings = tuple(Reckoning(subject, None, ()) for subject in Subject)
        explained = Explanation("UTC", "v", replace(answer, status=status), reckonings)
        lines = explanation_text(explained, language).splitlines()
        heads.add(lines[0])
        assert len(set(lines)) == 2 + len(Subject)
    assert len(heads) == len(Status)


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_word_of_the_domain_is_put_into_words(language: Language) -> None:
    words = [*QUALIFYING, *HoldReason, *EndReason, "CONVERTED", "RELEASED", "ERASED"]
    words += ["registered", "extension_granted"]
    assert all(word_text(word, language) != word for word in words)
    assert word_text("activity", language) in {"activity", "Aktivität"}
    assert word_text("VISIT, OTHER", "en") == "VISIT, other reason"
    assert ActivityRecorded.type == "activity"


def test_times_are_told_in_local_time_with_the_zone() -> None:
    berlin = zone("Europe/Berlin")
    assert moment_text(A, berlin, "en") == "7 Jan 2030, 13:00 CET"
    assert moment_text(A, berlin, "de") == "07.01.2030, 13:00 Uhr (MEZ)"
    assert moment_text(day(181), berlin, "en") == "7 Jul 2030, 14:00 CEST"
    assert moment_text(day(181), berlin, "de") == "07.07.2030, 14:00 Uhr (MESZ)"
    assert moment_text(A, zone("America/New_York"), "de") == "07.01.2030, 07:00 Uhr (EST)"
    months = [moment_text(A.replace(month=n), zone("UTC"), "en").split()[1] for n in range(1, 13)]
    assert months == ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@pytest.mark.parametrize(
    ("span", "en", "de"),
    [
        (timedelta(), "0 minutes", "0 Minuten"),
        (timedelta(minutes=1), "1 minute", "1 Minute"),
        (timedelta(days=1, hours=1), "1 day 1 hour", "1 Tag 1 Stunde"),
        (timedelta(days=2, hours=2, minutes=2), "2 days 2 hours 2 minutes", "2 Tage 2 Stunden 2 Minuten"),
        (timedelta(seconds=31), "1 minute", "1 Minute"),
    ],
)
def test_durations(span: timedelta, en: str, de: str) -> None:
    assert (duration_text(span, "en"), duration_text(span, "de")) == (en, de)


def test_the_whole_text_in_english() -> None:
    state = life(progress(day(5)), hold(day(6), end=day(8)), policy=BERLIN)
    assert explanation_text(explain(state, day(7)), "en") == (
        "This lead is protected.\n"
        "The clock stands still at the moment, because a hold is in force.\n"
        "\n"
        "Base period until: 9 Jul 2030, 13:00 CEST\n"
        "  - Registered on 7 Jan 2030, 13:00 CET. [clause a]\n"
        "  - Plus 6 months: 7 Jul 2030, 13:00 CEST. [clause a]\n"
        "  - No time counts from 13 Jan 2030, 13:00 CET to 15 Jan 2030, 13:00 CET "
        "(price approval by the company), which adds 2 days. [clause d]\n"
        "\n"
        "Progress due by: 15 Mar 2030, 13:00 CET\n"
        "  - Last progress: qualified call on 12 Jan 2030, 13:00 CET. [clause b]\n"
        "  - Plus 60 days: 13 Mar 2030, 13:00 CET. [clause b]\n"
        "  - No time counts from 13 Jan 2030, 13:00 CET to 15 Jan 2030, 13:00 CET "
        "(price approval by the company), which adds 2 days. [clause d]\n"
        "\n"
        "Protected until, if nothing else happens: 25 Mar 2030, 13:00 CET\n"
        "  - Without progress a reminder goes out on 15 Mar 2030, 13:00 CET; then 10 days of grace run "
        "until 25 Mar 2030, 13:00 CET. [clause c]"
    )


def test_the_whole_text_in_german() -> None:
    state = life(hold(day(1)), policy=BERLIN)
    assert explanation_text(explain(state, day(2)), "de") == (
        "Dieser Lead ist geschützt.\n"
        "Die Uhr steht zurzeit still, weil ein Hemmungsgrund vorliegt.\n"
        "\n"
        "Grundschutz bis: noch nicht bekannt\n"
        "  - Registriert am 07.01.2030, 13:00 Uhr (MEZ). [Buchstabe a]\n"
        "  - Zuzüglich 6 Monate: 07.07.2030, 13:00 Uhr (MESZ). [Buchstabe a]\n"
        "  - Die Uhr steht still seit 08.01.2030, 13:00 Uhr (MEZ), bis die Hemmung endet "
        "(Preisfreigabe durch das Unternehmen). [Buchstabe d]\n"
        "\n"
        "Fortschritt fällig bis: noch nicht bekannt\n"
        "  - Registriert am 07.01.2030, 13:00 Uhr (MEZ). [Buchstabe a]\n"
        "  - Zuzüglich 60 Tage: 08.03.2030, 13:00 Uhr (MEZ). [Buchstabe b]\n"
        "  - Die Uhr steht still seit 08.01.2030, 13:00 Uhr (MEZ), bis die Hemmung endet "
        "(Preisfreigabe durch das Unternehmen). [Buchstabe d]\n"
        "\n"
        "Geschützt bis, wenn nichts weiter geschieht: noch nicht bekannt\n"
        "  - Die Uhr steht still seit 08.01.2030, 13:00 Uhr (MEZ), bis die Hemmung endet. [Buchstabe d]"
    )


def test_the_whole_text_in_german_with_times_and_durations() -> None:
    state = life(hold(day(1), end=day(2)), reminded(day(61)), policy=BERLIN)
    assert explanation_text(explain(state, day(61)), "de") == (
        "Dieser Lead ist geschützt, aber in der Nachfrist: ohne Fortschritt verfällt er.\n"
        "\n"
        "Grundschutz bis: 08.07.2030, 13:00 Uhr (MESZ)\n"
        "  - Registriert am 07.01.2030, 13:00 Uhr (MEZ). [Buchstabe a]\n"
        "  - Zuzüglich 6 Monate: 07.07.2030, 13:00 Uhr (MESZ). [Buchstabe a]\n"
        "  - Vom 08.01.2030, 13:00 Uhr (MEZ) bis 09.01.2030, 13:00 Uhr (MEZ) zählt keine Zeit "
        "(Preisfreigabe durch das Unternehmen); das ergibt 1 Tag mehr. [Buchstabe d]\n"
        "\n"
        "Fortschritt fällig bis: 09.03.2030, 13:00 Uhr (MEZ)\n"
        "  - Registriert am 07.01.2030, 13:00 Uhr (MEZ). [Buchstabe a]\n"
        "  - Zuzüglich 60 Tage: 08.03.2030, 13:00 Uhr (MEZ). [Buchstabe b]\n"
        "  - Vom 08.01.2030, 13:00 Uhr (MEZ) bis 09.01.2030, 13:00 Uhr (MEZ) zählt keine Zeit "
        "(Preisfreigabe durch das Unternehmen); das ergibt 1 Tag mehr. [Buchstabe d]\n"
        "\n"
        "Nachfrist bis: 19.03.2030, 13:00 Uhr (MEZ)\n"
        "  - Die Erinnerung ging hinaus am 09.03.2030, 13:00 Uhr (MEZ). [Buchstabe c]\n"
        "  - Zuzüglich 10 Tage Nachfrist: 19.03.2030, 13:00 Uhr (MEZ). [Buchstabe c]\n"
        "\n"
        "Geschützt bis, wenn nichts weiter geschieht: 19.03.2030, 13:00 Uhr (MEZ)\n"
        "  - Zuzüglich 10 Tage Nachfrist: 19.03.2030, 13:00 Uhr (MEZ). [Buchstabe c]"
    )
