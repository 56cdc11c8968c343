"""The command `fristwerk policy`: the contract's numbers of a tenant, tried out and adopted."""

from __future__ import annotations

import json as json_text
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from adapters.database import transaction
from adapters.policy_store import Choice, current_policy, versions
from cli.acts import By, Json
from cli.adopting import adopted
from cli.console import DONE, OPERATOR, Reading, UsageError, complain, perform, reading
from cli.desk import acting
from cli.moments import now
from cli.numbers import WholeNumber
from cli.output import CommandFailed, out, print_json, table
from cli.rehearsing import Report, played
from cli.teaching import add
from protection.permission import Act, Role
from protection.policy import Counting, Mode, Policy, WorkingDayRoll, policy_to_json
from protection.refusal import Refused
from services.adoption import Campaign
from services.asking import Asking
from services.errors import Forbidden
from services.rehearsal import Draft, drafted

_MOST_A_SECOND: Final = 500
_USUAL_A_SECOND: Final = 50
_OPTIONS: Final = {
    "land": "--land",
    "policy.base_months": "--base-months",
    "policy.progress_days": "--progress-days",
    "policy.grace_days": "--grace-days",
    "policy.mode": "--mode",
    "policy.counting": "--counting",
    "policy.working_day_roll": "--roll",
}

Lead = Annotated[
    tuple[str, ...], Parameter(name="--lead", help="Only this lead, by external id or id; may be repeated.")
]
FromVersion = Annotated[str | None, Parameter(help="Only leads that are under this version now.")]


def register(app: App) -> None:
    """Add the commands to the application."""
    policy = App(
        name="policy", help="The contract's numbers: which hold, what others would do, adopting them."
    )
    add(policy, show)
    add(policy, list_versions, name="versions")
    add(policy, rehearse)
    add(policy, adopt)
    app.command(policy)


def show(*, json: Json = False) -> int:
    """Show the policy that new leads are registered under, as the tenant's settings say now.

    Examples:
        `fristwerk policy show`
    """
    return perform(_show(json=json))


def list_versions(*, json: Json = False) -> int:
    """List all versions of the policy, and how many living leads are under each.

    Examples:
        `fristwerk policy versions`
    """
    return perform(_versions(json=json))


def rehearse(
    *,
    base_months: WholeNumber | None = None,
    progress_days: WholeNumber | None = None,
    grace_days: WholeNumber | None = None,
    mode: Annotated[Mode | None, Parameter(name_transform=str)] = None,
    counting: Annotated[Counting | None, Parameter(name_transform=str.lower)] = None,
    roll: Annotated[WorkingDayRoll | None, Parameter(name_transform=str.lower)] = None,
    land: str | None = None,
    file: Path | None = None,
    csv: Path | None = None,
    limit: Annotated[WholeNumber, Parameter(alias="-n")] = 20,
    json: Json = False,
) -> int:
    """Try other numbers out on all living leads: who would gain or lose how many days. Changes nothing.

    The draft is the present policy with these fields changed. What is told of a lead is what adopting the
    draft now would make of it; a reminder that would be due goes out at once.

    Examples:
        `fristwerk policy rehearse --grace-days 14`

        Everything, lead by lead:
        `fristwerk policy rehearse --base-months 9 --mode GREATEST --csv who.csv`

        Deadlines that move off weekends and Thuringia's holidays:
        `fristwerk policy rehearse --counting calendar_days --roll next_working_day --land TH`

        Any field of the policy, from a file:
        `fristwerk policy rehearse --file draft.json --json`

    Args:
        base_months: Base period, 1 to 24 months.
        progress_days: Days within which progress must be documented, 7 to 120.
        grace_days: Days of grace after the reminder, 1 to 30.
        mode: LEAST or GREATEST.
        counting: exact or calendar_days.
        roll: off or next_working_day; needs --counting calendar_days.
        land: German Land whose public holidays count, such as TH.
        file: JSON object of policy fields, as `fristwerk policy show --json` spells them.
        csv: Write every lead for which something changes to this file.
        limit: How many leads to show, those who lose most first.
        json: One JSON value with every lead for which something changes.
    """
    typed = {
        "base_months": base_months,
        "progress_days": progress_days,
        "grace_days": grace_days,
        "mode": mode,
        "counting": counting,
        "working_day_roll": roll,
    }
    return perform(_rehearse(typed, land, file, Report(csv=csv, most=limit, json=json)))


