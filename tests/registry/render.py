"""The settings as the page shows them: `python -m tests.registry.render` writes docs/settings.md anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from adapters.setting_definitions import DEFINITIONS, Definition

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
_BEGIN: Final = "<!-- settings: written by python -m tests.registry.render -->\n"
_END: Final = "<!-- end of settings -->\n"


def _range(schema: Any) -> str:
    """What a schema allows, in a few words."""
    match schema:
        case {"enum": allowed}:
            said = ", ".join(allowed)
        case {"prefixItems": items}:
            said = f"[{', '.join(map(_range, items))}]"
        case {"items": item}:
            said = f"some of {_range(item)}"
        case {"properties": fields}:
            said = "; ".join(f"{name}: {_range(one)}" for name, one in fields.items())
        case {"additionalProperties": {"items": item}}:
            said = f"by name: some of {_range(item)}"
        case {"additionalProperties": {"properties": _} as one}:
            said = f"by name: {_range(one)}"
        case {"pattern": _}:
            said = "ISO 8601 duration: PT8H, PT30M"
        case {"minimum": low, "maximum": high}:
            said = f"{low}..{high}"
        case {"type": [*kinds]}:
            said = " or ".join(kinds)
        case _:
            said = str(schema["type"])
    return said


def _row(definition: Definition) -> str:
    cells = (
        f"`{definition.key}`",
        definition.says,
        ", ".join(definition.scopes),
        f"`{json.dumps(definition.default)}`",
        _range(definition.schema),
        definition.merge,
    )
    return "| " + " | ".join(cells) + " |"


def settings() -> str:
    """The table in Markdown."""
    head = ["| key | decides | scopes | default | range | merge |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, DEFINITIONS.values())]) + "\n"


def rendered(page: str) -> str:
    """The page with the table of the code in its place."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return before + _BEGIN + settings() + _END + after


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
