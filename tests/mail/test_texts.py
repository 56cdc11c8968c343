"""Letters in words: complete in both languages, one truth in text and HTML, nothing smuggled in."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
import structlog
from babel.messages.extract import extract
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.letters import LastProgress, Letter
from activities.orders import NotificationKind
from activities.ports import Language, Reader
from adapters import mail_texts
from adapters.mail_texts.catalogue import phrases, read_catalogue
from adapters.mail_texts.moments import deadline, deadline_day, moment
from adapters.mail_texts.plain import one_line
from adapters.mail_texts.preview import previews, sample_letters, write_previews
from adapters.mail_texts.writer import MailTexts
from adapters.settings import SettingsError
from protection.dates import zone
from protection.facts import EndReason
from protection.policy import Mode, Policy
from tests.mail.world import REGISTERED

WRITER = MailTexts("https://leads.example")
LETTERS = {letter.kind: letter for letter in sample_letters(REGISTERED, Policy())}
BERLIN = zone("Europe/Berlin")


def reader(language: Language = Language.DE, timezone: str = "Europe/Berlin", name: str = "Erika") -> Reader:
    return Reader("erika", "erika@agents.example", name, language, timezone)


def _forms(said: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def test_the_german_catalogue_is_complete_and_holds_nothing_else() -> None:
    keywords = {"say": None, "subject": None, "count": (1, 2)}
    said = set()
    for module in Path(str(mail_texts.__file__)).parent.glob("*.py"):
        with module.open("rb") as source:
            said |= {message for _, message, _, _ in extract("python", source, keywords)}
    catalogue = read_catalogue(Language.DE)
    assert {message.id for message in catalogue if message.id} == said
    for message in catalogue:
        if not message.id:
            continue
        assert not message.fuzzy
        forms = [*_forms(message.id), *_forms(message.string or "")]
        assert all(forms), message.id
        assert len({frozenset(re.findall(r"%\((\w+)\)[sd]", form)) for form in forms}) == 1, message.id


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", list(NotificationKind))
def test_text_and_html_say_the_same(kind: NotificationKind, language: Language) -> None:
    written = WRITER.write(LETTERS[kind], reader(language))
    visible = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", written.html.split("</head>")[1])).split())
    for line in written.text.splitlines():
        if line in {"", "-- "} or "https://" in line:
            continue
        label, _, value = line.removeprefix("- ").partition(": ")
        for piece in (label.strip().rstrip(":"), value.strip()):
            assert " ".join(piece.split()) in visible
    assert f'href="https://leads.example/leads/{LETTERS[kind].lead}"' in written.html
    decides = f'href="https://leads.example/desk/requests/{LETTERS[kind].lead}/7"' in written.html
    assert decides is (kind is NotificationKind.REQUEST_MADE)
    assert "%(" not in written.text
    assert "{{" not in written.html
    # What can be said at the elements themselves is; the rest is for dark screens and small ones.
    assert written.html.split("<style>")[1].startswith("@media")
    assert "prefers-color-scheme: dark" in written.html


def test_every_kind_has_its_sample() -> None:
    assert set(LETTERS) == set(NotificationKind)


def test_an_english_reader_elsewhere() -> None:
    written = WRITER.write(LETTERS[NotificationKind.REMINDER], reader(Language.EN, "Asia/Tokyo"))
    assert "End of grace: Thursday, 10 April 2031, 20:00 (Asia/Tokyo, UTC+09:00)" not in written.text
    grace = LETTERS[NotificationKind.REMINDER].grace_until
    assert grace is not None
    assert f"End of grace: {deadline(grace, Language.EN, zone('Asia/Tokyo'))}" in written.text


def test_an_unknown_zone_falls_back_to_ours_and_is_logged() -> None:
    with structlog.testing.capture_logs():
        written = WRITER.write(LETTERS[NotificationKind.REMINDER], reader(timezone="Mars/Olympus"))
    assert "(Europe/Berlin, UTC+02:00)" in written.text


def test_what_is_unknown_is_said() -> None:
    open_ended = replace(
        LETTERS[NotificationKind.REMINDER], grace_until=None, valid_until=None, last_progress=None
    )
    written = WRITER.write(open_ended, reader())
    assert "Ende der Nachfrist: noch nicht bekannt, weil eine Hemmung noch kein Ende hat" in written.text
    assert "keiner seit Freitag, 10. Januar 2031, 10:00 Uhr" in written.text
    assert written.subject.endswith("bitte Fortschritt dokumentieren")
    nothing = WRITER.write(replace(open_ended, since=None), reader(Language.EN))
    assert "Last progress: none\n" in nothing.text


def test_a_base_period_that_ends_before_grace_is_said() -> None:
    reminder = LETTERS[NotificationKind.REMINDER]
    early = replace(reminder, valid_until=datetime(2031, 4, 5, 9, tzinfo=UTC))
    assert (
        "Unabhängig davon endet der Grundschutz schon vorher, am Samstag, 5. April"
        in WRITER.write(early, reader()).text
    )
    assert "Unabhängig davon" not in WRITER.write(reminder, reader()).text


def test_the_other_mode_has_its_samples_too() -> None:
    assert {letter.kind for letter in sample_letters(REGISTERED, Policy(mode=Mode.GREATEST))} == set(LETTERS)


@pytest.mark.parametrize("days", [1, 10])
def test_numbers_agree_with_their_nouns(days: int) -> None:
    one = WRITER.write(
        replace(LETTERS[NotificationKind.REMINDER], policy=Policy(grace_days=days)), reader()
    ).text
    assert ("1 Kalendertag Nachfrist" in one) is (days == 1)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2031-01-23T23:00:00+00:00", "Donnerstag, 23. Januar 2031, 24:00 Uhr (Europe/Berlin, UTC+01:00)"),
        ("2031-01-23T23:00:59+00:00", "Donnerstag, 23. Januar 2031, 24:00 Uhr (Europe/Berlin, UTC+01:00)"),
        ("2031-07-01T10:59:59.9+00:00", "Dienstag, 1. Juli 2031, 12:59 Uhr (Europe/Berlin, UTC+02:00)"),
        ("2031-10-26T00:30:00+00:00", "Sonntag, 26. Oktober 2031, 02:30 Uhr (Europe/Berlin, UTC+02:00)"),
        ("2031-10-26T01:30:00+00:00", "Sonntag, 26. Oktober 2031, 02:30 Uhr (Europe/Berlin, UTC+01:00)"),
    ],
)
def test_deadlines_as_people_read_them(instant: str, expected: str) -> None:
    at = datetime.fromisoformat(instant)
    assert deadline(at, Language.DE, BERLIN) == expected
    assert deadline_day(at, Language.DE, BERLIN) in expected


def test_zones_behind_and_between_hours() -> None:
    at = datetime(2031, 1, 1, 12, tzinfo=UTC)
    assert moment(at, Language.EN, zone("America/St_Johns")).endswith("08:30 (America/St_Johns, UTC-03:30)")
    assert moment(at, Language.EN, zone("Asia/Kathmandu")).endswith("17:45 (Asia/Kathmandu, UTC+05:45)")


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (EndReason.BASE_PERIOD, "Der Grundschutz war abgelaufen"),
        (EndReason.INACTIVITY, "innerhalb der Nachfrist kein Fortschritt"),
        (EndReason.UNPURSUED, "Die Vormerkung wurde nicht weiterverfolgt"),
        (None, ""),
    ],
)
def test_every_end_has_its_reason(reason: EndReason | None, why: str) -> None:
    assert why in WRITER.write(replace(LETTERS[NotificationKind.LAPSE], reason=reason), reader()).text


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))


def tags(page: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = Tags()
    parser.feed(page)
    return parser.seen


def hostile(kind: NotificationKind, text: str) -> Letter:
    return replace(
        LETTERS[kind], company=text, city=text, names=dict.fromkeys(LETTERS[kind].people, text),
        last_progress=LastProgress(text, REGISTERED),
    )  # fmt: skip


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></div></body><h1>",
    "{{ 7 * 7 }} {% raw %} %(company)s %s %",
    "a\r\nBcc: thief@x.example\r\n\r\nbody",
    "'; drop table lead; --",
    "\u202egro.live",
    "&lt;b&gt; &amp;",
    "<style>body{display:none}</style>",
    "x" * 5000,
    "\ud800",
    "",
]


@pytest.mark.parametrize("kind", list(NotificationKind))
@pytest.mark.parametrize("text", EVIL)
def test_names_are_only_ever_text(text: str, kind: NotificationKind) -> None:
    _only_text(kind, text)


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(NotificationKind), text=st.text(max_size=80))
def test_names_are_only_ever_text_whatever_they_are(kind: NotificationKind, text: str) -> None:
    _only_text(kind, text)


def _only_text(kind: NotificationKind, text: str) -> None:
    tame = WRITER.write(hostile(kind, "Firma"), reader(name="Erika"))
    wild = WRITER.write(hostile(kind, text), reader(name=text))
    assert tags(wild.html) == tags(tame.html)
    assert len(wild.text.splitlines()) == len(tame.text.splitlines())
    assert len(wild.subject.splitlines()) == 1
    assert len(wild.subject) < 220
    wild.html.encode()
    wild.text.encode()
    if len(text) < 100:
        assert html.escape(one_line(text), quote=False) in wild.html.replace("&nbsp;", "\xa0")


def test_phrases_are_read_once() -> None:
    assert phrases(Language.DE) is phrases(Language.DE)


def test_a_public_url_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        MailTexts("javascript:alert(1)")
    assert refused.value.field == "PUBLIC_URL"


def test_links_stay_below_the_public_address() -> None:
    below = MailTexts("https://ffz.example/fristwerk/").write(LETTERS[NotificationKind.LAPSE], reader())
    assert f"https://ffz.example/fristwerk/leads/{LETTERS[NotificationKind.LAPSE].lead}" in below.text


def test_previews_are_files_one_can_open(tmp_path: Path) -> None:
    shown = previews(WRITER, REGISTERED)
    files = write_previews(tmp_path / "previews", shown)
    assert len(files) == 2 * len(shown) == 2 * len(NotificationKind) * len(Language)
    assert (tmp_path / "previews" / "lapse.en.txt").read_text().startswith("Bäckerei Sonnenschein")
