"""Commands that set things right: `fristwerk correct`, `late-corrections` and `retry-mail`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from adapters.database import transaction
from adapters.late_store import LateCorrection, late_corrections
from cli.acting import Act, Manner, asking_of, do, not_done, recorded, show_refused
from cli.acts import By, DryRun, FactId, Json, LeadKey, Text
from cli.console import DONE, OPERATOR, UsageError, perform, reading
from cli.desk import acting
from cli.moments import distance, iso, now, read_moment, wall
from cli.numbers import whole
from cli.output import CommandFailed, out, print_json, table
from cli.standing import show
from cli.teaching import add
from protection.refusal import Refused
from services import governing
from services.errors import ServiceError, Unavailable
from services.mailing import resend_reminder

_TIMES: Final = frozenset({"registered_at", "occurred_at", "start_at", "end_at", "ended_at"})
_WORDS: Final = frozenset({"kind", "reason"})
_NUMBERS: Final = frozenset({"days"})
_MOST: Final = 500
_NOTHING: Final = frozenset({"", "null", "none"})


def register(app: App) -> None:
    """Add the commands to the application."""
    add(app, correct)
    add(app, late, name="late-corrections")
    add(app, retry_mail)


def correct(
    key: LeadKey,
    fact: Annotated[str, Parameter(name="FACT")],
    /,
    *,
    reason: Text,
    set: Annotated[tuple[str, ...], Parameter(negative=())] = (),  # noqa: A002 - the option's name
    retract: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Say that an earlier fact was wrong: in some of its fields, or altogether.

    Nothing is overwritten: the ledger keeps the wrong fact and its correction, the audit both deadlines.
    Fields that may be corrected: of a registration registered_at; of an activity kind, occurred_at; of a hold
    reason, start_at, end_at; of a release ended_at; of an extension days.

    Examples:
        The call was a day earlier:
        `fristwerk correct DEMO-0001 a1 --set occurred_at=2026-11-21T10:00+01:00 --reason "Typing error"`

        The hold never was:
        `fristwerk correct DEMO-0001 price-2026 --retract --reason "Meant for another lead"`

    Args:
        fact: The fact's id, as `fristwerk lead ID` shows it.
        reason: Why; kept with the lead's personal data.
        set: FIELD=VALUE, as often as needed; times ISO 8601 with a zone, an empty value means none.
        retract: It never happened.
    """
    return perform(_correct(key, fact, reason, set, Manner(by, fact_id, dry_run, json), retract=retract))


async def _correct(
    key: str, fact: str, reason: str, changes: tuple[str, ...], manner: Manner, *, retract: bool
) -> int:
    if retract == bool(changes):
        raise UsageError("Say either --retract, or what is right: --set FIELD=VALUE")
    right = None if retract else _replacement(changes)
    act = Act(
        lambda desk, asking, lead, _: governing.correct(
            desk, asking, lead, corrects=fact, replacement=right, reason=reason
        ),
        options={"corrects": "FACT", "replacement": "--set"},
    )
    return await do(key, act, manner)


def _replacement(changes: tuple[str, ...]) -> dict[str, Any]:
    """The corrected fields, typed.

    Raises:
        UsageError: a change is none; names it.
    """
    right: dict[str, Any] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or name in right:
            raise UsageError(f"--set: {change!r} must be FIELD=VALUE, each field once")
        if name in _TIMES:
            right[name] = None if value.lower() in _NOTHING else iso(read_moment(value, f"--set {name}"))
        elif name in _NUMBERS:
            try:
                right[name] = whole(value)
            except ValueError as error:
                raise UsageError(f"--set {name}: {error}") from error
        elif name in _WORDS:
            right[name] = value.upper()
        else:
            known = ", ".join(sorted(_TIMES | _WORDS | _NUMBERS))
            raise UsageError(f"--set: no fact has a field {name!r} to correct; there are {known}")
    return right


def late(*, by: By = OPERATOR, json: Json = False) -> int:
    """Show the lapsed leads that a correction would have kept, had it come in time.

    Nobody brings them back silently: look at each, then `fristwerk reinstate ID`.

    Examples:
        `fristwerk late-corrections`
    """
    return perform(_late(by, json=json))


async def _late(by: str, *, json: bool) -> int:
    async with reading() as desk:
        caller = await desk.acts_as(by)
        async with transaction(
            desk.pool, caller.tenant, caller.user, caller.roles, reading=True
        ) as connection:
            found = await late_corrections(connection, desk.tenant, most=_MOST)
    if json:
        print_json([_plain(one) for one in found])
        return DONE
    rows = table(None, "lead", "company", "fact", "lapsed", "would have lasted until", "said by", "when")
    for one in found:
        company = f"{one.company}, {one.city}"
        until, since = wall(one.kept_until), distance(one.told_at, now())
        rows.add_row(str(one.lead)[:8], company, one.corrects, wall(one.ended_at), until, one.told_by, since)
    out().print(rows if found else "No correction came too late.", markup=False)
    return DONE


def _plain(one: LateCorrection) -> dict[str, Any]:
    return {
        "lead": str(one.lead),
        "company": one.company,
        "city": one.city,
        "owner": one.owner,
        "corrects": one.corrects,
        "replacement": one.replacement,
        "told_by": one.told_by,
        "told_at": iso(one.told_at),
        "ended_at": iso(one.ended_at),
        "kept_until": None if one.kept_until is None else iso(one.kept_until),
    }


def retry_mail(key: LeadKey, /, *, by: By = OPERATOR, json: Json = False) -> int:
    """Send the reminder again that the mail server had refused for good; mend the owner's address first.

    While a refused reminder is owed, no grace runs and the lead shows the problem reminder-bounced.

    Examples:
        `fristwerk retry-mail DEMO-0001`
    """
    return perform(_retry_mail(key, by, json=json))


async def _retry_mail(key: str, by: str, *, json: bool) -> int:
    async with acting() as desk:
        asking = await asking_of(desk, Manner(by=by, fact_id=None, dry_run=False, json=json))
        lead = await desk.reading.find(key)
        before = await recorded(desk, lead)
        try:
            await resend_reminder(desk.desk, asking, lead.id)
        except Refused as refused:
            return show_refused(refused, {}, json=json)
        except Unavailable as error:
            raise CommandFailed(
                "Temporal or the worker did not answer in time. Run it again: nothing is sent twice. "
                "See also: fristwerk status"
            ) from error
        except ServiceError as error:
            raise not_done(error, asking, key) from error
        after = await recorded(desk, lead)
    headline = f"The reminder is being sent again; see how it went: fristwerk lead {key}"
    show(lead, {"dry_run": False, "ordered": True}, before, after, headline=headline, json=json)
    return DONE
