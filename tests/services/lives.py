"""Cases that live for months, in real time that a test moves or on test clocks; every refusal is a failure."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.clocks import TestClock
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Refusal
from app.domain.subscriptions import ChangeOrigin
from app.domain.tasks import Task
from app.services import cases, clocks, purchases, subscriptions
from app.services.due_work import DueWork
from app.services.ports import Ports
from tests.stage import Clock, bulk, created, finish, named, new_viewer, report, reread, succeeded

Change = Callable[..., Awaitable[Case | Refusal]]


class Lives:
    """What an operator does to cases."""

    def __init__(self, ports: Ports, clock: Clock, operator: Viewer) -> None:
        self.ports, self.clock, self.operator = ports, clock, operator

    @classmethod
    async def begin(cls, ports: Ports, clock: Clock) -> "Lives":
        return cls(replace(ports, test_clocks=True), clock, (await new_viewer(ports))[0])

    async def work_at(self, now: datetime) -> None:
        """The worker does all that has fallen due by then in real time."""
        self.clock.now = now
        work = DueWork(self.ports)
        while await work.run():
            pass

    async def start_clock(self, now: datetime) -> TestClock:
        clock = await clocks.create_test_clock(self.ports, self.operator, key=str(uuid4()), now=now)
        assert isinstance(clock, TestClock), clock
        return clock

    async def advance(self, clock: TestClock, to: datetime) -> TestClock:
        moved = await clocks.advance_test_clock(self.ports, self.operator, key=str(uuid4()), clock=clock.uuid, to=to)
        assert isinstance(moved, TestClock), moved
        return moved

    async def activate(
        self, tier: PlanTier, clock: TestClock | None = None, payment: PaymentMethod = PaymentMethod.CARD
    ) -> Case:
        """A new case on a plan, with overage on."""
        case = await cases.register_case(
            self.ports,
            self.operator,
            key=str(uuid4()),
            uuid=uuid4(),
            name="Roe v. Doe",
            organization_nuix_id="1",
            organization_name="Organization 1",
            portal_url="https://portal.example.com",
            test_clock=None if clock is None else clock.uuid,
        )
        assert isinstance(case, Case), case
        await self._change(cases.update_case_settings, case, overage_enabled=True, auto_upgrade_allowed=None)
        await self._change(subscriptions.activate_case, case, tier=tier, payment_method=payment)
        return await reread(self.ports, self.operator, case)

    async def reactivate(self, case: Case, tier: PlanTier) -> None:
        await self._change(subscriptions.reactivate_case, case, tier=tier, payment_method=PaymentMethod.CARD)

    async def upgrade(self, case: Case, tier: PlanTier) -> None:
        await self._change(subscriptions.upgrade_plan, case, tier=tier, origin=ChangeOrigin.SETTINGS)

    async def downgrade(self, case: Case, tier: PlanTier) -> None:
        await self._change(subscriptions.schedule_downgrade, case, tier=tier, origin=ChangeOrigin.SETTINGS)

    async def cancel_downgrade(self, case: Case) -> None:
        await self._change(subscriptions.cancel_scheduled_downgrade, case)

    async def deactivate(self, case: Case) -> None:
        await self._change(subscriptions.deactivate_case, case)

    async def buy(self, case: Case, tokens: int) -> None:
        await self._change(purchases.buy_tokens, case, tokens=tokens)

    async def hold(self, case: Case, documents: int, mode: ScanMode = ScanMode.TEXT) -> Task:
        """A running task, a token a document of text; what the balance lacks is provisional overage."""
        return await created(self.ports, self.operator, case, bulk(mode, documents))

    async def charge(self, task: Task, documents: int) -> None:
        """The first so many of the task's documents have succeeded."""
        for start in range(0, documents, 10_000):
            part = named(min(10_000, documents - start), start)
            assert isinstance(await report(self.ports, self.operator, task, succeeded(part)), Task)

    async def finish(self, task: Task) -> None:
        assert isinstance(await finish(self.ports, self.operator, task), Task)

    async def spend(self, case: Case, documents: int, mode: ScanMode = ScanMode.TEXT) -> None:
        task = await self.hold(case, documents, mode)
        await self.charge(task, documents)
        await self.finish(task)

    async def seen(self, case: Case) -> Case:
        """The case as it stands now."""
        return await reread(self.ports, self.operator, case)

    async def _change(self, change: Change, case: Case, **given: object) -> None:
        result = await change(self.ports, self.operator, key=str(uuid4()), case_uuid=case.terms.uuid, **given)
        assert isinstance(result, Case), result
