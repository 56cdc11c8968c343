"""The credit bureau over HTTP: questions in one call, answers at once or later.

Whoever asks twice under one reference is answered the same, so that a repetition costs nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self, TypeAlias, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from activities.upstreams import (
    Fault,
    UpstreamDown,
    UpstreamError,
    UpstreamMalformed,
    UpstreamRefused,
    WrongCredentials,
)
from adapters.breaker import Breaker, Standing, utc_now
from adapters.credit import tokens
from adapters.credit.records import Answer, CreditStatus, Question
from adapters.credit.tokens import Tokens
from adapters.credit.wire import Asked, AskedTogether, Cover, Job, JobStatus, Result, Results
from adapters.http import Method, Upstream
from adapters.outside_settings import CreditAccount

NAME: Final = "credit"
FAILURES: Final = 10
MOST_AT_ONCE: Final = 100
WITHIN: Final = timedelta(seconds=5)
# A little less for each of the two requests, so that a breaker hears of a time-out before the call is over.
_LEG: Final = timedelta(seconds=4.9)
_QUESTION_REFUSED: Final = 422
# As long as the bureau keeps trying to tell us of a decision; after that we ask.
_CALLBACK_HOURS: Final = 24

T = TypeVar("T")
Outcome: TypeAlias = Answer | UpstreamError


class CreditBureau:
    """One account at the bureau. Closed by whoever made it.

    Args:
        account: where, and as whom.
        callback: where the bureau tells of decisions that come later; None: it is asked for them.
        clock: seconds that only go forward.
        now: UTC instants.
        within: how long a call may take, its token included.
    """

    def __init__(
        self,
        account: CreditAccount,
        *,
        callback: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        within: timedelta = WITHIN,
    ) -> None:
        self._within = within
        self._now = now
        self._called_back = {} if callback is None else {"Notification": _notification(callback)}
        leg = min(_LEG, within * 0.98)
        self._breaker = Breaker(NAME, failures=FAILURES, clock=clock)
        self._token_breaker = Breaker(tokens.NAME, failures=FAILURES, clock=clock)
        self._upstream = Upstream(
            NAME, account.url, breaker=self._breaker, timeout=leg, ca_file=account.ca_file
        )
        self._tokens = Tokens(account, breaker=self._token_breaker, timeout=leg, clock=clock)

    async def __aenter__(self) -> Self:
        """Itself; its connections are made when they are needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        await self._upstream.aclose()
        await self._tokens.aclose()

    @property
    def standings(self) -> tuple[Callable[[], Standing], ...]:
        """What tells how its breakers stand: before the bureau, and before the place that gives tokens."""
        return (lambda: self._breaker.standing, lambda: self._token_breaker.standing)

    async def ask(self, questions: Sequence[Question]) -> list[Outcome]:
        """What it says to each question, in order: an answer, or why this one got none.

        Raises:
            UpstreamError: none of them got one.
        """
        body = AskedTogether(covers=[Asked.of(question) for question in questions])
        told = await self._call(Method.POST, "/covers/bulk", Results, body)
        by_reference = {result.reference: result for result in told.results}
        return [self._outcome(question, by_reference.get(question.reference)) for question in questions]

    async def read(self, question: Question, job: str) -> Outcome:
        """What it says by now to a question it has taken.

        Args:
            question: what it was asked.
            job: its id of it.

        Raises:
            UpstreamError: it says nothing of use.
        """
        try:
            told = await self._call(Method.GET, f"/jobs/{quote(job, safe='')}", Job)
        except UpstreamRefused as error:
            return error
        if told.status is JobStatus.FAILED:
            return UpstreamRefused(NAME, status=_QUESTION_REFUSED)
        if told.resource_url is None:
            return Answer(bureau_id=told.job_id, status=CreditStatus.PENDING)
        return decision(question, await self._call(Method.GET, told.resource_url, Cover), self._now())

    def _outcome(self, question: Question, result: Result | None) -> Outcome:
        if result is None:
            return UpstreamMalformed(NAME, where="results")
        if result.cover is not None:
            return decision(question, result.cover, self._now())
        if result.job is not None:
            return Answer(bureau_id=result.job.job_id, status=CreditStatus.PENDING)
        return UpstreamRefused(NAME, status=_QUESTION_REFUSED)

    async def _call(self, method: Method, path: str, kind: type[T], body: BaseModel | None = None) -> T:
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                token = await self._tokens.bearer()
                try:
                    return await self._sent(token, method, path, kind, body)
                except WrongCredentials:
                    # Tokens end early where somebody revokes them; a fresh one settles whose fault it is.
                    self._tokens.refused(token)
                    return await self._sent(await self._tokens.bearer(), method, path, kind, body)
        except TimeoutError:
            raise UpstreamDown(NAME, Fault.TIMEOUT) from None

    async def _sent(self, token: str, method: Method, path: str, kind: type[T], body: BaseModel | None) -> T:
        headers = {"Authorization": f"Bearer {token}", **(self._called_back if body is not None else {})}
        return await self._upstream.ask(method, path, kind, body=body, headers=headers)


def decision(question: Question, cover: Cover, at: datetime) -> Outcome:
    """A decision as an answer to this question.

    Args:
        question: what was asked.
        cover: what the bureau has decided.
        at: when it did, or when we learned it, a UTC instant.
    """
    currency = question.subject.currency
    if cover.reference != question.reference or (cover.limit and cover.limit.currency != currency):
        return UpstreamMalformed(
            NAME, where="reference" if cover.reference != question.reference else "limit"
        )
    return Answer(
        bureau_id=cover.cover_id,
        status=cover.status,
        grade=cover.grade,
        limit=None if cover.limit is None else cover.limit.amount,
        conditions=tuple(cover.conditions),
        valid_until=cover.valid_until,
        decided_at=at,
    )


def _notification(callback: str) -> str:
    told = {"callbackUrl": callback, "timeToLive": _CALLBACK_HOURS}
    return b64encode(json.dumps(told).encode()).decode()
