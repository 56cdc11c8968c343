"""The questions of one call: one model after the other until one answers, each booked with what it cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from pydantic import ValidationError

from activities.ai.asking import AiMalformed, AiUnavailable, Decision
from activities.ai.case import Size, UseCase
from activities.ai.course import Course
from activities.ai.demotion import Demotions
from activities.ai.ports import (
    Attempt,
    Books,
    Closing,
    Completion,
    Content,
    Keep,
    Kept,
    Model,
    Outcome,
    Providers,
    Standing,
    Step,
    Turn,
)
from activities.upstreams import Fault, UpstreamBusy, UpstreamError, UpstreamMalformed, UpstreamRefused

# The provider may have done its work, and bills it, though we never got it.
_MAY_BE_BILLED: Final = frozenset({Fault.TIMEOUT, Fault.CONNECTION_LOST, Fault.HALF_ANSWER, Fault.MALFORMED})
_ASK_AGAIN: Final = timedelta(seconds=30)


class Questioning:
    """Asks for one call, and keeps account of it.

    Args:
        course: the call.
        providers: who is asked.
        books: where it is booked.
        demotions: which models are asked last.
        now: UTC instants.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        course: Course,
        providers: Providers,
        books: Books,
        demotions: Demotions,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._course = course
        self._providers = providers
        self._books = books
        self._demotions = demotions
        self._now = now
        self._clock = clock
        self.cost = Decimal(0)
        self.asked = False
        self._unbooked: list[Attempt] = []
        self._keep: Keep | None = None

    async def ask(self, use_case: UseCase, size: Size) -> Kept:
        """Ask the models of a size, in order, until one answers.

        Raises:
            AiUnavailable: none is of use.
            AiMalformed: an answer came that cannot be used.
        """
        errors: list[UpstreamError] = []
        for model in self._demotions.in_order(self._course.rules.models(size)):
            # One that may be billed has used up what was set aside; the next one may be dearer.
            used_up = bool(self._unbooked) and self._unbooked[-1].presumed
            short = used_up or self._course.most(self._providers, model) > self._course.set_aside
            if short and await self.reserve(model) is not Standing.RESERVED:
                continue
            self.asked = True
            began = self._clock()
            try:
                await self._take_turn(model.provider)
                completion = await self._providers.complete(model, self._course.prompt)
            except UpstreamError as error:
                errors.append(error)
                self._failed(model, error, began)
                continue
            return await self._answered(use_case, model, completion, began)
        if errors and all(isinstance(error, UpstreamMalformed) for error in errors):
            await self.close(Outcome.MALFORMED, None)
            raise AiMalformed(use_case, where=None)
        await self.close(Outcome.UNAVAILABLE, None)
        known = [error.retry_after for error in errors if error.retry_after is not None]
        raise AiUnavailable(use_case, retry_after=min(known, default=_ASK_AGAIN))

    async def reserve_for(self, size: Size) -> Standing:
        """The same for the first model of a size."""
        return await self.reserve(self._demotions.in_order(self._course.rules.models(size))[0])

    async def reserve(self, model: Model) -> Standing:
        """Book what was asked so far, and set aside what a question to this model can cost."""
        at = self._now()
        amount = self._course.most(self._providers, model)
        standing = await self._books.step(
            Step(
                call=self._course.call,
                asker=self._course.asker,
                at=at,
                attempts=self._taken(),
                keep=self._keep,
                amount=amount,
                until=self._course.until(at),
                caps=self._course.rules.caps,
            )
        )
        self._keep = None
        self._course.set_aside = amount if standing is Standing.RESERVED else Decimal(0)
        return standing

    async def close(self, outcome: Outcome, decision: Decision | None, kept: Kept | None = None) -> None:
        """Book what was asked, free what is still set aside, and write down how it ended."""
        content = None
        if self._course.rules.keeps_content:
            content = Content(told=self._course.prompt.told, answered=None if kept is None else kept.answer)
        await self._books.close(
            Closing(
                call=self._course.call,
                asker=self._course.asker,
                at=self._now(),
                attempts=self._taken(),
                keep=self._keep,
                outcome=outcome,
                decision=decision,
                answered=kept,
                milliseconds=self._milliseconds(self._course.began),
                content=content,
            )
        )

    async def _take_turn(self, provider: str) -> None:
        """Keep a provider's pace. Beyond it the provider counts as busy; its breaker does not learn of it.

        Raises:
            UpstreamBusy: it was asked often enough for now.
        """
        if not self._providers.reachable(provider):
            return
        turn = Turn(
            asker=self._course.asker,
            provider=provider,
            at=self._now(),
            per_minute=self._course.rules.paces[provider],
        )
        pause = await self._books.turn(turn)
        if pause is not None:
            raise UpstreamBusy(provider, retry_after=pause)

    async def _answered(self, use_case: UseCase, model: Model, completion: Completion, began: float) -> Kept:
        cost = model.cost(completion.input_tokens, completion.output_tokens)
        self.cost += cost
        try:
            answer = self._course.prompt.answer.model_validate_json(completion.text or "")
        except ValidationError as error:
            self._demotions.strike(model, self._course.rules.rest)
            self._note(model, began, completion, cost, fault=Fault.MALFORMED)
            await self.close(Outcome.MALFORMED, None)
            first = error.errors(include_input=False, include_url=False)[0]["loc"]
            raise AiMalformed(use_case, where=".".join(str(part) for part in first) or None) from None
        self._demotions.praise(model)
        self._note(model, began, completion, cost, confidence=answer.confidence)
        kept = Kept(
            provider=model.provider,
            model=model.name,
            size=model.size,
            answer=answer.model_dump(mode="json"),
            confidence=answer.confidence,
        )
        self._keep = self._course.keep(model, kept, self._now())
        return kept

    def _failed(self, model: Model, error: UpstreamError, began: float) -> None:
        if isinstance(error, UpstreamRefused):
            self._demotions.demote(model, self._course.rules.rest)
        cost = Decimal(0)
        presumed = error.fault in _MAY_BE_BILLED
        if presumed:
            cost = self._course.most(self._providers, model)
            self.cost += cost
        nothing = Completion(text=None, input_tokens=0, output_tokens=0)
        self._note(model, began, nothing, cost, fault=error.fault, presumed=presumed)

    def _note(
        self,
        model: Model,
        began: float,
        completion: Completion,
        cost: Decimal,
        *,
        fault: Fault | None = None,
        confidence: float | None = None,
        presumed: bool = False,
    ) -> None:
        self._unbooked.append(
            Attempt(
                model=model,
                input_tokens=completion.input_tokens,
                output_tokens=completion.output_tokens,
                cost=cost,
                presumed=presumed,
                milliseconds=self._milliseconds(began),
                fault=fault,
                confidence=confidence,
            )
        )

    def _taken(self) -> tuple[Attempt, ...]:
        taken, self._unbooked = tuple(self._unbooked), []
        return taken

    def _milliseconds(self, since: float) -> int:
        return round((self._clock() - since) * 1000)
