"""Mails that come back after a mail server had taken them."""

from __future__ import annotations

from tests.workflows.lab import Lead


async def comes_back(lead: Lead, kind: str) -> None:
    """A mail of this kind that was sent turns out not to have been delivered: as the inbox puts it down."""
    await lead.lab.execute(
        "update notification set status = 'bounced', code = '5.1.1' where lead = $1 and kind = $2",
        lead.id,
        kind,
    )
