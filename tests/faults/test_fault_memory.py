"""A task of any size is reported in flat memory (T4).

50,000 documents in 50 calls; with FAULT_ROUNDS in the environment above 1, 1,000,000 documents in 100 calls of 10,000.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.plans import PlanTier
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs
from tests.stage import active_case

REPORTER = Path(__file__).with_name("fault_reporter.py")


async def test_memory_stays_flat_over_a_large_task(
    own_url: str, crowd: Crowd, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nine tenths of the calls add to the peak of the first tenth is less than a twentieth of it."""
    documents, calls = (1_000_000, 100) if ROUNDS > 1 else (50_000, 50)
    case = await active_case(crowd.one, crowd.operator, PlanTier.ENTERPRISE)
    values = (own_url, crowd.operator.caller_id, case.terms.uuid, documents, documents // calls)
    reported = subprocess.run(  # noqa: ASYNC221
        [sys.executable, REPORTER, *map(str, values)], cwd=REPORTER.parents[2], stdout=subprocess.PIPE, check=True
    )
    early, late, seconds = json.loads(reported.stdout)
    with capsys.disabled():
        print(  # noqa: T201  # the figure is what it is run for
            f"\n  {documents:,} documents in {calls} calls: {seconds:.1f} s; "
            f"peak {early / 1024:.1f} MiB after a tenth, {late / 1024:.1f} MiB after all"
        )
    assert late <= early * 1.05
    await assert_nothing_differs(crowd.one)
