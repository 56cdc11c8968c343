"""Leads whose deadlines fall into the minutes of a run, written as a CRM export."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Final

from cli.importing.shapes import COLUMNS, SourceFile
from protection.dates import add_months, add_period, format_instant, later_reading, local, zone
from protection.policy import Policy

# Who has leads; the demo issuer gives each of them a token.
AGENTS: Final = ("anna", "ben", "carla", "deniz")


class Story(StrEnum):
    """What time brings to a lead during the run, if nobody does anything."""

    REMINDER = "reminder"
    LAPSE = "lapse"
    BASE_ENDS = "base-ends"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Told:
    """One lead of the export."""

    external_id: str
    story: Story
    registered_at: datetime
    progress_at: tuple[datetime, ...] = ()


def _before(moment: datetime, days: int, policy: Policy) -> datetime:
    return add_period(moment, 0, -days, zone(policy.timezone))


def _months_before(moment: datetime, months: int, policy: Policy) -> datetime:
    tz = zone(policy.timezone)
    wall = local(moment, tz)
    return later_reading(datetime.combine(add_months(wall.date(), -months), wall.time()), tz)


def _lead(name: str, story: Story, at: datetime, policy: Policy) -> Told:
    if story is Story.REMINDER:
        return Told(name, story, _before(at, policy.progress_days, policy))
    if story is Story.LAPSE:
        reminded = _before(at, policy.grace_days, policy)
        return Told(name, story, _before(reminded, policy.progress_days, policy))
    if story is Story.BASE_ENDS:
        registered = _months_before(at, policy.base_months, policy)
        return Told(name, story, registered, tuple(at - timedelta(days=days) for days in (140, 100, 60, 20)))
    return Told(name, story, at - timedelta(days=12))


def leads(total: int, first_at: datetime, span: timedelta, policy: Policy, seed: int) -> list[Told]:
    """So many leads, their moments spread over the span; the same for the same seed."""
    chance = Random(seed)
    stories = itertools.cycle([Story.REMINDER, Story.LAPSE, Story.QUIET, Story.REMINDER, Story.BASE_ENDS])
    return [
        _lead(f"C-{number:04d}", story, first_at + span * chance.random(), policy)
        for number, story in zip(range(total), stories, strict=False)
    ]


def write_export(folder: Path, told: list[Told]) -> None:
    """The leads as leads.csv and activities.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "leads.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS[SourceFile.LEADS])
        rows.writeheader()
        for number, lead in enumerate(told):
            rows.writerow(
                {
                    "external_id": lead.external_id,
                    "company": f"Probe {number} GmbH",
                    "postcode": "10115",
                    "city": "Berlin",
                    "industry": "Bildung",
                    "source": "REFERRAL",
                    "registered_at": format_instant(lead.registered_at),
                    "owner_email": f"{AGENTS[number % len(AGENTS)]}@agents.example",
                    "contact_name": "Erika Erfunden",
                    "contact_email": f"erika{number}@lead.example",
                    "contact_phone": "+49 30 555000009",
                    "first_contact_note": "",
                }
            )
    with (folder / "activities.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS[SourceFile.ACTIVITIES])
        rows.writeheader()
        for lead in told:
            for moment in lead.progress_at:
                at = format_instant(moment)
                told_at = {"external_id": lead.external_id, "occurred_at": at, "recorded_at": at}
                rows.writerow(told_at | {"kind": "QUALIFIED_CALL", "note": ""})
