"""A worker that dies between sending and recording: the recorded window, and nothing beyond it."""

import asyncio
import json
import signal
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from activities.orders import NotificationKind, NotificationOrder
from protection.dates import format_instant
from protection.lifecycle import replay
from tests.mail import dying_worker
from tests.mail.smtpserver import Server
from tests.mail.world import POLICY, World, due, later, life, run

ROOT = Path(dying_worker.__file__).resolve().parents[2]
DUE = due(life())
CYCLE = str(replay(POLICY, life()).cycle)


async def start(
    world: World, smtp: Server, order: NotificationOrder, at: datetime
) -> asyncio.subprocess.Process:
    arguments = world.url, smtp.url, json.dumps(asdict(order)), at.isoformat()
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.mail.dying_worker", *arguments, cwd=ROOT
    )


async def test_a_worker_killed_after_sending_repeats_the_same_message_id_once(
    world: World, smtp: Server
) -> None:
    lead = await world.lead(life())
    order = world.order(lead, NotificationKind.REMINDER, DUE, CYCLE)
    process = await start(world, smtp, order, DUE)
    assert await process.wait() == -signal.SIGKILL
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["attempt"], row["sent_at"]) == ("sending", 1, None)
    assert len(smtp.mails) == 1

    again = later(DUE, minutes=5)
    result = await run(world.activities(smtp.url), order, again, attempt=2)
    assert result.sent_at == format_instant(again)
    first, second = smtp.mails
    assert first.message_id == second.message_id
    assert "11:15 Uhr" in first.text
    assert "11:20 Uhr" in second.text  # end of grace as from the sending that is recorded

    assert await run(world.activities(smtp.url), order, later(again, minutes=5), attempt=3) == result
    assert len(smtp.mails) == 2
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["attempt"], row["sent_at"]) == ("sent", 2, again)


async def test_a_killed_worker_keeps_nobody_waiting(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    order = world.order(lead, NotificationKind.REMINDER, DUE, CYCLE)
    smtp.proceed.clear()
    process = await start(world, smtp, order, DUE)
    await smtp.arrivals.get()
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    smtp.proceed.set()
    result = await run(world.activities(smtp.url), order, later(DUE, seconds=30), attempt=2)
    assert result.outcome == "sent"
    assert len({mail.message_id for mail in smtp.mails}) == 1
