"""The life of one case for a test: its plan changed, its tokens spent, its entries read, each in a line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.plan_changes import PlanChange
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.refusals import Refusal
from app.domain.reservoirs import Reservoir
from app.domain.subscriptions import ChangeOrigin, Subscription, TimelineEvent
from app.domain.tasks import Task, TaskEnd
from app.services import cases, previews, purchases, subscriptions, timelines
from app.services.due_work import DueWork
from app.services.ports import Ports
from tests.stage import bulk, create, created, finish, named, registered_case, report, succeeded

STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
CARD, INVOICE = PaymentMethod

_EASTERN = ZoneInfo("America/New_York")


def eastern(*wall: int) -> datetime:
    """An instant, aware, by the clocks of New York: year, month, day, hour and so on."""
    return datetime(*wall, tzinfo=_EASTERN).astimezone(ZoneInfo("UTC"))  # type: ignore[misc,arg-type]


class Entry(NamedTuple):
    """Tokens; balance None: unlimited."""

    kind: str
    balance: int | None
    held: int
    purchased: int
    overage: int
    task: int | None
    cycle: int
    at: datetime
    date: date | None


_ENTRIES = text("""
    select kind, balance_change, held_change, purchased_change, provisional_change + overage_change, task_number,
        cycle_number, occurred_at, refill_date
    from ledger_entries e join cases c using (case_id) where c.uuid = :uuid order by sequence
