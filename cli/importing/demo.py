"""Makes the demo tenant's export out of `data/demo/stories.json`, with dates relative to a given instant."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from adapters.import_store import Locale, User, UserRole, user_id
from cli.importing.shapes import COLUMNS, SourceFile
from protection.dates import add_period, format_instant, zone
from protection.facts import HoldReason
from protection.policy import Policy
from services.words import LeadSource

STORIES: Final = Path(__file__).resolve().parents[2] / "data" / "demo" / "stories.json"

Days = Annotated[float, Field(gt=-3650, lt=3650)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoUser(_Strict):
    """Somebody who works in the demo tenant."""

    email: str
    name: str
    locale: Locale
    roles: tuple[UserRole, ...]


class DemoHold(_Strict):
    """A hold, in days before the seeding; negative is to come, None open."""

    reason: HoldReason
    start: Days
    end: Days | None
    released: Days | None


class DemoExtension(_Strict):
    """An extension: how many days ago, by how many days."""

    granted: Days
    days: int


class DemoStory(_Strict):
    """What happened to a few leads, in days before the seeding."""

    name: str
    leads: Annotated[int, Field(gt=0)]
    shift_hours: float = 0
    registered: Days | None = None
    reminder_in_seconds: float | None = None
    progress: tuple[Days, ...] = ()
    holds: tuple[DemoHold, ...] = ()
    extension: DemoExtension | None = None
    converted: Days | None = None


class Demo(_Strict):
    """The whole of `stories.json`."""

    users: tuple[DemoUser, ...]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    legal_forms: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    industries: tuple[str, ...]
    contacts: tuple[str, ...]
    first_contact: str
    notes: tuple[str, ...]
    stories: tuple[DemoStory, ...]


def load_demo() -> Demo:
    """Read what the demo tenant is to look like."""
    return Demo.model_validate_json(STORIES.read_text(encoding="utf-8"))


def demo_users(demo: Demo) -> list[User]:
    """List the people of the demo tenant."""
    return [
        User(
            id=user_id(user.email),
            email=user.email,
            display_name=user.name,
            locale=user.locale,
            roles=user.roles,
        )
        for user in demo.users
    ]


def write_demo_export(folder: Path, demo: Demo, *, now: datetime, policy: Policy) -> int:
    """Write the five files of an export.

    Args:
        folder: takes the files; must exist.
        demo: what they are to hold.
        now: UTC instant that all dates are relative to.
        policy: whose progress period decides when the first reminder falls due.

    Returns:
        The number of leads.
    """
    export = _Export(demo, now, policy)
    for story in demo.stories:
        for place in range(story.leads):
            export.add(story, place)
    for file, rows in export.rows.items():
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS[file])
            writer.writeheader()
            writer.writerows(rows)
    return len(export.rows[SourceFile.LEADS])


Row = Mapping[str, str]
_Ago = Callable[[float], datetime]
_Item = TypeVar("_Item")


def _turn(items: Sequence[_Item], number: int) -> _Item:
    return items[number % len(items)]


@dataclass
class _Export:
    demo: Demo
    now: datetime
    policy: Policy
    rows: dict[SourceFile, list[Row]] = field(default_factory=lambda: {file: [] for file in SourceFile})

    def add(self, story: DemoStory, place: int) -> None:
        number = len(self.rows[SourceFile.LEADS]) + 1
        external_id = f"DEMO-{number:04d}"
        shift = timedelta(hours=story.shift_hours * place)

        def ago(days: float) -> datetime:
            # What is still to come is not shifted into the past.
            moment = self.now - timedelta(days=days)
            return (moment - shift if days >= 0 else moment).replace(microsecond=0)

        self._lead(story, number, external_id, self._registered(story, ago))
        self._progress(story, number, external_id, [ago(days) for days in story.progress])
        for count, hold in enumerate(story.holds, start=1):
            start = format_instant(ago(hold.start))
            self._put(
                SourceFile.HOLDS,
                external_id=external_id,
                hold_ref=f"{external_id}-H{count}",
                reason=hold.reason,
                placed_at=start,
                start_at=start,
                end_at="" if hold.end is None else format_instant(ago(hold.end)),
                released_at="" if hold.released is None else format_instant(ago(hold.released)),
            )
        if story.extension is not None:
            self._put(
                SourceFile.EXTENSIONS,
                external_id=external_id,
                granted_at=format_instant(ago(story.extension.granted)),
                days=str(story.extension.days),
                reason="Bemusterung terminiert",
            )
        if story.converted is not None:
            self._put(
                SourceFile.CONVERSIONS,
                external_id=external_id,
                converted_at=format_instant(ago(story.converted)),
                customer_no=f"K{number:06d}",
            )

    def _registered(self, story: DemoStory, ago: _Ago) -> datetime:
        if story.registered is not None:
            return ago(story.registered)
        due = self.now + timedelta(seconds=story.reminder_in_seconds or 0)
        return add_period(due, 0, -self.policy.progress_days, zone(self.policy.timezone))

    def _lead(self, story: DemoStory, number: int, external_id: str, registered_at: datetime) -> None:
        demo = self.demo
        postcode, city = _turn(demo.places, number)
        source = _turn(tuple(LeadSource), number)
        agents = [user.email for user in demo.users if UserRole.AGENT in user.roles]
        met = source in {LeadSource.TRADE_FAIR, LeadSource.PHONE}
        self._put(
            SourceFile.LEADS,
            external_id=external_id,
            company=" ".join(_turn(words, number) for words in (demo.kinds, demo.names, demo.legal_forms)),
            postcode=postcode,
            city=city,
            industry=_turn(demo.industries, number),
            source=source,
            registered_at=format_instant(registered_at),
            owner_email=_turn(agents, number),
            contact_name=_turn(demo.contacts, number),
            contact_email=f"kontakt@lead{number}.example",
            contact_phone=f"+49 30 555{number:06d}",
            first_contact_note=demo.first_contact if met else "",
        )

    def _progress(self, story: DemoStory, number: int, external_id: str, moments: Sequence[datetime]) -> None:
        for count, moment in enumerate(moments):
            for kind, at in (
                (_turn(self.policy.qualifying_kinds, number + count), moment),
                (_turn(self.policy.other_kinds, number + count), moment + timedelta(hours=2)),
            ):
                self._put(
                    SourceFile.ACTIVITIES,
                    external_id=external_id,
                    occurred_at=format_instant(at),
                    recorded_at=format_instant(at + timedelta(minutes=5)),
                    kind=kind,
                    note=_turn(self.demo.notes, number + count),
                )

    def _put(self, file: SourceFile, **cells: str) -> None:
        self.rows[file].append(cells)
