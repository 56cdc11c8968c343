"""The public feedback form's way into the database: two functions, as a role that reaches nothing else.

SQL: sql/queries/feedback.sql. Of a token only its hash leaves this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from activities.sample_orders import ContactRole
from adapters.database import Pool, load_queries
from adapters.sample_records import Rating
from adapters.sample_settings import usual_rate
from adapters.sample_store import sealed_ratings
from adapters.sample_work import token_hash
from adapters.sealing import WrappedKey
from adapters.vault import Vault

_SQL: Final = load_queries("feedback")
_OPEN: Final = "open"
_SLOW: Final = "slow"


class FormGone(Exception):
    """The form is expired, used, closed, or never was; which of them is not told."""


class TooManyRequests(Exception):
    """This form, or this address range, was asked for too often within an hour.

    Attributes:
        retry_after: seconds until there is room again.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"again in {retry_after} seconds")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that takes feedback.

    Attributes:
        language: of the invitation, `de` or `en`.
        skus: what was in the box.
    """

    language: str
    skus: tuple[str, ...]
    hash: bytes = field(repr=False)
    key: WrappedKey = field(repr=False)


class FeedbackGate:
    """What the public form does in the database.

    Args:
        pool: connections as the public role.
        vault: seals what customers write.
    """

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def look(self, token: str, network: str, at: datetime) -> OpenForm:
        """The form of a token, and one request more on both accounts.

        Args:
            token: as it stood in the address; may be anything.
            network: the address range the request comes from.
            at: UTC instant.

        Raises:
            TooManyRequests: too many within an hour.
            FormGone: it takes no feedback.
        """
        hashed = token_hash(token)
        row = await _SQL.look(
            self._pool, hash=hashed, range=self._vault.range_mark(network), at=at, most=usual_rate()
        )
        if row["verdict"] == _SLOW:
            raise TooManyRequests(row["retry_after"])
        if row["verdict"] != _OPEN:
            raise FormGone
        key = WrappedKey(row["tenant"], row["lead"], row["key"], row["kek_id"], row["wrapped_key"])
        return OpenForm(row["locale"], tuple(row["skus"]), hashed, key)

    async def give(
        self, form: OpenForm, submission: UUID, role: ContactRole, ratings: Sequence[Rating], at: datetime
    ) -> None:
        """Put on record what a customer says, once.

        Raises:
            FormGone: it was closed meanwhile; nothing was kept.
        """
        key = self._vault.unwrapped(form.key)
        taken = await _SQL.give(
            self._pool,
            hash=form.hash,
            at=at,
            submission=submission,
            role=role,
            key=key.id,
            **sealed_ratings(key, submission, ratings),
        )
        if not taken:
            raise FormGone