""")


@dataclass(frozen=True)
class Life:
    """A case and who changes it; what is refused is returned as it is."""

    ports: Ports
    viewer: Viewer
    uuid: UUID

    def by(self, ports: Ports | None = None, viewer: Viewer | None = None) -> "Life":
        """The same case, by somebody else or in another process."""
        return replace(self, ports=ports or self.ports, viewer=viewer or self.viewer)

    async def activate(
        self, tier: PlanTier = PRO, payment: PaymentMethod = CARD, *, key: str | None = None
    ) -> Case | Refusal:
        return await subscriptions.activate_case(
            self.ports, self.viewer, key=_key(key), case_uuid=self.uuid, tier=tier, payment_method=payment
        )

    async def reactivate(
        self, tier: PlanTier = PRO, payment: PaymentMethod = CARD, *, key: str | None = None
    ) -> Case | Refusal:
        return await subscriptions.reactivate_case(
            self.ports, self.viewer, key=_key(key), case_uuid=self.uuid, tier=tier, payment_method=payment
        )

    async def upgrade(
        self, tier: PlanTier = BUSINESS, origin: ChangeOrigin = ChangeOrigin.SETTINGS, *, key: str | None = None
    ) -> Case | Refusal:
        return await subscriptions.upgrade_plan(
            self.ports, self.viewer, key=_key(key), case_uuid=self.uuid, tier=tier, origin=origin
        )

    async def downgrade(
        self, tier: PlanTier = STARTER, origin: ChangeOrigin = ChangeOrigin.SETTINGS, *, key: str | None = None
    ) -> Case | Refusal:
        return await subscriptions.schedule_downgrade(
            self.ports, self.viewer, key=_key(key), case_uuid=self.uuid, tier=tier, origin=origin
        )

    async def cancel(self, *, key: str | None = None) -> Case | Refusal:
        return await subscriptions.cancel_scheduled_downgrade(
            self.ports, self.viewer, key=_key(key), case_uuid=self.uuid
        )

    async def deactivate(self, *, key: str | None = None) -> Case | Refusal:
        return await subscriptions.deactivate_case(self.ports, self.viewer, key=_key(key), case_uuid=self.uuid)

    async def buy(self, tokens: int = 1_000, *, key: str | None = None) -> Case | Refusal:
        return await purchases.buy_tokens(self.ports, self.viewer, key=_key(key), case_uuid=self.uuid, tokens=tokens)

    async def set(
        self, *, overage: bool | None = None, prompts: bool | None = None, ceiling: int | None = None
    ) -> Case | Refusal:
        return await cases.update_case_settings(
            self.ports, self.viewer, key=_key(), case_uuid=self.uuid, overage_enabled=overage,
            auto_upgrade_allowed=prompts, overage_ceiling=ceiling,
        )  # fmt: skip

    async def preview(self, tier: PlanTier) -> PlanChange | Refusal:
        return await previews.preview_plan_change(self.ports, self.viewer, self.uuid, tier)

    async def see(self) -> Case:
        case = await cases.find_case(self.ports, self.viewer, self.uuid)
        assert case is not None
        return case

    async def tank(self) -> Reservoir:
        return (await self.see()).reservoir

    async def subscription(self) -> Subscription:
        found = await subscriptions.find_subscription(self.ports, await self.see())
        assert found is not None
        return found

    async def timeline(self) -> Sequence[TimelineEvent]:
        """Oldest first."""
        page = await timelines.page_of_timeline(self.ports, await self.see(), after=None, size=1_000)
        return page.rows[::-1]

    async def entries(self) -> list[Entry]:
        async with self.ports.database.writing() as connection:
            return [Entry(*row) for row in await connection.execute(_ENTRIES, {"uuid": self.uuid})]

    async def try_task(self, documents: int, mode: ScanMode = ScanMode.TEXT, key: str | None = None) -> Task | Refusal:
        return await create(self.ports, self.viewer, await self.see(), bulk(mode, documents), key=key)

    async def hold(self, tokens: int) -> Task:
        """A task that reserves so many, a document for each."""
        return await created(self.ports, self.viewer, await self.see(), bulk(ScanMode.TEXT, tokens))

    async def charge(self, task: Task, documents: int, start: int = 0) -> Task | Refusal:
        return await report(self.ports, self.viewer, task, succeeded(named(documents, start)))

    async def end(self, task: Task, end: TaskEnd = TaskEnd.CANCELLED) -> Task | Refusal:
        return await finish(self.ports, self.viewer, task, end)

    async def spend(self, tokens: int) -> None:
        """Dear documents first, to be quick."""
        for mode, documents in ((ScanMode.VIDEO, tokens // 20), (ScanMode.TEXT, tokens % 20)):
            if documents:
                task = await created(self.ports, self.viewer, await self.see(), bulk(mode, documents))
                await self.charge(task, documents)
                await self.end(task, TaskEnd.COMPLETED)

    async def spend_to(self, balance: int) -> None:
        present = (await self.tank()).balance
        assert present is not None
        await self.spend(present - balance)


def _key(given: str | None = None) -> str:
    return str(uuid4()) if given is None else given


async def registered(ports: Ports, operator: Viewer, *, organization: str = "1") -> Life:
    """A new case that was never active."""
    case = await registered_case(ports, operator, organization=organization)
    return Life(ports, operator, case.terms.uuid)


async def begun(ports: Ports, operator: Viewer, tier: PlanTier = PRO, *, overage: bool = False) -> Life:
    """A new case on a plan, its tank full."""
    life = await registered(ports, operator)
    assert isinstance(await life.activate(tier), Case)
    if overage:
        await life.set(overage=True)
    return life


async def on_clock(ports: Ports, operator: Viewer, clock: UUID, *, organization: str = "1") -> Life:
    """A new case on a test clock, not yet active."""
    uuid = uuid4()
    case = await cases.register_case(
        ports, operator, key=_key(), uuid=uuid, name="Roe v. Doe", organization_nuix_id=organization,
        organization_name=f"Organization {organization}", portal_url="https://portal.example.com", test_clock=clock,
    )  # fmt: skip
    assert isinstance(case, Case), case
    return Life(ports, operator, uuid)


async def work(ports: Ports) -> int:
    """As the worker does: rounds until one finds nothing. Returns how many things were done."""
    done, worker = 0, DueWork(ports)
    while more := await worker.run():
        done += more
    return done
