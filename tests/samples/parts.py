"""The activities of sample boxes over real PostgreSQL and the real mail sink, for the lab."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from activities.courier import Patience
from activities.invite import InvitationActivities
from activities.samples import SampleActivities
from adapters.contacts import VaultContacts
from adapters.database import Pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.mail import MailServer, Sender, SmtpMailer
from adapters.mail_texts.writer import MailTexts
from adapters.notification_store import PostgresNotificationStore, PostgresPeople
from adapters.registry import SettingsRegistry
from adapters.sample_teller import TemporalSampleTeller
from adapters.sample_work import FeedbackLinks, PostgresSampleStore
from tests.stackfixtures import SmtpSink
from tests.vaultfixtures import VAULT

PUBLIC_URL: Final = "https://leads.example/"
_QUICK: Final = Patience(
    deferrals=1_000, deferred=timedelta(milliseconds=200), longest=timedelta(milliseconds=500)
)


def sample_steps(pool: Pool, gateway: TemporalLeadGateway) -> list[Callable[..., Any]]:
    """What the workflow of a box has done."""
    store = PostgresSampleStore(pool, SettingsRegistry(pool), VAULT)
    return SampleActivities(store, TemporalSampleTeller(pool, gateway)).steps


def inviting(pool: Pool, sink: SmtpSink) -> InvitationActivities:
    """What asks customers for feedback."""
    return InvitationActivities(
        store=PostgresNotificationStore(pool),
        mailer=SmtpMailer(
            MailServer.from_url(sink.url), Sender.from_setting("Fristwerk <clock@fristwerk.example>")
        ),
        contacts=VaultContacts(pool, VAULT),
        invitations=FeedbackLinks(pool, VAULT, PUBLIC_URL),
        directory=PostgresPeople(pool),
        writer=MailTexts(PUBLIC_URL),
        patience=_QUICK,
    )
