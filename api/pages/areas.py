"""The routers of all pages. A new module of pages is listed here, and nowhere else."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.pages import static_files
from api.pages.routes import (
    calendar,
    campaigns,
    desk,
    feedback,
    importing,
    kpis,
    lead,
    lead_acts,
    leads,
    mails,
    me,
    notifications,
    register,
    signin,
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
    desk.router,
    notifications.router,
    calendar.router,
    mails.router,
    kpis.router,
    feedback.router,
)
