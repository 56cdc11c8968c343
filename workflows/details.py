"""What an operator reads about a lead in the Temporal UI: plain language, ids and clock facts only."""

from __future__ import annotations

from datetime import datetime

from protection.explain import explain
from protection.explain_texts import explanation_text
from protection.state import LeadState


def current_details(state: LeadState, now: datetime, *, problems: list[str]) -> str:
    """Markdown: status, deadlines and the steps behind them, and what needs an operator's eye."""
    lines = [f"- **{problem}**" for problem in problems]
    if state.problem is not None:
        lines.append(
            f"- **{state.problem}: the reminder was refused for good; no grace runs. "
            "Mend the address, then update `retry-reminder`.**"
        )
    text = explanation_text(explain(state, now), "en").replace("\n  - ", "\n- ")
    return "\n".join([*lines, "", text]).strip()
