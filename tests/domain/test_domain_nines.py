"""Every 09:00 Eastern from 2020 to 2040, on hosts in six zones (L4, C1, C5)."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.domain.nines_walk import beginnings

ZONES = {
    "America/New_York": "-1 day, 19:00:00",
    "UTC": "0:00:00",
    "Asia/Tokyo": "9:00:00",
    "Australia/Lord_Howe": "11:00:00",
    "America/St_Johns": "-1 day, 20:30:00",
    "Pacific/Apia": "13:00:00",
}
"""With the offset that the host then has in January."""

DATES = (date(2041, 1, 1) - date(2020, 1, 1)) // timedelta(days=1)


@pytest.mark.parametrize("zone", ZONES)
def test_there_is_one_refill_a_date_and_no_gap_between_cycles_wherever_the_host_is(zone: str, project: Path) -> None:
    """Cases that begin in skipped and repeated hours, around 09:00, on the 29th to the 31st and on 29 February."""
    environment = {**os.environ, "TZ": zone, "PYTHONPATH": os.pathsep.join(sys.path)}
    walk = [sys.executable, "-m", "tests.domain.nines_walk"]
    walked = subprocess.run(walk, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert walked.returncode == 0, walked.stderr
    *offset, lives, refills, cycles, dates, months = walked.stdout.split()
    assert " ".join(offset) == ZONES[zone]
    assert int(lives) == len(list(beginnings()))
    assert (int(dates), int(months)) == (DATES, 21 * 12)
    assert int(refills) > DATES
    assert int(cycles) > 21 * 12
