"""New leads that are to be classified: what is told of them, and who brings them to their workflow.

SQL: ai_leads.sql. Only of the tenant whose accounts at AI providers there are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.ai.cases.leads import ContactQuestion, LeadQuestion
from activities.ai.classifying import ASKER, ContactTold
from activities.ai.orders import AI_QUEUE
from activities.proposal_facts import ProposalFacts, Segment
from adapters import log
from adapters.database import Pool, UnknownTenant, load_queries, transaction
from adapters.health import TEMPORAL_AWAY, expect_tenant
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.messenger import Messenger, at_work
from adapters.proposal_store import ProposalSource, Proposed, propose
from adapters.settings import Login
from adapters.vault import Vault
from workflows import names
from workflows.ai_start import StartClassify
from workflows.messages import to_json

CHANNEL: Final = "lead_to_classify"
_SQL: Final = load_queries("ai_leads")
_MOST: Final = 50
_MOST_WORDS: Final = 4_000
# Without a knock, for leads whose workflow could not be started.
_PAUSE: Final = timedelta(seconds=15)
# Mailboxes that are called after a function; any other may be somebody's name, and is not told.
FUNCTIONS: Final = frozenset(
    {
        "bestellung", "buero", "chef", "controlling", "direktion", "einkauf", "empfang", "gastronomie",
        "geschaeftsfuehrung", "gf", "hotel", "hausleitung", "info", "kantine", "kitchen", "kontakt",
        "kueche", "kuechenchef", "kuechenleitung", "kuche", "leitung", "management", "office", "purchasing",
        "rezeption", "verwaltung",
    }
)  # fmt: skip

_log = log.get(__name__)


class PostgresLeadTexts:
    """See `activities.ai.classifying.LeadTexts`.

    Args:
        pool: connections as the worker role.
        vault: opens what is sealed.
    """

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def lead(self, tenant: UUID, lead: UUID) -> LeadQuestion | None:
        """The company; None where there is no such lead."""
        async with transaction(self._pool, tenant, ASKER, reading=True) as connection:
            row = await _SQL.lead_told(connection, tenant=tenant, lead=lead)
        if row is None:
            return None
        return LeadQuestion(
            company=row["company"], city=row["city"], industry=row["industry"], source=row["source"]
        )

    async def contact(self, tenant: UUID, lead: UUID) -> ContactTold | None:
        """Its newest contact; None where it has none."""
        async with transaction(self._pool, tenant, ASKER, reading=True) as connection:
            entries = await self._vault.open_contacts(connection, tenant, lead)
            row = await _SQL.lead_told(connection, tenant=tenant, lead=lead)
        segment = None if row is None or row["segment"] is None else Segment(row["segment"])
        return contact_told(entries, segment)

    async def propose(
        self, tenant: UUID, lead: UUID, facts: ProposalFacts, *, subject: UUID, confidence: float
    ) -> bool:
        """Puts an answer before a person; False if it was before, or protection is over."""
        now = datetime.now(UTC)
        wanted = Proposed(
            tenant=tenant,
            lead=lead,
            facts=facts,
            source=ProposalSource.AI,
            subject_id=str(subject),
            at=now,
            confidence=confidence,
        )
        async with transaction(self._pool, tenant, ASKER, at=now) as connection:
            return await propose(connection, wanted) is not None


def contact_told(entries: tuple[ContactEntry, ...], segment: Segment | None) -> ContactTold | None:
    """The newest contact as it may be asked about: without name, address and number."""
    contacts = [e for e in entries if e.kind is ContactKind.CONTACT and (e.name or e.email)]
    if not contacts:
        return None
    newest = contacts[-1]
    notes = [entry.note for entry in entries if entry.kind is ContactKind.FIRST_CONTACT and entry.note]
    mailbox = (newest.email or "").partition("@")[0].lower()
    known = mailbox if mailbox in FUNCTIONS else None
    if known is None and not notes:
        return ContactTold(newest.id, None)
    return ContactTold(
        newest.id,
        ContactQuestion(segment=segment, mailbox=known, note=notes[-1][:_MOST_WORDS] if notes else None),
    )


class NewLeads(Messenger):
    """Starts the workflow `lead-classify` for each lead that waits for it.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
        tenant: whose accounts there are.
    """

    def __init__(self, pool: Pool, client: Client, tenant: UUID) -> None:
        super().__init__("new leads", pause=_PAUSE)
        self._pool = pool
        self._client = client
        self._tenant = tenant
        self._told = False

    async def go_round(self) -> bool:
        """See `Messenger`."""
        await self._announce()
        return await self.start() >= _MOST

    async def start(self) -> int:
        """Start the oldest; answers how many were started."""
        async with transaction(self._pool, self._tenant, ASKER, reading=True) as connection:
            waiting = [
                row["lead"] async for row in _SQL.to_classify(connection, tenant=self._tenant, most=_MOST)
            ]
        for number, lead in enumerate(waiting):
            try:
                await self._begin(lead)
            except TEMPORAL_AWAY as error:
                _log.warning("new leads: no answer", lead=str(lead), error=type(error).__name__)
                return number
            async with transaction(self._pool, self._tenant, ASKER) as connection:
                await _SQL.begun(connection, tenant=self._tenant, lead=lead)
        return len(waiting)

    async def _announce(self) -> None:
        """From now on registering a lead leaves word; before the tenant is there, there is nobody to ask."""
        if self._told:
            return
        try:
            async with transaction(self._pool, self._tenant, ASKER) as connection:
                await expect_tenant(connection, self._tenant)
                await _SQL.classify_tenant(connection, tenant=self._tenant, at=datetime.now(UTC))
        except UnknownTenant:
            return
        self._told = True

    async def _begin(self, lead: UUID) -> None:
        with suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                names.LEAD_CLASSIFY,
                to_json(StartClassify(tenant=str(self._tenant), lead=str(lead))),
                id=names.classify_id(self._tenant, lead),
                task_queue=AI_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )


async def classify_no_more(pool: Pool, tenant: UUID) -> None:
    """Without an account registering a lead leaves no word, and nobody waits."""
    async with transaction(pool, tenant, ASKER) as connection:
        await _SQL.classify_no_more(connection, tenant=tenant)
        await _SQL.forget_waiting(connection, tenant=tenant)


@asynccontextmanager
async def starting(pool: Pool, login: Login, client: Client, tenant: UUID) -> AsyncIterator[NewLeads]:
    """New leads are brought to their workflows for as long as it is open.

    Args:
        pool: connections as the worker role.
        login: the same, for the one connection that listens.
        client: where the workflows are.
        tenant: whose accounts there are.
    """
    new = NewLeads(pool, client, tenant)
    async with at_work(new, login, channel=CHANNEL, name="fristwerk-new-leads"):
        yield new
