"""What operators see of a running lead: search attributes where they changed, and details in words."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.desk import Desk
    from workflows.details import current_details
    from workflows.search import attributes

_DATABASE_AWAY = "The database does not answer. Facts are kept here and recorded once it does."


class Display:
    """Shows a desk to operators; an event is written only where a search attribute changed."""

    def __init__(self) -> None:
        self._shown: dict[str, Any] = {}

    def show(self, desk: Desk, *, database_away: bool) -> None:
        """Brings search attributes and current details up to now."""
        now = workflow.now()
        wanted = attributes(desk, now)
        changed = [
            key.value_unset() if value is None else key.value_set(value)
            for key, value in wanted.items()
            if self._shown.get(key.name) != value
        ]
        if changed:
            workflow.upsert_search_attributes(changed)
            self._shown = {key.name: value for key, value in wanted.items()}
        problems = [_DATABASE_AWAY, *desk.problems] if database_away else desk.problems
        workflow.set_current_details(current_details(desk.state, now, problems=problems))
