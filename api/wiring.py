"""What the routes work with. Composed in `api/main.py`, by tests too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from temporalio.client import Client

from adapters.database import Pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.registry import SettingsRegistry
from adapters.vault import Vault
from api.auth import TokenVerifier
from services.importing import Imports
from services.rehearsing import Rehearsals

# Connections to the database that one process of the API uses at most.
CONNECTIONS: Final = 10


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
        rehearsals: draft policies that are being tried out.
        turns: whose turn it is to read. The pool sends somebody who has waited long to the end of its
            queue again when a newcomer is quicker; this one does not, which keeps the slowest answers quick.
        imports: leads that are being registered many at a time; whoever closes the wiring stops them first.
    """

    app: Pool
    gateway: TemporalLeadGateway
    temporal: Client
    vault: Vault
    registry: SettingsRegistry
    tokens: TokenVerifier
    public_url: str
    rehearsals: Rehearsals = field(default_factory=Rehearsals)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    imports: Imports = field(default_factory=Imports)
