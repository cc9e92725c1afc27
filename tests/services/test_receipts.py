"""Receipts of tasks on a real database, after whatever clients did to them (T3, T5)."""

from collections import Counter

import pytest

from app.domain import rates
from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import RESOLVED_MODES, ScanMode
from app.domain.receipts import Receipt, RefundReason
from app.domain.tasks import TaskEnd
from app.services.cases import find_case
from app.services.ports import Ports
from app.services.receipts import find_receipt, receipts_of
from app.services.tasks import find_tasks, page_of_tasks
from tests.model.histories import History
from tests.model.model import Model
from tests.model.real_snapshot import DOCUMENTS, EVERYTHING
from tests.model.real_system import RealSystem
from tests.stage import Clock, active_case, bulk, created, failed, finish, named, new_viewer, report, succeeded

LETTERS = dict(zip("tiav", RESOLVED_MODES, strict=True))
STEPS = 300


async def receipts(ports: Ports, case: Case) -> list[Receipt]:
    """Of every task of the case, out of one statement."""
    tasks = (await page_of_tasks(ports, case, status=None, after=None, size=EVERYTHING)).rows
    async with ports.database.reading() as connection:
        return await receipts_of(connection, case.terms.case_id, tasks)


async def outcomes(ports: Ports, case: Case) -> dict[int, Counter[str]]:
    """How many documents of each task had which outcome, from the documents themselves."""
    found: dict[int, Counter[str]] = {}
    async with ports.database.reading() as connection:
        for row in await connection.execute(DOCUMENTS, {"of_case": case.terms.case_id}):
            found.setdefault(row.task_number, Counter())[row.outcome] += 1
    return found


@pytest.mark.parametrize("seed", range(901, 907))
async def test_receipts_say_what_became_of_every_document(own_ports: Ports, clock: Clock, seed: int) -> None:
    """T3, T5: each part of each receipt is counted again from the documents and the price list."""
    viewer, _ = await new_viewer(own_ports)
    system, model, history = RealSystem(own_ports, viewer, f"receipts {seed}"), Model(), History(seed)
    for _ in range(STEPS):
        command = history.next(model)
        getattr(model, command.method)(**vars(command))
        await getattr(system, command.method)(**vars(command))
    seen = 0
    for name in model.cases:
        case = await find_case(own_ports, viewer, system.uuid(name))
        assert case is not None
        fates = await outcomes(own_ports, case)
        for receipt in await receipts(own_ports, case):
            check(receipt, fates.get(receipt.task.number, Counter()))
            assert receipt == await find_receipt(own_ports, case, receipt.task)
            seen += 1
    assert seen > 10


def check(receipt: Receipt, fates: Counter[str]) -> None:
    task = receipt.task
    price = rates.price(task.kind, task.scope, task.mode, task.active_fields)
    back = {part.reason: (part.documents, part.tokens) for part in receipt.refunds}
    expected: dict[RefundReason, tuple[int, int]] = {}
    if receipt.ended and price.reserve:
        for reason, documents in (
            (RefundReason.FAILED, fates["f"]),
            (RefundReason.SKIPPED, fates["s"]),
            (RefundReason.NEVER_RUN, task.documents - fates.total()),
        ):
            if documents:
                expected[reason] = (documents, documents * price.reserve)
    cheaper = {
        mode: price.reserve - charge
        for mode, charge in zip(RESOLVED_MODES, price.charges, strict=True)
        if charge < price.reserve
    }
    documents = sum(fates[letter] for letter, mode in LETTERS.items() if mode in cheaper)
    if documents:
        tokens = sum(fates[letter] * cheaper.get(mode, 0) for letter, mode in LETTERS.items())
        expected[RefundReason.CHEAPER] = (documents, tokens)
    assert back == expected
    assert sum(tokens for _, tokens in back.values()) == task.refunded
    charged = {group.category: group.documents for group in receipt.charges}
    assert sum(documents or 0 for documents in charged.values()) == (task.succeeded if price.reserve else 0)


async def test_a_receipt_stays_as_of_its_task_while_more_comes_in(ports: Ports, operator: Viewer) -> None:
    """T3: entries that were written after the task was read belong to a later receipt."""
    case = await active_case(ports, operator)
    task = await created(ports, operator, case, bulk(ScanMode.AUTO, 3))
    await report(ports, operator, task, succeeded(named(1), ScanMode.TEXT))
    (early,) = await find_tasks(ports, operator, [(case.terms.uuid, task.number)])
    assert early is not None
    before = await find_receipt(ports, case, early)
    await report(ports, operator, task, succeeded(named(1, 1), ScanMode.IMAGE), failed(named(1, 2)))
    await finish(ports, operator, task)
    assert await find_receipt(ports, case, early) == before
    assert [(part.reason, part.tokens) for part in before.refunds] == [(RefundReason.CHEAPER, 19)]


async def test_entries_of_other_tasks_are_in_no_receipt(ports: Ports, operator: Viewer) -> None:
    """T3: their entries lie between those of the task."""
    case = await active_case(ports, operator, PlanTier.BUSINESS)
    first = await created(ports, operator, case, bulk(ScanMode.AUTO, 4))
    second = await created(ports, operator, case, bulk(ScanMode.VIDEO, 2))
    await report(ports, operator, first, succeeded(named(1), ScanMode.TEXT))
    await report(ports, operator, second, succeeded(named(1)))
    await report(ports, operator, first, succeeded(named(1, 1), ScanMode.IMAGE), failed(named(1, 2)))
    await finish(ports, operator, second, TaskEnd.CANCELLED)
    await finish(ports, operator, first, TaskEnd.CANCELLED)
    latest, earlier = await receipts(ports, case)
    assert [(part.reason, part.documents, part.tokens) for part in earlier.refunds] == [
        (RefundReason.FAILED, 1, 20),
        (RefundReason.NEVER_RUN, 1, 20),
        (RefundReason.CHEAPER, 2, 34),
    ]
    assert [(part.reason, part.tokens) for part in latest.refunds] == [(RefundReason.NEVER_RUN, 20)]
    assert [(group.category, group.documents, group.tokens) for group in latest.charges] == [("VIDEO_SCAN", 1, 20)]
    assert (earlier.reserve and earlier.reserve.first, latest.reserve and latest.reserve.first) == (2, 3)


async def test_what_came_back_from_beyond_the_balance_is_told_apart(ports: Ports, operator: Viewer) -> None:
    """T5: 200 of 1,200 lay beyond the balance; charges use what is held first, refunds release the other first."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    task = await created(ports, operator, case, bulk(ScanMode.IMAGE, 240))
    await report(ports, operator, task, succeeded(named(220)), failed(named(5, 220)))
    (running,) = await receipts(ports, case)
    assert (running.released, running.reserve and running.reserve.provisional) == (0, 200)
    await finish(ports, operator, task)
    (ended,) = await receipts(ports, case)
    assert (ended.released, ended.task.refunded, ended.task.overage) == (100, 100, 100)
    assert [group.provisional for group in ended.charges] == [-100]
