"""The routers of all pages. A new module of pages is listed here, and nowhere else."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.pages import static_files
from api.pages.routes import (
    ai_usage,
    assistant,
    audit,
    bulk,
    calendar,
    campaigns,
    credit,
    desk,
    erp,
    feedback,
    helping,
    importing,
    inbox,
    integrations,
    kpis,
    lead,
    lead_acts,
    leads,
    mails,
    me,
    notifications,
    overdue,
    policy,
    proposals,
    register,
    samples,
    settings,
    signin,
    status,
    webhooks,
    week,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    static_files.router,
    me.router,
    signin.router,
    week.router,
    leads.router,
    lead.router,
    lead_acts.router,
    register.router,
    importing.router,
    campaigns.router,
    bulk.router,
    overdue.router,
    desk.router,
    proposals.router,
    erp.router,
    assistant.router,
    ai_usage.router,
    helping.router,
    notifications.router,
    calendar.router,
    mails.router,
    inbox.router,
    kpis.router,
    # Before the settings, one of which `policy` would else be taken for.
    policy.router,
    settings.router,
    audit.router,
    integrations.router,
    status.router,
    webhooks.router,
    samples.router,
    credit.router,
    feedback.router,
)
