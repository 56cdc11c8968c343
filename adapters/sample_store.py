"""Samples in PostgreSQL, as the application role on behalf of whoever looks after them. SQL: sample.sql.

Words are sealed under the lead's key, like everything people write freely; where the key is not the reader's,
or was destroyed, they are None. The transaction must know its instant: triggers tell the audit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import asyncpg

from activities.sample_orders import Closed, ContactRole
from adapters.database import Connection, load_queries
from adapters.sample_records import (
    Feedback,
    FeedbackForm,
    FeedbackSource,
    Item,
    Rating,
    SampleBox,
    Stage,
    TestOutcome,
    TestPhase,
    TestResult,
)
from adapters.sample_work import invitation_id
from adapters.sealing import DataKey
from adapters.vault import Vault

_SQL: Final = load_queries("sample")
BOX_TABLE: Final = "sample_box"
RATING_TABLE: Final = "product_feedback"


class Place(NamedTuple):
    """To which lead and box something belongs."""

    lead: UUID
    box: UUID


async def lead_of_box(connection: Connection, tenant: UUID, box: UUID) -> UUID | None:
    """Whose samples these are; None where there is no such box for this caller."""
    lead: UUID | None = await _SQL.lead_of_box(connection, tenant=tenant, box=box)
    return lead


async def place_of_phase(connection: Connection, tenant: UUID, phase: UUID) -> Place | None:
    """Where a test phase belongs; None where there is no such one for this caller."""
    row = await _SQL.place_of_phase(connection, tenant=tenant, phase=phase)
    return None if row is None else Place(row["lead"], row["box"])


async def boxes_of(
    connection: Connection, vault: Vault, tenant: UUID, lead: UUID, box: UUID | None = None
) -> tuple[SampleBox, ...]:
    """All boxes of a lead, the newest first, or one of them."""
    rows = [row async for row in _SQL.boxes_of(connection, tenant=tenant, lead=lead, box=box)]
    if not rows:
        return ()
    key = await vault.key_of(connection, tenant, lead)
    items: dict[UUID, list[Item]] = defaultdict(list)
    async for row in _SQL.items_of(connection, tenant=tenant, lead=lead):
        items[row["box"]].append(Item(row["sku"], row["qty"]))
    phases = await _phases(connection, tenant, lead)
    feedback = await _feedback(connection, tenant, lead, key)
    return tuple(
        SampleBox(
            id=row["id"],
            lead=row["lead"],
            account=row["account"],
            notes=_opened(key, row, BOX_TABLE, "notes", "id"),
            promised_at=row["promised_at"],
            created_by=row["created_by"],
            created_at=row["created_at"],
            shipped_at=row["shipped_at"],
            delivered_at=row["delivered_at"],
            cancelled_at=row["cancelled_at"],
            items=tuple(items[row["id"]]),
            phases=tuple(phases[row["id"]]),
            feedback=tuple(feedback[row["id"]]),
            form=_form(row),
        )
        for row in rows
    )


async def form_token(connection: Connection, vault: Vault, tenant: UUID, box: UUID) -> str | None:
    """The token of the box's open form; None where none is open, or it is not the caller's to pass on."""
    salt: bytes | None = await _SQL.form_salt(connection, box=box)
    return None if salt is None else vault.feedback_token(tenant, invitation_id(box), salt)


async def add_box(connection: Connection, vault: Vault, tenant: UUID, box: SampleBox) -> None:
    """Put a box on record, with what is in it."""
    key = None if box.notes is None else await vault.key_for(connection, tenant, box.lead)
    sealed = (
        None if key is None or box.notes is None else key.seal("notes", box.id, box.notes, table=BOX_TABLE)
    )
    await _SQL.add_box(
        connection,
        tenant=tenant,
        id=box.id,
        lead=box.lead,
        account=box.account,
        promised_at=box.promised_at,
        notes=sealed,
        key=None if key is None else key.id,
        by=box.created_by,
        at=box.created_at,
    )
    await _SQL.add_items(
        connection,
        tenant=tenant,
        lead=box.lead,
        box=box.id,
        skus=[item.sku for item in box.items],
        qtys=[item.qty for item in box.items],
    )


async def ship(connection: Connection, tenant: UUID, place: Place, *, by: str, at: datetime) -> bool:
    """Note that a box is on its way; False if it was before."""
    return (
        await _SQL.ship(connection, tenant=tenant, lead=place.lead, box=place.box, by=by, at=at) is not None
    )


async def deliver(connection: Connection, tenant: UUID, box: UUID, *, by: str, at: datetime) -> bool:
    """Note that a shipped box has arrived; False if it had before."""
    return await _SQL.deliver(connection, tenant=tenant, box=box, by=by, at=at) is not None


async def cancel(connection: Connection, tenant: UUID, box: UUID, *, by: str, at: datetime) -> bool:
    """Note that a box is called off; False if it was before."""
    return await _SQL.cancel(connection, tenant=tenant, box=box, by=by, at=at) is not None


async def add_phase(
    connection: Connection, tenant: UUID, place: Place, phase: TestPhase, *, by: str, at: datetime
) -> None:
    """Plan a test phase."""
    await _SQL.add_phase(
        connection,
        tenant=tenant,
        id=phase.id,
        lead=place.lead,
        box=place.box,
        stage=phase.stage,
        starts_at=phase.starts_at,
        ends_at=phase.ends_at,
        by=by,
        at=at,
    )


async def note_results(
    connection: Connection,
    tenant: UUID,
    place: Place,
    phase: UUID,
    results: Sequence[TestResult],
    *,
    by: str,
    at: datetime,
) -> None:
    """Note how products did; told again, the new result takes the old one's place."""
    await _SQL.note_results(
        connection,
        tenant=tenant,
        lead=place.lead,
        box=place.box,
        phase=phase,
        skus=[result.sku for result in results],
        outcomes=[str(result.outcome) for result in results],
        sell_throughs=[result.sell_through for result in results],
        waste_changes=[result.waste_change for result in results],
        by=by,
        at=at,
    )


