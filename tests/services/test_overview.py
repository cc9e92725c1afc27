"""What the Usage page is made of: one state of the case, whatever is written meanwhile (A2, C4, L1)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.cycles import Month
from app.domain.ledger import EntryKind
from app.domain.plans import PlanTier
from app.services.overview import ENTRIES_SHOWN, FINISHED_SHOWN, RUNNING_SHOWN, Overview, find_overview
from app.services.ports import Ports
from app.storage.database import Database
from app.storage.reads import DirectReader
from tests.stage import (
    Clock,
    active_case,
    bulk,
    created,
    failed,
    finish,
    named,
    new_viewer,
    nowhere,
    registered_case,
    report,
    succeeded,
)
from tests.web.scenes import SCENES, caught_up

Work = Callable[[], Awaitable[None]]


class InterruptedSnapshot:
    """Has something done after each of its statements."""

    def __init__(self, snapshot: DirectReader, work: Work) -> None:
        self._snapshot = snapshot
        self._work = work

    async def execute(self, *statement: Any) -> Any:
        result = await self._snapshot.execute(*statement)
        await self._work()
        return result


class InterruptedDatabase(Database):
    """Others work between the statements of whoever reads."""

    def __init__(self, url: str, work: Work) -> None:
        super().__init__(url)
        self._work = work

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[DirectReader]:
        async with super().snapshot() as snapshot:
            yield cast("DirectReader", InterruptedSnapshot(snapshot, self._work))


async def overview(ports: Ports, viewer: Viewer, case: Case, month: Month | None = None) -> Overview:
    found = await find_overview(ports, viewer, case.terms.uuid, month)
    assert found is not None
    return found


async def test_what_is_written_between_its_statements_is_not_half_seen(
    shared_url: str, ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """L1: with READ COMMITTED the balance would be of one moment, the entries, tasks and month of later ones."""
    case = await active_case(ports, operator, PlanTier.PRO, overage=True)
    await created(ports, operator, case, bulk(documents=9))
    before = await overview(ports, operator, case)
    interruptions = 0

    async def work() -> None:
        nonlocal interruptions
        interruptions += 1
        task = await created(ports, operator, case, bulk(documents=2_000))
        await report(ports, operator, task, succeeded(named(1_500)), failed(["x"]))
        await finish(ports, operator, task)
        await created(ports, operator, case, bulk(documents=100))

    database = InterruptedDatabase(shared_url, work)
    await database.open()
    seen = await overview(Ports(database, clock), operator, case)
    await database.close()
    assert interruptions >= 6
    assert seen == before
    after = await overview(ports, operator, case)
    assert after.case.tasks == before.case.tasks + 2 * interruptions
    assert_coherent(after)
    assert_coherent(before)


def assert_coherent(seen: Overview) -> None:
    """Figures of one moment: each can be told from others."""
    case, newest = seen.case, seen.entries[0]
    assert (newest.sequence, newest.balance_after, newest.held_after) == (
        case.entries, case.reservoir.balance, case.reservoir.held,
    )  # fmt: skip
    assert seen.month is not None
    charges = [receipt.task.charged for receipt in seen.finished] + [task.charged for task in seen.running]
    assert seen.month.consumed >= sum(charges)
    assert max([task.number for task in seen.running]) <= case.tasks


@pytest.mark.parametrize("scene", [name for name in SCENES if name != "waiting"])
async def test_every_scene_is_coherent(own_ports: Ports, clock: Clock, scene: str) -> None:
    """Of a case as busy as these, all that was charged lies in its months."""
    operator, _ = await new_viewer(own_ports)
    case = await SCENES[scene](own_ports, operator, clock)
    seen = await overview(own_ports, operator, case)
    newest = seen.entries[0]
    tank = seen.case.reservoir
    assert (newest.sequence, newest.balance_after, newest.held_after) == (seen.case.entries, tank.balance, tank.held)
    assert len(seen.running) + len(seen.finished) <= seen.case.tasks
    assert seen.in_progress.tasks == len(seen.running)
    assert seen.as_of == clock.now


async def test_the_page_shows_the_latest_few_and_counts_the_rest(ports: Ports, operator: Viewer) -> None:
    case = await active_case(ports, operator, PlanTier.PRO, overage=True)
    for _ in range(7):
        task = await created(ports, operator, case, bulk(documents=2))
        await finish(ports, operator, task)
    for _ in range(6):
        await created(ports, operator, case, bulk(documents=1_700))
    seen = await overview(ports, operator, case)
    assert [task.number for task in seen.running] == list(range(13, 13 - RUNNING_SHOWN, -1))
    assert [receipt.task.number for receipt in seen.finished] == list(range(7, 7 - FINISHED_SHOWN, -1))
    assert [entry.sequence for entry in seen.entries] == list(range(21, 21 - ENTRIES_SHOWN, -1))
    assert (seen.in_progress.tasks, seen.in_progress.provisional) == (6, 6 * 1_700 - 10_000)
    assert set(seen.telling.tasks) == {entry.task_number for entry in seen.entries}
    assert seen.cleared is None


async def over_the_balance(ports: Ports, viewer: Viewer, case: Case, tokens: int) -> None:
    task = await created(ports, viewer, case, bulk(documents=tokens))
    await report(ports, viewer, task, succeeded(named(tokens)))
    await finish(ports, viewer, task)


def latest_overage(seen: Overview) -> int:
    assert seen.latest is not None
    return seen.latest.overage


async def test_overage_is_told_of_the_latest_month_whichever_is_shown(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C4: March 250 beyond Starter's 1,000, April 70 more."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    await over_the_balance(ports, operator, case, 1_000)
    await over_the_balance(ports, operator, case, 250)
    march, april = Month(2026, 3), Month(2026, 4)
    assert latest_overage(await overview(ports, operator, case)) == 250
    clock.pass_(days=31)
    await caught_up(ports, operator, case)
    assert latest_overage(await overview(ports, operator, case)) == 0
    await over_the_balance(ports, operator, case, 70)
    for month, of_month in ((None, 70), (april, 70), (march, 250)):
        seen = await overview(ports, operator, case, month)
        assert seen.month is not None
        assert (latest_overage(seen), seen.month.overage) == (70, of_month)


async def test_a_month_without_a_cycle_is_none_and_the_rest_is_there(ports: Ports, operator: Viewer) -> None:
    case = await active_case(ports, operator)
    latest = await overview(ports, operator, case)
    for month in (Month(1, 1), Month(2026, 2), Month(2026, 4), Month(9999, 12)):
        assert await overview(ports, operator, case, month) == replace(latest, month=None, latest=None)


async def test_a_case_without_a_plan_has_no_month(ports: Ports, operator: Viewer) -> None:
    seen = await overview(ports, operator, await registered_case(ports, operator))
    assert (seen.month, seen.latest, seen.entries, seen.running, seen.finished) == (None, None, [], [], [])


async def test_what_a_deactivation_cleared_is_told_while_the_case_is_inactive(own_ports: Ports, clock: Clock) -> None:
    """L6."""
    operator, _ = await new_viewer(own_ports)
    case = await SCENES["ended"](own_ports, operator, clock)
    cleared = (await overview(own_ports, operator, case)).cleared
    assert cleared is not None
    assert (cleared.kind, cleared.sequence, cleared.balance_change) == (EntryKind.DEACTIVATION_CLEAR, 8, -10_000)


async def test_only_the_own_organization_and_operators_see_a_case(ports: Ports, operator: Viewer) -> None:
    """A2."""
    case = await active_case(ports, operator)
    stranger = Viewer(0, "Stranger", operator.role.MEMBER, case.organization.organization_id + 1)
    own = replace(stranger, organization_id=case.organization.organization_id)
    assert await find_overview(ports, stranger, case.terms.uuid, None) is None
    assert await find_overview(ports, own, case.terms.uuid, None) == await overview(ports, operator, case)
    assert await find_overview(ports, operator, nowhere(), None) is None
