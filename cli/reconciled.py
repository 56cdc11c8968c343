"""Reconciliations in words and as JSON, for the commands that show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.reconciliation_store import KeptRun
from protection.dates import format_instant


def run_as_json(run: KeptRun) -> dict[str, Any]:
    """One reconciliation as plain JSON."""
    return {
        "id": str(run.id),
        "asked_by": run.asked_by,
        "started_at": format_instant(run.started_at),
        "finished_at": None if run.finished_at is None else format_instant(run.finished_at),
        "leads": run.leads_compared,
        "workflows": run.workflows_asked,
        "repaired": dict(run.repaired),
        "found": dict(run.found),
        "first_broken_audit": run.first_broken_audit,
    }


def run_in_words(run: KeptRun | None) -> str:
    """What came of a reconciliation, in one line."""
    if run is None:
        return "Nothing was reconciled yet; now: fristwerk reconcile"
    began = f"Last reconciliation: {run.started_at:%Y-%m-%d %H:%M} UTC"
    if run.finished_at is None:
        return f"{began}, under way or broken off."
    compared = f"{run.leads_compared:,} leads, {run.workflows_asked:,} workflows asked"
    return f"{began}, {compared}; put right: {_counts(run.repaired)}; left: {_counts(run.found)}."


def _counts(by_check: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {check}" for check, count in sorted(by_check.items())) or "nothing"
