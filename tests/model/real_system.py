"""The real system as the driver of histories sees it: services on PostgreSQL, everything shown read back from it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select

from app.domain import cases as domain_cases, cycles as domain_cycles, quotes
from app.domain.callers import Viewer
from app.domain.cases import PaymentMethod
from app.domain.cycles import plan_tokens
from app.domain.months import UsageMonth
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.plans import PlanTier, plan
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.refusals import (
    BulkLimitExceeded,
    FeatureNotInPlan,
    InsufficientTokens,
    InvalidInput,
    PlanChangeRefused,
)
from app.domain.tasks import ABANDONED_AFTER, Task, TaskEnd, TaskRequest, TaskStatus
from app.services import cases, ledger, tasks, usage
from app.services.ports import Ports
from app.storage import tasks as stored_tasks
from app.storage.tables import task_documents
from tests.model.model_case import Entry
from tests.model.model_cycles import Cycle
from tests.model.model_input_faults import Group
from tests.model.model_results import Quote, Refusal, Result, Success
from tests.model.model_snapshot import MonthSeen, ReservoirSeen, Snapshot, TaskSeen
from tests.model.model_task import Outcome
from tests.stage import Clock, new_viewer

EVERYTHING = 1_000_000
DOCUMENTS = select(task_documents).where(task_documents.c.case_id == bindparam("of_case"))
NAMES = UUID("f7a5f1a0-5b0e-4d43-9e4e-0f6b64f0a001")
OUTCOMES: dict[str, Outcome] = {
    "f": ("FAILED", None),
    "s": ("SKIPPED", None),
    "t": ("SUCCEEDED", "TEXT"),
    "i": ("SUCCEEDED", "IMAGE"),
    "a": ("SUCCEEDED", "AUDIO"),
    "v": ("SUCCEEDED", "VIDEO"),
}


class RealSystem:
    """The cases of one history, told from those of others by `namespace`."""

    def __init__(self, ports: Ports, clock: Clock, operator: Viewer, namespace: str) -> None:
        self.ports = ports
        self.clock = clock
        self.operator = operator
        self.namespace = namespace
        self.callers: dict[str, Viewer] = {}

    def uuid(self, case: str) -> UUID:
        return uuid5(NAMES, f"{self.namespace} {case}")

    async def caller(self, name: str, at: datetime) -> Viewer:
        """Also sets the clock: every command begins here."""
        self.clock.now = at
        if name not in self.callers:
            self.callers[name] = (await new_viewer(self.ports))[0]
        return self.callers[name]

    async def register(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        viewer = await self.caller(caller, at)
        return self.answer(
            case,
            await cases.register_case(
                self.ports,
                viewer,
                key=key,
                uuid=self.uuid(case),
                name=case,
                organization_nuix_id="model",
                organization_name="Model",
                portal_url="https://portal.example.com",
            ),
        )

    async def activate(self, *, case: str, tier: str, at: datetime, caller: str, key: str) -> Result:
        viewer = await self.caller(caller, at)
        result = await cases.activate_case(
            self.ports,
            viewer,
            key=key,
            case_uuid=self.uuid(case),
            tier=PlanTier(tier),
            payment_method=PaymentMethod.CARD,
        )
        return self.answer(case, result)

    async def set_settings(
        self, *, case: str, overage: bool | None, auto_upgrade: bool | None, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        result = await cases.update_case_settings(
            self.ports,
            viewer,
            key=key,
            case_uuid=self.uuid(case),
            overage_enabled=overage,
            auto_upgrade_allowed=auto_upgrade,
        )
        return self.answer(case, result)

    async def quote(
        self, *, case: str, kind: str, scope: str, mode: str, documents: int, fields: int, at: datetime
    ) -> Result:
        viewer = await self.caller("quotes", at)
        request = TaskRequest(TaskKind(kind), TaskScope(scope), ScanMode(mode), documents, fields)
        result = await tasks.quote(self.ports, viewer, self.uuid(case), request)
        if not isinstance(result, quotes.Quote):
            return self.answer(case, result)
        blocked = None if result.blocked_by is None else self.answer(case, result.blocked_by)
        assert not isinstance(blocked, Success | Quote)
        return Quote(result.tokens, result.overage, blocked)

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
        return self.answer(case, result)

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
        return self.answer(case, result)

    async def finish_task(
        self, *, case: str, task_number: int, end: str, at: datetime, caller: str, key: str
    ) -> Result:
        viewer = await self.caller(caller, at)
        result = await tasks.finish_task(
            self.ports, viewer, key=key, case_uuid=self.uuid(case), number=task_number, end=TaskEnd(end)
        )
        return self.answer(case, result)

    async def abandon(self, *, case: str, task_number: int, at: datetime) -> Result:
        """The sweep's step for this one task; the sweep over all would reach into other histories."""
        self.clock.now = at
        terms = await self.ports.terms(self.uuid(case), self.operator)
        if terms is None:
            return Refusal("NOT_FOUND")
        verdict = await stored_tasks.finish_task(
            self.ports.database,
            terms,
            None,
            task_number,
            TaskStatus.ABANDONED,
            caller_id=self.operator.caller_id,
            now=at,
            idle_since=at - ABANDONED_AFTER,
        )
        return Refusal("NOT_FOUND") if verdict.word == "unknown" else Success(case, task_number)

    def answer(self, case: str, result: object) -> Success | Refusal:
        """A result of the services in the words of the model."""
        match result:
            case domain_cases.Case():
                return Success(next(name for name in [case, result.name] if self.uuid(name) == result.terms.uuid))
            case Task():
                return Success(case, result.number)
            case InvalidInput():
                return Refusal("INVALID_INPUT", field=result.field)
            case PlanChangeRefused():
                return Refusal("PLAN_CHANGE_REFUSED")
            case InsufficientTokens():
                return Refusal(
                    "INSUFFICIENT_TOKENS",
                    required=result.required,
                    balance=result.balance,
                    missing=result.missing,
                    minimum_tier=result.minimum_tier,
                )
            case BulkLimitExceeded():
                return Refusal("BULK_LIMIT_EXCEEDED", limit=result.limit, minimum_tier=result.minimum_tier)
            case FeatureNotInPlan():
                return Refusal("FEATURE_NOT_IN_PLAN", feature=result.feature, minimum_tier=result.minimum_tier)
        words = "".join(f"_{letter}" if letter.isupper() else letter for letter in type(result).__name__)
        return Refusal(words.strip("_").upper())

    # ---------------------------------------------------------------------------------- what is seen

    async def snapshot(self, case: str) -> Snapshot:
        found = await cases.find_case(self.ports, self.operator, self.uuid(case))
        assert found is not None
        tank = found.reservoir
        return Snapshot(
            case=case,
            overage_enabled=found.terms.overage_enabled,
            auto_upgrade_allowed=found.terms.auto_upgrade_allowed,
            reservoir=ReservoirSeen(found.terms.status, tank.balance, tank.held, tank.purchased, tank.cap),
            tasks=await self.tasks_of(found),
            entries=await self.entries_of(found),
            months=await self.months_of(found),
        )

    async def tasks_of(self, case: domain_cases.Case) -> tuple[TaskSeen, ...]:
        page = await tasks.page_of_tasks(self.ports, case, status=None, after=None, size=EVERYTHING)
        outcomes: dict[int, dict[str, Outcome]] = defaultdict(dict)
        async with self.ports.database.reading() as connection:
            for row in await connection.execute(DOCUMENTS, {"of_case": case.terms.case_id}):
                outcomes[row.task_number][row.document_id] = OUTCOMES[row.outcome]
        return tuple(seen_task(task, outcomes[task.number]) for task in reversed(page.rows))

    async def entries_of(self, case: domain_cases.Case) -> tuple[Entry, ...]:
        page = await ledger.page_of_entries(self.ports, case, kinds=None, month=None, after=None, size=EVERYTHING)
        return tuple(
            Entry(
                sequence=entry.sequence,
                kind=entry.kind,
                balance_change=entry.balance_change,
                held_change=entry.held_change,
                purchased_change=entry.purchased_change,
                provisional_change=entry.provisional_change,
                overage_change=entry.overage_change,
                balance_after=entry.balance_after,
                held_after=entry.held_after,
                category=entry.category,
                task=entry.task_number,
                cycle=entry.cycle_number,
                at=entry.occurred_at,
            )
            for entry in reversed(page.rows)
        )

    async def months_of(self, case: domain_cases.Case) -> tuple[MonthSeen, ...]:
        page = await usage.page_of_months(self.ports, case, after=None, size=EVERYTHING)
        return tuple(seen_month(month) for month in reversed(page.rows))


