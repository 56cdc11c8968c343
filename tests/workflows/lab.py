"""A whole product in small: Temporal with skippable time, PostgreSQL, SMTP, both workers, one tenant per lab.

Every lead has a clock of its own, so tests run side by side without touching each other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle

from activities.courier import Patience
from activities.erasure import ErasureActivities
from activities.ledger import LedgerActivities
from activities.notify import NotificationActivities
from activities.records import LedgerStore
from adapters.database import Pool, open_pool
from adapters.erasure_gateway import TemporalLeadEnder
from adapters.erasure_store import PostgresErasureStore
from adapters.lead_entry import ContactEntry, LeadEntry
from adapters.lead_gateway import TemporalLeadGateway, Told
from adapters.ledger_store import PostgresLedgerStore
from adapters.mail import MailServer, Sender, SmtpMailer
from adapters.mail_texts.writer import MailTexts
from adapters.notification_store import PostgresNotificationStore, PostgresPeople
from adapters.sample_messenger import carrying
from adapters.settings import Login, Role
from protection.dates import parse_instant
from protection.lifecycle import replay, snapshot
from protection.policy import Policy, policy_to_json
from protection.state import LeadState
from protection.wire import fact_from_json
from sandbox.mailbox import Mailbox, StoredMail
from tests.samples.parts import inviting, sample_steps
from tests.sql.lead_store import PostgresLeadStore
from tests.stackfixtures import SmtpSink
from tests.vaultfixtures import VAULT
from workers.bootstrap import campaigns
from workers.lead_clock import LeadClock
from workers.registry import lead_worker
from workflows import names
from workflows.messages import Preregister, RecordActivity, Register, RetryReminder, TellsFact

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
SENDER: Final = Sender.from_setting("Fristwerk <clock@fristwerk.example>")
QUICK: Final = Patience(
    deferrals=1_000, deferred=timedelta(milliseconds=200), longest=timedelta(milliseconds=500)
)


# Nobody is told anything ahead of time.
QUIET: Final = Policy(version="quiet-1", notice_progress_days=0, notice_base_days=0)


async def until(answers: Callable[[], Awaitable[bool]], seconds: float = 120) -> None:
    """Waits in real time until the question is answered with yes."""
    async with asyncio.timeout(seconds):
        while True:
            if await answers():
                return
            await asyncio.sleep(0.05)


@dataclass
class Lab:
    """What tests need of the running product."""

    client: Client
    url: str
    pool: Pool
    tenant: UUID
    gateway: TemporalLeadGateway
    mailbox: Mailbox
    policy: Policy

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        client: Client,
        url: str,
        sink: SmtpSink,
        *,
        store: Callable[[Pool], LedgerStore] = PostgresLedgerStore,
        policy: Policy | None = None,
        within: timedelta = timedelta(seconds=100),
        work: bool = True,
    ) -> AsyncIterator[Lab]:
        """Workers on both queues, until the block ends.

        Args:
            store: makes the ledger store; for stores that fail on purpose.
            within: how long the gateway waits for an answer.
            work: False: no workers, the test brings its own.
        """
        policy = policy or Policy()
        async with await open_pool(Login(url, Role.WORKER), name="test-lab", largest=12) as pool:
            people = PostgresPeople(pool)
            gateway = TemporalLeadGateway(client, people, within=within)
            lab = cls(client, url, pool, uuid4(), gateway, sink.mailbox, policy)
            await lab._settle_in()
            if not work:
                yield lab
                return
            workers = lead_worker(
                client,
                LedgerActivities(store(pool)).record_facts,
                notifications(pool, sink).send_notification,
                erasures(client, pool, gateway),
                more=[campaigns(client, pool).advance, *sample_steps(pool, gateway)],
                mails=[inviting(pool, sink).send_invitation],
            )
            async with workers.lead, workers.mail, carrying(pool, Login(url, Role.WORKER), client):
                yield lab

    async def _settle_in(self) -> None:
        await self.execute("insert into tenant (id, name) values ($1, $2)", self.tenant, self.tenant.hex)
        for policy in (self.policy, QUIET):
            await self.version(policy)
        await self.person("boss", roles=["manager"])

    async def version(self, policy: Policy) -> Policy:
        """Puts a policy version on file."""
        await self.execute(
            "insert into policy_version (tenant, version, policy) values ($1, $2, $3)",
            self.tenant,
            policy.version,
            policy_to_json(policy),
        )
        return policy

    async def execute(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Runs a statement as the superuser."""
        connection = await asyncpg.connect(self.url, server_settings={"app.tenant": str(self.tenant)})
        try:
            await connection.set_type_codec(
                "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
            )
            return [dict(row) for row in await connection.fetch(sql, *values)]
        finally:
            await connection.close()

    def address(self, user: str) -> str:
        """The address of a user nobody else has."""
        return f"{user}@{self.tenant.hex}.example"

    async def person(self, user: str, *, address: str | None = None, roles: list[str] | None = None) -> None:
        """Adds somebody, or gives them another address."""
        await self.execute(
            """insert into app_user (tenant, id, email, display_name, roles) values ($1, $2, $3, $2, $4)
               on conflict (tenant, id) do update set email = excluded.email""",
            self.tenant,
            user,
            address or self.address(user),
            roles or ["agent"],
        )

    async def lead(
        self,
        *,
        address: str | None = None,
        contacts: tuple[ContactEntry, ...] = (),
        policy: Policy | None = None,
    ) -> Lead:
        """A lead on file with an owner of its own; no workflow yet.

        Args:
            address: `bounce…` is refused for good, `defer…` for now.
        """
        lead = uuid4()
        owner = f"agent-{lead.hex[:12]}"
        await self.person(owner, address=f"{address}.{self.address(owner)}" if address else None)
        entry = LeadEntry(
            id=lead,
            external_id=None,
            company="Gasthof Muster GmbH",
            city="Erfurt",
            postcode="99084",
            industry="HOTEL",
            source="REFERRAL",
            owner=owner,
            company_key=lead.hex,
            created_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
            contacts=contacts,
        )
        assert await PostgresLeadStore(self.pool, VAULT).register_lead(self.tenant, entry)
        return Lead(self, lead, owner, policy or self.policy)

    async def registered(
        self, *, address: str | None = None, policy: Policy | None = None, **opening: Any
    ) -> Lead:
        """A lead whose protection has begun and is recorded."""
        lead = await self.lead(address=address, policy=policy)
        await lead.register(**opening)
        return lead


