"""Whether a piece of news comes from whom it says: HMAC over the instant of sending and the body as sent.

The format is the one docs/sandbox.md describes: `X-Event-Id`, `X-Timestamp` (Unix seconds), and
`X-Signature: sha256=<hex of HMAC-SHA256 over "{timestamp}.{body}">`.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

# So far sender's and receiver's clocks may be apart; older or younger news is somebody's repetition.
WINDOW: Final = timedelta(minutes=5)
_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE: Final = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)
_LATEST: Final = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())


class Unproven(StrEnum):
    """Why news is not believed. Wire names.

    Attributes:
        NOT_SIGNED: a header is missing, or is none of the format.
        WRONG_SIGNATURE: somebody else signed it, or it was changed.
        OUTSIDE_WINDOW: it was signed too long ago, or in the future.
    """

    NOT_SIGNED = "not-signed"
    WRONG_SIGNATURE = "wrong-signature"
    OUTSIDE_WINDOW = "outside-window"


class NotProven(Exception):
    """News that is not believed.

    Attributes:
        why: for the sender; tells nothing he does not know.
    """

    def __init__(self, why: Unproven) -> None:
        super().__init__(why)
        self.why = why


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The header `X-Signature` of news sent at that instant."""
    digest = hmac.new(secret.encode(), timestamp.encode("ascii") + b"." + body, "sha256").hexdigest()
    return f"sha256={digest}"


def proven(secret: str, *, timestamp: str, signed: str, body: bytes, now: datetime) -> datetime:
    """When news was sent, as a UTC instant, once it is proven who sent it.

    Args:
        secret: shared with the sender.
        timestamp: header `X-Timestamp`; empty where there is none.
        signed: header `X-Signature`; empty where there is none.
        body: as it was sent.
        now: UTC instant.

    Raises:
        NotProven: nobody knows who sent it, or it is not fresh.
    """
    if not _SECONDS.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signed) or int(timestamp) > _LATEST:
        raise NotProven(Unproven.NOT_SIGNED)
    if not hmac.compare_digest(signature(secret, timestamp, body), signed):
        raise NotProven(Unproven.WRONG_SIGNATURE)
    sent = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - sent) > WINDOW:
        raise NotProven(Unproven.OUTSIDE_WINDOW)
    return sent
