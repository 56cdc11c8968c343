"""Many leads from a table: a look at what would come of it, then the import, and what came of each row."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from adapters.lead_import_store import ImportState, RowTold, latest_imports
from api.import_body import COLUMNS, BadTable, rows_of_csv
from api.pages.forms import Form, FormModel, read_form
from api.pages.import_texts import column_of, fault_text, table_text
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.permission import Act
from services.importing import KEPT, MOST_ROWS, AlreadyImporting, Import
from services.uploads import Upload

router: Final = APIRouter(include_in_schema=False)

_ROWS: Final = 50
_MOST_REJECTS: Final = MOST_ROWS
_LATEST: Final = 5
_FILE: Final = "file"
_HEADER: Final = ("row", "line", "column", "code", "reason")
_EXAMPLE: Final = (
    "company;city;postcode;industry;source;contact.name;contact.email;firstContact.note\r\n"
    "Gasthof Beispiel GmbH;Erfurt;99084;Gastronomie;REFERRAL;Jo Beispiel;jo@gasthof.example;\r\n"
    "Bäckerei Muster KG;Jena;07743;Bäckerei;PHONE;;;Sprach mit der Inhaberin über Tiefkühlware\r\n"
)
_RUNNING: Final = N_("An import of yours is running. Wait until it is done.")


class ImportForm(FormModel):
    """A table; it comes as a file."""


class StartForm(FormModel):
    """The wish to import what was looked at."""


@router.get("/import")
async def show_import(view: CurrentView) -> Response:
    """Where a table is chosen."""
    view.asking().require(Act.REGISTER)
    return await _chooser(view, Form(view.text))


@router.get("/import/example.csv")
async def read_example(view: CurrentView) -> Response:
    """A table that shows how it is done."""
    return _table(view, _EXAMPLE, "example.csv")


@router.post("/import")
async def preview_import(request: Request, view: CurrentView) -> Response:
    """Look at every row of a table, and say what would come of it; nothing is written."""
    asking = view.asking(dry_run=True)
    asking.require(Act.REGISTER)
    form = await read_form(request, ImportForm)
    file = form.files.get(_FILE)
    body = b"" if file is None else await file.read()
    if not body:
        form.fail(_FILE, N_("Please choose a file."))
    if form.errors:
        return await _chooser(view, form, status=422)
    try:
        # Megabytes are read beside the loop, so that nobody else has to wait.
        rows = await asyncio.to_thread(rows_of_csv, body)
        name = await view.wiring.imports.ask(view.desk, asking, rows, body)
    except BadTable as bad:
        form.errors[_FILE] = table_text(bad, view.text)
        return await _chooser(view, form, status=422)
    except AlreadyImporting:
        form.fail("", _RUNNING)
        return await _chooser(view, form, status=409)
    view.wiring.imports.uploads.keep(view.caller, Upload(name, rows, body, view.now()))
    return view.to(f"/import/{name}")


@router.get("/import/{job}")
async def read_import(
    job: UUID, view: CurrentView, after: Annotated[int, Query(ge=0, le=MOST_ROWS)] = 0
) -> Response:
    """How far an import or a look at a table is, and the rows that are not taken."""
    return await _standing(view, job, Form(view.text), after=after)


@router.post("/import/{job}/start")
async def start_import(job: UUID, request: Request, view: CurrentView) -> Response:
    """Import the table that was looked at; asked twice, it is imported once."""
    asking = view.asking()
    asking.require(Act.REGISTER)
    form = await read_form(request, StartForm)
    if not form.ok:
        return await _standing(view, job, form, status=422)
    imports = view.wiring.imports
    upload = imports.uploads.find(view.caller, job, at=view.now())
    if upload is None:
        form.fail("", N_("The table is not kept any more. Please choose it once more."))
        return await _chooser(view, form, status=409)
    if upload.started is not None:
        begun = await imports.look(view.desk, asking, upload.started, most=1)
        if begun.state is not ImportState.INTERRUPTED:
            return view.to(f"/import/{upload.started}")
    try:
        name = await imports.ask(view.desk, asking, upload.rows, upload.body)
    except AlreadyImporting:
        form.fail("", _RUNNING)
        return await _standing(view, job, form, status=409)
    imports.uploads.begin(view.caller, upload, name)
    return view.to(f"/import/{name}")


@router.get("/import/{job}/rejects.csv")
async def read_rejects(job: UUID, view: CurrentView) -> Response:
    """Every row that is not taken, with line, column and reason."""
    found = await view.wiring.imports.look(view.desk, view.asking(), job, most=_MOST_REJECTS)
    text = io.StringIO(newline="")
    table = csv.writer(text, delimiter=";")
    table.writerow(_HEADER)
    for row in found.rows:
        for fault in row.faults:
            table.writerow((row.number, row.line, column_of(fault), fault.code, fault_text(fault, view.text)))
    return _table(view, text.getvalue(), "rejects.csv")


def _table(view: View, text: str, name: str) -> Response:
    # The mark at the beginning tells a spreadsheet that this is UTF-8.
    return Response(
        f"\ufeff{text}".encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Language": view.language,
        },
    )


async def _chooser(view: View, form: Form[ImportForm] | Form[StartForm], status: int = 200) -> Response:
    since: datetime = view.now() - KEPT
    async with view.looking() as connection:
        latest = await latest_imports(
            connection, view.caller.tenant, view.caller.user, since=since, most=_LATEST
        )
    return view.page(
        "import/choose.html.j2", status=status, form=form, latest=latest, columns=COLUMNS, most=MOST_ROWS
    )


async def _standing(
    view: View,
    job: UUID,
    form: Form[StartForm],
    *,
    after: int = 0,
    status: int = 200,
) -> Response:
    imports = view.wiring.imports
    found: Import = await imports.look(view.desk, view.asking(), job, after=after, most=_ROWS)
    return view.page(
        "import/standing.html.j2",
        status=status,
        form=form,
        job=job,
        found=found,
        stored=found.stored,
        running=found.state is ImportState.RUNNING,
        interrupted=found.state is ImportState.INTERRUPTED,
        rows=[(row, _told(view, row)) for row in found.rows],
        upload=imports.uploads.find(view.caller, job, at=view.now()),
        first=f"/import/{job}" if after else None,
        later=f"/import/{job}?after={found.rows[-1].number}" if found.more else None,
    )


def _told(view: View, row: RowTold) -> list[tuple[str, str]]:
    return [(column_of(fault), fault_text(fault, view.text)) for fault in row.faults]
