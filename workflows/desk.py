"""The lead as its workflow holds it: state, what is not recorded yet, what was refused. No Temporal here."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from activities.records import (
    RecordCommand,
    Recorded,
    active_holds,
    audit_row,
    fact_row,
    hold_rows,
    projection,
    refusal_row,
    request_rows,
)
from protection.dates import format_instant, parse_instant
from protection.decide import EndProtection, already_announced, next_change
from protection.facts import Erased, ExtensionRequested, Fact, HoldRequested, Lapsed, RequestDecided
from protection.lifecycle import apply, begin, replay, snapshot
from protection.policy import Policy, PolicyError, policy_from_json, policy_to_json
from protection.refusal import Code, Refused
from protection.state import LeadState
from protection.wire import fact_from_json, fact_to_json
from workflows.entries import Entry, Fate, Ticket, heard_at, same
from workflows.messages import StartLead, TellsFact, parse, to_json
from workflows.names import workflow_id

REGISTRATION = "registration"
_REMEMBERED = 20


class Desk:
    """Takes messages in, keeps the state, and says what is still to be recorded.

    Attributes:
        state: the lead as of the newest accepted fact.
        announced: the deadline each notice last spoke of, by its key.
        news: accepted facts that somebody is to be told of once they are recorded.
        wake_at: when there will next be something to do, a friendly notice included.
        stirred: whether something came in since the loop last looked.
        hands_over: whether the end starts an erasure of personal data.
        problems: what operators should see, in words.
        last_refused: the last refused messages, newest last.
    """

    def __init__(self, tenant: str, lead: str, state: LeadState, *, refused: int = 0) -> None:
        self.tenant = tenant
        self.lead = lead
        self.state = state
        self.announced: dict[str, datetime] = {}
        self.news: list[Fact] = []
        self.wake_at: datetime | None = None
        self.stirred = True
        self.awaits_reinstatement = False
        self.hands_over = False
        self.problems: list[str] = []
        self.last_refused: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self._refused = refused
        self._recorded_state: LeadState | None = state
        self._projected: dict[str, Any] | None = None
        self._entries: list[Entry] = []
        self._remarks: list[dict[str, Any]] = []

    @classmethod
    def open(cls, start: StartLead, now: datetime, own_id: str) -> Desk:
        """The desk of a workflow that starts now.

        Raises:
            Refused: the start makes no sense; names the field.
        """
        if own_id != workflow_id(start.tenant, start.lead):
            raise Refused(Code.MALFORMED, "lead", "the workflow id is not that of this tenant and lead")
        try:
            policy = policy_from_json(start.policy)
        except PolicyError as error:
            raise Refused(Code.MALFORMED, f"policy.{error.field}", error.message) from error
        if start.facts:
            return cls._with_ledger(start, policy, now)
        opening = start.register or start.preregister
        if opening is None:
            raise Refused(Code.MALFORMED, "register", "a lead starts with register, preregister or its facts")
        fact = opening.fact(opening.fact_id or REGISTRATION, now)
        desk = cls(start.tenant, start.lead, begin(policy, fact))
        desk.hands_over = start.hands_over
        desk._recorded_state = None
        desk._entries.append(Entry(fact, None, desk.state, Ticket(desk.state.revision)))
        return desk

    @classmethod
    def _with_ledger(cls, start: StartLead, policy: Policy, now: datetime) -> Desk:
        state = replay(policy, (fact_from_json(fact) for fact in start.facts))
        state = replace(state, set_aside=state.set_aside + start.set_aside)
        desk = cls(start.tenant, start.lead, state, refused=start.refused)
        desk.awaits_reinstatement = start.awaits_reinstatement
        desk.hands_over = start.hands_over
        if start.announced is None:
            desk.announced = already_announced(state, now)
        else:
            try:
                desk.announced = {key: parse_instant(at) for key, at in start.announced.items()}
            except ValueError as error:
                raise Refused(Code.MALFORMED, "announced", "must map notices to instants") from error
        return desk

    def carry_over(self) -> dict[str, Any]:
        """The start of the next run of the same workflow."""
        return to_json(
            StartLead(
                tenant=self.tenant,
                lead=self.lead,
                policy=policy_to_json(self.state.opening_policy),
                facts=[fact_to_json(fact) for fact in self.state.facts],
                set_aside=self.state.set_aside,
                announced={key: format_instant(at) for key, at in self.announced.items()},
                refused=self._refused,
                hands_over=True,
            )
        )

    def erasure(self) -> dict[str, Any]:
        """What the erasure of an ended lead is started with."""
        last = self.state.facts[-1]
        cause = "request" if isinstance(last, Erased) else "lapse"
        return {"tenant": self.tenant, "lead": self.lead, "cause": cause, "by": last.by}

    # Messages in.

    def tell(self, kind: type[TellsFact], raw: Any, now: datetime, spare_id: str) -> tuple[Ticket, bool]:
        """Takes a message in; the same message again changes nothing.

        Answers what follows the fact to the ledger, and whether the message was a repetition.

        Args:
            spare_id: fact id for a message that brings none.

        Raises:
            Refused: it makes no sense, or the contract does not allow it. Nothing has changed.
        """
        fact, known = self._read(kind, raw, now, spare_id)
        if known:
            pending = next((entry for entry in self._entries if entry.fact.fact_id == fact.fact_id), None)
            return (self._recorded_ticket(fact) if pending is None else pending.ticket), True
        return self.take(fact), False

    def _recorded_ticket(self, fact: Fact) -> Ticket:
        """Of a fact in the ledger; where some were set aside, by the newest revision, which holds it too."""
        exact = self.state.facts.index(fact) + 1 if not self.state.set_aside else self.state.revision
        return Ticket(exact, Fate.RECORDED)

    def try_out(self, kind: type[TellsFact], raw: Any, now: datetime) -> None:
        """Raises what `tell` would raise; changes nothing."""
        fact, known = self._read(kind, raw, now, "spare")
        if not known:
            apply(self.state, fact)

    def _read(self, kind: type[TellsFact], raw: Any, now: datetime, spare_id: str) -> tuple[Fact, bool]:
        message = parse(kind, raw)
        fact_id = message.fact_id or spare_id
        known = self.state.fact(fact_id)
        if known is None:
            if message.if_revision not in {None, self.state.revision}:
                raise Refused(
                    Code.REVISION_CONFLICT,
                    "if_revision",
                    f"the lead has changed: its revision is {self.state.revision} now; look again",
                )
            return message.fact(fact_id, self._not_before(now)), False
        if message.fact(fact_id, known.recorded_at) != known:
            raise Refused(Code.FACT_ID_REUSED, "fact_id", "this fact_id belongs to another fact of the lead")
        return known, True

    def _not_before(self, now: datetime) -> datetime:
        return max(now, self.state.recorded_at)

    def take(self, fact: Fact) -> Ticket:
        """Takes a fact in, to be recorded.

        Raises:
            Refused: the contract does not allow it. Nothing has changed.
        """
        before = self.state
        self.state = apply(before, fact)
        ticket = Ticket(self.state.revision)
        self._entries.append(Entry(fact, before, self.state, ticket))
        if isinstance(fact, (HoldRequested, ExtensionRequested, RequestDecided)):
            self.news.append(fact)
        self.stirred = True
        return ticket

    def lapse(self, end: EndProtection, now: datetime) -> None:
        """Protection has ended by the time alone."""
        self.take(
            Lapsed(
                fact_id=f"lapse/{self.state.revision + 1}",
                recorded_at=self._not_before(now),
                by="clock",
                at=end.at,
                reason=end.reason,
            )
        )

    def refuse(self, message: str, refused: Refused, now: datetime, audit_id: str) -> None:
        """Keeps a refused message in mind and on record, without its content."""
        self._refused += 1
        reason = f"{refused.code} {refused.field}".strip()
        self.last_refused.append({"message": message, "at": format_instant(now), "reason": reason})
        self._remarks.append(refusal_row(audit_id, "unknown", message, reason, now))
        self.problems = [f"Last refused message: {message} ({reason})"]
        self.stirred = True

    # What is to be recorded.

    def _projection(self, now: datetime, state: LeadState | None = None) -> dict[str, Any]:
        state = state or self.state
        wake_at = next_change(state, now)
        row = projection(self.tenant, self.lead, state, now, wake_at=wake_at, refused=self._refused)
        del row["updated_at"]
        return row

    def unrecorded(self, now: datetime) -> bool:
        """Whether the database does not know everything yet."""
        return bool(self._entries or self._remarks or self._projection(now) != self._projected)

    def command(self, now: datetime) -> RecordCommand:
        """All that is unrecorded, as one transaction."""
        newest = self.state.revision - len(self._entries)
        row = self._projection(now)
        return RecordCommand(
            tenant=self.tenant,
            lead=self.lead,
            facts=[
                fact_row(entry.fact, newest + number) for number, entry in enumerate(self._entries, start=1)
            ],
            projection=row | {"updated_at": format_instant(now)},
            holds=hold_rows(self.state),
            requests=request_rows(self.state),
            audit=[audit_row(entry.fact, entry.before, entry.after) for entry in self._entries]
            + self._remarks,
        )

    def recorded(self, command: RecordCommand, taken: Recorded | None) -> None:
        """The database has taken the command; what came in meanwhile is still to be recorded.

        What it has taken may be another one, to which a first try of the same workflow task was the order:
        then nothing of this one is known to be recorded. Or it is the same one of another instant: a task
        done again has a later clock, and so has the replay of one that went on as another task, because
        somebody asked the workflow something while the database was busy. The ledger's instants count.

        Args:
            taken: None where an old history does not say.
        """
        mine = Recorded.of(command)
        if taken is not None and taken.order != mine.order:
            return
        row = {name: value for name, value in command.projection.items() if name != "updated_at"}
        facts = len(command.facts)
        if taken is not None and taken != mine:
            self._hear_as(taken, facts)
            last = self._entries[facts - 1].after if facts else self.state
            row = self._projection(parse_instant(taken.updated_at), last)
        done, self._entries = self._entries[:facts], self._entries[facts:]
        self._remarks = self._remarks[len(command.audit) - facts :]
        self._projected = row
        if done:
            self._recorded_state = done[-1].after
        for entry in done:
            entry.ticket.fate = Fate.RECORDED

    def _hear_as(self, taken: Recorded, facts: int) -> None:
        """Moves unrecorded facts to the instants at which the ledger holds them."""
        if not facts:
            return
        waiting, self._entries = self._entries, []
        policy, before = self.state.opening_policy, self._recorded_state
        for entry, at in zip(waiting, taken.recorded_at, strict=False):
            fact = heard_at(entry.fact, parse_instant(at))
            self.news = [fact if one is entry.fact else one for one in self.news]
            after = begin(policy, fact) if before is None else apply(before, fact)
            self._entries.append(Entry(fact, before, after, entry.ticket))
            self.state = before = after
        for entry in waiting[facts:]:
            self._take_again(entry, entry.fact.recorded_at)
        self.stirred = True

    def record_again(self) -> None:
        """Whatever the database shows is to be written anew: somebody else may have changed it."""
        self._projected = None
        self.stirred = True

    def catch_up(self, ledger: Sequence[dict[str, Any]], now: datetime) -> bool:
        """Takes over what the ledger holds beyond this workflow; what is unrecorded comes after it.

        So it is after a worker died between recording and telling: the facts are on record, and what
        told them is told again, at another time. Answers whether that explains the disagreement.
        """
        stored = [fact_from_json(fact) for fact in ledger]
        told = self._recorded_state
        if told is None:
            mine = bool(stored) and same(self._entries[0].fact, stored[0])
        else:
            mine = len(stored) > told.revision and all(fact in stored for fact in told.facts)
        if not mine:
            return False
        self.state = self._recorded_state = replay(self.state.opening_policy, stored)
        revisions = {fact.fact_id: number for number, fact in enumerate(stored, start=1)}
        waiting, self._entries = self._entries, []
        for entry in waiting:
            revision = revisions.get(entry.fact.fact_id)
            if revision is None:
                self._take_again(entry, now)
            else:
                entry.ticket.revision = revision
                entry.ticket.fate = Fate.RECORDED if same(entry.fact, stored[revision - 1]) else Fate.LOST
        self.stirred = True
        return True

    def _take_again(self, entry: Entry, now: datetime) -> None:
        fact, before = replace(entry.fact, recorded_at=self._not_before(now)), self.state
        try:
            self.state = apply(before, fact)
        except Refused:
            entry.ticket.fate = Fate.LOST
            return
        entry.ticket.revision = self.state.revision
        self._entries.append(Entry(fact, before, self.state, entry.ticket))

    def give_up(self, now: datetime, audit_id: str) -> bool:
        """The ledger disagrees: back to what is recorded. Answers whether anything is."""
        lost, self._entries = self._entries, []
        for entry in lost:
            entry.ticket.fate = Fate.LOST
        self._remarks.append(refusal_row(audit_id, "ledger", "ledger-conflict", f"{len(lost)} facts", now))
        self.problems = ["The ledger holds other facts than this workflow: run `fristwerk verify`."]
        if self._recorded_state is None:
            return False
        self.state = self._recorded_state
        return True

    # Answers.

    def answer(self, now: datetime) -> dict[str, Any]:
        """The short answer to a message: where the lead stands now."""
        answer = snapshot(self.state, now)
        return {
            "status": str(answer.status),
            "paused": answer.paused,
            "valid_until": None if answer.valid_until is None else format_instant(answer.valid_until),
        }

    def view(self, now: datetime) -> dict[str, Any]:
        """The full answer: the projection, the next look of the workflow itself, and the holds in force."""
        return self._projection(now) | {
            "next_wake_up": None if self.wake_at is None else format_instant(self.wake_at),
            "as_of": format_instant(now),
            "holds": hold_rows(self.state),
        }

    def hold_reasons(self, now: datetime) -> list[str]:
        """The reasons for which the clock stands still now."""
        return active_holds(self.state, now)
