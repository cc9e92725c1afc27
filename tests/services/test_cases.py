"""Cases between several processes and around the clock's edges."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import CaseNotActive, InsufficientTokens
from app.domain.reservoirs import NextRefill
from app.domain.tasks import Task
from app.services import cases, subscriptions
from app.services.paging import Page
from app.services.ports import Ports
from app.services.usage import find_month
from tests.stage import (
    Clock,
    active_case,
    bulk,
    create,
    created,
    finish,
    named,
    new_viewer,
    registered_case,
    report,
    reread,
    succeeded,
)

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
"""09:00 in New York."""


@pytest.mark.parametrize(
    ("now", "refill"),
    [
        (NINE - timedelta(seconds=1), NINE),
        (NINE, NINE + timedelta(days=1)),
        (NINE + timedelta(hours=14, minutes=59), NINE + timedelta(days=1)),
        (datetime(2026, 3, 7, 15, 0, tzinfo=UTC), datetime(2026, 3, 8, 13, 0, tzinfo=UTC)),  # the clock goes forward
    ],
)
async def test_a_fill_from_nine_on_marks_its_date_as_refilled(
    ports: Ports, operator: Viewer, clock: Clock, now: datetime, refill: datetime
) -> None:
    """L4."""
    clock.now = now
    case = await active_case(ports, operator)
    assert case.next_refill(now) == NextRefill(refill, 0)


@pytest.mark.parametrize(
    ("now", "ends_at"),
    [
        (datetime(2026, 1, 31, 17, 0, tzinfo=UTC), datetime(2026, 2, 28, 5, 0, tzinfo=UTC)),
        (datetime(2026, 2, 1, 4, 59, tzinfo=UTC), datetime(2026, 2, 28, 5, 0, tzinfo=UTC)),  # still January there
        (datetime(2026, 2, 28, 17, 0, tzinfo=UTC), datetime(2026, 3, 28, 4, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), datetime(2027, 1, 31, 5, 0, tzinfo=UTC)),
        (datetime(2028, 1, 31, 17, 0, tzinfo=UTC), datetime(2028, 2, 29, 5, 0, tzinfo=UTC)),
    ],
)
async def test_the_first_cycle_ends_at_midnight_of_the_anchor_day(
    ports: Ports, operator: Viewer, clock: Clock, now: datetime, ends_at: datetime
) -> None:
    """C1: clamped to short months."""
    clock.now = now
    month = await find_month(ports, await active_case(ports, operator), None)
    assert month is not None
    assert [(cycle.starts_at, cycle.ends_at) for cycle in month.cycles] == [(now, ends_at)]


@pytest.fixture
def elsewhere(ports: Ports, clock: Clock) -> Ports:
    """Another process on the same database, which remembers terms of its own."""
    return Ports(ports.database, clock)


async def test_a_change_made_elsewhere_is_judged_by_at_once(ports: Ports, elsewhere: Ports, operator: Viewer) -> None:
    """T2: remembered terms decide nothing that has changed: activation, then overage on, then off."""
    case = await registered_case(ports, operator)
    assert await create(ports, operator, case, bulk()) == CaseNotActive()
    await subscriptions.activate_case(
        elsewhere,
        operator,
        key="a",
        case_uuid=case.terms.uuid,
        tier=PlanTier.STARTER,
        payment_method=PaymentMethod.CARD,
    )
    await created(ports, operator, case, bulk(ScanMode.TEXT, 1_000))
    assert isinstance(await create(ports, operator, case, bulk()), InsufficientTokens)
    for overage, allowed in ((True, Task), (False, InsufficientTokens)):
        await cases.update_case_settings(
            elsewhere, operator, key=str(uuid4()), case_uuid=case.terms.uuid, overage_enabled=overage,
            auto_upgrade_allowed=None,
        )  # fmt: skip
        assert isinstance(await create(ports, operator, case, bulk()), allowed)


async def test_a_running_task_keeps_its_split_whatever_the_setting(ports: Ports, operator: Viewer) -> None:
    """T5: the split is fixed at creation; a refund of another task does not alter it either."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    first = await created(ports, operator, case, bulk(ScanMode.TEXT, 940))
    second = await created(ports, operator, case, bulk(ScanMode.TEXT, 100))
    await cases.update_case_settings(
        ports, operator, key="off", case_uuid=case.terms.uuid, overage_enabled=False, auto_upgrade_allowed=None
    )
    await finish(ports, operator, first)
    charged = await report(ports, operator, second, succeeded(named(100)))
    assert isinstance(charged, Task)
    assert (charged.charged, charged.overage) == (100, 40)
    assert (await reread(ports, operator, case)).reservoir.balance == 940


async def test_time_never_runs_backwards_within_a_case(ports: Ports, operator: Viewer, clock: Clock) -> None:
    """An instant taken before the last change is moved up to it."""
    case = await active_case(ports, operator)
    activated_at = clock.now
    clock.pass_(hours=-5)
    task = await created(ports, operator, case, bulk())
    ended = await finish(ports, operator, task)
    assert isinstance(ended, Task)
    assert (task.created_at, ended.finished_at) == (activated_at, activated_at)


async def test_an_organization_takes_the_newest_of_its_names(ports: Ports, operator: Viewer) -> None:
    nuix_id = str(uuid4())
    first = await registered_case(ports, operator, organization=nuix_id)
    renamed = await cases.register_case(
        ports, operator, key=str(uuid4()), uuid=uuid4(), name="Doe", organization_nuix_id=nuix_id,
        organization_name="Renamed LLP", portal_url="https://portal.example.com",
    )  # fmt: skip
    assert isinstance(renamed, Case)
    assert (await reread(ports, operator, first)).organization == renamed.organization
    assert renamed.organization.name == "Renamed LLP"


async def test_a_refused_registration_leaves_the_organization_as_it_was(ports: Ports, operator: Viewer) -> None:
    case = await registered_case(ports, operator, organization=str(uuid4()))
    await cases.register_case(
        ports, operator, key=str(uuid4()), uuid=case.terms.uuid, name="Doe",
        organization_nuix_id=case.organization.nuix_id, organization_name="Renamed LLP",
        portal_url="https://portal.example.com",
    )  # fmt: skip
    assert (await reread(ports, operator, case)).organization == case.organization


async def test_cases_are_counted_as_they_are_listed(ports: Ports, operator: Viewer) -> None:
    """A2: those of the viewer's organization."""
    nuix_id = str(uuid4())
    made = [await registered_case(ports, operator, organization=nuix_id) for _ in range(3)]
    member, _ = await new_viewer(ports, Role.MEMBER, made[0].organization.organization_id)
    page = await cases.page_of_cases(ports, member, search=None, status=None, after=None, size=2)
    assert isinstance(page, Page)
    assert ([case.terms.uuid for case in page.rows], page.has_next) == (
        [made[2].terms.uuid, made[1].terms.uuid], True,
    )  # fmt: skip
    assert await cases.count_cases(ports, member, search=None, status=None) == 3
    assert await cases.find_organization(ports, member, made[0].organization.uuid) == made[0].organization
    stranger, _ = await new_viewer(
        ports, Role.ORG_ADMIN, (await registered_case(ports, operator)).organization.organization_id
    )
    assert await cases.find_organization(ports, stranger, made[0].organization.uuid) is None