async def add_feedback(
    connection: Connection, vault: Vault, tenant: UUID, place: Place, said: Feedback, *, at: datetime
) -> None:
    """Put on record what a customer has told one of us."""
    lead, box = place
    await _SQL.add_submission(
        connection,
        tenant=tenant,
        id=said.id,
        lead=lead,
        box=box,
        source=said.source,
        contact_role=said.contact_role,
        by=said.told_by,
        given_at=said.given_at,
        at=at,
    )
    worded = any(rating.comment is not None for rating in said.ratings)
    key = await vault.key_for(connection, tenant, lead) if worded else None
    await _SQL.add_ratings(
        connection,
        tenant=tenant,
        lead=lead,
        box=box,
        submission=said.id,
        key=None if key is None else key.id,
        **sealed_ratings(key, said.id, said.ratings),
    )


def sealed_ratings(
    key: DataKey | None, submission: UUID, ratings: Sequence[Rating]
) -> dict[str, Sequence[str | int | UUID | bytes | None]]:
    """The columns of ratings as arrays, comments sealed.

    Args:
        key: of the lead; None where nobody has written anything.
        submission: where they belong.
        ratings: what was said.
    """
    ids = [comment_id(submission, rating.sku) for rating in ratings]
    return {
        "skus": [rating.sku for rating in ratings],
        "ratings": [rating.rating for rating in ratings],
        "comment_ids": ids,
        "comments": [
            None
            if key is None or rating.comment is None
            else key.seal("comment", row, rating.comment, table=RATING_TABLE)
            for row, rating in zip(ids, ratings, strict=True)
        ],
    }


def comment_id(submission: UUID, sku: str) -> UUID:
    """What a sealed comment is bound to."""
    return uuid5(submission, sku)


async def _phases(connection: Connection, tenant: UUID, lead: UUID) -> dict[UUID, list[TestPhase]]:
    results: dict[UUID, list[TestResult]] = defaultdict(list)
    async for row in _SQL.results_of(connection, tenant=tenant, lead=lead):
        results[row["phase"]].append(
            TestResult(row["sku"], TestOutcome(row["outcome"]), row["sell_through"], row["waste_change"])
        )
    phases: dict[UUID, list[TestPhase]] = defaultdict(list)
    async for row in _SQL.phases_of(connection, tenant=tenant, lead=lead):
        phases[row["box"]].append(
            TestPhase(
                row["id"], Stage(row["stage"]), row["starts_at"], row["ends_at"], tuple(results[row["id"]])
            )
        )
    return phases


async def _feedback(
    connection: Connection, tenant: UUID, lead: UUID, key: DataKey | None
) -> dict[UUID, list[Feedback]]:
    ratings: dict[UUID, list[Rating]] = defaultdict(list)
    async for row in _SQL.ratings_of(connection, tenant=tenant, lead=lead):
        comment = _opened(key, row, RATING_TABLE, "comment", "comment_id")
        ratings[row["submission"]].append(Rating(row["sku"], row["rating"], comment))
    feedback: dict[UUID, list[Feedback]] = defaultdict(list)
    async for row in _SQL.feedback_of(connection, tenant=tenant, lead=lead):
        feedback[row["box"]].append(
            Feedback(
                id=row["id"],
                source=FeedbackSource(row["source"]),
                contact_role=ContactRole(row["contact_role"]),
                told_by=row["told_by"],
                given_at=row["given_at"],
                outcome=row["outcome"],
                ratings=tuple(ratings[row["id"]]),
            )
        )
    return feedback


def _form(row: asyncpg.Record) -> FeedbackForm | None:
    if row["issued_at"] is None:
        return None
    closed_as = None if row["closed_as"] is None else Closed(row["closed_as"])
    return FeedbackForm(row["issued_at"], row["expires_at"], row["closed_at"], closed_as)


def _opened(key: DataKey | None, row: asyncpg.Record, table: str, column: str, bound_to: str) -> str | None:
    """The text, if it is there and the key is the reader's."""
    if row[column] is None or key is None or key.id != row["key"]:
        return None
    return key.open(column, row[bound_to], row[column], table=table)
