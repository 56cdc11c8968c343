"""The demo tenant shows every state, whenever it is seeded."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.importing.demo import demo_users, load_demo, write_demo_export
from cli.importing.intake import take_in
from cli.importing.replay import replay
from cli.importing.staging import Staging
from protection.facts import EndReason
from protection.policy import Policy
from protection.state import Status
from tests.importing.exports import TENANT

MOMENTS = [datetime(2026, 1, 31, 12, tzinfo=UTC) + timedelta(days=29 * n, hours=5 * n) for n in range(13)]


@pytest.mark.parametrize("now", MOMENTS, ids=lambda moment: f"{moment:%m-%d}")
def test_every_state_is_to_be_seen(now: datetime, tmp_path: Path) -> None:
    policy = Policy()
    leads = write_demo_export(tmp_path, load_demo(), now=now, policy=policy)
    seen: Counter[tuple[Status, bool, EndReason | None]] = Counter()
    soon = []
    with Staging() as staging:
        take_in(tmp_path, staging, policy=policy, now=now, progress=lambda _: None)
        assert list(staging.rejects()) == []
        for staged in staging.leads():
            outcome = replay(staged, tenant=TENANT, policy=policy, as_of=now)
            assert not outcome.refused
            answer = outcome.snapshot
            seen[answer.status, answer.paused, answer.reason] += 1
            due = answer.reminder_due_at
            if due is not None and due <= now + timedelta(minutes=2) and not answer.paused:
                soon.append(due - now)
    assert 50 <= leads <= 70
    assert seen[Status.ACTIVE, False, None] >= 10
    assert seen[Status.ACTIVE, True, None] >= 3
    assert seen[Status.GRACE, False, None] >= 3
    assert seen[Status.EXPIRED, False, EndReason.INACTIVITY] >= 3
    assert seen[Status.EXPIRED, False, EndReason.BASE_PERIOD] >= 3
    assert seen[Status.CONVERTED, False, None] >= 3
    assert soon == [timedelta(seconds=90)]


def test_people_of_both_languages_and_all_roles_work_there() -> None:
    users = demo_users(load_demo())
    assert {str(user.locale) for user in users} == {"de", "en"}
    assert {str(role) for user in users for role in user.roles} == {"agent", "manager", "admin", "auditor"}
    assert [user.id for user in users][:2] == ["anna", "ben"]
    assert all(user.email.endswith(".example") for user in users)
