"""The real system as the driver of histories sees it: services on PostgreSQL, everything shown read back from it.

All cases of a history live on one test clock, which every command first moves to its own instant (C10).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from app.domain.callers import SCHEDULER, Viewer
from app.domain.cases import PaymentMethod
from app.domain.clocks import TestClock
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.payments import Payment
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.subscriptions import ChangeOrigin
from app.domain.tasks import TaskEnd, TaskRequest
from app.services import cases, clocks, previews, purchases, subscriptions, tasks
from app.services.ports import Ports
from tests.model.model_input_faults import Group
from tests.model.model_money import MoneySeen
from tests.model.model_plan_commands import CONTRACTED, organization_of
from tests.model.model_results import Result
from tests.model.model_snapshot import Snapshot
from tests.model.real_answers import answer
from tests.model.real_checkouts import RealCheckouts
from tests.model.real_money import money_on
from tests.model.real_processor import Processor, insist
from tests.model.real_snapshot import snapshot
from tests.stage import new_viewer

NAMES = UUID("f7a5f1a0-5b0e-4d43-9e4e-0f6b64f0a001")
PORTAL = "https://portal.example.com"
TERMS = text("""
    update organizations set tax_rate = :rate, monthly_invoicing = :monthly where portal_url = :portal and nuix_id = :id
