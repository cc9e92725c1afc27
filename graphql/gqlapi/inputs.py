"""Inputs of queries and mutations."""

from __future__ import annotations

from uuid import UUID

import strawberry

from app.domain.cases import PaymentMethod
from app.domain.outcomes import DocumentStatus
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import TaskEnd, TaskRequest
from gqlapi.scalars import BigInt


@strawberry.input
class TaskInput:
    case_id: strawberry.ID
    kind: TaskKind
    scope: TaskScope
    mode: ScanMode
    document_count: BigInt
    active_fields: int = strawberry.field(default=1, description="Multi-Code only: 1..8")

    def request(self) -> TaskRequest:
        return TaskRequest(self.kind, self.scope, self.mode, self.document_count, self.active_fields)


@strawberry.input
class RegisterCaseInput:
    idempotency_key: str
    uuid: UUID
    name: str
    organization_nuix_id: str
    organization_name: str
    portal_url: str


@strawberry.input
class ActivateCaseInput:
    idempotency_key: str
    case_id: strawberry.ID
    tier: PlanTier
    payment_method: PaymentMethod


@strawberry.input
class UpdateCaseSettingsInput:
    idempotency_key: str
    case_id: strawberry.ID
    overage_enabled: bool | None = None
    auto_upgrade_allowed: bool | None = None


@strawberry.input
class CreateTaskInput:
    idempotency_key: str
    task: TaskInput
    name: str | None = None


@strawberry.input(
    description="Documents with one result. resolvedMode: required for SUCCEEDED documents of an AUTO task, otherwise "
    "left out. Ids: 1 to 64 characters."
)
class OutcomeGroup:
    status: DocumentStatus
    document_ids: list[str]
    resolved_mode: ScanMode | None = None


@strawberry.input
class RecordOutcomesInput:
    idempotency_key: str
    task_id: strawberry.ID
    outcomes: list[OutcomeGroup]


@strawberry.input
class FinishTaskInput:
    idempotency_key: str
    task_id: strawberry.ID
    end: TaskEnd
