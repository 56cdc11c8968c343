"""Shows what a draft policy would do to living leads, as they are played."""

from __future__ import annotations

import csv
import heapq
import json as json_text
import sys
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, Self

from adapters.database import Caller
from adapters.policy_store import Choice, LivingLead, count_living
from cli.console import DONE, OPERATOR, Reading, UsageError
from cli.importing.progress import ProgressView
from cli.moments import wall
from cli.output import err, out, table
from protection.permission import Role
from protection.policy import Policy, policy_to_json
from services.rehearsal import Effect, Outcome, Summary, eyes_of, outcome_to_json, rehearse, summary_to_json

COLUMNS: Final = (
    "lead",
    "external_id",
    "owner",
    "version",
    "effect",
    "status_before",
    "status_after",
    "valid_until_before",
    "valid_until_after",
    "days",
    "refused",
)
_MOST: Final = 1000
# Leads that cannot adopt the draft, or whose end is open, are told before those that lose days.
_CANNOT: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the outcome is to be shown.

    Attributes:
        csv: file for every lead for which something changes.
        most: how many leads to show.
        json: one JSON value instead of a table.
        choice: which leads; all of them by default.
    """

    csv: Path | None
    most: int
    json: bool
    choice: Choice = field(default_factory=Choice)

    def check(self) -> None:
        """Refuse what makes no sense before anything is played.

        Raises:
            UsageError: names the option.
        """
        if not 0 <= self.most <= _MOST:
            raise UsageError(f"--limit: must be a number from 0 to {_MOST}; --csv takes every lead")

    def wants(self, lead: LivingLead) -> bool:
        """Whether the lead is among those chosen."""
        choice = self.choice
        return choice.from_version in {None, lead.version} and (
            choice.only is None or lead.lead in choice.only
        )


async def played(desk: Reading, draft: Policy, report: Report, *, at: datetime) -> int:
    """Play the living leads and show what comes of it; the exit status.

    Raises:
        UsageError: the CSV file cannot be written.
    """
    caller = Caller(desk.tenant, OPERATOR, (Role.ADMIN,))
    async with desk.look() as connection:
        count = await count_living(connection, desk.tenant)
    summary, shown = Summary(), _Shown(report.most)
    with ExitStack() as stack:
        takers: list[_Taker] = [shown]
        if report.csv is not None:
            takers.append(stack.enter_context(_CsvLeads(report.csv)))
        if report.json:
            takers.append(stack.enter_context(_JsonLeads(draft, summary)))
        view = stack.enter_context(ProgressView(err()))
        view.phase("Rehearsing", count, "leads")
        outcomes = rehearse(eyes_of(desk.pool, caller), desk.tenant, draft, at=at, chosen=report.wants)
        async with aclosing(outcomes):
            async for outcome in outcomes:
                summary.add(outcome)
                view.advance(1)
                if outcome.effect is not Effect.SAME:
                    for taker in takers:
                        taker.add(outcome)
    if not report.json:
        _tell(summary, shown)
    return DONE


class _Taker(Protocol):
    def add(self, outcome: Outcome) -> None: ...


class _Shown:
    """The leads that lose most, then those that gain most; however many there are, no more are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[tuple[int, str, Outcome]] = []
        self.left_out = 0

    def add(self, outcome: Outcome) -> None:
        weight = _CANNOT if outcome.days is None else -outcome.days
        entry = (weight, str(outcome.lead), outcome)
        if len(self._kept) < self._most:
            heapq.heappush(self._kept, entry)
            return
        self.left_out += 1
        if self._most:
            heapq.heappushpop(self._kept, entry)

    def __iter__(self) -> Iterator[Outcome]:
        return (outcome for _, _, outcome in sorted(self._kept, reverse=True))


class _CsvLeads:
    """A row per lead."""

    def __init__(self, path: Path) -> None:
        try:
            self._stream = path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise UsageError(f"--csv: {path} cannot be written ({error.strerror})") from error
        self._writer = csv.writer(self._stream, lineterminator="\r\n")

    def __enter__(self) -> Self:
        self._writer.writerow(COLUMNS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, outcome: Outcome) -> None:
        plain = outcome_to_json(outcome)
        self._writer.writerow([plain[name] for name in COLUMNS])


class _JsonLeads:
    """One JSON value on standard output, written as the leads come."""

    def __init__(self, draft: Policy, summary: Summary) -> None:
        self._draft, self._summary = draft, summary
        self._between = ""

    def __enter__(self) -> Self:
        policy = json_text.dumps(policy_to_json(self._draft), ensure_ascii=False)
        sys.stdout.write(f'{{"policy": {policy},\n "leads": [')
        return self

    def add(self, outcome: Outcome) -> None:
        told = json_text.dumps(outcome_to_json(outcome), ensure_ascii=False)
        sys.stdout.write(f"{self._between}\n  {told}")
        self._between = ","

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            summary = json_text.dumps(summary_to_json(self._summary), ensure_ascii=False)
            sys.stdout.write(f'],\n "summary": {summary}}}\n')


def _tell(summary: Summary, shown: _Shown) -> None:
    console = out()
    rows = table(None, "lead", "owner", "now under", "", "status", "protected until", "would be", "days")
    for one in shown:
        would_be = f"refused: {one.refused}" if one.refused else wall(one.valid_until_after)
        rows.add_row(
            one.external_id or str(one.lead),
            one.owner,
            one.version,
            str(one.effect),
            str(one.status_before or "–")
            if one.status_after in {None, one.status_before}
            else f"{one.status_before} → {one.status_after}",
            wall(one.valid_until_before),
            would_be,
            "" if one.days is None else f"{one.days:+d}",
        )
    if rows.row_count:
        console.print(rows, markup=False)
    if shown.left_out:
        console.print(f"… and {shown.left_out:,} more; all of them: --csv FILE or --json", markup=False)
    by = summary.by_effect
    console.print(
        f"{summary.leads:,} living leads: {by[Effect.GAINS]:,} gain ({summary.gained:,} days), "
        f"{by[Effect.LOSES]:,} lose ({summary.lost:,} days), {by[Effect.SAME]:,} stay as they are, "
        f"{by[Effect.OPEN]:,} have an open end, {by[Effect.REFUSED]:,} could not adopt it.",
        markup=False,
    )
    console.print(f"{summary.other_status:,} would have another status at once.", markup=False)
    if by[Effect.UNREADABLE]:
        console.print(
            f"{by[Effect.UNREADABLE]:,} ledgers could not be played; see: fristwerk verify",
            style="red", markup=False,
        )  # fmt: skip
