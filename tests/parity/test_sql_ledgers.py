"""SQL and the engine agree on generated ledgers: everything people do, corrected, transferred, reinstated."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings

from protection.facts import Fact
from protection.lifecycle import replay as engine_replay
from protection.lifecycle import snapshot
from protection.policy import Policy, policy_to_json
from protection.vectors import snapshot_to_json, transition_to_json
from tests.protection.ledgers import Ledger, ledgers
from tests.protection.moves import ALL_OF_IT, EVERYTHING, OFFICE
from tests.protection.profile import EXAMPLES, thorough
from tests.sql.twin import connect, replay, snapshot_of

# Each example is several round trips; `make test` looks at fewer of them than of the engine's.
enough = settings(thorough, max_examples=max(EXAMPLES // 4, 50))


@dataclass(frozen=True)
class Twin:
    """The SQL twin, to be asked from plain functions."""

    loop: asyncio.AbstractEventLoop
    connection: asyncpg.Connection[asyncpg.Record]

    def ask(
        self, policy: Policy, facts: Sequence[Fact], as_of: datetime, *, assume_reminders: bool
    ) -> dict[str, Any]:
        asked = replay(
            self.connection, policy_to_json(policy), None, facts, as_of, assume_reminders=assume_reminders
        )
        return self.loop.run_until_complete(asked)


@pytest.fixture(scope="module")
def twin(postgres_url: str) -> Iterator[Twin]:
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(connect(postgres_url))
    yield Twin(loop, connection)
    loop.run_until_complete(connection.close())
    loop.close()


def _same_life(twin: Twin, ledger: Ledger, *, assume_reminders: bool) -> None:
    told = ledger.played(assume_reminders=assume_reminders)
    facts = (ledger.first, *ledger.facts)
    answer = twin.ask(ledger.policy, facts, ledger.until, assume_reminders=assume_reminders)
    assert answer["transitions"] == [transition_to_json(one) for one in told.transitions]
    assert [index - 1 for index in answer["rejected_facts"]] == told.rejected
    assert answer["cycle"] == told.state.cycle
    for moment, expected in zip(ledger.as_of, told.snapshots, strict=True):
        then = twin.ask(ledger.policy, facts, moment, assume_reminders=assume_reminders)
        assert snapshot_of(then) == snapshot_to_json(expected)
        assert then["reason"] == (None if expected.reason is None else str(expected.reason))


def _reads_what_the_engine_leaves(twin: Twin, ledger: Ledger) -> None:
    """Reminders and lapses as recorded facts, at every instant: what reconciliation compares."""
    stored = ledger.played().ledger
    for moment in (*ledger.as_of, ledger.until):
        known = [fact for fact in stored if fact.recorded_at <= moment]
        state = engine_replay(ledger.policy, known)
        answer = twin.ask(ledger.policy, stored, moment, assume_reminders=False)
        assert snapshot_of(answer) == snapshot_to_json(snapshot(state, moment))
        assert answer["cycle"] == state.cycle
        assert answer["rejected_facts"] == []


@enough
@given(ledger=ledgers(asked=2))
def test_sql_and_engine_agree_where_reminders_go_out_when_due(twin: Twin, ledger: Ledger) -> None:
    _same_life(twin, ledger, assume_reminders=True)


@enough
@given(ledger=ledgers(acts=EVERYTHING, asked=1))
def test_sql_and_engine_agree_where_only_recorded_reminders_count(twin: Twin, ledger: Ledger) -> None:
    _same_life(twin, ledger, assume_reminders=False)


@enough
@given(ledger=ledgers(asked=2))
def test_sql_reads_the_ledger_the_engine_leaves(twin: Twin, ledger: Ledger) -> None:
    _reads_what_the_engine_leaves(twin, ledger)


@enough
@given(ledger=ledgers(acts=OFFICE, longest=12, asked=2))
def test_sql_and_engine_agree_on_requests_reservations_and_other_policies(twin: Twin, ledger: Ledger) -> None:
    _same_life(twin, ledger, assume_reminders=True)


@enough
@given(ledger=ledgers(acts=ALL_OF_IT, longest=12, asked=1))
def test_sql_and_engine_agree_on_all_of_it(twin: Twin, ledger: Ledger) -> None:
    _same_life(twin, ledger, assume_reminders=False)


@enough
@given(ledger=ledgers(acts=OFFICE, longest=12, asked=2))
def test_sql_reads_ledgers_with_requests(twin: Twin, ledger: Ledger) -> None:
    _reads_what_the_engine_leaves(twin, ledger)
