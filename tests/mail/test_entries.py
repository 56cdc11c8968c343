"""Deadlines for calendars: read back by a calendar library, exact in every zone, moved when they move."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from activities.letters import Letter
from activities.orders import NotificationKind
from activities.ports import CalendarMethod, Language, Reader
from adapters.calendar_zone import described
from adapters.mail_texts.entries import Book, DeadlineKind, Entry, calendar
from adapters.mail_texts.preview import sample_letters
from adapters.mail_texts.writer import MailTexts
from protection.policy import Policy
from tests.mail.asking import decision, hold_wanted, letter, needed
from tests.mail.smtpserver import Server
from tests.mail.world import CALL, PUBLIC_URL, REGISTERED, World, due, later, life, run

WRITER = MailTexts("https://leads.example")
LETTERS = {letter.kind: letter for letter in sample_letters(REGISTERED, Policy())}
BERLIN = ZoneInfo("Europe/Berlin")
LEAD = UUID(int=5)
NOON = datetime(2031, 4, 14, 10, 0, tzinfo=UTC)


def entry(at: datetime = NOON, **changes: object) -> Entry:
    made = Entry(LEAD, DeadlineKind.PROGRESS, at, "Bäckerei, Süß; & Co", "Ulm", 3, REGISTERED)
    return replace(made, **changes)  # type: ignore[arg-type]


def events(content: bytes) -> list[Any]:
    parsed = Calendar.from_ical(content)
    assert isinstance(parsed, Calendar)
    return list(parsed.events)


def one(at: datetime, zone: ZoneInfo = BERLIN, language: Language = Language.DE) -> Any:
    (event,) = events(calendar([entry(at)], Book(language, zone, "https://leads.example")))
    return event


def written(about: Letter, language: Language = Language.DE, zone: str = "Europe/Berlin") -> list[Any]:
    file = WRITER.write(about, Reader("erika", "e@agents.example", "Erika", language, zone)).calendar
    assert file is not None
    assert f"\r\nMETHOD:{file.method}\r\n".encode() in file.content
    return events(file.content)


def test_an_entry_says_what_ends_when_and_where_to_look() -> None:
    event = one(NOON)
    assert event["SUMMARY"] == "Fortschritt fällig: Bäckerei, Süß; & Co, Ulm"
    assert event["UID"] == f"{LEAD}.progress@fristwerk"
    assert event["SEQUENCE"] == 3
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event.start == NOON
    assert "Montag, 14. April 2031, 12:00 Uhr (Europe/Berlin, UTC+02:00)" in event["DESCRIPTION"]
    assert event["URL"] == f"https://leads.example/leads/{LEAD}"
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [timedelta(days=-1)]
    assert one(NOON, language=Language.EN)["SUMMARY"] == "Progress due: Bäckerei, Süß; & Co, Ulm"


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
@pytest.mark.parametrize(
    "at",
    ["2031-01-10T12:34:56", "2031-03-30T00:59:59", "2031-03-30T01:00:00", "2031-10-26T00:30:00",
     "2031-10-26T01:30:00", "2031-10-26T02:00:00", "2099-12-31T22:59:00"],
)  # fmt: skip
def test_the_instant_is_exact_in_every_zone(at: str, zone: str) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    event = one(instant, ZoneInfo(zone))
    start = event["DTSTART"].dt
    assert event.get("DTEND", event["DTSTART"]).dt.astimezone(UTC) == instant
    # A calendar file has no word for the second of two equal times; there the instant is in UTC.
    if "TZID" in event["DTSTART"].params:
        assert start.replace(fold=0).utcoffset() == start.replace(fold=1).utcoffset()


def test_a_deadline_at_midnight_lies_on_the_day_it_ends() -> None:
    midnight = datetime(2031, 4, 14, 22, 0, tzinfo=UTC)
    event = one(midnight)
    assert event["DTSTART"].dt.isoformat() == "2031-04-14T23:59:00+02:00"
    assert event["DTEND"].dt.astimezone(UTC) == midnight
    assert "24:00 Uhr" in event["DESCRIPTION"]
    assert "DTEND" not in one(midnight, ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize("key", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
def test_the_zone_changes_its_clocks_when_they_change(key: str) -> None:
    zone = ZoneInfo(key)
    told = described(zone, 2030, 2031)
    parts: list[Any] = list(told.subcomponents)
    for part in parts:
        before, after = part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td
        onset = part["DTSTART"].dt.replace(tzinfo=UTC) - before
        assert (onset - timedelta(seconds=1)).astimezone(zone).utcoffset() == before
        assert onset.astimezone(zone).utcoffset() == after
    assert len(told.subcomponents) == (1 if key == "Asia/Tokyo" else 5)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (NotificationKind.REMINDER, "grace"),
        (NotificationKind.NOTICE_PROGRESS, "progress"),
        (NotificationKind.NOTICE_BASE, "base"),
        (NotificationKind.NOTICE_PREREGISTRATION, "reservation"),
    ],
)
def test_what_announces_a_deadline_brings_it_along(
    kind: NotificationKind, wanted: str, language: Language
) -> None:
    about = LETTERS[kind]
    promised = {
        "grace": about.grace_until, "progress": about.progress_until, "base": about.base_until,
        "reservation": about.valid_until,
    }  # fmt: skip
    (event,) = written(about, language, "America/New_York")
    assert event.start == promised[wanted]
    assert event["UID"] == f"{about.lead}.{wanted}@fristwerk"
    assert event["SEQUENCE"] == about.revision > 0


@pytest.mark.parametrize(
    "kind", [NotificationKind.LAPSE, NotificationKind.NOTICE_HOLD, NotificationKind.REQUEST_MADE]
)
def test_what_announces_none_brings_none(kind: NotificationKind) -> None:
    assert WRITER.write(LETTERS[kind], Reader("m", None, "M", Language.DE, "UTC")).calendar is None


def test_where_the_base_period_ends_first_it_is_the_entry() -> None:
    ends = later(REGISTERED, days=70)
    early = replace(LETTERS[NotificationKind.REMINDER], valid_until=ends)
    (event,) = written(early)
    assert event["UID"].endswith(".base@fristwerk")
    assert event.start == ends
    unknown = replace(early, grace_until=None, valid_until=None)
    assert WRITER.write(unknown, Reader("m", None, "M", Language.DE, "UTC")).calendar is None


def test_a_moved_deadline_moves_its_entry() -> None:
    at = later(CALL, days=2)
    before = needed(letter(NotificationKind.NOTICE_PROGRESS, at, *life(), about=due(life())))
    ended = (hold_wanted(end_at=later(at, days=9)), decision(approved=True, end_at=later(at, days=9)))
    after = needed(letter(NotificationKind.REQUEST_DECIDED, at, *life(*ended)))
    (old,) = written(before)
    new = {event["UID"]: event for event in written(after)}
    moved = new[old["UID"]]
    assert moved.start == after.progress_until
    assert moved.start > old.start
    assert moved["SEQUENCE"] > old["SEQUENCE"]
    assert len(new) == 2


def test_an_open_hold_takes_entries_back_and_a_rejection_leaves_them() -> None:
    at = later(CALL, days=2)
    opened = needed(
        letter(NotificationKind.REQUEST_DECIDED, at, *life(hold_wanted(), decision(approved=True)))
    )
    file = WRITER.write(opened, Reader("m", None, "M", Language.DE, "UTC")).calendar
    assert file is not None
    assert file.method is CalendarMethod.CANCEL
    gone = events(file.content)
    assert {event["STATUS"] for event in gone} == {"CANCELLED"}
    assert {event["UID"].split(".")[1] for event in gone} == {
        "progress@fristwerk", "grace@fristwerk", "base@fristwerk",
    }  # fmt: skip
    rejected = needed(
        letter(NotificationKind.REQUEST_DECIDED, at, *life(hold_wanted(), decision(approved=False)))
    )
    assert WRITER.write(rejected, Reader("m", None, "M", Language.DE, "UTC")).calendar is None


@pytest.mark.parametrize(
    "text", ["a\r\nBEGIN:VEVENT\r\nX:1", "END:VCALENDAR", "\\n;,:\"'", "\u202egro", "x" * 5000, ""]
)
def test_names_stay_text(text: str) -> None:
    book = Book(Language.EN, BERLIN, "https://leads.example")
    content = calendar([entry(company=text, city=text)], book, name=text or "x")
    (event,) = events(content)
    assert event.start == NOON
    unfolded = content.replace(b"\r\n ", b"")
    assert unfolded.count(b"\r\nBEGIN:VEVENT\r\n") == unfolded.count(b"\r\nEND:VCALENDAR\r\n") == 1
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert b"\r\nX:1" not in unfolded


async def test_it_travels_with_the_mail(world: World, smtp: Server) -> None:
    lead = await world.lead(life(), company='Süß "GmbH"\r\nX-Evil: 1')
    until = due(life())
    order = world.order(lead, NotificationKind.NOTICE_PROGRESS, until)
    await run(world.activities(smtp.url), order, later(until, days=-7))
    (mail,) = smtp.mails
    assert mail.text
    assert mail.html
    ((name, kind, content),) = mail.attachments
    assert (name, kind) == ("fristwerk.ics", "text/calendar")
    (event,) = events(content)
    assert event.start == until
    assert event["URL"] == f"{PUBLIC_URL}leads/{lead}"
    assert b'\r\nContent-Type: text/calendar; charset="utf-8"; method="PUBLISH"\r\n' in smtp.raw[0]
    assert smtp.raw[0].isascii()
    assert "X-Evil" not in mail.headers
