"""The worked examples of tasks, on a real database."""

import pytest

from app.domain.callers import Viewer
from app.domain.plans import Feature, PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope, UsageCategory
from app.domain.refusals import BulkLimitExceeded, FeatureNotInPlan, InsufficientTokens
from app.domain.tasks import Task, TaskRequest, TaskStatus
from app.services.ports import Ports
from app.services.usage import find_month
from tests.stage import active_case, bulk, create, created, failed, finish, named, report, reread, succeeded


async def test_an_auto_task_charges_resolved_modes_and_refunds_the_rest(ports: Ports, operator: Viewer) -> None:
    """T3: TEXT, IMAGE, failed, never run: 4 x 20 = 80 reserved, 1 + 5 charged, 19 + 15 + 20 + 20 = 74 refunded."""
    case = await active_case(ports, operator, PlanTier.PRO)
    task = await created(ports, operator, case, bulk(ScanMode.AUTO, 4))
    assert (task.reserved, task.held) == (80, 80)
    await report(
        ports, operator, task, succeeded(["a"], ScanMode.TEXT), succeeded(["b"], ScanMode.IMAGE), failed(["c"])
    )
    ended = await finish(ports, operator, task)
    assert isinstance(ended, Task)
    assert (ended.status, ended.charged, ended.refunded, ended.held, ended.pending) == (
        TaskStatus.COMPLETED, 6, 74, 0, 1,
    )  # fmt: skip
    case = await reread(ports, operator, case)
    assert (case.reservoir.balance, case.reservoir.held) == (10_000 - 6, 0)
    month = await find_month(ports, case, None)
    assert month is not None
    assert {part.category: part.tokens for part in month.by_category} == {
        UsageCategory.IMAGE_SCAN: 5,
        UsageCategory.TEXT_SCAN: 1,
    }


async def test_multi_code_prices_every_field(ports: Ports, operator: Viewer) -> None:
    """P2: IMAGE with 3 fields is 5 + 2 = 7: 10 documents reserve 70, 8 successes are charged 56."""
    case = await active_case(ports, operator, PlanTier.PRO)
    task = await created(ports, operator, case, TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.IMAGE, 10, 3))
    assert task.reserved == 70
    await report(ports, operator, task, succeeded(named(8)), failed(named(2, 8)))
    ended = await finish(ports, operator, task)
    assert isinstance(ended, Task)
    assert (ended.charged, ended.refunded) == (56, 14)


async def test_multi_code_needs_pro(ports: Ports, operator: Viewer) -> None:
    case = await active_case(ports, operator, PlanTier.STARTER)
    refused = await create(
        ports, operator, case, TaskRequest(TaskKind.MULTI_CODE, TaskScope.BULK, ScanMode.IMAGE, 10, 3)
    )
    assert refused == FeatureNotInPlan(Feature.MULTI_CODE, PlanTier.PRO, may_upgrade=True)


async def test_a_bulk_task_over_the_limit_names_the_tier_that_allows_it(ports: Ports, operator: Viewer) -> None:
    case = await active_case(ports, operator, PlanTier.STARTER)
    refused = await create(ports, operator, case, bulk(ScanMode.TEXT, 1_001))
    assert refused == BulkLimitExceeded(1_000, PlanTier.PRO, may_upgrade=True)


async def test_missing_tokens_are_named_and_the_same_key_runs_once_there_is_room(
    ports: Ports, operator: Viewer
) -> None:
    """300 AUTO documents on Pro reserve 6,000; 4,000 are left for the next 6,000; Business would hold 44,000."""
    case = await active_case(ports, operator, PlanTier.PRO)
    first = await created(ports, operator, case, bulk(ScanMode.AUTO, 300))
    refused = await create(ports, operator, case, bulk(ScanMode.AUTO, 300), key="second")
    assert isinstance(refused, InsufficientTokens)
    assert (refused.required, refused.balance, refused.missing) == (6_000, 4_000, 2_000)
    assert (refused.minimum_tier, refused.may_upgrade) == (PlanTier.BUSINESS, True)
    await finish(ports, operator, first)
    second = await create(ports, operator, case, bulk(ScanMode.AUTO, 300), key="second")
    assert isinstance(second, Task)
    assert second.held == 6_000


@pytest.mark.parametrize(
    ("successes", "overage", "balance"),
    [(70, 10, 0), (60, 0, 0), (50, 0, 10), (0, 0, 60), (100, 40, 0)],
)
async def test_overage_is_settled_only_beyond_the_tasks_own_part(
    ports: Ports, operator: Viewer, successes: int, overage: int, balance: int
) -> None:
    """T5: balance 60, 100 texts with overage on: 60 held and 40 provisional; charges use the held part first."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    await created(ports, operator, case, bulk(ScanMode.TEXT, 940))
    task = await created(ports, operator, case, bulk(ScanMode.TEXT, 100))
    await report(ports, operator, task, succeeded(named(successes)))
    ended = await finish(ports, operator, task)
    assert isinstance(ended, Task)
    assert (ended.charged, ended.overage, ended.refunded) == (successes, overage, 100 - successes)
    assert (await reread(ports, operator, case)).reservoir.balance == balance
