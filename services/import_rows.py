"""One row of an import: a registration like any other, and what came of it in a few words.

The row says which lead it means: its company, place, owner and beginning make the ids of lead and fact. So
the same row again, in whatever file, is the same registration and changes nothing. Under an idempotency key
these ids are the key's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final
from uuid import UUID, uuid5

from adapters.lead_import_store import Fault, RowOutcome, RowTold, same_lead
from adapters.normalise import lead_key
from protection.dates import format_instant
from protection.permission import Act
from protection.refusal import Refused
from protection.state import ENDED, Status
from services.asking import Asking
from services.desk import Desk
from services.errors import ExternalIdTaken, Forbidden, KeyReused, LiveDuplicate, Similar
from services.registering import NewLead, foresee_opening, register

_DUPLICATE: Final = Fault("company", "live-duplicate", "a live lead of the same company and place exists")
_SIMILAR: Final = Fault(
    "confirm_similar", "similar", "similar leads exist; confirm with a reason that this is another company"
)
_TAKEN: Final = Fault("external_id", "external-id-taken", "another lead has this external id")
_BEFORE: Final = Fault(
    "",
    "imported-before",
    "this row was imported before, and its lead has ended or is another's by now; to open it anew, import it"
    " under an Idempotency-Key of its own",
)
_IN_THE_WAY: Final[Mapping[type[Exception], tuple[RowOutcome, Fault]]] = MappingProxyType(
    {
        LiveDuplicate: (RowOutcome.LIVE_DUPLICATE, _DUPLICATE),
        ExternalIdTaken: (RowOutcome.REFUSED, _TAKEN),
        KeyReused: (RowOutcome.REFUSED, _BEFORE),
    }
)
_OVER: Final = ENDED - {Status.CONVERTED}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row as it was read.

    Attributes:
        number: the first row is 1.
        line: where it begins in the file; None where there are no lines.
        wanted: what it asks for; None where `faults` says why it cannot be read.
        company_key: company and place as leads are compared by; "" where nothing was read.
    """

    number: int
    line: int | None
    wanted: NewLead | None
    faults: tuple[Fault, ...] = ()
    company_key: str = field(init=False)

    def __post_init__(self) -> None:
        said = None if self.wanted is None else self.wanted.company
        object.__setattr__(self, "company_key", "" if said is None else lead_key(said.company, said.city))

    @property
    def means(self) -> tuple[str, ...]:
        """What it shares with other rows that may be the same lead."""
        if self.wanted is None:
            return ()
        external_id = self.wanted.company.external_id
        company = f"company/{self.company_key}"
        return (company,) if external_id is None else (company, f"id/{external_id.strip()}")


@dataclass(slots=True)
class Foretold:
    """What earlier rows of a dry run would leave behind.

    Attributes:
        facts: ids of the registrations.
        places: company and postcode of the leads.
    """

    facts: set[str] = field(default_factory=set)
    places: set[tuple[str, str | None]] = field(default_factory=set)
    external_ids: set[str] = field(default_factory=set)


async def import_row(desk: Desk, asking: Asking, row: ImportRow, foretold: Foretold) -> RowTold:
    """Register what a row asks for, or say what would come of it.

    Args:
        asking: of the whole import; `dry_run` only says what would come of it.
        foretold: of this dry run; unused otherwise.

    Raises:
        Unavailable: nobody took it up in time; trying again is harmless.
    """
    wanted = row.wanted
    if wanted is None:
        return _told(row, RowOutcome.REFUSED, *row.faults)
    own = replace(asking, fact_id=_fact_id(asking, wanted, row.company_key), key=None, lasting=True)
    try:
        if asking.dry_run:
            return await _foretell(desk, own, row, wanted, foretold)
        done = await register(desk, own, wanted)
    except (LiveDuplicate, ExternalIdTaken, KeyReused) as error:
        return await _met(desk, asking, row, wanted, error)
    except (Similar, Forbidden, Refused) as error:
        return _refused(row, wanted, error)
    if done.duplicate:
        return _known(row, done.lead, Status(done.status))
    return _told(row, RowOutcome.REGISTERED, lead=done.lead)


