"""The audit: who did what, and that nobody has changed what is written there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from adapters.lead_reading import AuditRow
from api.dependencies import CurrentCaller, CurrentWiring
from api.paging import CurrentPage, Page, Paging, encode_cursor
from api.problems import problems
from api.routes.history import foreign_cursor, looking
from api.schemas.reading import AuditEntry, AuditVerification
from services.history import KEPT_HEAD, KeptHead, audit_of, notes_of, verified_audit

router: Final = APIRouter(prefix="/api", tags=["audit"])
_LAST_SEQ: Final = 2**63 - 1


@router.get("/audit", responses=problems(403))
async def read_audit(caller: CurrentCaller, wiring: CurrentWiring, page: CurrentPage) -> Page[AuditEntry]:
    """List the audit of the tenant, the newest row first; for managers, administrators and auditors."""
    async with looking(wiring, caller) as connection:
        rows, after = await audit_of(connection, caller, None, before=_before(page), most=page.limit)
    return _page(rows, after)


@router.get("/audit/verification", responses=problems(403))
async def verify_audit(
    caller: CurrentCaller,
    wiring: CurrentWiring,
    kept: Annotated[
        str | None,
        Query(
            pattern=KEPT_HEAD,
            max_length=90,
            description="`head` of an earlier answer, kept elsewhere: is it still part of the chain?",
        ),
    ] = None,
) -> AuditVerification:
    """Check the whole chain of the tenant: every row carries the hash of the one before it."""
    async with looking(wiring, caller) as connection:
        head = None if kept is None else KeptHead.parse(kept)
        told = await verified_audit(connection, caller, head)
    standing = told.standing
    return AuditVerification(
        whole=told.whole,
        first_broken=standing.first_broken,
        rows=standing.rows_kept,
        head_seq=standing.head_seq,
        head_hash=standing.head_hash,
        head=f"{standing.head_seq}:{standing.head_hash}",
        kept_is_there=told.kept_is_there,
    )


@router.get("/leads/{lead}/audit", responses=problems(403, 404))
async def read_lead_audit(
    lead: UUID, caller: CurrentCaller, wiring: CurrentWiring, page: CurrentPage
) -> Page[AuditEntry]:
    """List the audit of one lead, the newest row first; each says whether it is as it was written."""
    async with looking(wiring, caller) as connection:
        rows, after = await audit_of(connection, caller, lead, before=_before(page), most=page.limit)
        words = await notes_of(connection, wiring.vault, caller, lead)
    return _page(rows, after, words)


def _before(page: Paging) -> int | None:
    place = page.after(int)
    if place is None:
        return None
    (seq,) = place
    if not isinstance(seq, int) or not 0 < seq <= _LAST_SEQ:
        raise foreign_cursor()
    return seq


def _page(
    rows: tuple[AuditRow, ...], after: int | None, words: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Page[AuditEntry]:
    return Page[AuditEntry](
        items=[
            AuditEntry(
                seq=row.seq,
                audit_id=row.audit_id,
                actor=row.actor,
                what=row.what,
                lead=row.lead,
                fact_id=row.fact_id,
                before=None if row.before is None else dict(row.before),
                after=None if row.after is None else dict(row.after),
                reason=row.reason,
                words=list(words.get(row.fact_id or "", ())),
                at=row.at,
                prev_hash=row.prev_hash,
                hash=row.hash,
                whole=row.whole,
            )
            for row in rows
        ],
        next_cursor=None if after is None else encode_cursor((after,)),
    )
