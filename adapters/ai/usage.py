"""What AI did and cost in a month, as whoever reads the tenant sees it. SQL: ai.sql."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.ai.case import UseCase
from activities.ai.router import next_month
from adapters.database import Connection, load_queries

_SQL: Final = load_queries("ai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget of a month, EUR.

    Attributes:
        org: whose; None is the tenant as a whole.
        cap: how much it is.
        booked: what was spent of it.
        reserved: what calls under way may still cost.
    """

    org: str | None
    cap: Decimal
    booked: Decimal
    reserved: Decimal

    @property
    def left(self) -> Decimal:
        """What may still be spent."""
        return max(self.cap - self.booked - self.reserved, Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """A UTC day. Cost in EUR."""

    day: date
    calls: int
    cached: int
    cost_eur: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUsage:
    """A use case. Cost in EUR.

    Attributes:
        answered: calls with an answer; `cached`, `small` and `large` are how.
    """

    use_case: UseCase
    calls: int
    answered: int
    cached: int
    small: int
    large: int
    cost_eur: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """A model.

    Attributes:
        asked: how often.
        failed: how often without an answer that is of use.
        cost_eur: EUR booked for it.
        presumed_eur: of it what no provider has told, so that the most possible was booked.
    """

    provider: str
    model: str
    asked: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_eur: Decimal
    presumed_eur: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A month.

    Attributes:
        month: its first day; UTC, as providers bill.
        refused: calls the budget did not reach for.
        failed: calls without an answer for another reason.
        p95_ms: milliseconds within which 95 of 100 answers of models came; None without any.
        budgets: the tenant's first.
    """

    month: date
    calls: int
    answered: int
    cached: int
    small: int
    large: int
    refused: int
    failed: int
    cost_eur: Decimal
    p95_ms: int | None
    budgets: tuple[Budget, ...]
    days: tuple[DayUsage, ...]
    cases: tuple[CaseUsage, ...]
    models: tuple[ModelUsage, ...]

    @property
    def small_share(self) -> float | None:
        """Of the answers that models gave, those of small ones; None without any."""
        asked = self.small + self.large
        return self.small / asked if asked else None

    @property
    def hit_rate(self) -> float | None:
        """Of all answers, those that were there already; None without any."""
        return self.cached / self.answered if self.answered else None


async def usage_of(
    connection: Connection,
    tenant: UUID,
    month: date,
    *,
    cap: Decimal,
    org_cap: Callable[[str], Awaitable[Decimal]],
) -> Usage:
    """What AI did and cost.

    Args:
        month: its first day.
        cap: of the tenant.
        org_cap: of an org.
    """
    since = datetime(month.year, month.month, 1, tzinfo=UTC)
    span = {"tenant": tenant, "since": since, "before": next_month(since)}
    totals = await _SQL.month_totals(connection, **span)
    held = await budgets_of(connection, tenant, month)
    budgets = []
    for org in ("", *sorted(name for name in held if name)):
        booked, reserved = held.get(org, (Decimal(0), Decimal(0)))
        budgets.append(
            Budget(org=org or None, cap=await org_cap(org) if org else cap, booked=booked, reserved=reserved)
        )
    return Usage(
        month=month,
        **totals,
        budgets=tuple(budgets),
        days=tuple([DayUsage(**row) async for row in _SQL.month_days(connection, **span)]),
        cases=tuple(
            [
                CaseUsage(**{**row, "use_case": UseCase(row["use_case"])})
                async for row in _SQL.month_cases(connection, **span)
            ]
        ),
        models=tuple([ModelUsage(**row) async for row in _SQL.month_models(connection, **span)]),
    )


async def budgets_of(connection: Connection, tenant: UUID, month: date) -> dict[str, tuple[Decimal, Decimal]]:
    """What is booked and set aside in a month, EUR, by org; "" is the tenant as a whole."""
    rows = _SQL.month_budgets(connection, tenant=tenant, month=month)
    return {row["org"]: (row["booked"], row["reserved"]) async for row in rows}