def adopt(
    *,
    version: str | None = None,
    lead: Lead = (),
    from_version: FromVersion = None,
    all: Annotated[bool, Parameter(negative=())] = False,  # noqa: A002 - the option's name
    per_second: WholeNumber = _USUAL_A_SECOND,
    yes: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Have living leads go over to another version of the policy; without --yes, show what would come of it.

    Each lead is told by itself and keeps in its ledger who had it done; one whose protection would have ended
    by it is left as it is. Run again after an interruption, it goes on where it was.

    Examples:
        `fristwerk policy adopt --all`

        `fristwerk policy adopt --from-version contract-1 --version contract-2 --yes --by rita`

    Args:
        version: Which version; default: the one new leads are registered under.
        all: Every living lead; else say which, by --lead or --from-version.
        per_second: Leads told a second, at most.
        yes: Do it.
    """
    wish = _Wish(version, lead, from_version, all, per_second, yes, by)
    return perform(_adopt(wish, json=json))


@dataclass(frozen=True, slots=True)
class _Wish:
    version: str | None
    leads: tuple[str, ...]
    from_version: str | None
    everyone: bool
    per_second: int
    yes: bool
    by: str


async def _present(desk: Reading) -> Policy:
    at = now()
    async with transaction(desk.pool, desk.tenant, OPERATOR, (Role.ADMIN,), at=at) as connection:
        return await current_policy(connection, desk.tenant, at=at)


async def _show(*, json: bool) -> int:
    async with reading() as desk:
        policy = await _present(desk)
    if json:
        print_json(policy_to_json(policy))
        return DONE
    made = table(policy.version, "field", "value")
    for name, value in policy_to_json(policy).items():
        if name != "version":
            made.add_row(name, ", ".join(map(str, value)) or "–" if isinstance(value, list) else str(value))
    out().print(made, markup=False)
    return DONE


async def _versions(*, json: bool) -> int:
    async with reading() as desk:
        present = await _present(desk)
        async with desk.look() as connection:
            found = await versions(connection, desk.tenant)
    if json:
        print_json(
            [
                {
                    "version": one.policy.version,
                    "leads": one.leads,
                    "current": one.policy == present,
                    "policy": policy_to_json(one.policy),
                }
                for one in found
            ]
        )
        return DONE
    made = table(None, "version", "living leads", "", "base", "progress", "grace", "mode", "counting", "roll")
    for one in found:
        policy = one.policy
        made.add_row(
            policy.version,
            f"{one.leads:,}",
            "current" if policy == present else "",
            f"{policy.base_months} months",
            f"{policy.progress_days} days",
            f"{policy.grace_days} days",
            str(policy.mode),
            str(policy.counting),
            str(policy.working_day_roll),
        )
    out().print(made, markup=False)
    return DONE


def _fields(typed: dict[str, Any], file: Path | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if file is not None:
        try:
            said = json_text.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"--file: {file} cannot be read ({error.strerror})") from error
        except (ValueError, RecursionError) as error:
            raise UsageError(f"--file: {file} holds no JSON") from error
        if not isinstance(said, dict):
            raise UsageError(f"--file: {file} must hold one object of policy fields")
        # What `policy show --json` prints is a draft as it stands.
        said = {name: value for name, value in said.items() if name not in {"version", "closed_days"}}
    return said | {name: value for name, value in typed.items() if value is not None}


async def _rehearse(typed: dict[str, Any], land: str | None, file: Path | None, report: Report) -> int:
    fields = _fields(typed, file)
    report.check()
    at = now()
    async with reading() as desk:
        try:
            async with transaction(desk.pool, desk.tenant, OPERATOR, (Role.ADMIN,), at=at) as connection:
                draft = await drafted(connection, desk.tenant, Draft(fields=fields, land=land), at=at)
        except Refused as refused:
            where = _OPTIONS.get(refused.field, refused.field)
            raise UsageError(f"{where}: {refused.message}") from refused
        return await played(desk, draft, report, at=at)


async def _adopt(wish: _Wish, *, json: bool) -> int:
    if not 1 <= wish.per_second <= _MOST_A_SECOND:
        raise UsageError(f"--per-second: must be a number from 1 to {_MOST_A_SECOND}")
    if not (wish.everyone or wish.leads or wish.from_version):
        raise UsageError("Say which leads: --all, --from-version VERSION or --lead ID")
    async with AsyncExitStack() as stack:
        acts = await stack.enter_async_context(acting()) if wish.yes else None
        desk = await stack.enter_async_context(reading()) if acts is None else acts.reading
        policy = await _wanted(desk, wish.version)
        only = tuple([(await desk.find(key)).id for key in wish.leads]) or None
        choice = Choice(from_version=wish.from_version, only=only)
        if acts is None:
            code = await played(desk, policy, Report(csv=None, most=20, json=json, choice=choice), at=now())
            complain("Nothing was done. Add --yes to have them adopt it.")
            return code
        by = await _allowed(desk, wish.by)
        campaign = Campaign(
            tenant=desk.tenant, policy=policy, choice=choice, by=by, per_second=wish.per_second
        )
        return await adopted(acts, campaign, json=json)


async def _allowed(desk: Reading, by: str) -> str:
    caller = await desk.acts_as(by)
    try:
        Asking.of(caller).require(Act.CHANGE_SETTINGS)
    except Forbidden as error:
        raise CommandFailed(f"{caller.user} may not change policies.") from error
    return caller.user


async def _wanted(desk: Reading, version: str | None) -> Policy:
    if version is None:
        return await _present(desk)
    async with desk.look() as connection:
        found = {one.policy.version: one.policy for one in await versions(connection, desk.tenant)}
    if version not in found:
        raise CommandFailed(f"There is no version {version!r}. All of them: fristwerk policy versions")
    return found[version]
