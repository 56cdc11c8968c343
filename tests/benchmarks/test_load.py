"""What locust writes down is read as it is, and a file that is none of its is no result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.load import read_routes

LOOKED = {
    "name": "protection",
    "method": "GET",
    "num_requests": 100,
    "num_failures": 3,
    "response_times": {"300": 1, "12": 90, "40": 5, "90": 4},
}


def _file(folder: Path, *routes: object) -> Path:
    file = folder / "load.json"
    file.write_text(json.dumps(routes))
    return file


def test_requests_failures_and_times_are_read_by_route(tmp_path: Path) -> None:
    routes = read_routes(_file(tmp_path, LOOKED, LOOKED | {"name": "holds", "response_times": {}}))
    looked = routes["protection"]
    assert (looked.requests, looked.failures) == (100, 3)
    assert [looked.under(share) for share in (0.5, 0.9, 0.95, 0.99, 1.0)] == [12, 12, 40, 90, 300]
    assert routes["holds"].under(0.95) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", None), ("num_requests", "many"), ("num_failures", -1), ("response_times", {"soon": 1})],
)
def test_another_file_is_no_result_and_names_the_field(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        read_routes(_file(tmp_path, LOOKED | {field: value}))
