"""The conformance vectors, read once: what every reader of the clock must agree with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS_FILE = Path(__file__).parent.parent / "conformance" / "clock-vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))
HOW_MANY = 301
