"""Commands that tell a lead something: log, hold, release, extend, convert, reinstate, transfer …"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from cli.acting import Act, Manner, do
from cli.console import OPERATOR, USER_VARIABLE, UsageError, perform
from cli.numbers import WholeNumber
from cli.teaching import add
from protection.facts import HoldReason
from services import governing
from services.holding import WantedHold, grant_extension, place_hold, release_hold

LeadKey = Annotated[
    str, Parameter(name="ID", help="External id, id, or the first 8 or more characters of it.")
]
By = Annotated[
    str,
    Parameter(env_var=USER_VARIABLE, help="Who does it: id or mail address of a person, or a service's id."),
]
FactId = Annotated[
    str | None,
    Parameter(help="Your own id of this act: repeating the command with it does nothing twice."),
]
DryRun = Annotated[bool, Parameter(negative=(), help="Only show which deadlines would move, and how.")]
Json = Annotated[bool, Parameter(negative=(), help="One JSON value instead of text.")]
Text = Annotated[str, Parameter(allow_leading_hyphen=True)]
MaybeText = Annotated[str | None, Parameter(allow_leading_hyphen=True)]


def shouted(word: str) -> str:
    """Reasons are found in any spelling: customer-blocked is CUSTOMER_BLOCKED."""
    return word.upper().replace("-", "_")


def register(app: App) -> None:
    """Add the commands to the application."""
    for command in (log, hold, release, extend, convert, release_lead, reinstate, transfer):
        add(app, command)


def log(
    key: LeadKey,
    kind: Annotated[str, Parameter(name="KIND")],
    /,
    *,
    at: str | None = None,
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Log something the agent did or the customer said; progress if its kind qualifies.

    Progress is QUALIFIED_CALL, CUSTOMER_REACTION, SCHEDULED_FOLLOWUP, SAMPLE_FEEDBACK, ROI_PRESENTATION.
    Other kinds (EMAIL_SENT, NOTE, CALL_ATTEMPT, MEETING_PLANNED) are recorded and move no deadline.

    Examples:
        `fristwerk log DEMO-0001 QUALIFIED_CALL --note "Talked to the chef about the autumn menu"`

        Something of yesterday:
        `fristwerk log DEMO-0001 SAMPLE_FEEDBACK --at 2026-11-22T15:00+01:00`

    Args:
        kind: What it was.
        at: When it was (ISO 8601 with a zone); default: now. Never in the future.
        note: What was said; kept with the lead's personal data.
    """
    word = kind.strip().upper().replace("-", "_")
    act = Act(
        lambda desk, asking, lead, said: governing.log_activity(
            desk, asking, lead, kind=word, note=note, **said
        ),
        moments={"occurred_at": at},
        options={"kind": "KIND", "occurred_at": "--at"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def hold(
    key: LeadKey,
    reason: Annotated[HoldReason, Parameter(name="REASON", name_transform=shouted)],
    /,
    *,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    until: str | None = None,
    id: str | None = None,  # noqa: A002 - the option's name
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Stop the clock: while a hold is in force, no period of the contract runs.

    Where the company wants it so, an agent's hold is a request that a manager decides: fristwerk requests.

    Examples:
        The price is being approved, nobody knows how long:
        `fristwerk hold DEMO-0001 FFZ_PRICE_APPROVAL --id price-2026`

        The customer is closed over the holidays:
        `fristwerk hold DEMO-0001 CUSTOMER_BLOCKED --from 2026-12-20T00:00+01:00 --until 2027-01-07T00:00Z`

    Args:
        reason: FFZ_PRICE_APPROVAL, FFZ_SAMPLE_DELAY, FFZ_SUPPLY_ISSUE, CUSTOMER_BLOCKED or OTHER.
        from_: When it begins (ISO 8601 with a zone); default: now.
        until: When it ends; default: when it is released.
        id: A name to release it by; default: the fact id, which is printed.
        note: More about it; kept with the lead's personal data.
    """
    act = Act(
        lambda desk, asking, lead, said: place_hold(
            desk, asking, lead, WantedHold(reason=reason, note=note, name=id, **said)
        ),
        moments={"start_at": from_, "end_at": until},
        options={"hold": "--id", "request": "--id", "start_at": "--from", "end_at": "--until"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def release(
    key: LeadKey,
    hold: Annotated[str, Parameter(name="HOLD")],
    /,
    *,
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """End a hold now; one that has not begun is cancelled.

    Examples:
        `fristwerk release DEMO-0001 price-2026`

    Args:
        hold: The hold's id, as `fristwerk lead ID` shows it.
        note: More about it; kept with the lead's personal data.
    """
    act = Act(
        lambda desk, asking, lead, _: release_hold(desk, asking, lead, hold, note=note),
        options={"hold": "HOLD"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def extend(
    key: LeadKey,
    days: Annotated[WholeNumber, Parameter(name="DAYS")],
    /,
    *,
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Extend the base period by so many days. The 60 days for progress are not extended.

    Examples:
        `fristwerk extend DEMO-0001 30 --note "Tasting agreed for 12 January"`

    Args:
        days: How many days, from 1 to 730.
        note: What was asked for, and the next step; kept with the lead's personal data.
    """
    act = Act(
        lambda desk, asking, lead, _: grant_extension(desk, asking, lead, days, note=note),
        options={"days": "DAYS"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def convert(
    key: LeadKey,
    /,
    *,
    customer_no: str | None = None,
    agreement_date: date | None = None,
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """The lead has become a customer: a written agreement exists. Its clock ends here.

    Examples:
        `fristwerk convert DEMO-0001 --customer-no K000123 --agreement-date 2026-11-20`

    Args:
        customer_no: Number of the customer.
        agreement_date: Date of the agreement, like 2026-11-20.
        note: More about it; kept with the lead's personal data.
    """
    act = Act(
        lambda desk, asking, lead, _: governing.convert(
            desk, asking, lead, customer_no=customer_no, agreement_date=agreement_date, note=note
        ),
        options={"customer_no": "--customer-no"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def release_lead(
    key: LeadKey,
    /,
    *,
    yes: Annotated[bool, Parameter(negative=())] = False,
    note: MaybeText = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Give the lead up: protection ends at once and anybody may win it.

    Examples:
        `fristwerk release-lead DEMO-0001 --yes --note "Closed for good"`

    Args:
        yes: Say that you mean it.
        note: Why; kept with the lead's personal data.
    """
    act = Act(lambda desk, asking, lead, _: governing.release_lead(desk, asking, lead, note=note))
    return perform(_release_lead(key, act, Manner(by, fact_id, dry_run, json), yes=yes))


async def _release_lead(key: str, act: Act, manner: Manner, *, yes: bool) -> int:
    if not yes and not manner.dry_run:
        raise UsageError(
            f"Protection of lead {key} would end at once; add --yes if you mean it, or --dry-run"
        )
    return await do(key, act, manner)


def reinstate(
    key: LeadKey,
    /,
    *,
    reason: Text,
    restart_base: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Bring a lapsed or released lead back; progress is counted from now.

    Examples:
        `fristwerk reinstate DEMO-0050 --reason "The price list was late" --restart-base`

    Args:
        reason: Why; kept with the lead's personal data.
        restart_base: Start a new base period too; needed where the old one is over.
    """
    act = Act(
        lambda desk, asking, lead, _: governing.reinstate(
            desk, asking, lead, reason=reason, restart_base=restart_base
        ),
        options={"restart_base": "--restart-base"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))


def transfer(
    key: LeadKey,
    owner: Annotated[str, Parameter(name="OWNER")],
    /,
    *,
    reason: Text,
    restart_base: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    fact_id: FactId = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Hand the lead over: a new tenure starts, with its own 60 days for progress.

    Examples:
        `fristwerk transfer DEMO-0001 ben.beispiel@example.org --reason "Change of territory"`

    Args:
        owner: Who takes it over: id or mail address.
        reason: Why; kept with the lead's personal data.
        restart_base: Start a new base period too.
    """
    act = Act(
        lambda desk, asking, lead, said: governing.transfer(
            desk, asking, lead, reason=reason, restart_base=restart_base, **said
        ),
        people={"owner": owner},
        options={"owner": "OWNER", "restart_base": "--restart-base"},
    )
    return perform(do(key, act, Manner(by, fact_id, dry_run, json)))
