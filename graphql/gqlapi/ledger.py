"""Ledger entries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from app.domain import ledger
from app.domain.ids import NodeId
from app.domain.ledger import EntryKind
from app.domain.rates import UsageCategory
from gqlapi.context import Info
from gqlapi.nodes import Node
from gqlapi.scalars import BigInt
from gqlapi.tasks import Task


@strawberry.type(
    description="Append-only. The sums of balanceChange and heldChange are the reservoir's balance and held, at every "
    "moment."
)
class LedgerEntry(Node):
    case_uuid: strawberry.Private[UUID]
    task_number: strawberry.Private[int | None]
    sequence: BigInt = strawberry.field(description="1, 2, 3 ... without gaps in each case")
    kind: EntryKind
    balance_change: BigInt | None = strawberry.field(
        description="Change of balance. null on entries of an unlimited reservoir"
    )
    held_change: BigInt
    purchased_change: BigInt
    provisional_overage_change: BigInt = strawberry.field(
        description="Set aside beyond the reservoir by a running task, not billed"
    )
    overage_change: BigInt = strawberry.field(description="Settled overage, 0 or more, only on CHARGE")
    balance_after: BigInt | None = strawberry.field(description="null: unlimited")
    held_after: BigInt
    category: UsageCategory | None
    actor: str = strawberry.field(description="Who or what caused it: a user, an API client, the scheduler")
    occurred_at: datetime

    @strawberry.field
    async def task(self, info: Info) -> Task | None:
        if self.task_number is None:
            return None
        task = await info.context.tasks.load((self.case_uuid, self.task_number))
        return None if task is None else Task.of(task)

    @classmethod
    def of(cls, case_uuid: UUID, entry: ledger.LedgerEntry) -> LedgerEntry:
        return cls(
            id=entry_id(case_uuid, entry),
            case_uuid=case_uuid,
            task_number=entry.task_number,
            sequence=entry.sequence,
            kind=entry.kind,
            balance_change=entry.balance_change,
            held_change=entry.held_change,
            purchased_change=entry.purchased_change,
            provisional_overage_change=entry.provisional_change,
            overage_change=entry.overage_change,
            balance_after=entry.balance_after,
            held_after=entry.held_after,
            category=entry.category,
            actor=entry.actor,
            occurred_at=entry.occurred_at,
        )


def entry_id(case_uuid: UUID, entry: ledger.LedgerEntry) -> strawberry.ID:
    return strawberry.ID(str(NodeId("entry", case_uuid, entry.sequence)))
