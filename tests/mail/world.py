"""A tenant with an agent, two managers and leads, in a real database; and the activity wired to it."""

import json
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.courier import Patience
from activities.notify import NotificationActivities
from activities.orders import NotificationKind, NotificationOrder, NotificationResult
from activities.ports import Mailer, NotificationStore, TellingRules
from adapters.mail import MailServer, Sender, SmtpMailer
from adapters.mail_texts.writer import MailTexts
from adapters.notification_store import PostgresNotificationStore, PostgresPeople
from protection.facts import ActivityRecorded, Fact, Registered
from protection.lifecycle import replay, snapshot
from protection.policy import Policy, policy_to_json
from protection.wire import fact_to_json

REGISTERED = datetime(2031, 1, 10, 9, 0, tzinfo=UTC)
CALL = datetime(2031, 2, 3, 10, 15, tzinfo=UTC)
POLICY = Policy()
SENDER = Sender.from_setting("Fristwerk <clock@fristwerk.example>")
PUBLIC_URL = "https://leads.example/"


def life(*more: Fact, owner: str = "erika") -> tuple[Fact, ...]:
    """A registration and one qualified call, then whatever is given."""
    return (
        Registered(fact_id="r", recorded_at=REGISTERED, by="erika", owner=owner, registered_at=REGISTERED),
        ActivityRecorded(fact_id="c", recorded_at=CALL, by="erika", kind="QUALIFIED_CALL", occurred_at=CALL),
        *more,
    )


def due(facts: tuple[Fact, ...], policy: Policy = POLICY) -> datetime:
    """When the reminder of this life is due."""
    at = snapshot(replay(policy, facts), facts[-1].recorded_at).reminder_due_at
    assert at is not None
    return at


@dataclass
class World:
    """A tenant of its own, seeded as the superuser; our code connects as the worker role."""

    url: str
    pool: "asyncpg.Pool[asyncpg.Record]"
    tenant: uuid.UUID = field(default_factory=uuid.uuid4)

    async def _execute(self, sql: str, *values: object) -> None:
        connection = await asyncpg.connect(self.url, server_settings={"app.tenant": str(self.tenant)})
        try:
            await connection.execute(sql, *values)
        finally:
            await connection.close()

    async def begin(self) -> None:
        await self._execute("insert into tenant (id, name) values ($1, $2)", self.tenant, self.tenant.hex)
        await self._execute(
            "insert into policy_version (tenant, version, policy) values ($1, $2, $3)",
            self.tenant, POLICY.version, json.dumps(policy_to_json(POLICY)),
        )  # fmt: skip
        await self.person("erika", "erika@agents.example", "Erika Müller")
        await self.person(
            "max", "max@ffz.example", "Max Boss", locale="en", zone="America/New_York", roles=["manager"]
        )
        await self.person("rita", "rita@ffz.example", "Rita Chefin", roles=["manager", "admin"])

    async def person(
        self,
        user: str,
        address: str | None,
        name: str = "Somebody",
        *,
        locale: str = "de",
        zone: str = "Europe/Berlin",
        roles: list[str] | None = None,
    ) -> None:
        await self._execute(
            """insert into app_user (tenant, id, email, display_name, locale, timezone, roles)
               values ($1, $2, $3, $4, $5, $6, $7)
               on conflict (tenant, id) do update set email = excluded.email, locale = excluded.locale""",
            self.tenant, user, address, name, locale, zone, roles or ["agent"],
        )  # fmt: skip

    async def lead(
        self, facts: tuple[Fact, ...], company: str = "Bäckerei Süß GmbH", city: str = "Ulm"
    ) -> uuid.UUID:
        lead, at = uuid.uuid4(), facts[-1].recorded_at
        await self._execute(
            """insert into lead (tenant, id, company, city, owner, company_key, created_at)
               values ($1, $2, $3, $4, 'erika', $5, $6)""",
            self.tenant, lead, company, city, lead.hex, at,
        )  # fmt: skip
        await self._execute(
            """insert into protection (tenant, lead, revision, status, owner, policy_version, updated_at)
               values ($1, $2, 0, 'ACTIVE', 'erika', $3, $4)""",
            self.tenant, lead, POLICY.version, at,
        )  # fmt: skip
        await self.add(lead, *facts)
        return lead

    async def add(self, lead: uuid.UUID, *facts: Fact) -> None:
        for fact in facts:
            await self._execute(
                """insert into fact
                     (tenant, lead, revision, fact_id, type, occurred_at, recorded_at, by, payload)
                   select $1, $2, 1 + count(*), $3, $4, $5, $5, $6, $7
                   from fact where tenant = $1 and lead = $2""",
                self.tenant, lead, fact.fact_id, fact.type, fact.recorded_at, fact.by,
                json.dumps(fact_to_json(fact)),
            )  # fmt: skip

    async def rows(self, lead: uuid.UUID) -> dict[str, asyncpg.Record]:
        """The notification rows of a lead, by recipient."""
        connection = await asyncpg.connect(self.url)
        try:
            rows = await connection.fetch(
                "select * from notification where tenant = $1 and lead = $2", self.tenant, lead
            )
        finally:
            await connection.close()
        return {row["recipient"]: row for row in rows}

    async def told(self, lead: uuid.UUID) -> list[asyncpg.Record]:
        """All notification rows of a lead, whatever the channel."""
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetch(
                "select * from notification where tenant = $1 and lead = $2 order by channel",
                self.tenant,
                lead,
            )
        finally:
            await connection.close()

    def order(
        self, lead: uuid.UUID, kind: NotificationKind, at: datetime, cycle: str = "2"
    ) -> NotificationOrder:
        return NotificationOrder(str(self.tenant), str(lead), kind, cycle, at.isoformat())

    def activities(
        self,
        mailer: Mailer | str,
        *,
        store: NotificationStore | None = None,
        rules: TellingRules | None = None,
        patience: Patience | None = None,
    ) -> NotificationActivities:
        people = PostgresPeople(self.pool)
        return NotificationActivities(
            store=store or PostgresNotificationStore(self.pool),
            mailer=SmtpMailer(MailServer.from_url(mailer), SENDER) if isinstance(mailer, str) else mailer,
            directory=people,
            ledgers=people,
            writer=MailTexts(PUBLIC_URL),
            rules=rules,
            patience=patience,
        )


async def run(
    activities: NotificationActivities, order: NotificationOrder, at: datetime, *, attempt: int = 1
) -> NotificationResult:
    """One attempt that the server started at this instant."""
    environment = ActivityEnvironment()
    environment.info = replace(ActivityEnvironment.default_info(), started_time=at, attempt=attempt)
    result = await environment.run(activities.send_notification, order)
    assert isinstance(result, NotificationResult)
    return result


def later(moment: datetime, **delta: float) -> datetime:
    """The instant so much later."""
    return moment + timedelta(**delta)
