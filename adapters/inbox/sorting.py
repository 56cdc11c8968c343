"""What becomes of a mail that came in, in PostgreSQL: matched, proposed, told of as a bounce.

Each method is one transaction, and done again it changes nothing. See `activities.inbox`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from activities.ai.cases.mails import MailAnswer, MailCategory, MailQuestion
from activities.inbox import NotYet
from activities.inbox_orders import NextStep, Sorted
from activities.mail_category import AskedAbout
from activities.proposal_facts import CustomerReaction
from adapters.ai.new_leads import FUNCTIONS
from adapters.ai.scrubbing import KnownNames, scrubbed
from adapters.database import Connection, Pool, load_queries, transaction
from adapters.inbox.matching import CONFIDENCE, Found, Match, Read, find
from adapters.inbox.parsing import without_quotes, without_signature
from adapters.inbox.store import MailState, key_of, opened
from adapters.proposal_store import ProposalSource, Proposed, propose
from adapters.vault import Vault

_SQL: Final = load_queries("inbound_mail")
WORKFLOW: Final = "inbound-mail"
_REMINDER: Final = "reminder"
_ASKED_CHARACTERS: Final = 4_000
_NO_CUSTOMER: Final = frozenset({MailCategory.AUTOMATIC, MailCategory.NEWSLETTER})


@dataclass(frozen=True, slots=True)
class ReturnedReminder:
    """A reminder that came back after the server had taken it.

    Attributes:
        cycle: of the reminder.
        code: of the mail server that gave up.
        on_record: whether the ledger knows already that it went out.
    """

    lead: UUID
    cycle: int
    code: str
    on_record: bool


class _Place(NamedTuple):
    """Which mail a transaction is about, and when."""

    tenant: UUID
    mail: UUID
    now: datetime


class PostgresMailDesk:
    """See `activities.inbox.MailDesk`.

    Args:
        pool: connections as the worker role.
        vault: opens what mails say.
        categorised: whether a model is there to say what mails are about.
    """

    def __init__(self, pool: Pool, vault: Vault, *, categorised: bool) -> None:
        self._pool = pool
        self._vault = vault
        self._categorised = categorised

    async def sort(self, tenant: UUID, mail: UUID) -> Sorted:
        """Finds out whose it is, and what is left to do.

        Raises:
            NotYet: it tells of a mail that is still being sent.
        """
        place = _Place(tenant, mail, datetime.now(UTC))
        now = place.now
        async with transaction(self._pool, tenant, WORKFLOW, at=now) as connection:
            row = await _SQL.mail_to_sort(connection, tenant=tenant, id=mail)
            if row is None or row["settled_at"] is not None:
                return Sorted()
            if row["state"] == MailState.BOUNCE:
                return await self._sort_bounce(connection, place, row)
            if row["state"] == MailState.RECEIVED:
                said = self._read(tenant, row)
                colleague = await _SQL.is_colleague(connection, tenant=tenant, address=said.address)
                if said.address and colleague:
                    await _put(connection, place, MailState.IGNORED, "colleague")
                    return Sorted(outcome="colleague")
                found = await find(connection, self._vault, tenant, said)
                why = _why_nobodys(found)
                if found is None or why is not None:
                    leads = () if found is None else found.leads
                    await _put(connection, place, MailState.UNMATCHED, why, candidates=leads)
                    return Sorted(outcome=why)
                await _put(connection, place, MailState.MATCHED, found=found)
            if self._categorised:
                return Sorted(NextStep.CATEGORISE)
            # Without a model nothing slow is left to do, so it is done here.
            row = await _SQL.mail_to_sort(connection, tenant=tenant, id=mail)
            return await self._propose(connection, tenant, row, now)

    async def question(self, tenant: UUID, mail: UUID) -> AskedAbout | None:
        """What a model is to be asked, without the writer; None where there is nothing to ask any more."""
        async with transaction(self._pool, tenant, WORKFLOW) as connection:
            row = await _SQL.mail_to_sort(connection, tenant=tenant, id=mail)
            if row is None or row["settled_at"] is not None or row["lead"] is None or row["key"] is None:
                return None
            said = self._read(tenant, row)
        # Taken out before it is cut: half a name would not be known.
        writer = _writer(said)
        text = str(scrubbed(without_signature(without_quotes(said.text)), writer))[:_ASKED_CHARACTERS].strip()
        if not text:
            return None
        subject = str(scrubbed(said.subject, writer))[:200].strip() or None
        return AskedAbout(row["lead"], MailQuestion(subject=subject, text=text))

    async def categorised(self, tenant: UUID, mail: UUID, answer: MailAnswer) -> None:
        """Notes what the mail is about."""
        place = _Place(tenant, mail, datetime.now(UTC))
        now = place.now
        async with transaction(self._pool, tenant, WORKFLOW, at=now) as connection:
            row = await _SQL.mail_to_sort(connection, tenant=tenant, id=mail)
            if row is None or row["settled_at"] is not None:
                return
            confidence = Decimal(f"{answer.confidence:.2f}")
            await _SQL.note_category(
                connection, tenant=tenant, id=mail, category=answer.category, confidence=confidence
            )
            if answer.category in _NO_CUSTOMER and row["match"] != Match.HAND:
                await _put(connection, place, MailState.IGNORED, answer.category.lower())

    async def propose(self, tenant: UUID, mail: UUID) -> Sorted:
        """Proposes it as a reaction of the customer, once."""
        now = datetime.now(UTC)
        async with transaction(self._pool, tenant, WORKFLOW, at=now) as connection:
            row = await _SQL.mail_to_sort(connection, tenant=tenant, id=mail)
            if row is None or row["settled_at"] is not None:
                return Sorted()
            return await self._propose(connection, tenant, row, now)

    async def returned(self, tenant: UUID, mail: UUID) -> ReturnedReminder | None:
        """The reminder a bounce is about; None where nobody has to be told any more."""
        async with transaction(self._pool, tenant, WORKFLOW, reading=True) as connection:
            row = await _SQL.bounce_to_tell(connection, tenant=tenant, id=mail)
        if row is None or row["settled_at"] is not None:
            return None
        return ReturnedReminder(
            row["lead"], int(row["cycle"]), row["bounce_code"] or _NO_CODE, row["on_record"]
        )

    async def settle(self, tenant: UUID, mail: UUID, outcome: str) -> None:
        """All is done about it."""
        now = datetime.now(UTC)
        async with transaction(self._pool, tenant, WORKFLOW, at=now) as connection:
            await _SQL.settle_mail(connection, tenant=tenant, id=mail, why=outcome, at=now)

    async def _propose(
        self, connection: Connection, tenant: UUID, row: asyncpg.Record, now: datetime
    ) -> Sorted:
        facts = CustomerReaction(occurred_at=row["received_at"], category=row["category"])
        proposed = Proposed(
            tenant=tenant,
            lead=row["lead"],
            facts=facts,
            source=ProposalSource.INBOX,
            subject_id=str(row["id"]),
            at=now,
            confidence=float(row["confidence"]),
        )
        outcome = "proposed" if await propose(connection, proposed) is not None else "not-proposed"
        await _SQL.settle_mail(connection, tenant=tenant, id=row["id"], why=outcome, at=now)
        return Sorted(outcome=outcome)

    async def _sort_bounce(self, connection: Connection, place: _Place, row: asyncpg.Record) -> Sorted:
        tenant, now = place.tenant, place.now
        if row["notification"] is not None:
            return Sorted(NextStep.TELL_BOUNCE)
        told, *named = (opened(key_of(self._vault, tenant, row), row, "linked") or "").split("\n")
        failed, code, *_ = (*told.split(" "), "", "")
        if failed != "1" or not named:
            why = "not-final" if failed == "0" else "not-ours"
            await _put(connection, place, MailState.IGNORED, why)
            return Sorted(outcome=why)
        # Asked before, not after: in between it could become sent, and its report would be nobody's.
        if await _SQL.is_being_sent(connection, tenant=tenant, message_id=named[0]):
            raise NotYet("the mail it is about is still being sent")
        status = None if code in {"", "-"} else code
        ours = await _SQL.bounced_notification(
            connection,
            tenant=tenant,
            message_id=named[0],
            code=status or _NO_CODE,
            at=row["received_at"],
        )
        if ours is None:
            await _put(connection, place, MailState.BOUNCE, "not-ours")
            await _SQL.settle_mail(connection, tenant=tenant, id=row["id"], why="not-ours", at=now)
            return Sorted(outcome="not-ours")
        await _SQL.note_bounce(connection, tenant=tenant, id=row["id"], notification=ours["id"], code=status)
        if ours["kind"] == _REMINDER:
            return Sorted(NextStep.TELL_BOUNCE)
        await _SQL.settle_mail(connection, tenant=tenant, id=row["id"], why="noted", at=now)
        return Sorted(outcome="noted")

    def _read(self, tenant: UUID, row: asyncpg.Record) -> Read:
        key = key_of(self._vault, tenant, row)
        address, _, name = (opened(key, row, "sender") or "").partition("\n")
        return Read(
            address=address,
            name=name,
            subject=opened(key, row, "subject") or "",
            text=opened(key, row, "body") or "",
            linked=tuple((opened(key, row, "linked") or "").split("\n")) if row["linked"] else (),
        )


# RFC 3463: something went wrong for good, and nobody says what.
_NO_CODE: Final = "5.0.0"


def _writer(said: Read) -> KnownNames:
    """Who has written, as he calls himself and as his address does; nobody else may know him."""
    mailbox = said.address.partition("@")[0]
    called = "" if mailbox in FUNCTIONS else re.sub(r"[\d_+]+", " ", mailbox)
    return KnownNames([said.name, called], [said.address])


def _why_nobodys(found: Found | None) -> str | None:
    """Why a mail is left to a person; None where it is somebody's."""
    if found is None:
        return "nobody"
    if len(found.leads) > 1:
        return "ambiguous"
    return None if found.living else "lead-ended"


async def _put(
    connection: Connection,
    place: _Place,
    state: MailState,
    why: str | None = None,
    *,
    found: Found | None = None,
    candidates: tuple[UUID, ...] = (),
) -> None:
    matched: dict[str, Any] = {"lead": None, "match": None, "confidence": None}
    if found is not None:
        matched = {
            "lead": found.leads[0],
            "match": found.match,
            "confidence": CONFIDENCE[found.match],
        }
    await _SQL.put_mail(
        connection,
        tenant=place.tenant,
        id=place.mail,
        state=state,
        why=why,
        candidates=list(candidates),
        at=place.now,
        **matched,
    )
