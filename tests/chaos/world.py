"""What a run left behind, read from database, mailbox and Temporal by those who built none of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from temporalio.client import Client

from activities.courier import SUPERSEDED
from adapters.database import Pool
from protection.decide import SendReminder, decide
from protection.facts import Fact, Lapsed, ReminderSent
from protection.lifecycle import replay, snapshot
from protection.policy import Policy
from protection.state import ALIVE, Status
from protection.wire import fact_from_json
from sandbox.mailbox import Mailbox
from tests.chaos.accounting import CLOCK, Entry
from workflows.names import LEAD_PROTECTION

# Lead, kind, cycle, recipient: what a mail is sent once for.
Told: TypeAlias = tuple[UUID, str, str, str]

# Mails somebody still comes back to. What a dead worker was sending when protection ended is called off.
_SENDING: Final = """
  select count(*) from notification as n join protection as p using (tenant, lead)
  where n.tenant = $1 and n.status = 'sending'
    and (n.kind in ('lapse', 'request-decided') or p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE'))
"""
_RUNNING: Final = f'WorkflowType = "{LEAD_PROTECTION}" and ExecutionStatus = "Running"'


@dataclass(frozen=True, slots=True)
class World:
    """Where to look.

    Attributes:
        travellers: leads whose own time is ahead of ours.
        since: UTC instant; what happened before is no matter.
    """

    pool: Pool
    client: Client
    mailbox: Mailbox
    tenant: UUID
    travellers: Collection[UUID]
    since: datetime

    async def ledger(self) -> list[Entry]:
        """Every fact there is."""
        rows = await self.pool.fetch(
            "select lead, revision, fact_id, by, payload from fact where tenant = $1 order by lead, revision",
            self.tenant,
        )
        return [
            Entry(
                row["lead"],
                row["revision"],
                row["fact_id"],
                row["payload"]["type"],
                row["by"],
                row["payload"].get("hold"),
            )
            for row in rows
        ]

    async def statuses(self) -> dict[UUID, Status]:
        """Where every lead stands."""
        rows = await self.pool.fetch("select lead, status from protection where tenant = $1", self.tenant)
        return {row["lead"]: Status(row["status"]) for row in rows}

    async def leads(self) -> set[UUID]:
        """Every lead that is entered."""
        return {
            row["id"] for row in await self.pool.fetch("select id from lead where tenant = $1", self.tenant)
        }

    async def unsettled(self) -> list[str]:
        """What is still to come: rows, mails and workflows that are not yet what the engine says now."""
        wrong = [f"{lead}: {why}" for lead, why in (await self._behind()).items()]
        owed = await self._owed() - await self._sent()
        wrong += [f"{kind} {cycle} of {lead} is owed" for lead, kind, cycle, _ in owed]
        sending = await self.pool.fetchval(_SENDING, self.tenant)
        wrong += [f"{sending} mails are under way"] if sending else []
        alive = {lead for lead, status in (await self.statuses()).items() if status in ALIVE}
        running = await self._running()
        wrong += [f"{lead} lives without a workflow" for lead in alive - running]
        wrong += [f"{lead} has ended, its workflow has not" for lead in running - alive]
        return wrong

    async def mails(self) -> tuple[dict[str, int], list[str]]:
        """How many mails went out, and what is wrong with them.

        A mail comes once. Where an attempt was cut off between the mail server's word and ours it comes again
        under the same id (docs/decisions/0030), and each copy has an attempt on record.
        """
        rows = await self.pool.fetch(
            "select message_id, status, code, attempt from notification "
            "where tenant = $1 and channel = 'EMAIL'",
            self.tenant,
        )
        copies = Counter(self.mailbox.read(number).message_id for number in self.mailbox.numbers())
        known = {row["message_id"]: row for row in rows}
        wrong = [f"mail {one} came, and is on no record" for one in copies if one not in known]
        for message_id, row in known.items():
            came = copies[message_id]
            if row["status"] == "sent" and came == 0:
                wrong.append(f"mail {message_id} is recorded as sent and never came")
            if came > row["attempt"]:
                wrong.append(f"mail {message_id} came {came} times in {row['attempt']} attempts")
            if row["status"] != "sent" and row["code"] not in {None, SUPERSEDED}:
                wrong.append(f"mail {message_id} is {row['status']} ({row['code']})")
        counts = {
            "recorded": len(rows),
            "sent": sum(row["status"] == "sent" for row in rows),
            "copies": sum(copies.values()),
            "second copies": sum(copies.values()) - len(copies),
            "called off": sum(row["status"] != "sent" for row in rows),
        }
        return counts, wrong

    async def lateness(self) -> list[float]:
        """Seconds by which each reminder went out after it was due."""
        late: list[float] = []
        for lead, facts in (await self._facts()).items():
            if lead in self.travellers:
                continue
            for place, fact in enumerate(facts):
                if isinstance(fact, ReminderSent) and fact.recorded_at > self.since:
                    due = snapshot(replay(Policy(), facts[:place]), fact.sent_at).reminder_due_at
                    late += [] if due is None else [(fact.sent_at - due).total_seconds()]
        return late

    async def _facts(self) -> dict[UUID, list[Fact]]:
        rows = await self.pool.fetch(
            "select lead, payload from fact where tenant = $1 order by lead, revision", self.tenant
        )
        facts: dict[UUID, list[Fact]] = {}
        for row in rows:
            facts.setdefault(row["lead"], []).append(fact_from_json(row["payload"]))
        return facts

    async def _behind(self) -> dict[UUID, str]:
        """Leads whose row is not what the engine makes of their ledger now, or who are owed a reminder."""
        facts = await self._facts()
        rows: dict[UUID, Mapping[str, Any]] = {
            row["lead"]: dict(row)
            for row in await self.pool.fetch("select * from protection where tenant = $1", self.tenant)
        }
        now = datetime.now(UTC)
        return {
            lead: why
            for lead, ledger in facts.items()
            if lead not in self.travellers
            for why in _why_behind(ledger, rows.get(lead), now)
        }

    async def _owed(self) -> set[Told]:
        """Every reminder that the ledger says went out since then, and every lapse."""
        facts = await self.pool.fetch(
            "select f.lead, f.payload, p.owner from fact f join protection p using (tenant, lead) "
            "where f.tenant = $1 and f.by = $2 and f.recorded_at > $3",
            self.tenant,
            CLOCK,
            self.since,
        )
        owed: set[Told] = set()
        for row in facts:
            fact = row["payload"]
            if fact["type"] == ReminderSent.type:
                owed.add((row["lead"], "reminder", str(fact["cycle"]), row["owner"]))
            elif fact["type"] == Lapsed.type:
                owed.add((row["lead"], "lapse", fact["at"], row["owner"]))
        return owed

    async def _sent(self) -> set[Told]:
        rows = await self.pool.fetch(
            "select lead, kind, cycle, recipient from notification "
            "where tenant = $1 and status = 'sent' and channel = 'EMAIL'",
            self.tenant,
        )
        return {(row["lead"], row["kind"], row["cycle"], row["recipient"]) for row in rows}

    async def _running(self) -> set[UUID]:
        found = self.client.list_workflows(_RUNNING)
        return {UUID(execution.id.rsplit("/", 1)[1]) async for execution in found}


def _why_behind(ledger: list[Fact], row: Mapping[str, Any] | None, now: datetime) -> Iterator[str]:
    state = replay(Policy(), ledger)
    answer = snapshot(state, now)
    if row is None:
        yield "it has a ledger and no row"
    elif any(isinstance(command, SendReminder) for command in decide(state, now, {}).commands):
        yield "a reminder is owed"
    elif (row["status"], row["paused"], row["valid_until"]) != (
        answer.status,
        answer.paused,
        answer.valid_until,
    ):
        yield f"row says {row['status']} {row['paused']} {row['valid_until']}, engine {answer}"
    elif row["revision"] != len(ledger):
        yield f"revision {row['revision']} of {len(ledger)}"


def quantile(values: list[float], share: float) -> float:
    """What so many of the values stay under; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
