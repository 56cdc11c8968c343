"""Names on the wire of what is done on the queue `ai`."""

from __future__ import annotations

from typing import Final

# Activities that ask models run here: the Temporal server holds their number a second across all workers.
AI_QUEUE: Final = "ai"