def seen_task(task: Task, outcomes: dict[str, Outcome]) -> TaskSeen:
    return TaskSeen(
        number=task.number,
        name=task.name,
        kind=task.kind,
        scope=task.scope,
        mode=task.mode,
        fields=task.active_fields,
        status=task.status,
        documents=task.documents,
        succeeded=task.succeeded,
        failed=task.failed,
        skipped=task.skipped,
        pending=task.pending,
        reserved=task.reserved,
        charged=task.charged,
        refunded=task.refunded,
        held=task.held,
        overage=task.overage,
        created_at=task.created_at,
        finished_at=task.finished_at,
        # The system keeps a mode for every success; the model one only where the report had to name it.
        outcomes=outcomes if task.mode is ScanMode.AUTO else {name: (of[0], None) for name, of in outcomes.items()},
    )


def seen_month(month: UsageMonth) -> MonthSeen:
    for cycle in month.cycles:  # the two sides count the 09:00s of a cycle each in their own way
        assert plan_tokens(plan(cycle.tier), cycle.starts_at, cycle.ends_at) == seen_cycle(cycle).plan_tokens
    return MonthSeen(
        month=str(month.month),
        cycles=tuple(seen_cycle(cycle) for cycle in month.cycles),
        highest_tier=month.highest_tier,
        plan_tokens=month.plan_tokens,
        granted=month.granted,
        consumed=month.consumed,
        overage=month.overage,
        by_category=tuple((part.category, part.tokens) for part in month.by_category),
    )


def seen_cycle(cycle: domain_cycles.Cycle) -> Cycle:
    return Cycle(cycle.number, cycle.starts_at, cycle.ends_at, cycle.tier)
