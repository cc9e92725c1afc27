"""Changing. Each mutation answers one success or one typed error; its transaction has ended before it answers."""

from __future__ import annotations

from typing import Annotated, cast
from uuid import UUID

import strawberry

from app.domain import cases as domain_cases, clocks as domain_clocks, outcomes, tasks as domain_tasks
from app.domain.refusals import Refusal
from app.services import cases, clocks, purchases, subscriptions, tasks
from gqlapi import refusals
from gqlapi.cases import Case
from gqlapi.clocks import TestClock, clock_of
from gqlapi.context import Info
from gqlapi.inputs import (
    ActivateCaseInput,
    AdvanceTestClockInput,
    BuyTokensInput,
    CaseInput,
    ChangePlanInput,
    CreateTaskInput,
    CreateTestClockInput,
    FinishTaskInput,
    RecordOutcomesInput,
    RegisterCaseInput,
    UpdateCaseSettingsInput,
)
from gqlapi.nodes import case_of, task_of
from gqlapi.tasks import Task


@strawberry.type
class CaseSuccess:
    case: Case


@strawberry.type
class TaskSuccess:
    task: Task


@strawberry.type
class TestClockSuccess:
    __test__ = False  # pytest takes it for a test by its name

    test_clock: TestClock


CaseResult = Annotated[
    CaseSuccess
    | refusals.InvalidInput
    | refusals.NotFound
    | refusals.Forbidden
    | refusals.IdempotencyConflict
    | refusals.CaseNotActive
    | refusals.PlanChangeRefused
    | refusals.InvoicingNotContracted,
    strawberry.union("CaseResult"),
]
TaskResult = Annotated[
    TaskSuccess
    | refusals.InvalidInput
    | refusals.NotFound
    | refusals.Forbidden
    | refusals.IdempotencyConflict
    | refusals.CaseNotActive
    | refusals.InsufficientTokens
    | refusals.BulkLimitExceeded
    | refusals.FeatureNotInPlan
    | refusals.TaskFinished,
    strawberry.union("TaskResult"),
]
TestClockResult = Annotated[
    TestClockSuccess | refusals.InvalidInput | refusals.NotFound | refusals.Forbidden | refusals.IdempotencyConflict,
    strawberry.union("TestClockResult"),
]


def _case(info: Info, result: domain_cases.Case | Refusal) -> CaseResult:
    if isinstance(result, domain_cases.Case):
        return CaseSuccess(case=Case.of(result))
    return cast("CaseResult", refusals.error(result, info.context.words))


def _task(info: Info, result: domain_tasks.Task | Refusal) -> TaskResult:
    if isinstance(result, domain_tasks.Task):
        return TaskSuccess(task=Task.of(result))
    return cast("TaskResult", refusals.error(result, info.context.words))


