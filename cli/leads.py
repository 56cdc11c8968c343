"""The command `fristwerk leads`: every lead, what comes next for it, and whether it needs a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from cyclopts import App, Parameter

from adapters.console_model import Overview, OverviewFilter, Person, overview, people
from adapters.read_model import StatusCount, counts_by_status
from cli.console import DONE, UsageError, perform, reading
from cli.moments import distance, iso, now, wall
from cli.numbers import WholeNumber
from cli.output import out, print_json, table
from cli.teaching import add
from protection.state import Status

_MOST_DAYS: Final = 3650
_FEW: Final = 50
_COLUMNS: Final = (
    "lead",
    "company",
    "city",
    "owner",
    "status",
    "paused",
    "next deadline",
    "",
    "valid until",
    "problem",
)
_NAMES: Final = frozenset({"company", "city", "owner", "problem"})


def register(app: App) -> None:
    """Add the command to the application."""
    add(app, leads)


def leads(
    *,
    status: Annotated[Status | None, Parameter(name_transform=str)] = None,
    owner: str | None = None,
    paused: Annotated[bool, Parameter(negative=())] = False,
    due_within: WholeNumber | None = None,
    limit: Annotated[WholeNumber, Parameter(alias="-n")] = _FEW,
    all: Annotated[bool, Parameter(negative=())] = False,  # noqa: A002 - the option's name
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """List leads: who has them, where they stand, and which deadline comes next.

    Leads under protection come first, the next deadline on top; then pre-registered ones, then those that
    have ended, the latest first. The next deadline is the day the reminder goes out or, in grace and where
    the base period ends sooner, the end of protection. While a hold without an end is in force it is not
    known.

    Examples:
        Everything that needs attention this week:
        `fristwerk leads --due-within 7`

        One agent's leads that stand still:
        `fristwerk leads --owner anna.kessler@example.org --paused`

        All lapsed leads, for a program:
        `fristwerk leads --status EXPIRED --all --json`

    Args:
        status: PREREGISTERED, ACTIVE, GRACE, EXPIRED, CONVERTED, RELEASED or ERASED.
        owner: Only leads of this person, by id or mail address.
        paused: Only leads whose clock stands still because of a hold.
        due_within: Only leads whose next deadline comes within so many days.
        limit: How many to show at most.
        all: Show every one.
        json: One JSON value instead of a table.

    Returns:
        0.
    """
    return perform(
        _leads(_Wish(status, owner, paused or None, due_within, None if all else limit), json=json)
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    status: Status | None
    owner: str | None
    paused: bool | None
    due_within: int | None
    limit: int | None


async def _leads(wish: _Wish, *, json: bool) -> int:
    if wish.limit is not None and not 0 < wish.limit < 10**6:
        raise UsageError("--limit: must be a number from 1 to 999999; --all shows every lead")
    if wish.due_within is not None and not 0 <= wish.due_within <= _MOST_DAYS:
        raise UsageError(f"--due-within: must be a number of days from 0 to {_MOST_DAYS}")
    moment = now()
    due_before = None if wish.due_within is None else moment + timedelta(days=wish.due_within)
    async with reading() as desk:
        owner = None if wish.owner is None else (await desk.person(wish.owner, "--owner")).id
        wanted = OverviewFilter(status=wish.status, owner=owner, paused=wish.paused, due_before=due_before)
        async with desk.look() as connection:
            counts = await counts_by_status(connection, desk.tenant)
            found, matching = await overview(connection, desk.tenant, wanted, most=wish.limit)
            names = await people(connection, desk.tenant)
    if json:
        print_json(
            {
                "as_of": iso(moment),
                "leads": [_as_json(each, names) for each in found],
                "matching": matching,
                "counts": {
                    str(count.status): {
                        "leads": count.leads,
                        "paused": count.paused,
                        "with_problem": count.with_problem,
                    }
                    for count in counts
                },
            }
        )
        return DONE
    console = out()
    if not counts:
        console.print(
            "There are no leads yet. Register one: fristwerk register --help, "
            "or import a CRM export: fristwerk import --help",
            markup=False,
        )
        return DONE
    if found:
        rows = table(None, *_COLUMNS)
        for column in rows.columns:
            # Names give way; what has to be read at a glance stays in one piece.
            column.no_wrap = column.header not in _NAMES
        for each in found:
            after = "" if each.next_at is None else distance(each.next_at, moment)
            rows.add_row(*_cells(each, names), after, *_end(each))
        console.print(rows, markup=False)
    else:
        console.print("No lead matches. Leave a filter out to see more.", markup=False)
    console.print("\n" + _counts_line(counts, len(found), matching), markup=False)
    return DONE


def short(each: Overview) -> str:
    """What to type for this lead: its external id, else the beginning of its id."""
    return each.lead.external_id or str(each.lead.id)[:8]


def _cells(each: Overview, names: dict[str, Person]) -> tuple[str, ...]:
    protection = each.protection
    if each.next_at is not None:
        coming = wall(each.next_at)
    else:
        coming = "unknown" if protection.status in {Status.ACTIVE, Status.GRACE} else "–"
    person = names.get(protection.owner)
    return (
        short(each),
        each.lead.company,
        each.lead.city,
        protection.owner if person is None else person.display_name,
        str(protection.status),
        ", ".join(protection.active_holds),
        coming,
    )


def _end(each: Overview) -> tuple[str, str]:
    protection = each.protection
    until = wall(protection.valid_until)
    if protection.reason is not None:
        until += f" ({protection.reason})"
    return until, protection.problem or ""


def _counts_line(counts: tuple[StatusCount, ...], shown: int, matching: int) -> str:
    order = list(Status)
    parts = [
        f"{count.status} {count.leads:,}" for count in sorted(counts, key=lambda c: order.index(c.status))
    ]
    paused, problems = sum(count.paused for count in counts), sum(count.with_problem for count in counts)
    line = f"{sum(count.leads for count in counts):,} leads: {', '.join(parts)}; {paused:,} paused"
    line += f"; {problems:,} with a problem" if problems else ""
    if shown < matching:
        line += f". Shown: {shown:,} of {matching:,} (--all shows every one)"
    elif matching != sum(count.leads for count in counts):
        line += f". Shown: {matching:,}"
    return line


def _as_json(each: Overview, names: dict[str, Person]) -> dict[str, object]:
    lead, protection = each.lead, each.protection
    person = names.get(protection.owner)
    return {
        "lead": str(lead.id),
        "external_id": lead.external_id,
        "company": lead.company,
        "city": lead.city,
        "postcode": lead.postcode,
        "owner": protection.owner,
        "owner_name": None if person is None else person.display_name,
        "owner_email": None if person is None else person.email,
        "status": str(protection.status),
        "paused": protection.paused,
        "active_holds": list(protection.active_holds),
        "next_deadline": iso(each.next_at),
        "base_until": iso(protection.base_until),
        "progress_until": iso(protection.progress_until),
        "reminder_due_at": iso(protection.reminder_due_at),
        "grace_until": iso(protection.grace_until),
        "valid_until": iso(protection.valid_until),
        "reason": None if protection.reason is None else str(protection.reason),
        "problem": protection.problem,
    }
