"""Many leads in one call: registered in the background, each like any other, with an outcome to look at.

The rows live in memory only, and end with the process. What is kept is what came of each of them, so an
import that was interrupted goes on where it was when the same request comes again under its key.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4, uuid5

from adapters import log
from adapters.health import DATABASE_AWAY, UNKEEPABLE
from adapters.lead_import_store import (
    Fault,
    ImportRunning,
    ImportState,
    RowOutcome,
    RowTold,
    StoredImport,
    add_import,
    close_import,
    forget_before,
    give_up_silent,
    import_of,
    keep_rows,
    rows_of,
    take_up,
)
from protection.permission import Act
from services.asking import Asking
from services.desk import Desk
from services.errors import KeyReused, Missing, NotFound, ServiceError, Unavailable
from services.import_rows import Foretold, ImportRow, import_row
from services.uploads import Uploads

MOST_ROWS: Final = 10_000
KEPT: Final = timedelta(days=1)
# An import that has told nothing for so long is not running any more.
SILENCE: Final = timedelta(minutes=1)
# How long the first answer waits for the outcome before it says that it will come.
PATIENCE: Final = timedelta(seconds=2)
# Rows that are looked at together; the others who ask the API shall not notice an import.
_AT_ONCE: Final = 4
_TELL_EVERY: Final = timedelta(seconds=1)
# A lead's clock that does not answer is asked so often again before the import is given up.
_PAUSES: Final = (timedelta(seconds=1), timedelta(seconds=3))

_UNKEEPABLE: Final = Fault("", "unkeepable", "a value in the row cannot be kept")
_FAILED: Final = Fault("", "internal-error", "something went wrong here; it has been written down")
_OUT_OF_REACH: Final[tuple[type[Exception], ...]] = (Unavailable, *DATABASE_AWAY)

_log = log.get(__name__)


class AlreadyImporting(ServiceError):
    """The caller has an import running; look at that one first."""

    def __init__(self) -> None:
        super().__init__("an import of yours is running; wait until it is done")


@dataclass(frozen=True, slots=True)
class Import:
    """An import and some of its rows.

    Attributes:
        state: as far as anybody can tell; one that is silent is interrupted.
        rows: those with which something is wrong, or all, by number.
        more: whether further rows follow.
    """

    stored: StoredImport
    state: ImportState
    rows: tuple[RowTold, ...]
    more: bool


class Imports:
    """Those this process runs; everybody has one at a time.

    Attributes:
        uploads: tables that somebody looks at before he imports them.
    """

    def __init__(self) -> None:
        self.uploads = Uploads()
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def ask(self, desk: Desk, asking: Asking, rows: Sequence[ImportRow], said: bytes) -> UUID:
        """Begin an import, go on with one that was interrupted, or find the one under the same key; its id.

        Args:
            rows: at least one and at most `MOST_ROWS`.
            said: the request as it came; what a repetition must say too.

        Raises:
            Forbidden: the caller may not register leads.
            KeyReused: the key stands for another import.
            AlreadyImporting: another one of the caller is running.
        """
        asking.require(Act.REGISTER)
        tenant, by, at = asking.tenant, asking.caller.user, desk.now()
        # Under the key itself, which is not kept: nobody can try out which rows make this hash.
        same = None if asking.key is None else hmac.digest(asking.key.encode(), said, "sha256")
        name = uuid4() if asking.key is None else uuid5(tenant, f"import/{asking.key}")
        done: frozenset[int] = frozenset()
        try:
            async with desk.writing(asking) as connection:
                await forget_before(connection, tenant, by, at - KEPT)
                await give_up_silent(connection, tenant, by, since=at - SILENCE)
                new = await add_import(
                    connection,
                    tenant,
                    name,
                    by=by,
                    request_hash=same,
                    dry_run=asking.dry_run,
                    total=len(rows),
                    at=at,
                )
                if not new:
                    known = await import_of(connection, tenant, name)
                    if known is None or known.request_hash != same:
                        raise KeyReused
                    if known.state is not ImportState.INTERRUPTED:
                        return name
                    done = await take_up(connection, tenant, name, at=at)
        except ImportRunning as error:
            raise AlreadyImporting from error
        left = [row for row in rows if row.number not in done]
        running = asyncio.create_task(_run(_Work(desk, asking, name), left))
        self._running[name] = running
        running.add_done_callback(lambda _: self._running.pop(name, None))
        return name

    async def look(
        self,
        desk: Desk,
        asking: Asking,
        name: UUID,
        *,
        after: int = 0,
        everything: bool = False,
        most: int,
        patience: timedelta = timedelta(0),
    ) -> Import:
        """How far an import is, and the next rows with which something is wrong.

        Args:
            everything: all rows, not only those.
            patience: how long to wait for one that is about to be done.

        Raises:
            NotFound: the caller has none of this id, or no longer.
        """
        running = self._running.get(name)
        if running is not None and patience:
            await asyncio.wait({running}, timeout=patience.total_seconds())
        async with desk.looking(asking) as connection:
            stored = await import_of(connection, asking.tenant, name)
            if stored is None:
                raise NotFound(Missing.IMPORT)
            rows = await rows_of(
                connection, asking.tenant, name, after=after, everything=everything, most=most + 1
            )
        silent = stored.state is ImportState.RUNNING and desk.now() - stored.told_at > SILENCE
        state = ImportState.INTERRUPTED if silent else stored.state
        return Import(stored, state, tuple(rows[:most]), len(rows) > most)

    async def stop(self) -> None:
        """Interrupt all of them; each notes what it has done so far."""
        running = set(self._running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


@dataclass(frozen=True, slots=True)
class _Work:
    """An import that runs.

    Attributes:
        told: what came of rows, as far as it is not kept yet.
    """

    desk: Desk
    asking: Asking
    name: UUID
    told: list[RowTold] = field(default_factory=list)
    foretold: Foretold = field(default_factory=Foretold)


async def _run(doing: _Work, rows: Sequence[ImportRow]) -> None:
    """Do an import to its end, telling on the way; whoever looks learns the rest."""
    work = asyncio.create_task(_all(doing, rows))
    state = ImportState.INTERRUPTED
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=_TELL_EVERY.total_seconds())
            await _keep(doing)
        work.result()
        state = ImportState.DONE
    except* _OUT_OF_REACH as group:
        kinds = [type(error).__name__ for error in group.exceptions]
        _log.warning("import: interrupted", job=str(doing.name), error=kinds)
    finally:
        work.cancel()
        await asyncio.wait({work})
        await _end(doing, state)


async def _end(doing: _Work, state: ImportState) -> None:
    desk, asking = doing.desk, doing.asking
    try:
        await _keep(doing)
        async with desk.writing(asking) as connection:
            await close_import(connection, asking.tenant, doing.name, state, at=desk.now())
    except DATABASE_AWAY as error:
        # Whoever looks will find it interrupted.
        _log.warning("import: the database went away", job=str(doing.name), error=type(error).__name__)


async def _keep(doing: _Work) -> None:
    desk, asking, now = doing.desk, doing.asking, list(doing.told)
    async with desk.writing(asking) as connection:
        await keep_rows(connection, asking.tenant, doing.name, now, at=desk.now())
    del doing.told[: len(now)]


async def _all(doing: _Work, rows: Sequence[ImportRow]) -> None:
    """All rows; those that may be the same lead one after the other, so that the first one wins."""
    groups = iter(_related(rows))

    async def some() -> None:
        for group in groups:
            for row in group:
                await _one(doing, row)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(_AT_ONCE):
            tasks.create_task(some())


def _related(rows: Iterable[ImportRow]) -> list[list[ImportRow]]:
    """The rows in groups of those that share a company or an external id, directly or over others."""
    groups: dict[str, list[ImportRow]] = {}
    alone: list[list[ImportRow]] = []
    for row in rows:
        met = {id(groups[key]): groups[key] for key in row.means if key in groups}
        largest, *others = sorted(met.values(), key=len, reverse=True) or [[]]
        moved = [row, *(one for other in others for one in other)]
        largest.extend(moved)
        groups.update((key, largest) for one in moved for key in one.means)
        if not row.means:
            alone.append(largest)
    joined = {id(group): group for group in groups.values()}.values()
    return [*alone, *(sorted(group, key=lambda one: one.number) for group in joined)]


async def _one(doing: _Work, row: ImportRow) -> None:
    for pause in _PAUSES:
        try:
            doing.told.append(await _tried(doing, row))
        except Unavailable:
            await asyncio.sleep(pause.total_seconds())
        else:
            return
    doing.told.append(await _tried(doing, row))


async def _tried(doing: _Work, row: ImportRow) -> RowTold:
    refused = RowTold(number=row.number, line=row.line, outcome=RowOutcome.REFUSED)
    try:
        return await import_row(doing.desk, doing.asking, row, doing.foretold)
    except _OUT_OF_REACH:
        raise
    except UNKEEPABLE:
        return replace(refused, faults=(_UNKEEPABLE,))
    except Exception as error:  # noqa: BLE001 - one row must not stop the others; told, and logged
        kind = type(error).__qualname__
        _log.error("import: a row failed", job=str(doing.name), row=row.number, error=kind)
        return replace(refused, faults=(_FAILED,))
