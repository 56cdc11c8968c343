"""The holidays that SQL computes are those of a library that others keep."""

from __future__ import annotations

import holidays
import pytest

from adapters.database import Pool
from adapters.setting_definitions import LANDS

YEARS = range(2023, 2051)
_SUNDAY = 6


@pytest.mark.parametrize("land", LANDS)
async def test_the_holidays_of_every_land(superuser: Pool, land: str) -> None:
    for year in YEARS:
        told = await superuser.fetchval("select public_holidays($1, $2)", land, year)
        known = sorted(holidays.country_holidays("DE", subdiv=land, years=year))
        assert [day for day in told if day.weekday() < _SUNDAY] == [
            day for day in known if day.weekday() < _SUNDAY
        ], year


async def test_a_land_there_is_none_of_has_those_of_all(superuser: Pool) -> None:
    assert len(await superuser.fetchval("select public_holidays('XX', 2027)")) == 9
    assert len(await superuser.fetchval("select public_holidays(null, 2027)")) == 9
