"""How many examples the property tests look at.

Other ones in every run. FRISTWERK_EXAMPLES says otherwise: `make test-all` looks at many more, and runs that
repeat the tests hundreds of times (`make mutants`) at fewer, the same ones every time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

USUAL = 250
EXAMPLES = int(os.environ.get("FRISTWERK_EXAMPLES", str(USUAL)))

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < USUAL,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
)
