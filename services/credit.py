"""Credit checks: asked for, answered from what is on record, or by the bureau (domain.md section 10).

What comes at the same time goes through the database and to the bureau together; the same question is asked
once. Whatever keeps the bureau from answering, the answer is "pending", and the workflow `credit-check` sees
to the rest.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Final, TypeAlias
from uuid import UUID, uuid4, uuid5

from activities.upstreams import UpstreamError
from adapters.credit import store
from adapters.credit.bureau import MOST_AT_ONCE, CreditBureau, Outcome
from adapters.credit.gatherer import Gatherer
from adapters.credit.records import Answer, CreditCheck, CreditStatus, Postponed, Purpose, Question, Subject
from adapters.credit.rules import credit_rules
from adapters.credit.store import Entered, Verdict, Wanted
from adapters.database import Caller, Pool, transaction
from protection.permission import Act
from protection.state import ENDED, Status
from services import words
from services.acting import ended
from services.asking import Asking
from services.desk import Desk
from services.door import enter, new_entry, relation, stand
from services.errors import Forbidden, Missing, NotConfigured, NotFound

MOST_AMOUNT: Final = Decimal(1_000_000_000)
# How many checks of a lead are listed.
MOST_LISTED: Final = 50
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_VAT: Final = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")
_MOST_REGISTRATION: Final = 60
_CENT: Final = Decimal("0.01")
_SYSTEM: Final = "credit"

# What came of looking: the check, whether it is new, or why there is none.
_Entered: TypeAlias = "tuple[CreditCheck, bool] | Exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCheck:
    """A check somebody asks for.

    Attributes:
        account: the customer's account; None is the lead itself.
        country: ISO 3166, two letters.
        registration_no: in the register of companies.
        vat_no: with its country's prefix.
        amount: how much credit is wanted, in `currency`, two decimals.
        currency: ISO 4217.
    """

    lead: UUID
    amount: Decimal
    currency: str
    purpose: Purpose
    country: str
    account: str | None = None
    registration_no: str | None = None
    vat_no: str | None = None


class Credits:
    """The installation's account at the bureau, and all that is on its way there.

    Args:
        tenant: whose account it is.
        bureau: who is asked.
        worker: connections as the worker role, to put answers on record.
    """

    def __init__(self, tenant: UUID, bureau: CreditBureau, worker: Pool) -> None:
        self.tenant = tenant
        self._bureau = bureau
        self._worker = worker
        self._entering: dict[Caller, Gatherer[Wanted, _Entered]] = {}
        self._asking: Gatherer[Question, Outcome] = Gatherer(bureau.ask, most=MOST_AT_ONCE)
        self._asked: dict[tuple[str, Subject], tuple[UUID, asyncio.Task[Outcome]]] = {}
        self._settling: Gatherer[Verdict, CreditCheck] = Gatherer(self._settle, one_at_a_time=True)
        self._flights: dict[UUID, asyncio.Task[CreditCheck]] = {}
        self._coming: dict[UUID, asyncio.Event] = {}

    async def stop(self) -> None:
        """Let what is on its way arrive."""
        while self._flights:
            await asyncio.wait(self._flights.values())

    @contextmanager
    def coming(self, check: UUID) -> Iterator[asyncio.Event]:
        """A question may be on record before its flight has begun: whoever joins it waits for the event."""
        event = asyncio.Event()
        first = self._coming.setdefault(check, event) is event
        try:
            yield event
        finally:
            event.set()
            if first:
                del self._coming[check]

    async def enter(self, desk: Desk, caller: Caller, wanted: Wanted) -> _Entered:
        """Look for an answer, or put the question on record; together with whatever he asks besides."""
        gatherer = self._entering.get(caller)
        if gatherer is None:
            gatherer = Gatherer(partial(_entered, desk, caller), one_at_a_time=True)
            self._entering[caller] = gatherer
        try:
            return await gatherer.ask(wanted)
        finally:
            if gatherer.idle:
                self._entering.pop(caller, None)

    async def answer(self, check: CreditCheck, *, until: float, began: float) -> CreditCheck:
        """What the bureau says to a question that is on record; where it says nothing, "pending".

        Args:
            check: the question.
            until: others are waited for until then, by the loop's clock.
            began: since when somebody waits, by `time.perf_counter`.
        """
        flight = asyncio.create_task(self._fly(check, until, began))
        self._flights[check.id] = flight
        if (coming := self._coming.get(check.id)) is not None:
            coming.set()
        flight.add_done_callback(lambda _: self._flights.pop(check.id, None))
        return await asyncio.shield(flight)

    async def join(self, check: CreditCheck) -> CreditCheck:
        """The same for a question that is on its way already; as it stands, if that is another process's."""
        if (coming := self._coming.get(check.id)) is not None:
            await coming.wait()
        flight = self._flights.get(check.id)
        if flight is not None:
            return await asyncio.shield(flight)
        # It may have arrived since it was looked for.
        async with transaction(self._worker, self.tenant, _SYSTEM, reading=True) as connection:
            return await store.check_for_bureau(connection, self.tenant, check.id) or check

    async def copy(self, check: CreditCheck, known: CreditCheck) -> CreditCheck:
        """Answer a question with what is on record to the same one."""
        answer = Answer(
            bureau_id=known.bureau_id or "",
            status=known.status,
            grade=known.grade,
            limit=known.limit,
            conditions=known.conditions,
            valid_until=known.valid_until,
            decided_at=known.decided_at,
        )
        return replace(await self._settling.ask(Verdict.of(check.id, answer)), cached=True)

    async def _fly(self, check: CreditCheck, until: float, began: float) -> CreditCheck:
        reference, outcome = await self._once(check.question, until)
        took, pending = round(1000 * (time.perf_counter() - began)), CreditStatus.PENDING
        if not isinstance(outcome, Answer):
            verdict = Verdict(check=check.id, status=pending, degraded=outcome.fault, took=took)
        elif outcome.status is pending and reference != check.id:
            # What the bureau decides later bears the other's reference; this one is asked under its own.
            verdict = Verdict(check=check.id, status=pending, degraded=Postponed.ASKED_TOGETHER, took=took)
        else:
            verdict = Verdict.of(check.id, outcome, took)
        return await self._settling.ask(verdict)

    async def _once(self, question: Question, until: float) -> tuple[UUID, Outcome]:
        """The bureau's answer to the same question about a company, asked once; and under which reference."""
        key = (question.company, question.subject)
        if key not in self._asked:
            asked = asyncio.create_task(self._ask(question, until))
            self._asked[key] = question.reference, asked
            asked.add_done_callback(lambda _: self._asked.pop(key, None))
        reference, asked = self._asked[key]
        return reference, await asyncio.shield(asked)

    async def _ask(self, question: Question, until: float) -> Outcome:
        try:
            return await self._asking.ask(question, until=until)
        except UpstreamError as error:
            return error

    async def _settle(self, verdicts: Sequence[Verdict]) -> Sequence[CreditCheck]:
        at = Desk.now()
        async with transaction(self._worker, self.tenant, _SYSTEM, at=at) as connection:
            settled = await store.settle(connection, self.tenant, verdicts, at)
        return [settled[verdict.check] for verdict in verdicts]