""")


class RealSystem(RealCheckouts):
    """The cases of one history, told from those of others by `namespace`; organizations with these rates of tax."""

    def __init__(
        self,
        ports: Ports,
        operator: Viewer,
        namespace: str,
        *,
        tax_rates: Mapping[str, Decimal] | None = None,
        processor: Processor | None = None,
    ) -> None:
        self.ports = replace(ports, test_clocks=True, payments=processor)
        self.operator = operator
        self.namespace = namespace
        self.tax_rates = tax_rates or {}
        self.processor = processor
        self.pages: dict[tuple[str, str], Payment] = {}
        self.clock: TestClock | None = None
        self.callers: dict[str, Viewer] = {}
        self.actors = {SCHEDULER: "scheduler"}

    def uuid(self, case: str) -> UUID:
        return uuid5(NAMES, f"{self.namespace} {case}")

    async def caller(self, name: str, at: datetime) -> Viewer:
        """Also moves the clock: every command begins here."""
        await self.move(at)
        if name not in self.callers:
            self.callers[name] = (await new_viewer(self.ports))[0]
            self.actors[self.callers[name].name] = name
        return self.callers[name]

    async def move(self, at: datetime) -> None:
        if self.clock is None:
            made = await clocks.create_test_clock(self.ports, self.operator, key=self.namespace, now=at)
        elif self.clock.now == at:
            return
        else:
            clock, keys = self.clock.uuid, (f"{at} {attempt}" for attempt in count())
            made = await insist(
                lambda: clocks.advance_test_clock(self.ports, self.operator, key=next(keys), clock=clock, to=at)
            )
        assert isinstance(made, TestClock), made
        assert made.now == at
        self.clock = made

    async def snapshot(self, case: str) -> Snapshot:
        return await snapshot(self.ports, self.operator, self.uuid(case), case, self.actors)

    async def money(self) -> MoneySeen:
        return MoneySeen({}, {}) if self.clock is None else await money_on(self.ports, self.clock.uuid)

    # ----------------------------------------------------------------------------------------- cases

    async def register(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        viewer = await self.caller(caller, at)
        assert self.clock is not None
        organization = f"{self.namespace}, {organization_of(case)}"
        result = await cases.register_case(
            self.ports,
            viewer,
            key=key,
            uuid=self.uuid(case),
            name=case,
            organization_nuix_id=organization,
            organization_name="Model",
            portal_url=PORTAL,
            test_clock=self.clock.uuid,
        )
        async with self.ports.database.writing() as connection:
            rate = self.tax_rates.get(organization_of(case), 0)
            terms = {"rate": rate, "monthly": case in CONTRACTED, "portal": PORTAL, "id": organization}
            await connection.execute(TERMS, terms)
        return answer(case, result)

    async def set_settings(
        self, *, case: str, overage: bool | None, auto_upgrade: bool | None, at: datetime, caller: str, key: str
    ) -> Result:
        changed = {"overage_enabled": overage, "auto_upgrade_allowed": auto_upgrade}
        return await self._settings(case, at, caller, key, changed)

    async def set_ceiling(self, *, case: str, ceiling: int | None, at: datetime, caller: str, key: str) -> Result:
        changed = {"overage_ceiling": ceiling, "remove_overage_ceiling": ceiling is None}
        return await self._settings(case, at, caller, key, changed)

    async def _settings(self, case: str, at: datetime, caller: str, key: str, changed: dict[str, Any]) -> Result:
        viewer = await self.caller(caller, at)
        result = await cases.update_case_settings(self.ports, viewer, key=key, case_uuid=self.uuid(case), **changed)
        return answer(case, result)

    # ----------------------------------------------------------------------------------------- plans

    async def activate(
        self, *, case: str, tier: str, payment_method: str, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        result = await insist(
            lambda: subscriptions.activate_case(
                self.ports,
                viewer,
                key=key,
                case_uuid=self.uuid(case),
                tier=PlanTier(tier),
                payment_method=PaymentMethod(payment_method),
            )
        )
        return answer(case, result)

    async def reactivate(
        self, *, case: str, tier: str, payment_method: str, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        result = await insist(
            lambda: subscriptions.reactivate_case(
                self.ports,
                viewer,
                key=key,
                case_uuid=self.uuid(case),
                tier=PlanTier(tier),
                payment_method=PaymentMethod(payment_method),
            )
        )
        return answer(case, result)

    async def upgrade(
        self, *, case: str, tier: str, origin: str, by_card: bool, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        result = await insist(
            lambda: subscriptions.upgrade_plan(
                self.ports,
                viewer,
                key=key,
                case_uuid=self.uuid(case),
                tier=PlanTier(tier),
                origin=ChangeOrigin(origin),
                by_card=by_card,
            )
        )
        return answer(case, result)

    async def schedule_downgrade(
        self, *, case: str, tier: str, origin: str, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        result = await subscriptions.schedule_downgrade(
            self.ports,
            viewer,
            key=key,
            case_uuid=self.uuid(case),
            tier=PlanTier(tier),
            origin=ChangeOrigin(origin),
        )
        return answer(case, result)

    async def cancel_downgrade(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        viewer = await self.caller(caller, at)
        uuid = self.uuid(case)
        return answer(case, await subscriptions.cancel_scheduled_downgrade(self.ports, viewer, key=key, case_uuid=uuid))

    async def deactivate(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        viewer = await self.caller(caller, at)
        uuid = self.uuid(case)
        return answer(case, await subscriptions.deactivate_case(self.ports, viewer, key=key, case_uuid=uuid))

    async def buy(self, *, case: str, tokens: int, at: datetime, caller: str, key: str) -> Result:
        viewer = await self.caller(caller, at)
        uuid = self.uuid(case)
        result = await insist(lambda: purchases.buy_tokens(self.ports, viewer, key=key, case_uuid=uuid, tokens=tokens))
        return answer(case, result)

    async def preview(self, *, case: str, tier: str, at: datetime) -> Result:
        viewer = await self.caller("asks", at)
        uuid = self.uuid(case)
        return answer(case, await previews.preview_plan_change(self.ports, viewer, uuid, PlanTier(tier)))

    async def preview_deactivation(self, *, case: str, at: datetime) -> Result:
        viewer = await self.caller("asks", at)
        return answer(case, await previews.preview_deactivation(self.ports, viewer, self.uuid(case)))

    # ----------------------------------------------------------------------------------------- tasks

    async def quote(
        self, *, case: str, kind: str, scope: str, mode: str, documents: int, fields: int, at: datetime
    ) -> Result:
        viewer = await self.caller("asks", at)
        request = TaskRequest(TaskKind(kind), TaskScope(scope), ScanMode(mode), documents, fields)
        return answer(case, await tasks.quote(self.ports, viewer, self.uuid(case), request))

    async def create_task(
        self,
        *,
        case: str,
        kind: str,
        scope: str,
        mode: str,
        documents: int,
        fields: int,
        name: str | None,
        at: datetime,
        caller: str,
        key: str,
    ) -> Result:
        viewer = await self.caller(caller, at)
        request = TaskRequest(TaskKind(kind), TaskScope(scope), ScanMode(mode), documents, fields)
        result = await tasks.create_task(
            self.ports, viewer, key=key, case_uuid=self.uuid(case), task=request, name=name
        )
        return answer(case, result)

    async def record_outcomes(
        self, *, case: str, task_number: int, groups: Sequence[Group], at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        outcomes = [
            OutcomeGroup(DocumentStatus(status), None if mode is None else ScanMode(mode), list(documents))
            for status, mode, documents in groups
        ]
        result = await tasks.record_outcomes(
            self.ports, viewer, key=key, case_uuid=self.uuid(case), number=task_number, outcomes=outcomes
        )
        return answer(case, result)

    async def finish_task(
        self, *, case: str, task_number: int, end: str, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        result = await tasks.finish_task(
            self.ports, viewer, key=key, case_uuid=self.uuid(case), number=task_number, end=TaskEnd(end)
        )
        return answer(case, result)
