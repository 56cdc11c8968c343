"""Memory does not grow with the export."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from protection.policy import QUALIFYING
from tests.importing.exports import big_export

LEADS = 30_000
MEGABYTE = 1024 * 1024
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_thirty_thousand_leads_take_no_more_memory_than_three_thousand(tmp_path: Path) -> None:
    folder = big_export(tmp_path / "big", LEADS, QUALIFYING)
    done = subprocess.run(
        [sys.executable, "-m", "tests.importing.rss_probe", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    told = json.loads(done.stdout)
    assert (told["leads"], told["refused"]) == (LEADS, 0)
    assert set(told["samples"]) == {"Reading", "Replaying"}
    for phase, samples in told["samples"].items():
        tenth = len(samples) // 10
        early, late = max(samples[: tenth + 1]), max(samples)
        # Ten times the leads; the scratch file's page cache is the only thing that may still fill up.
        assert late - early < 16 * MEGABYTE, f"{phase}: {[b - a for a, b in pairwise(samples)]}"
