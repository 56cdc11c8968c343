"""Boxes of samples for their workflow, in PostgreSQL. SQL: sql/queries/sample_work.sql."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import asyncpg

from activities.ports import Invitation, Language
from activities.sample_orders import Closed, SampleSeen
from activities.samples import RECORDED, Box
from adapters.database import Connection, Pool, load_queries, transaction
from adapters.registry import SettingsRegistry
from adapters.sample_settings import sample_rules
from adapters.vault import Vault
from protection.dates import format_instant

_SQL: Final = load_queries("sample_work")
WORKFLOW: Final = "sample-test"
_SALT_BYTES: Final = 16
# Forms are in German and English; customers are written to in German first.
_LANGUAGE: Final = Language.DE


def delay_id(box: UUID) -> str:
    """The hold that is placed, or asked for, because this box is late."""
    return f"sample-{box}"


def invitation_id(box: UUID) -> UUID:
    """The one invitation of a box."""
    return uuid5(box, "feedback-invitation")


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class PostgresSampleStore:
    """See `activities.samples.SampleStore`.

    Args:
        pool: connections as the worker role.
        registry: what tenants have settled.
        vault: makes tokens, and keys to keep answers under.
    """

    def __init__(self, pool: Pool, registry: SettingsRegistry, vault: Vault) -> None:
        self._pool = pool
        self._registry = registry
        self._vault = vault

    async def seen(self, box: Box) -> SampleSeen:
        """Where the box stands."""
        row = await self._row(box)
        if row is None:
            # Told of before it was there, or taken from a backup: nothing to follow.
            return SampleSeen(wanted=False)
        rules = await sample_rules(self._registry, box.tenant, row["owner"])
        return SampleSeen(
            wanted=row["wanted"],
            promised_at=_text(row["promised_at"]),
            shipped_at=_text(row["shipped_at"]),
            delivered_at=_text(row["delivered_at"]),
            cancelled_at=_text(row["cancelled_at"]),
            phases_end_at=_text(row["phases_end_at"]),
            rated=row["rated"],
            unsettled=[str(submission) for submission in row["unsettled"]],
            invitation=None if row["invitation"] is None else str(row["invitation"]),
            issued_at=_text(row["issued_at"]),
            expires_at=_text(row["expires_at"]),
            closed_at=_text(row["closed_at"]),
            delay_known=row["delay_known"],
            delay_lasts=row["delay_lasts"],
            delay_mode=rules.delay,
            invite_days=rules.invite_days,
            remind_days=rules.remind_days,
        )

    async def issue(self, box: Box) -> str:
        """Opens the form of the box, once; answers `recorded`, or why that cannot be."""
        # Before the transaction: the settings may need a connection of the same pool.
        row = await self._row(box)
        if row is None:
            return "not-wanted"
        rules = await sample_rules(self._registry, box.tenant, row["owner"])
        async with transaction(self._pool, box.tenant, WORKFLOW, at=box.at) as connection:
            row = await self._row_on(connection, box)
            if row is None or not row["wanted"]:
                return "not-wanted"
            # What customers write is sealed under the lead's key, so there has to be one.
            await self._vault.key_for(connection, box.tenant, box.lead)
            identity, salt = invitation_id(box.box), secrets.token_bytes(_SALT_BYTES)
            await _SQL.issue_invitation(
                connection,
                tenant=box.tenant,
                id=identity,
                lead=box.lead,
                box=box.box,
                token_hash=token_hash(self._vault.feedback_token(box.tenant, identity, salt)),
                salt=salt,
                once=rules.once,
                language=_LANGUAGE,
                issued_at=box.at,
                expires_at=box.at + rules.open_for,
            )
        return RECORDED

    async def _row(self, box: Box) -> asyncpg.Record | None:
        async with transaction(self._pool, box.tenant, WORKFLOW, reading=True) as connection:
            return await self._row_on(connection, box)

    @staticmethod
    async def _row_on(connection: Connection, box: Box) -> asyncpg.Record | None:
        row: asyncpg.Record | None = await _SQL.sample_seen(
            connection, tenant=box.tenant, lead=box.lead, box=box.box, delay=delay_id(box.box)
        )
        return row

    async def close(self, box: Box, why: Closed) -> None:
        """Closes the form of the box, if it is open."""
        async with transaction(self._pool, box.tenant, WORKFLOW, at=box.at) as connection:
            await _SQL.close_invitation(connection, tenant=box.tenant, box=box.box, at=box.at, why=why)


class FeedbackLinks:
    """See `activities.ports.Invitations`.

    Args:
        pool: connections as the worker role.
        vault: makes tokens.
        public_url: what links begin with.
    """

    def __init__(self, pool: Pool, vault: Vault, public_url: str) -> None:
        self._pool = pool
        self._vault = vault
        self._public_url = public_url.rstrip("/")

    async def invitation(self, tenant: UUID, invitation: UUID) -> Invitation | None:
        """That invitation; None if there is none, or it is answered or closed."""
        async with transaction(self._pool, tenant, WORKFLOW, reading=True) as connection:
            row = await _SQL.invitation_to_mail(connection, tenant=tenant, id=invitation)
        if row is None:
            return None
        return Invitation(
            lead=row["lead"],
            company=row["company"],
            sender=row["sender"],
            agent=row["owner"],
            products=tuple(row["skus"]),
            delivered_at=row["delivered_at"],
            expires_at=row["expires_at"],
            language=Language(row["language"]),
        )

    async def link(self, tenant: UUID, invitation: UUID) -> str:
        """The address of its form; the same each time.

        Raises:
            LookupError: there is no such invitation.
        """
        async with transaction(self._pool, tenant, WORKFLOW, reading=True) as connection:
            salt = await _SQL.invitation_salt(connection, tenant=tenant, id=invitation)
        if salt is None:
            raise LookupError("there is no such invitation")
        return feedback_address(self._public_url, self._vault.feedback_token(tenant, invitation, salt))


def feedback_address(public_url: str, token: str) -> str:
    """Where a form is filled in."""
    return f"{public_url.rstrip('/')}/feedback/{token}"


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)
