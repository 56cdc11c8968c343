"""The page says what the code does."""

from __future__ import annotations

from adapters.setting_definitions import DEFINITIONS
from tests.registry.render import PAGE, rendered, settings


def test_the_page_shows_the_settings_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert settings() in page
    assert rendered(page) == page, "python -m tests.registry.render writes it anew"


def test_the_table_has_every_setting_in_rows_that_are_whole() -> None:
    head, _, *rows = settings().splitlines()
    assert [row.split("`")[1] for row in rows] == [*DEFINITIONS]
    assert {row.count("|") for row in rows} == {head.count("|")}
