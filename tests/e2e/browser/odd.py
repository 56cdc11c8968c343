"""Texts that are odd but legal, and texts that would like to be more than texts."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from tests.e2e.browser.window import PROBE

_LEADS: Final = Path(__file__).resolve().parents[2] / "importing" / "data" / "crm-odd" / "leads.csv"


def odd_companies() -> list[str]:
    """The companies of the odd-but-legal leads."""
    with _LEADS.open(encoding="utf-8", newline="") as file:
        return [row["company"] for row in csv.DictReader(file)]


# Each of them breaks out of one place a text may stand in: an element, an attribute, a script, a comment, an
# address, a template, a line of a mail. Whatever it loads or runs, the window notices.
ATTACKS: Final = (
    f'"><img src="{PROBE}" onerror="alert(1)">',
    "<script>alert(1)</script>",
    "</textarea></title></style></script><svg/onload=alert(1)>",
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)//",
    '<a href="javascript:alert(1)">Klick</a>',
    "{{ 7 * 7 }} {% include 'x' %} ${7*7} %(name)s {0}",
    '--><iframe srcdoc="<script>alert(1)</script>">',
    f'<style>@import "{PROBE}"</style>',
    "]]><x xmlns='http://www.w3.org/1999/xhtml'>",
    "&lt;b&gt; &amp;amp; &#x3C;",
    '=HYPERLINK("x") ß ẞ 東京 e\u0301 🥐',
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3,
)


def attack(number: int) -> str:
    """One of them; every number gives one."""
    return ATTACKS[number % len(ATTACKS)]
