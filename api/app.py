"""The application: routes, problems, and the frame around every request."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, FastAPI

from adapters.session_store import SessionStore
from api.failures import add_handlers
from api.frame import Frame
from api.metrics import Metrics
from api.openapi import describe
from api.pages.areas import ROUTERS as PAGES
from api.pages.routes.calendar import CalendarPace
from api.routes import (
    acts,
    ai,
    audit,
    campaigns,
    collaborators,
    credit,
    docs,
    erasing,
    erp,
    extensions,
    feedback,
    health,
    history,
    holds,
    importing,
    lead_reading,
    me,
    overview,
    own_data,
    policy,
    proposals,
    protection,
    registration,
    samples,
    settings,
    webhooks,
)
from api.switch import Switch
from api.wiring import Wiring

# A new module of routes is listed here, and nowhere else. Their paths are whole: `prefix="/api/leads"`.
ROUTERS: Final[tuple[APIRouter, ...]] = (
    protection.router,
    lead_reading.router,
    history.router,
    audit.router,
    overview.router,
    own_data.router,
    registration.router,
    importing.router,
    acts.router,
    campaigns.router,
    holds.router,
    extensions.router,
    collaborators.router,
    erasing.router,
    erp.router,
    samples.router,
    proposals.router,
    credit.router,
    ai.router,
    feedback.router,
    webhooks.router,
    settings.router,
    policy.router,
    me.router,
    health.router,
    docs.router,
)


def create_app(wiring: Wiring) -> FastAPI:
    """The ASGI application over this wiring; whoever made the wiring closes it."""
    app = described()
    app.state.wiring = wiring
    app.state.sessions = sessions = SessionStore(wiring.app)
    app.state.metrics = metrics = Metrics()
    app.state.calendar_pace = CalendarPace()
    app.router.middleware_stack = Switch(app.router)
    add_handlers(app)
    app.add_middleware(
        Frame,
        tokens=wiring.tokens,
        sessions=sessions,
        metrics=metrics,
        public_url=wiring.public_url,
    )
    return app


def described() -> FastAPI:
    """The routes and their OpenAPI document, with nothing behind them."""
    app = FastAPI(
        title="Fristwerk",
        version=version("fristwerk"),
        summary="Keeps the protection clock of sales leads: durable, explainable, provable.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Ours is in `api/metrics.py`; this one would put messages of exceptions into spans.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    # The routes themselves instead of `include_router`, which would match every path twice.
    for router in (*ROUTERS, *PAGES):
        app.router.routes.extend(router.routes)
    describe(app)
    return app
