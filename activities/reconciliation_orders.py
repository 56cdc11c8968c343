"""What a reconciliation's steps are ordered with, and what came of them. Ids, counts, instants only."""

from __future__ import annotations

from dataclasses import dataclass, field

LIST_TENANTS = "list-tenants"
COMPARE_LEADS = "compare-leads"
FINISH_RECONCILIATION = "finish-reconciliation"


@dataclass(frozen=True, slots=True)
class CompareOrder:
    """Compare the next leads of a tenant.

    Attributes:
        tenant: uuid of the tenant.
        run: uuid of the reconciliation.
        by: who wanted it.
        at: when it began, ISO 8601.
        most: how many leads at most.
        repair: put right what is safe.
        after: uuid of the lead before them; None begins with the first.
    """

    tenant: str
    run: str
    by: str
    at: str
    most: int
    repair: bool
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CompareStep:
    """What came of a step.

    Attributes:
        after: uuid of the last lead of the step; None where no other follows.
        leads: how many were compared.
        workflows: how many of their workflows have answered.
    """

    after: str | None
    leads: int
    workflows: int


@dataclass(frozen=True, slots=True)
class FinishOrder:
    """Look for what is no lead's, and close the reconciliation.

    Attributes:
        tenant: uuid of the tenant.
        run: uuid of the reconciliation.
        by: who wanted it.
        leads: how many were compared in all.
        workflows: how many workflows have answered in all.
    """

    tenant: str
    run: str
    by: str
    leads: int
    workflows: int


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of the reconciliation of one tenant.

    Attributes:
        tenant: uuid of the tenant.
        run: uuid of the reconciliation.
        leads: how many were compared.
        workflows: how many workflows have answered.
        repaired: how many of each check were put right.
        found: how many of each check are left for people.
        first_broken_audit: the first row of the audit chain that is not as written; None if it is whole.
    """

    tenant: str
    run: str
    leads: int
    workflows: int
    repaired: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    first_broken_audit: int | None = None
