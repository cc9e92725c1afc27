"""The check that recomputes everything, over months: plans that change, refills, clamps, late work and test clocks."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.plans import PlanTier
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.ports import Ports
from app.services.verification import verify
from tests.services.lives import Lives
from tests.services.planting import found_after, told
from tests.stage import Clock, opened

NEW_YORK = ZoneInfo("America/New_York")
STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier


def local(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant of 2026 by the wall clock of New York, in UTC."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=NEW_YORK).astimezone(UTC)


async def work_daily(lives: Lives, first: tuple[int, int], last: tuple[int, int]) -> None:
    """The worker comes at 09:00:01 of every date, in time for each refill."""
    now, end = local(*first, 9, 0, 1), local(*last, 9, 0, 1)
    while now <= end:
        await lives.work_at(now)
        day = now.astimezone(NEW_YORK).date() + timedelta(days=1)
        now = local(day.month, day.day, 9, 0, 1)


async def months_of_life(ports: Ports, clock: Clock) -> None:
    """Case 1 goes through every change of plan, case 2 leaves unlimited tokens, 3 and 4 live on a test clock."""
    lives = await Lives.begin(ports, clock)
    clock.now = local(1, 31, 10)
    first, second = await lives.activate(PRO), await lives.activate(STARTER)
    await lives.spend(first, 800)
    await lives.spend(second, 400)
    task = await lives.hold(second, 900)
    await lives.upgrade(second, ENTERPRISE)
    await lives.charge(task, 700)
    await lives.finish(task)
    await lives.downgrade(second, PRO)
    await work_daily(lives, (2, 1), (2, 3))
    await lives.spend(first, 400)
    await work_daily(lives, (2, 4), (2, 4))
    await lives.spend(first, 600)
    clock.now = local(2, 10, 12)  # no worker for five days
    await lives.upgrade(first, BUSINESS)
    await lives.buy(first, 1_234)
    await lives.downgrade(first, STARTER)
    await lives.cancel_downgrade(first)
    await lives.downgrade(first, PRO)
    await work_daily(lives, (2, 11), (2, 28))
    await lives.spend(second, 100)
    await work_daily(lives, (3, 1), (3, 9))
    task = await lives.hold(first, 30_000)
    await lives.charge(task, 5_000)
    await lives.work_at(local(3, 10, 0, 0, 1))
    clock.now = local(3, 10, 8)
    await lives.charge(task, 17_000)
    await work_daily(lives, (3, 10), (3, 10))
    await lives.finish(task)
    await lives.spend(first, 5_500)
    await lives.spend(first, 5_000)
    await lives.buy(first, 100)
    await work_daily(lives, (3, 11), (3, 11))
    await lives.hold(first, 300)
    await lives.deactivate(first)
    clock.now = local(3, 12, 8)
    await lives.reactivate(first, STARTER)
    clock.now = local(3, 12, 10)
    await lives.upgrade(first, PRO)
    await lives.spend(first, 800)
    await work_daily(lives, (3, 13), (4, 10))
    await lives.spend(first, 100)
    await lives.work_at(local(4, 12, 1))  # too late for 11 April, in time for the next cycle
    await work_daily(lives, (4, 12), (4, 12))
    on_clock = await lives.start_clock(local(3, 7, 8))
    third = await lives.activate(PRO, on_clock)
    await lives.spend(third, 3_000)
    await lives.advance(on_clock, local(3, 10, 9, 30))
    await lives.upgrade(third, BUSINESS)
    await lives.spend(third, 9_000)
    await lives.advance(on_clock, local(3, 13, 9))
    await lives.hold(await lives.activate(ENTERPRISE, on_clock), 300)


@pytest.fixture(scope="module")
async def lived(postgres: EmbeddedPostgres) -> AsyncIterator[Ports]:
    """A database with months of life in it, which nobody changes."""
    postgres.create_database("lived", template="template")
    clock = Clock(local(1, 31))
    async with opened(postgres.url("lived"), clock) as ports:
        await months_of_life(ports, clock)
        yield ports


async def test_after_months_of_life_there_is_no_difference(lived: Ports) -> None:
    result = await verify(lived)
    assert result.differences == []
    assert (result.cases, result.entries) == (4, 62)


EVENT = "case_id, number, cycle_number, caller_id, occurred_at, charge, credit, kind, tier, from_tier"

PLANTED: dict[str, set[str]] = {
    # Refills that are missing, of the wrong size, for the wrong date, at the wrong time, or marked wrongly as done.
    "delete from ledger_rows where case_id = 1 and sequence = 38; "
    "update cycles set granted = 0 where case_id = 1 and number = 6; "
    "update reservoirs set balance = 9900, entries = 37 where case_id = 1": {"2026-04-12: refill"},
    "delete from ledger_rows where case_id = 3 and sequence = 12; "
    "update cycles set granted = 48500 where case_id = 3 and number = 2; "
    "update reservoirs set balance = 48500, entries = 11 where case_id = 3":
        {"2026-03-12: refill", "2026-03-13: refill"},
    "delete from outages where day = '2026-02-06'": {"2026-02-06: refill"},
    "delete from outages":
        {*(f"2026-02-0{day}: refill" for day in range(5, 10)), "2026-04-11: refill"},
    "update ledger_rows set balance_change = 50, balance_after = 9950 where case_id = 1 and sequence = 38; "
    "update cycles set granted = 50 where case_id = 1 and number = 6; "
    "update reservoirs set balance = 9950 where case_id = 1": {"entry 38: refill"},
    "update ledger_rows set refill_date = '2026-04-13' where case_id = 1 and sequence = 38":
        {"entry 38: date", "2026-04-12: refill", "refilled on"},
    "update ledger_rows set refill_date = '2026-04-11' where case_id = 1 and sequence = 38":
        {"entry 38: date", "2026-04-12: refill"},
    "update ledger_rows set occurred_at = '2026-04-13 04:00Z' where case_id = 1 and sequence = 38": {"entry 38: date"},
    "update ledger_rows set refill_date = '2026-03-12' where case_id = 1 and sequence = 34":
        {"entry 34: date", "2026-03-13: refill"},
    "update ledger_rows set refill_date = '2026-03-06' where case_id = 3 and sequence = 4":
        {"entry 4: date", "entry 4: time", "entry 4: commands before it", "2026-03-07: refill"},
    "update ledger_rows set refill_date = '2026-01-31' where case_id = 1 and sequence = 4":
        {"entry 4: date", "2026-02-01: refill"},
    "update ledger_rows set refill_date = '2026-03-12', occurred_at = '2026-03-12 23:00Z' "
    "where case_id = 1 and sequence = 34": {"entry 34: date", "2026-03-13: refill"},
    "drop index one_refill_a_date; "
    "update ledger_rows set refill_date = '2026-03-13' where case_id = 1 and sequence = 35":
        {"2026-03-13: refills", "entry 35: date", "2026-03-14: refill"},
    "update ledger_rows set occurred_at = occurred_at + interval '1 second' where case_id = 3 and sequence = 11":
        {"entry 11: time"},
    "update ledger_rows set occurred_at = '2026-03-11 13:00Z' where case_id = 3 and sequence = 10":
        {"entry 11: commands before it"},
    "update reservoirs set refilled_on = '2026-03-12' where case_id = 3": {"refilled on"},
    "update reservoirs set refilled_on = '2026-03-14' where case_id = 3": {"refilled on"},
    "update reservoirs set refilled_on = '2026-03-14' where case_id = 4": {"refilled on"},
    "update reservoirs set refilled_on = '2026-04-11' where case_id = 1": {"refilled on"},
    "update reservoirs set refilled_on = '2026-04-13' where case_id = 2": {"refilled on"},
    "update reservoirs set refilled_on = null where case_id = 2": {"refilled on"},
    # Limits of the tank.
    "alter table reservoirs drop constraint granted_within_cap; "
    "update ledger_rows set balance_change = 150, balance_after = 10050 where case_id = 1 and sequence = 38; "
    "update cycles set granted = 150 where case_id = 1 and number = 6; "
    "update reservoirs set balance = 10050 where case_id = 1":
        {"entry 38: refill", "entry 38: granted", "entry 38, cycle 6: free"},
    "update ledger_rows set balance_change = balance_change - 1 where case_id = 3 and sequence = 8; "
    "update ledger_rows set balance_after = balance_after - 1 where case_id = 3 and sequence between 8 and 11; "
    "update ledger_rows set balance_change = balance_change + 1 where case_id = 3 and sequence = 12": {"entry 8: fill"},
    "update ledger_rows set kind = 'ADJUSTMENT' where case_id = 1 and sequence = 31":
        {"cycle 5: fill", "cycle 5: granted"},
    "update ledger_rows set provisional_change = -299 where case_id = 2 and sequence = 5":
        {"entry 5: held", "task 2: provisional overage"},
    "update task_rows set provisional = 1 where case_id = 4":
        {"provisional while unlimited", "task 1: provisional overage", "held by running tasks"},
    "update ledger_rows set balance_change = balance_change + 1 where case_id = 1 and sequence = 16; "
    "update ledger_rows set balance_after = balance_after + 1 where case_id = 1 and sequence between 16 and 19; "
    "update ledger_rows set balance_change = balance_change - 1 where case_id = 1 and sequence = 20":
        {"entry 16: clamp", *(f"entry {entry}, cycle 3: free" for entry in (16, 17, 18))},
    "update ledger_rows set balance_change = balance_change - 1 where case_id = 2 and sequence = 8; "
    "update ledger_rows set balance_after = balance_after - 1 where case_id = 2 and sequence between 8 and 10; "
    "update ledger_rows set balance_change = balance_change + 1 where case_id = 2 and sequence = 11; "
    "update cycles set granted = granted + 1 where case_id = 2 and number = 3":
        {"entry 8: clamp", "2026-02-28: refill"},
    "update ledger_rows set kind = 'ADJUSTMENT' where case_id = 1 and sequence = 20":
        {"entry 19, cycle 3: free"},
    "update ledger_rows set balance_change = balance_change + 1, balance_after = 1 "
    "where case_id = 1 and sequence = 29; "
    "update ledger_rows set balance_change = balance_change - 1 where case_id = 1 and sequence = 30; "
    "update cycles set granted = granted - 1 where case_id = 1 and number = 4": {"entry 29: balance left"},
    "update ledger_rows set kind = 'ADJUSTMENT' where case_id = 1 and sequence = 29": {"entry 29: bought"},
    "update ledger_rows set purchased_change = purchased_change + 1 where case_id = 1 and sequence = 24; "
    "update ledger_rows set purchased_change = purchased_change - 1 where case_id = 1 and sequence = 29":
        {"entry 24: bought"},
    "update ledger_rows set purchased_change = 99 where case_id = 1 and sequence = 25; "
    "update ledger_rows set purchased_change = purchased_change + 1 where case_id = 1 and sequence = 29":
        {"entry 25: bought", "entry 25: tokens billed", "entry 25: purchase in cents"},
    # Cycles.
    "update cycles set number = 7 where case_id = 1 and number = 6":
        {"cycle 7: number", "cycle 7: openings", "cycle 7: granted", "entry 38: cycle", "open cycle",
            *(f"cycle {cycle}: {what}" for cycle in (6, 7) for what in ("plan lines", "plan billed"))},
    "update cycles set starts_at = starts_at + interval '1 second' where case_id = 2 and number = 4":
        {"cycle 4: start", "cycle 4: opened", "cycle 4: plan-date of plan"},
    "update cycles set starts_at = starts_at - interval '1 day' where case_id = 1 and number = 4":
        {"cycle 4: start", "cycle 4: opened", "cycle 4: anchor day", "event 9: credit", "cycle 4: plan-date of plan"},
    "update cycles set ends_at = ends_at + interval '1 second' where case_id = 2 and number = 4":
        {"cycle 4: end", "cycle end"},
    "update cycles set ends_at = ends_at - interval '1 second' where case_id = 1 and number = 1":
        {"cycle 1: end", "cycle 2: start"},
    "update cycles set anchor_day = 30 where case_id = 2 and number = 4": {"cycle 4: anchor day"},
    "update cycles set anchor_day = 30 where case_id = 2 and number = 2":
        {"cycle 2: anchor day", "cycle 3: anchor day"},
    "update plan_changes set occurred_at = occurred_at + interval '1 second' where case_id = 2 and number = 5":
        {"cycle 4: opened"},
    "update plan_changes set tier = 'BUSINESS' where case_id = 2 and number = 5":
        {"cycle 4: tier", "event 5: direction"},
    "update reservoirs set cycle_ends_at = cycle_ends_at + interval '1 second' where case_id = 2": {"cycle end"},
    "update reservoirs set cycle_ends_at = '2026-03-12 13:00Z' where case_id = 4": {"cycle end"},
    "update ledger_rows set occurred_at = '2026-04-11 13:00Z' where case_id = 1 and sequence = 38":
        {"entry 38: before its cycle", "entry 38: date"},
    # The timeline of the plan.
    "update plan_changes set number = 11 where case_id = 1 and number = 10": {"event 11: number"},
    "update plan_changes set occurred_at = '2026-02-09Z' where case_id = 1 and number = 4":
        {"event 4: earlier than the one before"},
    "delete from plan_changes where case_id = 2 and number = 5": {"cycle 4: openings", "cycle of the last event"},
    "delete from plan_changes where case_id = 1 and number = 1":
        {"cycle 1: openings", *(f"event {event}: number" for event in range(2, 11)), "event 2: UPGRADED after nothing"},
    "update plan_changes set tier = 'STARTER' where case_id = 1 and number = 5":
        {"event 6: DOWNGRADED after DOWNGRADE_SCHEDULED"},
    "update plan_changes set kind = 'DOWNGRADE_CANCELLED', tier = 'BUSINESS' where case_id = 1 and number = 3":
        {"event 3: DOWNGRADE_CANCELLED after UPGRADED", "event 4: DOWNGRADE_CANCELLED after DOWNGRADE_CANCELLED",
         "event 3: direction"},
    "update plan_changes set kind = 'ACTIVATED' where case_id = 1 and number = 8":
        {"event 8: ACTIVATED after DEACTIVATED", "cycle 4: start"},
    "update plan_changes set from_tier = 'STARTER' where case_id = 1 and number = 2": {"event 2: from tier"},
    "update plan_changes set tier = 'ENTERPRISE' where case_id = 1 and number = 3":
        {"event 3: direction", "event 4: DOWNGRADE_CANCELLED after DOWNGRADE_SCHEDULED"},
    "update cases set scheduled_tier = 'STARTER', scheduled_catalogue = 1 where case_id = 2": {"scheduled downgrade"},
    f"insert into plan_changes ({EVENT}) select case_id, 2, 1, caller_id, occurred_at, 0, 0, 'DEACTIVATED', tier, tier "
    "from plan_changes where case_id = 4": {"status", "cycle 1: end", "entry 1: held left"},
    "update plan_changes set credit = 320.80 where case_id = 1 and number = 2": {"event 2: credit", "credit"},
    "update plan_changes set credit = 0.01 where case_id = 1 and number = 10": {"event 10: credit", "credit"},
    "update cases set credit_left = 0.01 where case_id = 4": {"credit"},
}  # fmt: skip


@pytest.mark.parametrize("change", PLANTED)
async def test_every_difference_planted_into_months_of_life_is_found_and_named(lived: Ports, change: str) -> None:
    found = await found_after(lived, change)
    assert told(found) == PLANTED[change]
    assert len({difference.case for difference in found}) == 1
