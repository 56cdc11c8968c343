"""Budget, kept answers, pace and audit of AI calls in PostgreSQL; each one transaction as the asker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from activities.ai.asking import Asker
from activities.ai.case import Size
from activities.ai.ports import Attempt, Closing, Keep, Kept, Opened, Opening, Standing, Step, Turn
from adapters.database import Pool, load_queries, transaction

_SQL: Final = load_queries("ai")


class PostgresBooks:
    """The books of all tenants.

    Args:
        pool: connections as the application or the worker role.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(self, opening: Opening) -> Opened:
        """See `activities.ai.ports.Books`."""
        asker = opening.asker
        async with transaction(self._pool, asker.tenant, asker.user) as connection:
            row = await _SQL.open_call(
                connection,
                call=opening.call,
                lead=asker.lead,
                org=asker.org,
                use_case=opening.use_case,
                at=opening.at,
                amount=opening.amount,
                until=opening.until,
                tenant_cap=opening.caps.tenant,
                org_cap=opening.caps.org,
                threshold=opening.threshold,
                sure=list(opening.sure),
                unsure=list(opening.unsure),
                kept_since=opening.kept_since,
                refuse=opening.refuse,
                patient=opening.patient,
            )
        kept = None
        if row["answer"] is not None:
            kept = Kept(
                provider=row["provider"],
                model=row["model"],
                size=Size(row["size"]),
                answer=row["answer"],
                confidence=row["confidence"],
            )
        return Opened(standing=Standing(row["standing"]), kept=kept, short_of_org=row["of_org"])

    async def step(self, step: Step) -> Standing:
        """See `activities.ai.ports.Books`."""
        async with transaction(self._pool, step.asker.tenant, step.asker.user) as connection:
            standing = await _SQL.step_call(
                connection,
                call=step.call,
                at=step.at,
                attempts=[_attempt(one) for one in step.attempts],
                keep=_keep(step.keep),
                amount=step.amount,
                until=step.until,
                tenant_cap=step.caps.tenant,
                org_cap=step.caps.org,
            )
        return Standing(standing)

    async def turn(self, turn: Turn) -> timedelta | None:
        """See `activities.ai.ports.Books`."""
        async with transaction(self._pool, turn.asker.tenant, turn.asker.user) as connection:
            seconds = await _SQL.take_turn(
                connection, provider=turn.provider, at=turn.at, per_minute=turn.per_minute
            )
        return None if seconds is None else timedelta(seconds=seconds)

    async def close(self, closing: Closing) -> None:
        """See `activities.ai.ports.Books`."""
        asker: Asker = closing.asker
        answered, content = closing.answered, closing.content
        async with transaction(self._pool, asker.tenant, asker.user) as connection:
            await _SQL.close_call(
                connection,
                call=closing.call,
                at=closing.at,
                attempts=[_attempt(one) for one in closing.attempts],
                keep=_keep(closing.keep),
                outcome=closing.outcome,
                decision=closing.decision,
                provider=None if answered is None else answered.provider,
                model=None if answered is None else answered.model,
                size=None if answered is None else answered.size,
                confidence=None if answered is None else answered.confidence,
                milliseconds=closing.milliseconds,
                told=None if content is None else content.told,
                answered=None if content is None else content.answered,
            )


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "provider": attempt.model.provider,
        "model": attempt.model.name,
        "size": attempt.model.size,
        "inputTokens": attempt.input_tokens,
        "outputTokens": attempt.output_tokens,
        "costEur": str(attempt.cost),
        "presumed": attempt.presumed,
        "milliseconds": attempt.milliseconds,
        "fault": attempt.fault,
        "confidence": attempt.confidence,
    }


def _keep(keep: Keep | None) -> dict[str, Any] | None:
    if keep is None:
        return None
    return {
        "key": keep.key.hex(),
        "provider": keep.kept.provider,
        "model": keep.kept.model,
        "size": keep.kept.size,
        "answer": keep.kept.answer,
        "confidence": keep.kept.confidence,
        "until": keep.until.isoformat(),
    }