async def _foretell(
    desk: Desk, asking: Asking, row: ImportRow, wanted: NewLead, foretold: Foretold
) -> RowTold:
    """What would come of a row after the rows before it."""
    seen = await foresee_opening(desk, asking, wanted)
    if seen.known is not None:
        return _known(row, seen.entry.id, seen.known.status)
    if asking.fact_id in foretold.facts:
        return _told(row, RowOutcome.ALREADY_THERE)
    if wanted.opening.override is None and _is_taken(row, seen.entry.postcode, foretold.places):
        return _told(row, RowOutcome.LIVE_DUPLICATE, _DUPLICATE)
    external_id = seen.entry.external_id
    if external_id is not None:
        if external_id in foretold.external_ids:
            return _told(row, RowOutcome.REFUSED, _TAKEN)
        foretold.external_ids.add(external_id)
    foretold.facts.add(asking.fact_id)
    foretold.places.add((row.company_key, seen.entry.postcode))
    return _told(row, RowOutcome.REGISTERED)


def _is_taken(row: ImportRow, postcode: str | None, places: set[tuple[str, str | None]]) -> bool:
    """As `live_duplicate` in SQL: a postcode counts where both have one."""
    return any(
        key == row.company_key and (postcode is None or other is None or postcode == other)
        for key, other in places
    )


def _known(row: ImportRow, lead: UUID, status: Status | None) -> RowTold:
    if status in _OVER:
        return _told(row, RowOutcome.REFUSED, _BEFORE, lead=lead)
    return _told(row, RowOutcome.ALREADY_THERE, lead=lead)


async def _met(
    desk: Desk,
    asking: Asking,
    row: ImportRow,
    wanted: NewLead,
    error: LiveDuplicate | ExternalIdTaken | KeyReused,
) -> RowTold:
    """Another registration stands in the way: of this very lead, or of one that is nobody's business here."""
    said, backdating = wanted.company, wanted.opening.backdating
    async with desk.looking(asking) as connection:
        lead = await same_lead(
            connection,
            asking.tenant,
            owner=wanted.owner or asking.caller.user,
            company_key=row.company_key,
            postcode=None if said.postcode is None else said.postcode.strip(),
            external_id=said.external_id,
            noted=wanted.preregistration,
            registered_at=None if backdating is None else backdating.registered_at,
            at=desk.now(),
        )
    if lead is not None:
        return _told(row, RowOutcome.ALREADY_THERE, lead=lead)
    outcome, fault = _IN_THE_WAY[type(error)]
    return _told(row, outcome, fault)


def _refused(row: ImportRow, wanted: NewLead, error: Similar | Forbidden | Refused) -> RowTold:
    match error:
        case Similar():
            return _told(row, RowOutcome.SIMILAR, _SIMILAR, lead=error.candidates[0].lead)
        case Forbidden():
            fault = Fault(
                _forbidden_field(error.act, wanted), "forbidden", f"you may not do this: {error.act}"
            )
        case _:
            fault = Fault(error.field, error.code, error.message)
    return _told(row, RowOutcome.REFUSED, fault)


def _fact_id(asking: Asking, wanted: NewLead, company_key: str) -> str:
    backdating = wanted.opening.backdating
    parts = (
        asking.key or "",
        wanted.owner or asking.caller.user,
        company_key,
        "" if wanted.company.postcode is None else wanted.company.postcode.strip(),
        "" if backdating is None else format_instant(backdating.registered_at),
        "noted" if wanted.preregistration else "",
    )
    return str(uuid5(asking.tenant, "\n".join(("import", *parts))))


def _forbidden_field(act: Act, wanted: NewLead) -> str:
    if act is Act.REGISTER_FOR_OTHERS:
        return "owner"
    if act is Act.GOVERN:
        return "override_duplicate" if wanted.opening.backdating is None else "backdating"
    return ""


def _told(row: ImportRow, outcome: RowOutcome, *faults: Fault, lead: UUID | None = None) -> RowTold:
    return RowTold(number=row.number, line=row.line, outcome=outcome, lead=lead, faults=faults)
