"""Inputs of queries and mutations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import strawberry
from strawberry.schema.name_converter import NameConverter
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition

from app.domain.cases import PaymentMethod
from app.domain.outcomes import DocumentStatus
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.subscriptions import ChangeOrigin
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
    test_clock_id: strawberry.ID | None = None


@strawberry.input
class ActivateCaseInput:
    idempotency_key: str
    case_id: strawberry.ID
    tier: PlanTier
    payment_method: PaymentMethod


@strawberry.input
class ChangePlanInput:
    idempotency_key: str
    case_id: strawberry.ID
    tier: PlanTier
    origin: ChangeOrigin = ChangeOrigin.SETTINGS


@strawberry.input
class CaseInput:
    idempotency_key: str
    case_id: strawberry.ID


@strawberry.input
class BuyTokensInput:
    idempotency_key: str
    case_id: strawberry.ID
    tokens: BigInt


@strawberry.input
class UpdateCaseSettingsInput:
    idempotency_key: str
    case_id: strawberry.ID
    overage_enabled: bool | None = None
    auto_upgrade_allowed: bool | None = None
    overage_ceiling: BigInt | None = strawberry.field(
        default=None, description="Tokens in a cycle, 0 or more. null: stays as it is"
    )
    remove_overage_ceiling: bool = False


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


@strawberry.input
class CreateTestClockInput:
    idempotency_key: str
    now: datetime


@strawberry.input
class AdvanceTestClockInput:
    idempotency_key: str
    id: strawberry.ID
    to: datetime


def _maker(definition: StrawberryObjectDefinition) -> Callable[[type, Mapping[str, Any], InputContext], object]:
    """Makes an input of what graphql-core has checked, which names the fields as callers do.

    Strawberry by itself finds out the names, types and defaults of the fields again for each request, which was a tenth
    of all that a createTask took.
    """

    @cache  # at the first request, when every type is known
    def fields() -> list[tuple[str, str, Any]]:
        names = NameConverter()
        return [(names.from_field(field), field.python_name, field.type) for field in definition.fields]

    def make(of: type, given: Mapping[str, Any], context: InputContext) -> object:
        values = {
            name: context.convert(given[label], kind, label) if isinstance(given[label], dict | list) else given[label]
            for label, name, kind in fields()
            if label in given
        }
        return of(**values)

    return make


for _input in (
    TaskInput, RegisterCaseInput, ActivateCaseInput, ChangePlanInput, CaseInput, BuyTokensInput,
    UpdateCaseSettingsInput, CreateTaskInput, OutcomeGroup, RecordOutcomesInput, FinishTaskInput, CreateTestClockInput,
    AdvanceTestClockInput,
):  # fmt: skip
    _definition = get_object_definition(_input, strict=True)
    _definition.from_input = _maker(_definition)
