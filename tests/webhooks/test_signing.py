"""News is believed only if whoever shares the secret signed it, just now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.webhooks.signing import WINDOW, NotProven, Unproven, proven
from sandbox.news import signed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODY = b'{"eventId": "evt-1", "\xc3\xa4": 1}'
SECRET = "shared"


def check(
    *, timestamp: str | None = None, signature: str | None = None, body: bytes = BODY, away: int = 0
) -> datetime:
    """Check news sent so many seconds from now; with some of it replaced."""
    at = int(NOW.timestamp()) + away
    head = signed(SECRET, "evt-1", BODY, at)
    return proven(
        SECRET,
        timestamp=head["x-timestamp"] if timestamp is None else timestamp,
        signed=head["x-signature"] if signature is None else signature,
        body=body,
        now=NOW,
    )


@pytest.mark.parametrize("away", [0, -300, 300])
def test_what_was_signed_just_now_is_believed(away: int) -> None:
    assert check(away=away) == NOW + timedelta(seconds=away)


@pytest.mark.parametrize("away", [-301, 301, -86_400, 10**9])
def test_repetitions_are_not(away: int) -> None:
    assert timedelta(minutes=5) == WINDOW
    with pytest.raises(NotProven) as refused:
        check(away=away)
    assert refused.value.why is Unproven.OUTSIDE_WINDOW


def test_nor_is_what_was_changed_or_signed_by_somebody_else() -> None:
    stranger = signed("guessed", "evt-1", BODY, int(NOW.timestamp()))["x-signature"]
    for changed in (
        {"body": BODY + b" "},
        {"body": b""},
        {"signature": stranger},
        {"timestamp": str(int(NOW.timestamp()) + 1)},
    ):
        with pytest.raises(NotProven) as refused:
            check(**changed)
        assert refused.value.why is Unproven.WRONG_SIGNATURE


@pytest.mark.parametrize(
    "garbage",
    [
        {"timestamp": ""},
        {"timestamp": "soon"},
        {"timestamp": "-1"},
        {"timestamp": "1e9"},
        {"timestamp": "²"},
        {"timestamp": "999999999999"},
        {"timestamp": "1" * 400},
        {"signature": ""},
        {"signature": "sha256="},
        {"signature": "sha1=" + "0" * 64},
        {"signature": "sha256=" + "G" * 64},
        {"signature": "sha256=" + "ü" * 64},
        {"signature": "0" * 64},
    ],
)
def test_garbage_is_not_signed(garbage: dict[str, str]) -> None:
    with pytest.raises(NotProven) as refused:
        check(**garbage)  # type: ignore[arg-type]
    assert refused.value.why is Unproven.NOT_SIGNED
