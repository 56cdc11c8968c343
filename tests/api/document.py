"""The OpenAPI document as it is committed, so that review shows its changes; `make openapi` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from api.app import described

COMMITTED: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def written(document: dict[str, Any]) -> str:
    """A document as the committed file spells it."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    COMMITTED.write_text(written(described().openapi()), encoding="utf-8")
