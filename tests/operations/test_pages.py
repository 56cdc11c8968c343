"""What the pages on security cite is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGES = PROJECT / "docs" / "operations"


@pytest.mark.parametrize("name", ["threat-model.md", "security.md", "traces-and-logs.md"])
def test_tests_and_pages_that_are_cited_exist(name: str) -> None:
    text = (PAGES / name).read_text(encoding="utf-8")
    cited = re.findall(r"`(tests/[\w/]+\.py)`", text)
    linked = re.findall(r"\]\(([\w./-]+\.md)\)", text)
    assert [path for path in cited if not (PROJECT / path).is_file()] == []
    assert [path for path in linked if not (PAGES / path).is_file()] == []
    assert cited or linked
