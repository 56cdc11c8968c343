"""The subject imports. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.leads import NewLeadInput
from client.words import ImportState, RowOutcome


class ImportFault(Told):
    """What is wrong with a row; never what it says.

    Attributes:
        pointer: JSON pointer from the row to the field, as a URI fragment; "#" is the whole row.
        code: stable reason.
        detail: what would be right, in a few words.
    """

    pointer: str
    code: str
    detail: str


class ImportedRow(Told):
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


class ImportAnswer(Told):
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
    asked_at: datetime
    finished_at: datetime | None
    total: int
    done: int
    registered: int
    already_there: int
    live_duplicate: int
    similar: int
    refused: int
    items: list[ImportedRow]
    next_cursor: str | None


class ImportInput(Sent):
    """Leads to open.

    Attributes:
        leads: each as `POST /api/leads` takes it (`NewLeadInput`). One that is not is told among the bad
            rows, and does not stop the others.
    """

    leads: list[NewLeadInput | JsonValue]


class Imports(Group):
    """Operations of the subject imports."""

    def import_leads(
        self, body: ImportInput, *, dry_run: bool | None = None, idempotency_key: str | None = None
    ) -> Answer[ImportAnswer]:
        """Register or pre-register up to 10,000 leads, each row like one `POST /api/leads`.
         Good rows are taken, bad ones are listed. It goes on behind the answer; look at `Location`. The same
        rows again change nothing. Everybody has one import running at a time.

        CSV is UTF-8 with commas or semicolons; its header names the fields as JSON does, with a dot where
        JSON has an object (`contact.email`). At least `company` and `city`. An empty cell is a field left
        out.
        """
        call = Call(
            method="POST",
            path="/api/leads/import",
            query={"dryRun": dry_run},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {202: ImportAnswer})

    def read_import(
        self,
        job: UUID,
        *,
        everything: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Answer[ImportAnswer]:
        """Say how far an import of one's own is, and which rows were not taken.

        It is kept for a day. One that tells nothing for a minute counts as interrupted.
        """
        call = Call(
            method="GET",
            path=address("/api/leads/import/{job}", job=job),
            query={"everything": everything, "limit": limit, "cursor": cursor},
        )
        return self._asker.ask(call, {200: ImportAnswer})