def _clock(info: Info, result: domain_clocks.TestClock | Refusal) -> TestClockResult:
    if isinstance(result, domain_clocks.TestClock):
        return TestClockSuccess(test_clock=TestClock.of(result))
    return cast("TestClockResult", refusals.error(result, info.context.words))


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Operators only. In the panel a case is registered when a signed Discover user first opens it."
    )
    async def register_case(self, info: Info, input: RegisterCaseInput) -> CaseResult:
        result = await cases.register_case(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            uuid=input.uuid,
            name=input.name,
            organization_nuix_id=input.organization_nuix_id,
            organization_name=input.organization_name,
            portal_url=input.portal_url,
            # An id that is none names a clock that nobody has.
            test_clock=None if input.test_clock_id is None else clock_of(input.test_clock_id) or UUID(int=0),
        )
        return _case(info, result)

    @strawberry.mutation
    async def activate_case(self, info: Info, input: ActivateCaseInput) -> CaseResult:
        result = await subscriptions.activate_case(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
            tier=input.tier,
            payment_method=input.payment_method,
        )
        return _case(info, result)

    @strawberry.mutation(
        description="At once: a new cycle charged in full, a credit for the old one's unused days, a full reservoir"
    )
    async def upgrade_plan(self, info: Info, input: ChangePlanInput) -> CaseResult:
        result = await subscriptions.upgrade_plan(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
            tier=input.tier,
            origin=input.origin,
        )
        return _case(info, result)

    @strawberry.mutation(description="For the end of the cycle, in place of a downgrade that waits already")
    async def schedule_downgrade(self, info: Info, input: ChangePlanInput) -> CaseResult:
        result = await subscriptions.schedule_downgrade(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
            tier=input.tier,
            origin=input.origin,
        )
        return _case(info, result)

    @strawberry.mutation
    async def cancel_scheduled_downgrade(self, info: Info, input: CaseInput) -> CaseResult:
        result = await subscriptions.cancel_scheduled_downgrade(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
        )
        return _case(info, result)

    @strawberry.mutation(description="At once, without a credit: running tasks are cancelled, and every token is lost")
    async def deactivate_case(self, info: Info, input: CaseInput) -> CaseResult:
        result = await subscriptions.deactivate_case(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
        )
        return _case(info, result)

    @strawberry.mutation
    async def reactivate_case(self, info: Info, input: ActivateCaseInput) -> CaseResult:
        result = await subscriptions.reactivate_case(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
            tier=input.tier,
            payment_method=input.payment_method,
        )
        return _case(info, result)

    @strawberry.mutation
    async def buy_tokens(self, info: Info, input: BuyTokensInput) -> CaseResult:
        result = await purchases.buy_tokens(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
            tokens=input.tokens,
        )
        return _case(info, result)

    @strawberry.mutation
    async def update_case_settings(self, info: Info, input: UpdateCaseSettingsInput) -> CaseResult:
        result = await cases.update_case_settings(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.case_id),
            overage_enabled=input.overage_enabled,
            auto_upgrade_allowed=input.auto_upgrade_allowed,
            overage_ceiling=input.overage_ceiling,
            remove_overage_ceiling=input.remove_overage_ceiling,
        )
        return _case(info, result)

    @strawberry.mutation
    async def create_task(self, info: Info, input: CreateTaskInput) -> TaskResult:
        result = await tasks.create_task(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case_of(input.task.case_id),
            task=input.task.request(),
            name=input.name,
        )
        return _task(info, result)

    @strawberry.mutation(
        description="Reports documents that are done; up to 10,000 documents a call; any order; repeats change nothing"
    )
    async def record_outcomes(self, info: Info, input: RecordOutcomesInput) -> TaskResult:
        case, number = task_of(input.task_id)
        result = await tasks.record_outcomes(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case,
            number=number,
            outcomes=[
                outcomes.OutcomeGroup(group.status, group.resolved_mode, group.document_ids) for group in input.outcomes
            ],
        )
        return _task(info, result)

    @strawberry.mutation
    async def finish_task(self, info: Info, input: FinishTaskInput) -> TaskResult:
        case, number = task_of(input.task_id)
        result = await tasks.finish_task(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            case_uuid=case,
            number=number,
            end=input.end,
        )
        return _task(info, result)

    @strawberry.mutation(
        description="Sandbox only: a clock for cases registered on it. Advancing runs everything that falls due, in "
        "order."
    )
    async def create_test_clock(self, info: Info, input: CreateTestClockInput) -> TestClockResult:
        result = await clocks.create_test_clock(
            info.context.ports, info.context.viewer, key=input.idempotency_key, now=input.now
        )
        return _clock(info, result)

    @strawberry.mutation(description="Repeat a call whose answer was lost: it goes on from where it was interrupted")
    async def advance_test_clock(self, info: Info, input: AdvanceTestClockInput) -> TestClockResult:
        result = await clocks.advance_test_clock(
            info.context.ports,
            info.context.viewer,
            key=input.idempotency_key,
            clock=clock_of(input.id),
            to=input.to,
        )
        return _clock(info, result)
