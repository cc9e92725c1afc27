"""A season on a test clock, begun where days and months are odd: one refill a date, no gap between cycles (L4, C1)."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from app.domain.cycles import eastern_date, refill_instant, refills_between
from app.domain.ledger import EntryKind
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services import ledger, usage
from app.services.ports import Ports
from app.services.verification import verify
from tests.domain.standing import local
from tests.services.lives import Lives
from tests.stage import Clock

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("begun", "ends"),
    [
        (local(2026, 3, 8, 2, 30), [date(2026, 4, 8), date(2026, 5, 8)]),
        (local(2026, 11, 1, 1, 30), [date(2026, 12, 1), date(2027, 1, 1)]),
        (local(2026, 11, 1, 1, 30, fold=1), [date(2026, 12, 1), date(2027, 1, 1)]),
        (local(2026, 10, 31, 8, 59, 59), [date(2026, 11, 30), date(2026, 12, 31)]),
        (local(2028, 1, 30, 9), [date(2028, 2, 29), date(2028, 3, 30)]),
        (local(2028, 2, 29, 23, 59), [date(2028, 3, 29), date(2028, 4, 29)]),
    ],
)
async def test_every_date_of_a_season_has_its_refill_at_nine(
    own_ports: Ports, clock: Clock, begun: datetime, ends: list[date]
) -> None:
    lives = await Lives.begin(own_ports, clock)
    on_clock = await lives.start_clock(begun)
    case = await lives.activate(PlanTier.PRO, on_clock)
    for _ in range(3):
        await lives.spend(case, 485, ScanMode.VIDEO)  # 9,700 tokens, the refills of 19 dates and more
        on_clock = await lives.advance(on_clock, on_clock.now + 19 * DAY)
    page = await ledger.page_of_entries(
        own_ports, case, kinds=[EntryKind.DAILY_REFILL], month=None, after=None, size=1_000
    )
    days = [eastern_date(entry.occurred_at) for entry in reversed(page.rows)]
    first = eastern_date(begun) + (refill_instant(eastern_date(begun)) <= begun) * DAY
    assert days == [first + n * DAY for n in range(len(days))]
    assert [entry.occurred_at for entry in reversed(page.rows)] == [refill_instant(day) for day in days]
    assert refill_instant(days[-1]) <= on_clock.now < refill_instant(days[-1] + DAY)
    months = await usage.page_of_months(own_ports, case, after=None, size=12)
    cycles = [cycle for month in reversed(months.rows) for cycle in month.cycles]
    assert [eastern_date(cycle.ends_at) for cycle in cycles][:2] == ends
    assert all(before.ends_at == after.starts_at for before, after in pairwise(cycles))
    filled_at_nine = begun == refill_instant(eastern_date(begun))
    assert refills_between(begun, on_clock.now + timedelta.resolution) == len(days) + filled_at_nine
    assert (await verify(own_ports)).differences == []