async def check(desk: Desk, credits_: Credits | None, asking: Asking, wanted: WantedCheck) -> CreditCheck:
    """Check a lead's company, or answer from what is known of it.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not.
        Refused: a value makes no sense, or the lead has ended.
        NotConfigured: the caller's tenant has no account at a bureau.
        KeyReused: the idempotency key stands for another request.
    """
    began, arrived = time.perf_counter(), asyncio.get_running_loop().time()
    subject = checked_subject(wanted)
    if credits_ is None or credits_.tenant != asking.tenant:
        async with desk.looking(asking) as connection:
            standing = await stand(connection, asking, wanted.lead)
        asking.require(Act.LOG_ACTIVITY, relation(standing))
        raise NotConfigured(_SYSTEM)
    rules = await credit_rules(desk.registry, asking.tenant, asking.caller.org)
    entry = Wanted(
        id=uuid5(asking.tenant, f"credit-check/{asking.fact_id}") if asking.key else uuid4(),
        lead=wanted.lead,
        subject=subject,
        purpose=wanted.purpose,
        fresh=desk.now() - rules.ttl,
    )
    with credits_.coming(entry.id) as coming:
        if asking.key is None:
            entered = await credits_.enter(desk, asking.caller, entry)
        else:
            entered = await _entered_once(desk, asking, entry)
        if isinstance(entered, Exception):
            raise entered
        found, new = entered
        if found.lead != wanted.lead:
            # The account and company under another lead: this one gets a row of its own, without asking anew.
            mine = await credits_.enter(desk, asking.caller, replace(entry, own=True))
            if isinstance(mine, Exception):
                raise mine
            if mine[1]:
                return await credits_.copy(mine[0], found)
            new, found = False, mine[0]
        elif found.status is not CreditStatus.PENDING:
            return replace(found, cached=True)
        if new:
            return await credits_.answer(found, until=arrived + rules.window.total_seconds(), began=began)
        coming.set()
        return await credits_.join(found)


