"""News as the played systems send it, signed by the sandbox's own code."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import httpx

from activities.webhook_orders import Source
from adapters.database import Pool
from adapters.vault import Vault
from sandbox.news import signed
from tests.api.house import Api, Callers

SECRETS: Final = {Source.XENTRAL: "a-secret-of-the-erp"}
OCCURRED: Final = "2026-11-20T09:30:00Z"


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where news is thrown in.

    Attributes:
        company: whose it is.
        vault: opens what was sealed.
    """

    api: Api
    callers: Callers
    company: UUID
    vault: Vault

    def token(self, user: str, *roles: str) -> str:
        """Somebody of the company."""
        return self.callers.token(user, *roles, tenant=self.company)

    async def throw(self, body: bytes, headers: dict[str, str], source: str = "xentral") -> httpx.Response:
        """Send a body as it is."""
        return await self.api.client.post(f"/api/webhooks/{source}", content=body, headers=headers)

    async def send(self, event: dict[str, Any], *, at: int | None = None) -> httpx.Response:
        """Send news as the ERP does."""
        body = json.dumps(event).encode()
        moment = int(time.time()) if at is None else at
        return await self.throw(
            body, signed(SECRETS[Source.XENTRAL], str(event.get("eventId")), body, moment)
        )


def news(**more: Any) -> dict[str, Any]:
    """News of an invoice, as nobody has sent it before."""
    return {
        "eventId": f"evt-{uuid4().hex}",
        "eventType": "invoice.created",
        "occurredAt": OCCURRED,
        "data": {"billTo": "Jo Beispiel, Hauptstrasse 1"},
        **more,
    }


async def kept(pool: Pool, event_id: str) -> list[asyncpg.Record]:
    """What stands of it in the database, whoever's it is."""
    return list(await pool.fetch("select * from webhook_event where event_id = $1", event_id))


async def dead_letter(letterbox: Letterbox, superuser: Pool) -> UUID:
    """News that was given up; the id of its row."""
    event = news()
    await letterbox.send(event)
    [row] = await kept(superuser, event["eventId"])
    await superuser.execute(
        "update webhook_event set state = 'dead', settled_at = now(), outcome = 'failed' where id = $1",
        row["id"],
    )
    found: UUID = row["id"]
    return found