def erasures(client: Client, pool: Pool, gateway: TemporalLeadGateway) -> ErasureActivities:
    """The erasure activities over real PostgreSQL."""
    return ErasureActivities(PostgresErasureStore(pool), TemporalLeadEnder(client, gateway))


def notifications(pool: Pool, sink: SmtpSink) -> NotificationActivities:
    """The notification activities over real PostgreSQL and the real mail sink, quick to try again."""
    people = PostgresPeople(pool)
    return NotificationActivities(
        store=PostgresNotificationStore(pool),
        mailer=SmtpMailer(MailServer.from_url(sink.url), SENDER),
        directory=people,
        ledgers=people,
        writer=MailTexts("https://leads.example/"),
        patience=QUICK,
    )


class Lead:
    """One lead of a lab, with its workflow and its clock."""

    def __init__(self, lab: Lab, lead: UUID, owner: str, policy: Policy) -> None:
        self.lab = lab
        self.id = lead
        self.owner = owner
        self.policy = policy
        self.clock = LeadClock(lab.client, self.handle)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The newest run of its workflow."""
        return self.lab.client.get_workflow_handle(names.workflow_id(self.lab.tenant, self.id))

    def registration(self, **opening: Any) -> Register:
        """The message that registers it."""
        return Register(by=self.owner, owner=self.owner, **opening)

    async def register(self, **opening: Any) -> None:
        """Starts the workflow and waits until the registration is recorded."""
        message = self.registration(**opening)
        await self.lab.gateway.register(self.lab.tenant, self.id, self.policy, message)
        await until(self._is_recorded)

    async def preregister(self) -> None:
        """The same for a pre-registration."""
        message = Preregister(by=self.owner, owner=self.owner)
        await self.lab.gateway.register(self.lab.tenant, self.id, self.policy, message)
        await until(self._is_recorded)

    async def _is_recorded(self) -> bool:
        return bool(await self.facts())

    async def tell(self, message: TellsFact | RetryReminder) -> Told:
        """Sends an update and waits for its answer."""
        return await self.lab.gateway.tell(self.lab.tenant, self.id, message)

    async def now(self) -> datetime:
        """The workflow's own time."""
        return await self.clock.now()

    async def forward(self, to: datetime | timedelta) -> None:
        """Skips to an instant, or by so much, and lets what is due happen."""
        await self.clock.forward(to if isinstance(to, datetime) else await self.now() + to)

    async def move(self, address: str) -> None:
        """The owner's mails go to another address from now on: `defer`, `bounce`, or "" for a good one."""
        good = self.lab.address(self.owner)
        await self.lab.person(self.owner, address=f"{address}.{good}" if address else good)

    async def wait_for(self, **columns: Any) -> None:
        """Waits until the projection in the database says so."""

        async def is_so() -> bool:
            row = await self.row()
            return all(row[name] == value for name, value in columns.items())

        await until(is_so)

    async def view(self) -> dict[str, Any]:
        """What the workflow itself says."""
        view: dict[str, Any] = await self.handle.query(names.PROTECTION)
        return view

    async def metadata(self) -> WorkflowMetadata:
        """What the workflow tells operators of itself."""
        metadata: WorkflowMetadata = await self.handle.query(
            "__temporal_workflow_metadata", result_type=WorkflowMetadata
        )
        return metadata

    async def details(self) -> str:
        """The current details that the Temporal UI shows."""
        return (await self.metadata()).current_details

    async def describe(self) -> WorkflowExecutionDescription:
        """What Temporal says."""
        return await self.handle.describe()

    async def row(self) -> dict[str, Any]:
        """The projection in the database."""
        (row,) = await self.lab.execute(
            "select * from protection where tenant = $1 and lead = $2", self.lab.tenant, self.id
        )
        return row

    async def facts(self) -> list[dict[str, Any]]:
        """The ledger in the database, by revision."""
        rows = await self.lab.execute(
            "select revision, payload from fact where tenant = $1 and lead = $2 order by revision",
            self.lab.tenant,
            self.id,
        )
        assert [row["revision"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["payload"] for row in rows]

    async def types(self) -> list[str]:
        """The types of the facts in the ledger."""
        return [fact["type"] for fact in await self.facts()]

    async def state(self) -> LeadState:
        """What the pure engine makes of the ledger."""
        return replay(self.policy, (fact_from_json(fact) for fact in await self.facts()))

    async def audit(self) -> list[dict[str, Any]]:
        """The audit rows of the lead."""
        return await self.lab.execute(
            "select * from audit_event where tenant = $1 and lead = $2 order by seq", self.lab.tenant, self.id
        )

    async def notifications(self) -> list[dict[str, Any]]:
        """The notification rows of the lead."""
        return await self.lab.execute(
            "select * from notification where tenant = $1 and lead = $2 order by created_at, kind, recipient",
            self.lab.tenant,
            self.id,
        )

    async def told(self, *kinds: str) -> list[tuple[str, str, str]]:
        """Kind, cycle and status of every notification to the owner, in order."""
        return [
            (row["kind"], row["cycle"], row["status"])
            for row in await self.notifications()
            if row["recipient"] == self.owner and (not kinds or row["kind"] in kinds)
        ]

    def mails(self) -> list[StoredMail]:
        """The mails in the sink that went to the owner, oldest first."""
        mails = (self.lab.mailbox.read(number) for number in self.lab.mailbox.numbers())
        return [mail for mail in mails if any(self.owner in to for to in mail.recipients)]

    async def is_over(self) -> bool:
        """Whether the workflow has ended by itself."""
        return (await self.describe()).close_time is not None

    async def agrees(self) -> None:
        """Asserts that database, workflow and engine say the same of this very moment."""
        view, row, state = await self.view(), await self.row(), await self.state()
        answer = snapshot(state, max(await self.now(), state.recorded_at))
        assert row["revision"] == view["revision"] == state.revision
        assert row["status"] == view["status"] == str(answer.status)
        assert row["paused"] == view["paused"] == answer.paused
        for name in ("base_until", "progress_until", "grace_until", "valid_until"):
            recorded = row[name]
            asked = None if view[name] is None else datetime.fromisoformat(view[name])
            assert recorded == asked == getattr(answer, name), name


async def due(lead: Lead) -> datetime:
    """When the reminder goes out."""
    at = (await lead.view())["reminder_due_at"]
    assert at is not None
    return parse_instant(at)


def call(lead: Lead, fact_id: str) -> RecordActivity:
    """Progress, now."""
    return RecordActivity(kind="QUALIFIED_CALL", by=lead.owner, fact_id=fact_id)


async def deferred(lab: Lab) -> Lead:
    """A lead whose reminder is tried again and again."""
    lead = await lab.registered(policy=QUIET)
    await lead.move("defer")
    await lead.clock.skip(await due(lead))

    async def tried() -> bool:
        return any(row["attempt"] > 1 for row in await lead.notifications())

    await until(tried)
    return lead
