"""What the routes work with. Composed in `api/main.py`, by tests too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.client import Client

from adapters.ai.composition import Ai
from adapters.database import Pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.registry import SettingsRegistry
from adapters.vault import Vault
from api.auth import TokenVerifier
from api.pages.openid import Provider
from services.credit import Credits
from services.desk import ANSWER_WITHIN
from services.erp import ErpConnected
from services.errands import Errands
from services.feedback import FeedbackDesk
from services.importing import Imports
from services.kpi_gathering import Gatherings
from services.rehearsing import Rehearsals
from services.sightings import Sightings
from services.webhooks import WebhookDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Everything a route may need.

    Attributes:
        app: connections that act as `fristwerk_app`; row security decides what they see.
        gateway: the workflows of leads.
        temporal: the same Temporal, to ask whether it is there.
        vault: where personal data is sealed and opened.
        registry: the settings as they hold now.
        tokens: says who calls.
        public_url: where people reach us.
        feedback: the form for customers, behind a role that reaches nothing else.
        provider: where people sign in to the pages; None if nobody can.
        rehearsals: draft policies that are being tried out.
        imports: leads that are being registered many at a time; whoever closes the wiring stops them first.
        gatherings: figures that are being counted; stopped like imports.
        errands: what else runs in the background; stopped like imports.
        sightings: when systems outside were last seen up and down.
        webhooks: takes news of systems outside; None where no system is connected.
        ai: asks models; None where there is no account at a provider.
        credit: the account at the credit bureau; None where there is none.
        erp: that there is an ERP, which the worker reads; None where there is none.
        patience: how long an act may take to be on record before the answer says that it is on its way.
    """

    app: Pool
    gateway: TemporalLeadGateway
    temporal: Client
    vault: Vault
    registry: SettingsRegistry
    tokens: TokenVerifier
    public_url: str
    feedback: FeedbackDesk
    provider: Provider | None = None
    rehearsals: Rehearsals = field(default_factory=Rehearsals)
    imports: Imports = field(default_factory=Imports)
    gatherings: Gatherings = field(default_factory=Gatherings)
    errands: Errands = field(default_factory=Errands)
    sightings: Sightings = field(default_factory=Sightings)
    webhooks: WebhookDesk | None = None
    ai: Ai | None = None
    credit: Credits | None = None
    erp: ErpConnected | None = None
    patience: timedelta = ANSWER_WITHIN
