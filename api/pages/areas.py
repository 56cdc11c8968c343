"""The routers of all pages. A new module of pages is listed here, and nowhere else."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.pages import static_files
from api.pages.routes import me, signin

ROUTERS: Final[tuple[APIRouter, ...]] = (
    static_files.router,
    me.router,
    signin.router,
)
