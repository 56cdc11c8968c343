"""Where a lead stands before and after an act, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rich.table import Table

from adapters.read_model import Lead, Protection
from cli.moments import distance, iso, now, wall
from cli.output import out, print_json, table
from protection.lifecycle import Snapshot

DEADLINES: Final = {
    "status": "status",
    "paused": "paused",
    "owner": "owner",
    "valid_until": "protected until",
    "base_until": "base period until",
    "progress_until": "progress owed until",
    "reminder_due_at": "reminder goes out",
    "grace_until": "grace until",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lead stands: what is compared before and after an act."""

    status: str
    paused: bool
    owner: str
    valid_until: datetime | None
    base_until: datetime | None
    progress_until: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; instants ISO 8601 with a Z."""
        return {
            name: iso(value) if isinstance(value := getattr(self, name), datetime) else value
            for name in DEADLINES
        }


def standing(of: Protection) -> Standing:
    """Where a lead stands as recorded."""
    return Standing(
        str(of.status),
        of.paused,
        of.owner,
        of.valid_until,
        of.base_until,
        of.progress_until,
        of.reminder_due_at,
        of.grace_until,
    )


def standing_of(answer: Snapshot, owner: str) -> Standing:
    """Where a lead stands as the engine says."""
    return Standing(
        str(answer.status),
        answer.paused,
        owner,
        answer.valid_until,
        answer.base_until,
        answer.progress_until,
        answer.reminder_due_at,
        answer.grace_until,
    )


def show(
    lead: Lead,
    facts: dict[str, Any],
    before: Standing | None,
    after: Standing,
    *,
    headline: str,
    json: bool,
) -> None:
    """Show what an act moved, or would move.

    Args:
        facts: what else programs want to know of it.
        before: where the lead stood; None if it is new.
        headline: what was done, for people.
    """
    if json:
        print_json(
            {
                "lead": str(lead.id),
                "external_id": lead.external_id,
                **facts,
                "status": after.status,
                "paused": after.paused,
                "valid_until": iso(after.valid_until),
                "before": None if before is None else before.to_json(),
                "after": after.to_json(),
            }
        )
        return
    console = out()
    console.print(f"{lead.company}, {lead.city}", style="bold", markup=False)
    console.print(headline, markup=False)
    console.print(_moves(before, after), markup=False)


def _moves(before: Standing | None, after: Standing) -> Table:
    rows = table(None, "", "before", "", "after", "")
    since = now()
    for name, title in DEADLINES.items():
        new = getattr(after, name)
        old = getattr(before, name) if before is not None else None
        if new is None and old is None:
            continue
        arrow = "→" if old != new else "="
        ahead = distance(new, since) if isinstance(new, datetime) else ""
        rows.add_row(title, _value(old), arrow, _value(new), ahead)
    return rows


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return wall(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)
