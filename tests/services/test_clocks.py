"""Test clocks: months of a case's life in moments, through the code that real time goes through (C10)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case
from app.domain.clocks import EARLIEST, LATEST, LONGEST_ADVANCE, TestClock
from app.domain.plan_changes import PlanChange
from app.domain.refusals import Flaw, Forbidden, IdempotencyConflict, InvalidInput, NotFound, Refusal
from app.domain.subscriptions import PlanEvent
from app.domain.tasks import Task, TaskStatus
from app.services.cases import register_case
from app.services.clocks import advance_test_clock, create_test_clock, find_test_clock
from app.services.ports import Ports
from app.services.tasks import find_tasks
from app.services.usage import find_month, page_of_months
from tests.plans import BUSINESS, PRO, STARTER, Life, eastern, on_clock
from tests.stage import Clock, new_viewer

A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def ports(ports: Ports, clock: Clock) -> Ports:
    """An installation meant for tests."""
    return Ports(ports.database, clock, test_clocks=True)


async def made(ports: Ports, operator: Viewer, now: datetime) -> UUID:
    clock = await create_test_clock(ports, operator, key=str(uuid4()), now=now)
    assert isinstance(clock, TestClock)
    return clock.uuid


async def advance(
    ports: Ports, operator: Viewer, clock: UUID, to: datetime, key: str | None = None
) -> TestClock | Refusal:
    return await advance_test_clock(ports, operator, key=key or str(uuid4()), clock=clock, to=to)


async def figure(life: Life) -> int | None:
    return (await life.tank()).balance


@pytest.mark.parametrize("allowed", [True, False])
async def test_clocks_are_for_operators_where_tests_are_meant_to_run(
    ports: Ports, operator: Viewer, allowed: bool
) -> None:
    uuid = await made(ports, operator, EARLIEST)
    organization = (await (await on_clock(ports, operator, uuid)).see()).organization.organization_id
    admin, _ = await new_viewer(ports, Role.ORG_ADMIN, organization)
    ports, viewer = (ports, admin) if allowed else (Ports(ports.database, ports.clock), operator)
    assert await create_test_clock(ports, viewer, key="k", now=EARLIEST) == Forbidden()
    assert await advance(ports, viewer, uuid, EARLIEST) == Forbidden()
    assert await find_test_clock(ports, viewer, uuid) is None


async def test_a_clock_that_does_not_exist_has_no_time_and_no_cases(ports: Ports, operator: Viewer) -> None:
    unknown = uuid4()
    for uuid in (None, unknown):
        assert await advance_test_clock(ports, operator, key="k", clock=uuid, to=EARLIEST) == NotFound()
    assert await find_test_clock(ports, operator, unknown) is None
    registered = await register_case(
        ports, operator, key="k", uuid=uuid4(), name="Roe", organization_nuix_id="1", organization_name="One",
        portal_url="https://portal.example.com", test_clock=unknown,
    )  # fmt: skip
    assert registered == InvalidInput("testClockId", Flaw.NO_SUCH_CLOCK)


async def test_a_clock_stands_where_it_is_put_and_goes_forward_only(ports: Ports, operator: Viewer) -> None:
    for wrong in (EARLIEST - A_MOMENT, LATEST + A_MOMENT):
        refused = await create_test_clock(ports, operator, key="k", now=wrong)
        assert isinstance(refused, InvalidInput)
        assert (refused.field, refused.flaw) == ("now", Flaw.CLOCK_OUT_OF_RANGE)
    uuid = await made(ports, operator, start := eastern(2026, 3, 3, 10))
    for to, flaw in (
        (start - A_MOMENT, Flaw.NOT_FORWARD),
        (start + LONGEST_ADVANCE + A_MOMENT, Flaw.CLOCK_OUT_OF_RANGE),
        (LATEST + A_MOMENT, Flaw.CLOCK_OUT_OF_RANGE),
    ):
        refused = await advance(ports, operator, uuid, to)
        assert isinstance(refused, InvalidInput)
        assert (refused.field, refused.flaw) == ("to", flaw)
    for to in (start, start + LONGEST_ADVANCE):
        arrived = await advance(ports, operator, uuid, to)
        assert isinstance(arrived, TestClock)
        assert arrived.now == to
        assert await find_test_clock(ports, operator, uuid) == arrived


async def test_keys_of_clocks(ports: Ports, operator: Viewer) -> None:
    """K1: a replay shows where the clock is now; another input is a conflict; a refusal uses no key up."""
    start = eastern(2026, 3, 3, 10)
    key = str(uuid4())
    clock = await create_test_clock(ports, operator, key=key, now=start)
    assert isinstance(clock, TestClock)
    assert await create_test_clock(ports, operator, key=key, now=start + A_MOMENT) == IdempotencyConflict()
    assert isinstance(await advance(ports, operator, clock.uuid, start - A_MOMENT, "a"), InvalidInput)
    first = await advance(ports, operator, clock.uuid, start + timedelta(days=1), "a")
    second = await advance(ports, operator, clock.uuid, start + timedelta(days=2), "b")
    assert isinstance(first, TestClock)
    assert isinstance(second, TestClock)
    assert second.now == start + timedelta(days=2)
    assert await advance(ports, operator, clock.uuid, start + timedelta(days=1), "a") == second
    assert await advance(ports, operator, clock.uuid, start + timedelta(days=3), "a") == IdempotencyConflict()
    assert await create_test_clock(ports, operator, key=key, now=start) == second
    for flaw in (
        await create_test_clock(ports, operator, key="", now=start),
        await advance_test_clock(ports, operator, key="", clock=clock.uuid, to=start),
    ):
        assert isinstance(flaw, InvalidInput)
        assert flaw.flaw is Flaw.KEY_LENGTH


async def test_pro_from_the_last_of_january(ports: Ports, operator: Viewer) -> None:
    """L4, C1, C2, C4: the worked example, drained and refilled day by day, left alone, and upgraded instead."""
    clock = await made(ports, operator, eastern(2026, 1, 31, 9, 59))
    lives = [await on_clock(ports, operator, clock) for _ in range(2)]
    drained, alone = lives
    await advance(ports, operator, clock, eastern(2026, 1, 31, 10))
    for life in lives:
        assert isinstance(await life.activate(PRO), Case)
    await drained.spend_to(9_200)
    for at, balance, left in (
        (eastern(2026, 2, 1, 9), 9_700, 9_700),
        (eastern(2026, 2, 2, 9), 10_000, 9_800),
        (eastern(2026, 2, 3, 9), 10_000, 10_000),
        (eastern(2026, 2, 3, 9, 5), 10_000, 9_000),
        (eastern(2026, 2, 4, 8, 59), 9_000, 9_000),
        (eastern(2026, 2, 4, 9), 9_500, 9_500),
    ):
        await advance(ports, operator, clock, at)
        assert await figure(drained) == balance
        await drained.spend_to(left)
    await advance(ports, operator, clock, eastern(2026, 2, 10, 12))
    preview = await drained.preview(BUSINESS)
    assert isinstance(preview, PlanChange)
    assert (str(preview.charge), str(preview.credit), preview.balance_after) == ("4999.00", "320.79", 50_000)
    assert isinstance(await drained.upgrade(BUSINESS), Case)
    last = (await drained.timeline())[-1]
    assert (last.kind, str(last.charge), str(last.credit)) == (PlanEvent.UPGRADED, "4999.00", "320.79")
    assert await figure(drained) == 50_000
    assert (await drained.subscription()).cycle.ends_at == eastern(2026, 3, 10)
    months = await page_of_months(ports, await drained.see(), after=None, size=10)
    assert [(str(month.month), [cycle.tier for cycle in month.cycles]) for month in months.rows] == [
        ("2026-02", [BUSINESS]), ("2026-01", [PRO]),
    ]  # fmt: skip
    await advance(ports, operator, clock, eastern(2026, 4, 30))
    assert [event.occurred_at for event in await alone.timeline()][1:] == [
        eastern(2026, 2, 28), eastern(2026, 3, 31), eastern(2026, 4, 30),
    ]  # fmt: skip


async def test_starter_and_pro_in_one_march(ports: Ports, operator: Viewer) -> None:
    """C4, C5: one month of both cycles; its figures are their sums."""
    clock = await made(ports, operator, eastern(2026, 3, 3, 10))
    life = await on_clock(ports, operator, clock)
    await life.activate(STARTER)
    await life.spend(100)
    await advance(ports, operator, clock, eastern(2026, 3, 20, 12))
    await life.upgrade(PRO)
    await life.spend(1_000)
    await advance(ports, operator, clock, eastern(2026, 4, 19, 12))
    month = await find_month(ports, await life.see(), None)
    assert month is not None
    assert (str(month.month), month.highest_tier, len(month.cycles)) == ("2026-03", PRO, 2)
    assert month.plan_tokens == 1_000 + 10_000 + 30 * 500
    assert (month.granted, month.consumed) == (1_000 + 9_100 + 1_000, 1_100)


async def test_what_falls_due_on_a_clock_is_done_at_its_instant_in_order(ports: Ports, operator: Viewer) -> None:
    """C10, T6: tasks idle since 09:00 and midnight are ended before the refill and the end of the cycle there."""
    clock = await made(ports, operator, eastern(2026, 3, 3, 9))
    life = await on_clock(ports, operator, clock)
    await life.activate(BUSINESS)
    await life.downgrade(PRO)
    first = await life.hold(10_000)
    await advance(ports, operator, clock, eastern(2026, 3, 4, 9) - A_MOMENT)
    [running] = await find_tasks(ports, operator, [(life.uuid, first.number)])
    assert running is not None
    assert running.status is TaskStatus.RUNNING
    await advance(ports, operator, clock, eastern(2026, 4, 2))
    second = await life.hold(45_000)
    await advance(ports, operator, clock, eastern(2026, 4, 2, 12))
    assert isinstance(await life.charge(second, 1_000), Task)
    await advance(ports, operator, clock, eastern(2026, 4, 20))
    assert [(e.kind, e.at, e.balance, e.cycle) for e in await life.entries()] == [
        ("ACTIVATION_FILL", eastern(2026, 3, 3, 9), 50_000, 1),
        ("RESERVE", eastern(2026, 3, 3, 9), -10_000, 1),
        ("REFUND", eastern(2026, 3, 4, 9), 10_000, 1),
        ("RESERVE", eastern(2026, 4, 2), -45_000, 1),
        ("CHARGE", eastern(2026, 4, 2, 12), 0, 1),
        ("DOWNGRADE_CLAMP", eastern(2026, 4, 3), -5_000, 1),
        ("REFUND", eastern(2026, 4, 3, 12), 44_000, 2),
        ("DOWNGRADE_CLAMP", eastern(2026, 4, 3, 12), -34_000, 2),
    ]
    assert (await life.see()).refilled_on == date(2026, 4, 19)


async def test_every_date_of_a_long_advance_is_refilled(ports: Ports, operator: Viewer) -> None:
    """L4, C10: none is an outage, through the change to summer time; each at 09:00 there."""
    start = eastern(2026, 3, 3, 10)
    clock = await made(ports, operator, start)
    life, other = [await on_clock(ports, operator, clock) for _ in range(2)]
    for case in (life, other):
        await case.activate(PRO)
        await case.spend_to(0)
    await advance(ports, operator, clock, eastern(2026, 3, 20, 10))
    await life.spend_to(0)
    await other.deactivate()
    await advance(ports, operator, clock, eastern(2026, 3, 26, 10))
    await other.reactivate(PRO)
    await other.spend_to(0)
    await advance(ports, operator, clock, eastern(2026, 3, 31, 10))
    for case, days in ((life, range(4, 32)), (other, [*range(4, 21), *range(27, 32)])):
        found = [(e.date, e.at) for e in await case.entries() if e.kind == "DAILY_REFILL"]
        assert found == [(date(2026, 3, day), eastern(2026, 3, day, 9)) for day in days]
    assert await find_test_clock(ports, operator, clock) == await advance(
        ports, operator, clock, eastern(2026, 3, 31, 10)
    )


async def test_a_case_lives_in_the_time_of_its_clock(ports: Ports, operator: Viewer, clock: Clock) -> None:
    """C10: what it is told, and what it does, has the clock's time, whatever the real one."""
    start = datetime(2031, 5, 6, 12, tzinfo=UTC)
    life = await on_clock(ports, operator, await made(ports, operator, start))
    await life.activate(PRO)
    task = await life.hold(10)
    clock.pass_(days=1_000)
    assert isinstance(await life.charge(task, 5), Task)
    ended = await life.end(task)
    assert isinstance(ended, Task)
    assert (ended.created_at, ended.finished_at, ended.status) == (start, start, TaskStatus.CANCELLED)
    case = await life.see()
    assert (case.registered_at, case.activated_at, case.now(clock.now)) == (start, start, start)
    assert {entry.at for entry in await life.entries()} == {start}
