"""The page says what the code does."""

from __future__ import annotations

from protection.permission import Act, Role, Share
from tests.rights.render import PAGE, matrix, rendered


def test_the_page_shows_the_matrix_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert matrix() in page
    assert rendered(page) == page, "python -m tests.rights.render writes it anew"


def test_the_table_has_every_act_and_every_column() -> None:
    head, _, *rows = matrix().splitlines()
    assert all(f" {column} " in head for column in [*Role, *Share])
    assert [row.split("`")[1] for row in rows] == [*Act]
    assert {row.count("|") for row in rows} == {head.count("|")}