async def check_of(desk: Desk, asking: Asking, identity: UUID) -> CreditCheck:
    """One check, as it stands.

    Raises:
        NotFound: there is no such check for this caller.
    """
    async with desk.looking(asking) as connection:
        found = await store.checks(connection, asking.tenant, [identity])
    if identity not in found:
        raise NotFound(Missing.CREDIT_CHECK)
    return found[identity]


async def checks_of(desk: Desk, asking: Asking, lead: UUID) -> tuple[CreditCheck, ...]:
    """The newest checks of a lead.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    async with desk.looking(asking) as connection:
        await stand(connection, asking, lead)
        return await store.checks_of(connection, asking.tenant, lead, MOST_LISTED)


def checked_subject(wanted: WantedCheck) -> Subject:
    """Who is asked about, as it may be kept and sent.

    Raises:
        Malformed: names the field.
    """
    amount = wanted.amount
    if not amount.is_finite() or not 0 < amount <= MOST_AMOUNT or amount != amount.quantize(_CENT):
        raise words.malformed("amount", f"must be above 0, at most {MOST_AMOUNT}, with at most two decimals")
    account = wanted.account or str(wanted.lead)
    for field, value, shape, right in (
        ("account_id", account, _ACCOUNT, "must be letters, digits, and any of . _ : # -"),
        ("country", wanted.country, _COUNTRY, "must be two capital letters, such as DE"),
        ("currency", wanted.currency, _CURRENCY, "must be three capital letters, such as EUR"),
        ("vat_number", wanted.vat_no, _VAT, "must be a VAT number with its country, such as DE123456789"),
    ):
        if value is not None and not shape.fullmatch(value):
            raise words.malformed(field, right)
    return Subject(
        account=account,
        country=wanted.country,
        registration_no=words.maybe_line(wanted.registration_no, "registration_number", _MOST_REGISTRATION),
        vat_no=wanted.vat_no,
        amount=amount.quantize(_CENT),
        currency=wanted.currency,
    )


async def _entered(desk: Desk, caller: Caller, wanted: Sequence[Wanted]) -> Sequence[_Entered]:
    """Each question's answer, or its row; in one statement."""
    asking = Asking.of(caller)
    return [_told(asking, found) for found in await store.enter(desk.pool, caller, wanted, desk.now())]


async def _entered_once(desk: Desk, asking: Asking, wanted: Wanted) -> _Entered:
    """The same under an idempotency key: what was asked under it before is answered by the same row."""
    async with desk.writing(asking) as connection:
        standing = await stand(connection, asking, wanted.lead)
        asking.require(Act.LOG_ACTIVITY, relation(standing))
        said = {"credit-check": str(wanted.subject), "purpose": wanted.purpose}
        before = await enter(connection, new_entry(desk, asking, wanted.lead, Act.LOG_ACTIVITY, said))
        if before is not None:
            known = await store.checks(connection, asking.tenant, [wanted.id])
            if wanted.id in known:
                return known[wanted.id], False
        return _told(asking, await store.enter_on(connection, asking.caller, wanted, desk.now()))


def _told(asking: Asking, found: Entered | None) -> _Entered:
    """The check and whether it is new, or why there is none for this caller."""
    if found is None:
        return NotFound()
    if not asking.may(Act.LOG_ACTIVITY, found.relation):
        return Forbidden(Act.LOG_ACTIVITY)
    if found.status in ENDED and found.status is not Status.CONVERTED:
        return ended(found.status)
    return Forbidden(Act.LOG_ACTIVITY) if found.check is None else (found.check, found.new)
