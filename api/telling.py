"""What may be written down of an exception."""

from __future__ import annotations

import traceback


def without_values(error: BaseException) -> dict[str, object]:
    """What happened and where; messages of exceptions may repeat what somebody typed, so they stay out."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        chain.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        seen = seen.__cause__ or seen.__context__
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "error": chain,
        "sqlstate": getattr(error, "sqlstate", None),
        "where": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
