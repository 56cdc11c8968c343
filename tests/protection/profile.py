"""How many examples the property tests look at.

FRISTWERK_EXAMPLES narrows it, for runs that repeat the tests hundreds of times (`make mutants`); such
runs look at the same examples every time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FULL = 2000
EXAMPLES = int(os.environ.get("FRISTWERK_EXAMPLES", str(FULL)))

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < FULL,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
)
