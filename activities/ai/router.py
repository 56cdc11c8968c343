"""The router: which model is asked, within which budget, and whether anybody has to be asked at all.

The order is that of domain.md section 9: budget set aside, kept answer, small model, large model on its own
reservation where the small one was not sure enough, then everything booked and written down at once. An
error is never taken for an unsure answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import BaseModel

from activities.ai.asking import (
    Answered,
    Asker,
    BudgetSpent,
    Decision,
    NotConfigured,
)
from activities.ai.case import A, Case, I, Size
from activities.ai.course import Course
from activities.ai.demotion import Demotions
from activities.ai.ports import (
    Books,
    Kept,
    Opened,
    Opening,
    Outcome,
    Prompt,
    Providers,
    Rules,
    Scrubber,
    Settled,
    Standing,
)
from activities.ai.questioning import Questioning

# A person's answers are gone after this, whatever is settled for the others.
PERSONAL_FOR: Final = timedelta(minutes=15)
# Calls under way may turn out cheaper than they may be; so often is it worth looking again, in seconds.
_LOOK_AGAIN: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


def utc_now() -> datetime:
    """The UTC instant now."""
    return datetime.now(UTC)


def next_month(at: datetime) -> datetime:
    """When the month after this UTC instant begins; budgets are those of UTC months, as providers bill."""
    return at.replace(
        year=at.year + at.month // 12,
        month=at.month % 12 + 1,
        day=1,
        hour=0,
        minute=0,
        second=0,
        microsecond=0,
    )


class Router:
    """Asks models. One a process: what it knows of resting models and of calls under way is in memory.

    Args:
        settled: what the tenant has settled.
        scrubber: takes personal data out.
        providers: who is asked.
        books: budget, kept answers, audit.
        now: UTC instants.
        clock: seconds that only go forward.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        *,
        settled: Settled,
        scrubber: Scrubber,
        providers: Providers,
        books: Books,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settled = settled
        self._scrubber = scrubber
        self._providers = providers
        self._books = books
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self.demotions = Demotions(now)
        self._flights: dict[bytes, asyncio.Task[Any]] = {}
        self._under_way: set[asyncio.Task[Any]] = set()

    def configured(self, tenant: UUID) -> bool:
        """Whether the tenant has an account at any provider."""
        return bool(self._providers.offered(tenant))

    async def ask(self, case: Case[I, A], given: I, *, asker: Asker) -> Answered[A]:
        """Answer a case.

        A caller that goes away does not stop the call: what was asked is booked and kept all the same.

        Args:
            case: what is asked.
            given: what is told.
            asker: on whose account.

        Raises:
            NotConfigured: the tenant has no account at a provider.
            BudgetSpent: the month's budget does not reach for it.
            AiUnavailable: no provider is of use.
            AiMalformed: the model answered something else than was asked for.
        """
        offered = self._providers.offered(asker.tenant)
        if not offered:
            raise NotConfigured
        rules = await self._settled.rules(asker, case.use_case, offered)
        told = await self._scrubber.scrubbed(asker, given)
        prompt = Prompt(system=case.system, told=told, answer=case.answer)
        mark = self._mark(case, asker, prompt)
        if not case.real_time:
            ahead = self._flights.get(mark)
            if ahead is not None:
                # Whoever asked the same just now finds the answer for both; his error is ours, too.
                await asyncio.shield(ahead)
        flight = asyncio.ensure_future(self._fly(case, asker, rules, prompt, mark))
        self._under_way.add(flight)
        if not case.real_time:
            self._flights.setdefault(mark, flight)
        flight.add_done_callback(lambda done: self._landed(mark, done))
        return await asyncio.shield(flight)

    async def finish(self) -> None:
        """Wait for the calls under way whose callers went away."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _landed(self, mark: bytes, flight: asyncio.Task[Any]) -> None:
        self._under_way.discard(flight)
        if self._flights.get(mark) is flight:
            del self._flights[mark]
        if not flight.cancelled():
            # Its caller may have gone away; then nobody else would ever look at it.
            flight.exception()

    def _mark(self, case: Case[I, A], asker: Asker, prompt: Prompt) -> bytes:
        """What makes two calls the same, but for the model."""
        parts = [str(asker.tenant), case.use_case, _schema(prompt.answer), prompt.system, prompt.told]
        if case.user_specific:
            parts.append(asker.user)
        told = hashlib.sha256()
        for part in parts:
            whole = part.encode()
            told.update(len(whole).to_bytes(8, "big") + whole)
        return told.digest()

    async def _fly(
        self, case: Case[I, A], asker: Asker, rules: Rules, prompt: Prompt, mark: bytes
    ) -> Answered[A]:
        keep_for = min(rules.keep_for, PERSONAL_FOR) if case.user_specific else rules.keep_for
        course = Course(
            call=uuid4(),
            asker=asker,
            rules=rules,
            prompt=prompt,
            mark=mark,
            keep_for=timedelta() if case.real_time else keep_for,
            began=self._clock(),
        )
        opened, decision = await self._opened(case, course)
        if opened.standing is Standing.CACHED and opened.kept is not None:
            return _told(case, course, opened.kept, Decision.CACHED, Decimal(0))
        asking = Questioning(
            course, self._providers, self._books, self.demotions, now=self._now, clock=self._clock
        )
        if decision is Decision.LARGE:
            kept = await asking.ask(case.use_case, Size.LARGE)
            return await self._closed(case, course, asking, kept, Decision.LARGE)
        kept = opened.kept or await asking.ask(case.use_case, Size.SMALL)
        if decision is Decision.REDUCED or kept.confidence >= rules.threshold:
            return await self._closed(case, course, asking, kept, decision)
        if await asking.reserve_for(Size.LARGE) is not Standing.RESERVED:
            return await self._closed(case, course, asking, kept, Decision.REDUCED)
        kept = await asking.ask(case.use_case, Size.LARGE)
        return await self._closed(case, course, asking, kept, Decision.ESCALATED)

    async def _opened(self, case: Case[I, A], course: Course) -> tuple[Opened, Decision]:
        """Set the first amount aside. What does not reach for the large model may for the small one."""
        if case.size is Size.LARGE:
            opened = await self._open(case, course, Size.LARGE, refuse=False)
            if opened.standing in {Standing.RESERVED, Standing.CACHED}:
                return opened, Decision.LARGE
        decision = Decision.REDUCED if case.size is Size.LARGE else Decision.SMALL
        opened = await self._open(case, course, Size.SMALL, refuse=True)
        if opened.standing in {Standing.RESERVED, Standing.CACHED}:
            return opened, decision
        org = course.asker.org if opened.short_of_org else None
        caps = course.rules.caps
        cap = caps.tenant if org is None or caps.org is None else caps.org
        raise BudgetSpent(cap_eur=cap, org=org, renews_at=next_month(self._now()))

    async def _open(self, case: Case[I, A], course: Course, size: Size, *, refuse: bool) -> Opened:
        small, large = course.keys(Size.SMALL), course.keys(Size.LARGE)
        first = self.demotions.in_order(course.rules.models(size))[0]
        amount = course.most(self._providers, first)
        sure, unsure = (large, ()) if size is Size.LARGE else (large, small)
        if size is not case.size:
            sure, unsure = (*large, *small), ()
        for pause in (*_LOOK_AGAIN, None):
            at = self._now()
            opened = await self._books.open(
                Opening(
                    call=course.call,
                    asker=course.asker,
                    use_case=case.use_case,
                    at=at,
                    amount=amount,
                    until=course.until(at),
                    caps=course.rules.caps,
                    threshold=course.rules.threshold,
                    sure=sure,
                    unsure=unsure,
                    kept_since=at - course.keep_for,
                    refuse=refuse,
                    patient=pause is not None,
                )
            )
            if opened.standing is not Standing.TIGHT or pause is None:
                course.set_aside = amount
                return opened
            await self._sleep(pause)
        raise AssertionError("the last look is not patient")  # pragma: no cover - the loop returns

    async def _closed(
        self, case: Case[I, A], course: Course, asking: Questioning, kept: Kept, decision: Decision
    ) -> Answered[A]:
        if not asking.asked:
            decision = Decision.CACHED
        await asking.close(Outcome.ANSWERED, decision, kept)
        return _told(case, course, kept, decision, asking.cost)


@lru_cache
def _schema(answer: type[BaseModel]) -> str:
    return repr(answer.model_json_schema())


def _told(case: Case[I, A], course: Course, kept: Kept, decision: Decision, cost: Decimal) -> Answered[A]:
    return Answered(
        answer=case.answer.model_validate(kept.answer),
        provider=kept.provider,
        model=kept.model,
        size=kept.size,
        decision=decision,
        cost_eur=cost,
        call_id=course.call,
        confidence=kept.confidence,
    )
