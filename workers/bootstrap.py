"""The composition root of worker processes: settings in, workers with everything they need out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.worker import Worker

from activities.ai.orders import AI_QUEUE
from activities.campaign import CampaignActivities
from activities.credit_orders import CREDIT_QUEUE
from activities.erasure import ErasureActivities
from activities.erp_orders import ERP_QUEUE
from activities.inbox_orders import INBOX_QUEUE
from activities.invite import InvitationActivities
from activities.ledger import LedgerActivities
from activities.notify import NotificationActivities
from activities.orders import MAIL_QUEUE
from activities.reconciliation import ReconciliationActivities
from activities.samples import SampleActivities
from adapters import outside as watched
from adapters.campaign_turns import PostgresCampaigns, TemporalHoldTeller
from adapters.contacts import VaultContacts
from adapters.database import Pool, open_pool
from adapters.erasure_gateway import TemporalLeadEnder
from adapters.erasure_store import PostgresErasureStore
from adapters.lead_gateway import TemporalLeadGateway
from adapters.ledger_store import PostgresLedgerStore
from adapters.mail import MailServer, Sender, SmtpMailer
from adapters.mail_texts.writer import MailTexts
from adapters.mail_turns import PostgresMailTurns, mail_limits
from adapters.notification_store import PostgresNotificationStore, PostgresPeople
from adapters.outside_settings import OutsideSettings
from adapters.reconcile.rounds import PostgresReconciler
from adapters.reconcile.schedule import ensure_nightly
from adapters.registry import SettingsRegistry, open_registry
from adapters.sample_messenger import carrying
from adapters.sample_teller import TemporalSampleTeller
from adapters.sample_work import FeedbackLinks, PostgresSampleStore
from adapters.settings import Settings
from adapters.telling_rules import SettledRules
from adapters.temporal_client import connect, ensure_search_attributes
from adapters.vault import Vault
from workers.ai import open_ai_work
from workers.credit import open_credit
from workers.erp import working_erp
from workers.inbox import open_inbox
from workers.registry import Tuning, mail_worker, protection_worker
from workflows.names import PROTECTION_QUEUE

QUEUES: Final = watched.QUEUES


def _mailer(settings: Settings, pool: Pool) -> SmtpMailer:
    """The mail account, within what it allows all processes together."""
    return SmtpMailer(
        MailServer.from_url(settings.smtp()),
        Sender.from_setting(settings.mail_from),
        turns=PostgresMailTurns(pool, mail_limits()),
    )


def notifications(settings: Settings, pool: Pool, registry: SettingsRegistry) -> NotificationActivities:
    """The notification activities over PostgreSQL and SMTP, as the settings say."""
    people = PostgresPeople(pool)
    return NotificationActivities(
        store=PostgresNotificationStore(pool),
        mailer=_mailer(settings, pool),
        directory=people,
        ledgers=people,
        writer=MailTexts(settings.public_url),
        rules=SettledRules(registry),
    )


def erasures(settings: Settings, client: Client, pool: Pool) -> ErasureActivities:
    """The erasure activities over PostgreSQL and the workflows of leads."""
    leads = TemporalLeadGateway(client, PostgresPeople(pool))
    store = PostgresErasureStore(pool, objection_days=settings.objection_days)
    return ErasureActivities(store, TemporalLeadEnder(client, leads))


def campaigns(client: Client, pool: Pool) -> CampaignActivities:
    """The activities of hold campaigns over PostgreSQL and the workflows of leads."""
    leads = TemporalLeadGateway(client, PostgresPeople(pool))
    return CampaignActivities(PostgresCampaigns(pool), TemporalHoldTeller(leads))


def reconciliations(client: Client, pool: Pool) -> ReconciliationActivities:
    """The activities of reconciliations over PostgreSQL and the workflows of leads."""
    return ReconciliationActivities(PostgresReconciler(pool, client))


def samples(settings: Settings, client: Client, pool: Pool, registry: SettingsRegistry) -> SampleActivities:
    """The activities of sample boxes over PostgreSQL and the workflows of leads."""
    leads = TemporalLeadGateway(client, PostgresPeople(pool))
    store = PostgresSampleStore(pool, registry, Vault.of(settings))
    return SampleActivities(store, TemporalSampleTeller(pool, leads))


def invitations(settings: Settings, pool: Pool) -> InvitationActivities:
    """What asks customers for feedback, over the vault and SMTP."""
    vault = Vault.of(settings)
    return InvitationActivities(
        store=PostgresNotificationStore(pool),
        mailer=_mailer(settings, pool),
        contacts=VaultContacts(pool, vault),
        invitations=FeedbackLinks(pool, vault, settings.public_url),
        directory=PostgresPeople(pool),
        writer=MailTexts(settings.public_url),
    )


@asynccontextmanager
async def workers(
    settings: Settings,
    queues: Sequence[str] = QUEUES,
    tuning: Tuning | None = None,
    *,
    outside: OutsideSettings | None = None,
    runtime: Runtime | None = None,
) -> AsyncIterator[list[Worker]]:
    """Workers for these queues, ready to run; what they hold is closed afterwards.

    Args:
        outside: how the systems outside are reached; None: none is connected.
        runtime: of the SDK, with its own telemetry; None: the process-wide one.

    Raises:
        SettingsError: something needed is not configured.
    """
    async with AsyncExitStack() as stack:
        client = await connect(settings, runtime=runtime)
        await ensure_search_attributes(client)
        made: list[Worker] = []
        if PROTECTION_QUEUE in queues:
            pool = await open_pool(
                settings.worker_login(), name="fristwerk-protection", largest=8, session_state=False
            )
            stack.push_async_callback(pool.close)
            registry = await stack.enter_async_context(open_registry(pool, settings.worker_login()))
            await stack.enter_async_context(carrying(pool, settings.worker_login(), client))
            await ensure_nightly(client)
            made.append(
                protection_worker(
                    client,
                    LedgerActivities(PostgresLedgerStore(pool)).record_facts,
                    erasures(settings, client, pool),
                    tuning,
                    more=[
                        campaigns(client, pool).advance,
                        *samples(settings, client, pool, registry).steps,
                        *reconciliations(client, pool).steps,
                    ],
                )
            )
        if MAIL_QUEUE in queues:
            pool = await open_pool(settings.worker_login(), name="fristwerk-mail", largest=8)
            stack.push_async_callback(pool.close)
            registry = await stack.enter_async_context(open_registry(pool, settings.worker_login()))
            made.append(
                mail_worker(
                    client,
                    notifications(settings, pool, registry).send_notification,
                    tuning,
                    more=[invitations(settings, pool).send_invitation],
                )
            )
        if CREDIT_QUEUE in queues and outside is not None:
            credit = await open_credit(stack, client, settings, outside, tuning)
            made += [] if credit is None else [credit]
        if AI_QUEUE in queues and outside is not None:
            ai = await open_ai_work(stack, client, settings, outside, tuning)
            made += [] if ai is None else [ai]
        if ERP_QUEUE in queues and outside is not None:
            pool = await open_pool(settings.worker_login(), name="fristwerk-erp", largest=6)
            stack.push_async_callback(pool.close)
            registry = await stack.enter_async_context(open_registry(pool, settings.worker_login()))
            erp = working_erp(
                client,
                pool,
                settings.worker_login(),
                registry=registry,
                vault=Vault.of(settings),
                outside=outside,
                tuning=tuning,
            )
            made.append(await stack.enter_async_context(erp))
        if INBOX_QUEUE in queues and outside is not None:
            inbox = await open_inbox(stack, client, settings, outside, tuning)
            made += [] if inbox is None else [inbox]
        yield made
