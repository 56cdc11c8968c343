"""Erasure in PostgreSQL: everything in one transaction, with its receipt and its line in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from activities.erasure_orders import Cause, Erasure, Examined, Obstacle
from adapters.database import Connection, Pool, load_queries, transaction
from protection.facts import EndReason
from protection.state import OPEN, Status

_SQL: Final = load_queries("erasure")


@dataclass(frozen=True, slots=True)
class Held:
    """What a lead holds of personal data.

    Attributes:
        keys: 1 while its key exists.
        contacts: contacts and first contacts that hold something.
        notes: notes that hold something.
        indexed: addresses and numbers that can be searched for.
        sample_notes: notes on boxes of samples.
        comments: what customers have written about samples.
        forms: feedback forms that are open.
        mails: mails that came in, from its contacts or about it.
        roles: what its contacts do.
        credit_checks: credit checks with what an erasure takes from them.
        ai_answers: questions to AI models and answers of theirs that were kept.
    """

    keys: int
    contacts: int
    notes: int
    indexed: int
    sample_notes: int = 0
    comments: int = 0
    forms: int = 0
    mails: int = 0
    roles: int = 0
    credit_checks: int = 0
    ai_answers: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing left to erase."""
        held = (self.keys, self.contacts, self.notes, self.sample_notes, self.comments, self.forms)
        return not any((*held, self.mails, self.roles, self.credit_checks, self.ai_answers))

    @property
    def rows(self) -> int:
        """How many rows hold something."""
        own = self.contacts + self.notes + self.sample_notes + self.comments + self.mails
        return own + self.credit_checks + self.ai_answers


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an erasure would meet.

    Attributes:
        status: where the lead stands; None where nothing was recorded of it.
        obstacle: why nothing would be erased; None if it would.
        held: what there is to erase.
        pseudonymises: whether company and place go too.
    """

    status: Status | None
    obstacle: Obstacle | None
    held: Held
    pseudonymises: bool


class PostgresErasureStore:
    """Personal data of leads, as seen by their erasure."""

    def __init__(self, pool: Pool, *, objection_days: int = 0) -> None:
        """Use this pool.

        Args:
            pool: connections that act as the worker role.
            objection_days: how long after a lapse somebody may object, in days.
        """
        self._pool = pool
        self._objection_days = objection_days

    async def examine(self, tenant: UUID, lead: UUID, at: datetime) -> Examined:
        """See `activities.erasure.ErasureStore`."""
        seen = await self.outlook(tenant, lead, at)
        return Examined(
            living=seen.status in OPEN, obstacle=seen.obstacle, objection_days=self._objection_days
        )

    async def outlook(self, tenant: UUID, lead: UUID, at: datetime) -> Outlook:
        """What an erasure at this UTC instant would meet; a living lead would be ended first."""
        async with transaction(self._pool, tenant, "erasure") as connection:
            return await _outlook(connection, tenant, lead, at)

    async def erase(
        self, tenant: UUID, lead: UUID, *, erasure: UUID, cause: Cause, by: str, at: datetime
    ) -> Erasure:
        """See `activities.erasure.ErasureStore`."""
        async with transaction(self._pool, tenant, by, at=at) as connection:
            await _SQL.lock_key(connection, tenant=tenant, lead=lead)
            seen = await _outlook(connection, tenant, lead, at)
            if await _SQL.has_receipt(connection, tenant=tenant, id=erasure):
                return Erasure(receipt=str(erasure), rows=0)
            obstacle = Obstacle.LIVING if seen.status in OPEN else seen.obstacle
            if obstacle is not None:
                return Erasure(obstacle=obstacle)
            if seen.held.nothing and not seen.pseudonymises:
                return Erasure()
            # First of all: whose mails they are is known by the contacts.
            await _SQL.empty_mails(connection, tenant=tenant, lead=lead, at=at)
            await _SQL.empty_contacts(connection, tenant=tenant, lead=lead)
            await _SQL.remove_contact_roles(connection, tenant=tenant, lead=lead)
            await _SQL.empty_sample_notes(connection, tenant=tenant, lead=lead)
            await _SQL.empty_comments(connection, tenant=tenant, lead=lead)
            await _SQL.close_forms(connection, tenant=tenant, lead=lead, at=at)
            await _SQL.forget_ai_answers(connection, tenant=tenant, lead=lead)
            await _SQL.empty_ai_calls(connection, tenant=tenant, lead=lead)
            await _SQL.empty_credit_checks(connection, tenant=tenant, lead=lead, at=at)
            await _SQL.forget_clear_contacts(connection, tenant=tenant, lead=lead)
            await _SQL.destroy_key(connection, tenant=tenant, lead=lead)
            if seen.pseudonymises:
                name = f"Vormerkung {lead.hex[:8]}"
                await _SQL.pseudonymise(connection, tenant=tenant, lead=lead, name=name)
            await _SQL.add_receipt(
                connection,
                tenant=tenant,
                id=erasure,
                lead=lead,
                at=at,
                by=by,
                cause=cause,
                stores=stores_of(seen),
            )
            await _SQL.tell_audit(
                connection,
                what="personal-data-erased",
                lead=lead,
                after={"receipt": str(erasure), "cause": str(cause), **asdict(seen.held)},
                reason=None,
                at=at,
            )
        return Erasure(receipt=str(erasure), rows=seen.held.rows)


async def foreseen(connection: Connection, tenant: UUID, lead: UUID, at: datetime) -> Outlook:
    """What an erasure at this UTC instant would meet, as far as the caller may see; holds nobody up."""
    standing = await _SQL.standing_before_erasure(connection, tenant=tenant, lead=lead, at=at)
    return await _seen(connection, tenant, lead, standing)


async def _outlook(connection: Connection, tenant: UUID, lead: UUID, at: datetime) -> Outlook:
    standing = await _SQL.standing_for_erasure(connection, tenant=tenant, lead=lead, at=at)
    seen = await _seen(connection, tenant, lead, standing)
    kept = await _SQL.kept_ai_answers(connection, tenant=tenant, lead=lead)
    return replace(seen, held=replace(seen.held, ai_answers=seen.held.ai_answers + kept))


async def _seen(
    connection: Connection, tenant: UUID, lead: UUID, standing: Mapping[str, Any] | None
) -> Outlook:
    row = await _SQL.what_is_held(connection, tenant=tenant, lead=lead)
    held = Held(**row)
    if standing is None:
        return Outlook(None, Obstacle.UNKNOWN_LEAD, held, pseudonymises=False)
    status = Status(standing["status"])
    unpursued = status is Status.ERASED and standing["reason"] == EndReason.UNPURSUED
    obstacle: Obstacle | None = None
    if status is Status.CONVERTED:
        obstacle = Obstacle.CONVERTED
    elif standing["on_hold"]:
        obstacle = Obstacle.LEGAL_HOLD
    return Outlook(
        status,
        obstacle,
        held,
        pseudonymises=unpursued and await _SQL.is_in_clear(connection, tenant=tenant, lead=lead),
    )


def stores_of(seen: Outlook) -> dict[str, dict[str, Any]]:
    """Every store there is, and what an erasure does there; in words: docs/personal-data.md."""
    held = seen.held
    return {
        "lead_key": {"done": "destroyed", "rows": held.keys},
        "lead_contact": {"done": "emptied", "rows": held.contacts},
        "notes": {"done": "emptied", "rows": held.notes},
        "search_index": {"done": "emptied", "rows": held.indexed},
        "sample_notes": {"done": "emptied", "rows": held.sample_notes},
        "feedback_comments": {"done": "emptied", "rows": held.comments},
        "feedback_forms": {"done": "closed", "rows": held.forms},
        "inbound_mails": {"done": "emptied", "rows": held.mails},
        "contact_roles": {"done": "removed", "rows": held.roles},
        "ai_answers": {"done": "removed"},
        "credit_numbers": {"done": "emptied", "rows": held.credit_checks},
        "lead": {"done": "pseudonymised" if seen.pseudonymises else "holds-company-and-place-only"},
        "ledger": {"done": "holds-no-personal-data"},
        "audit": {"done": "holds-no-personal-data"},
        "mails": {"done": "hold-no-personal-data"},
        "temporal_history": {"done": "holds-no-personal-data"},
        "logs": {"done": "hold-no-personal-data"},
        "metrics": {"done": "hold-no-personal-data"},
        "exports": {"done": "hold-no-personal-data"},
        "backups": {"done": "unreadable-without-the-key"},
    }
