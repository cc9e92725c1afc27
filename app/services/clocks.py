"""Test clocks: time that an operator moves, with everything that falls due in it (C10)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import idempotency
from app.domain.callers import Viewer
from app.domain.clocks import TestClock, check_advance, check_start, next_due
from app.domain.cycles import due_day
from app.domain.idempotency import Request
from app.domain.refusals import Forbidden, IdempotencyConflict, NotFound, Refusal
from app.domain.texts import check_key
from app.services.cycles import end_cycle
from app.services.invoicing import issue_on_clock
from app.services.payments_due import collect
from app.services.ports import Ports
from app.storage import clocks as stored, idle_tasks
from app.storage.cases import lock_case
from app.storage.invoices import first_waiting
from app.storage.keys import find_scheduler
from app.storage.reservoirs import refill_clock


def _may_use(ports: Ports, viewer: Viewer) -> bool:
    """Test clocks are for operators of installations that are meant for tests."""
    return viewer.is_operator and ports.test_clocks


async def create_test_clock(ports: Ports, viewer: Viewer, *, key: str, now: datetime) -> TestClock | Refusal:
    """A clock that stands at the instant until it is advanced."""
    if not _may_use(ports, viewer):
        return Forbidden()
    if flaw := check_key(key) or check_start(now):
        return flaw
    request = idempotency.request(viewer.caller_id, "createTestClock", key, (now.timestamp(),))
    async with ports.database.writing() as connection:
        clock, given = await stored.store_clock(connection, now, request)
    return clock if given == request.input else IdempotencyConflict()


async def find_test_clock(ports: Ports, viewer: Viewer, uuid: UUID) -> TestClock | None:
    """None: it does not exist, or not for this viewer."""
    if not _may_use(ports, viewer):
        return None
    async with ports.database.reading() as connection:
        return await stored.find_clock(connection, uuid)


async def advance_test_clock(
    ports: Ports, viewer: Viewer, *, key: str, clock: UUID | None, to: datetime
) -> TestClock | Refusal:
    """Runs everything that falls due on the clock's cases up to the instant, in order (C10).

    The clock moves from one due instant to the next, in the transaction that does what is due there. Whoever looks
    meanwhile sees how far it has come; an advance that is cut short is taken up by asking again with the same key.
    """
    if not _may_use(ports, viewer):
        return Forbidden()
    if flaw := check_key(key):
        return flaw
    found = None if clock is None else await find_test_clock(ports, viewer, clock)
    if found is None:
        return NotFound()
    request = idempotency.request(viewer.caller_id, "advanceTestClock", key, (to.timestamp(),))
    async with ports.database.reading() as connection:
        known = await stored.recall_advance(connection, found.clock_id, request)
    if known is False:
        return IdempotencyConflict()
    if known is None and (flaw := check_advance(found, to)):
        return flaw
    arrived = known is True
    while not arrived:
        async with ports.database.writing() as connection:
            present = await stored.lock_clock(connection, found.clock_id)
            arrived = await _step(connection, ports, present, to)
            if arrived:
                await _remember(connection, present, request)
        await _collect(ports, found)
    if known:
        # What was not collected when it arrived, because no processor answered.
        await _collect(ports, found)
    async with ports.database.reading() as connection:
        return await stored.find_clock(connection, found.uuid) or NotFound()


async def _collect(ports: Ports, clock: TestClock) -> None:
    """Raises PaymentUnavailable: the advance has happened as far as it went, and goes on by the same key."""
    while await collect(ports, clock_id=clock.clock_id):
        pass


async def _step(connection: AsyncConnection, ports: Ports, clock: TestClock, to: datetime) -> bool:
    """Moves a locked clock to the next due instant, or to its goal, which has no more before it. True: it is there."""
    if clock.now > to:
        return True  # somebody else's advance has gone further
    present = await stored.next_on_clock(connection, clock.clock_id)
    waiting = await first_waiting(connection, clock.clock_id)
    due = next_due(*present, waiting, abandoned_after=ports.abandoned_after)
    if due is None or due > to:
        await stored.move_clock(connection, clock.clock_id, to)
        return True
    now = max(due, clock.now)
    await _do_due(connection, ports, clock.clock_id, now, invoices_wait=waiting is not None)
    await stored.move_clock(connection, clock.clock_id, now)
    return False


async def _do_due(
    connection: AsyncConnection, ports: Ports, clock_id: int, now: datetime, *, invoices_wait: bool
) -> None:
    """What is due on the clock's cases at one instant: abandonment, refill, end of cycle, monthly invoices (C10)."""
    idle_since = now - ports.abandoned_after
    for task in await idle_tasks.idle_on_clock(connection, clock_id, idle_since):
        scheduler = await find_scheduler(connection)
        await idle_tasks.abandon_on_clock(connection, task, caller_id=scheduler, now=now, idle_since=idle_since)
    await refill_clock(connection, clock_id, now, due_day(now))
    ended = await stored.ended_on_clock(connection, clock_id, now)
    if ended or invoices_wait:
        await stored.lock_organizations(connection, clock_id)
    for case_id in ended:
        case, at = await lock_case(connection, case_id, now)
        await end_cycle(connection, case, at)
    await issue_on_clock(connection, clock_id, now)


async def _remember(connection: AsyncConnection, clock: TestClock, request: Request) -> None:
    """Unless the same advance, sent twice at once, has done so (K1)."""
    if await stored.recall_advance(connection, clock.clock_id, request) is None:
        await stored.remember_advance(connection, clock.clock_id, request)
