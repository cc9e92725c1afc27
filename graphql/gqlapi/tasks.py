"""Tasks."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.domain import tasks
from app.domain.ids import NodeId
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import TaskStatus
from gqlapi.nodes import Node
from gqlapi.scalars import BigInt


@strawberry.type(
    description="A task that may cost tokens. Counts of documents: succeeded + failed + skipped + pending = "
    "documentCount."
)
class Task(Node):
    name: str | None
    kind: TaskKind
    scope: TaskScope
    mode: ScanMode
    active_fields: int
    status: TaskStatus
    document_count: BigInt
    succeeded: BigInt
    failed: BigInt
    skipped: BigInt
    pending: BigInt
    reserved_tokens: BigInt = strawberry.field(description="reserved = charged + refunded + held, always")
    charged_tokens: BigInt
    refunded_tokens: BigInt
    held_tokens: BigInt
    overage_tokens: BigInt = strawberry.field(description="Part of chargedTokens beyond the reservoir")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, task: tasks.Task) -> Task:
        return cls(
            id=task_id(task),
            name=task.name,
            kind=task.kind,
            scope=task.scope,
            mode=task.mode,
            active_fields=task.active_fields,
            status=task.status,
            document_count=task.documents,
            succeeded=task.succeeded,
            failed=task.failed,
            skipped=task.skipped,
            pending=task.pending,
            reserved_tokens=task.reserved,
            charged_tokens=task.charged,
            refunded_tokens=task.refunded,
            held_tokens=task.held,
            overage_tokens=task.overage,
            created_at=task.created_at,
            finished_at=task.finished_at,
        )


def task_id(task: tasks.Task) -> strawberry.ID:
    return strawberry.ID(str(NodeId("task", task.case_uuid, task.number)))
