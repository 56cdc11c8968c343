"""Imports on the wire: many leads to open in one call, and what came of each."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, WithJsonSchema

from adapters.lead_import_store import Fault, ImportState, RowOutcome, RowTold
from api.failures import pointer_to
from api.paging import encode_cursor
from api.schemas.base import Input, Instant, Output
from services.importing import MOST_ROWS, Import

_COMPONENT: Final = "#/components/schemas/{name}"


class ImportInput(Input):
    """Leads to open.

    Attributes:
        leads: each as `POST /api/leads` takes it (`NewLeadInput`). One that is not is told among the bad
            rows, and does not stop the others.
    """

    leads: Annotated[
        list[Any],
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_ROWS,
                "items": {
                    "anyOf": [
                        {"$ref": _COMPONENT.format(name="NewLeadInput")},
                        {"$ref": _COMPONENT.format(name="JsonValue")},
                    ]
                },
            }
        ),
        Field(min_length=1, max_length=MOST_ROWS),
    ]


class ImportFault(Output):
    """What is wrong with a row; never what it says.

    Attributes:
        pointer: JSON pointer from the row to the field, as a URI fragment; "#" is the whole row.
        code: stable reason.
        detail: what would be right, in a few words.
    """

    pointer: str
    code: str
    detail: str


class ImportedRow(Output):
    """What came of a row; of a dry run, what would come of it.

    Attributes:
        row: its number; the first one is 1.
        line: the line of the file it begins in; the header is line 1. Null for JSON.
        lead: the lead it made, or is already; of a similar row the likest lead you may see.
    """

    row: int
    line: int | None
    outcome: RowOutcome
    lead: UUID | None
    errors: list[ImportFault]


class ImportAnswer(Output):
    """How far an import is, and the rows with which something is wrong.

    Attributes:
        state: an interrupted one goes on when the same request is sent again.
        total: how many rows there are.
        done: of how many it is known what came of them: the sum of the five numbers below.
        registered: registered or noted; of a dry run, those that would be.
        already_there: the very same lead was there before.
        live_duplicate: a live lead of the same company and place stands in the way.
        similar: similar leads exist, and the row does not say why this is another company.
        refused: something in the row makes no sense, or you may not do it.
        items: rows by number; without `everything` only those that were not taken.
        next_cursor: to be sent as `cursor`; null on the last page.
    """

    id: UUID
    state: ImportState
    dry_run: bool
    asked_at: Instant
    finished_at: Instant | None
    total: int
    done: int
    registered: int
    already_there: int
    live_duplicate: int
    similar: int
    refused: int
    items: list[ImportedRow]
    next_cursor: str | None


def answer_of(found: Import) -> ImportAnswer:
    """An import as it is told."""
    stored = found.stored
    return ImportAnswer(
        id=stored.id,
        state=found.state,
        dry_run=stored.dry_run,
        asked_at=stored.asked_at,
        finished_at=stored.finished_at,
        total=stored.total,
        done=stored.done,
        registered=stored.registered,
        already_there=stored.already_there,
        live_duplicate=stored.live_duplicate,
        similar=stored.similar_leads,
        refused=stored.refused,
        items=[_row(row) for row in found.rows],
        next_cursor=encode_cursor([found.rows[-1].number]) if found.more else None,
    )


def _row(row: RowTold) -> ImportedRow:
    return ImportedRow(
        row=row.number,
        line=row.line,
        outcome=row.outcome,
        lead=row.lead,
        errors=[_fault(fault) for fault in row.faults],
    )


def _fault(fault: Fault) -> ImportFault:
    return ImportFault(pointer=pointer_to(fault.field), code=fault.code, detail=fault.detail)
