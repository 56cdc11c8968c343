"""A process that sends as many mails as its account lets it; says at the end how many that were.

Run as a program: database url, SMTP url, how many, the instant it takes for now, mails a minute.
"""

import asyncio
import json
import sys
from datetime import datetime
from uuid import uuid4

from activities.errors import MailPaced
from activities.orders import MailKind, NotificationKind
from activities.ports import Language, Mail, Written
from adapters.database import open_pool
from adapters.mail import MailServer, SmtpMailer
from adapters.mail_turns import MailLimits, PostgresMailTurns
from adapters.settings import Login, Role
from tests.mail.world import SENDER


def mail(kind: MailKind, at: datetime, number: int = 0) -> Mail:
    """A mail to somebody."""
    return Mail(
        message_id=uuid4(),
        address=f"a{number}@agents.example",
        language=Language.DE,
        date=at,
        written=Written("Hallo", "Hallo\n", "<p>Hallo"),
        kind=kind,
        cycle="1",
        lead=uuid4(),
    )


async def main(database: str, smtp: str, many: int, at: datetime, per_minute: int) -> None:
    """Send, and tell."""
    limits = MailLimits.model_validate({"MAIL_PER_MINUTE": per_minute})
    async with await open_pool(Login(database, Role.WORKER), name="paced", largest=8) as pool:
        turns = PostgresMailTurns(pool, limits, lambda: at)
        mailer = SmtpMailer(MailServer.from_url(smtp), SENDER, turns=turns, connections=8)
        mails = (mailer.send(mail(NotificationKind.LAPSE, at, number)) for number in range(many))
        told = await asyncio.gather(*mails, return_exceptions=True)
    unexpected = [repr(one) for one in told if one is not None and not isinstance(one, MailPaced)]
    sys.stdout.write(json.dumps({"sent": told.count(None), "unexpected": unexpected}))


if __name__ == "__main__":
    url, server, number, now, minute = sys.argv[1:]
    asyncio.run(main(url, server, int(number), datetime.fromisoformat(now), int(minute)))
