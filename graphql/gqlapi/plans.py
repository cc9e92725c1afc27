"""Plans and the rate card."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from app.adapters.languages import words
from app.adapters.plan_texts import description
from app.domain import money, plans, rates
from app.domain.languages import Language
from app.domain.money import Currency
from app.domain.plans import Feature, PlanTier
from app.domain.rates import ScanMode, TaskKind, TaskScope
from gqlapi.scalars import BigInt


@strawberry.type
class Money:
    amount: Decimal
    currency: Currency

    @classmethod
    def of(cls, value: money.Money) -> Money:
        return cls(amount=value.amount, currency=value.currency)


@strawberry.type
class Plan:
    plan: strawberry.Private[plans.Plan]
    tier: PlanTier
    monthly_price: Money
    reservoir_cap: BigInt | None = strawberry.field(description="null: unlimited")
    daily_refill: BigInt | None = strawberry.field(description="0: no refill. null: unlimited")
    monthly_ceiling: BigInt | None = strawberry.field(
        description="reservoirCap + 30 x dailyRefill, illustrative. null: none"
    )
    bulk_task_limit: BigInt | None = strawberry.field(description="Documents in one bulk task. null: unlimited")
    saved_thread_limit: int | None = strawberry.field(
        description="Saved Agent Mode threads per user and case. null: unlimited"
    )
    features: list[Feature]
    unlocks: list[Feature] = strawberry.field(
        description="Features the tier below does not have; visual scans, which every tier can do, are not announced"
    )

    @strawberry.field
    def name(self, locale: Language = Language.EN) -> str:  # noqa: ARG002 - a name is the same in both languages
        return self.plan.name

    @strawberry.field
    def description(self, locale: Language = Language.EN) -> str:
        return description(self.tier, words(locale))

    @classmethod
    def of(cls, plan: plans.Plan) -> Plan:
        return cls(
            plan=plan,
            tier=plan.tier,
            monthly_price=Money.of(plan.monthly_price),
            reservoir_cap=plan.cap,
            daily_refill=plan.daily_refill,
            monthly_ceiling=plan.monthly_ceiling,
            bulk_task_limit=plan.bulk_task_limit,
            saved_thread_limit=plan.saved_thread_limit,
            features=list(plan.features),
            unlocks=list(plan.unlocks),
        )


@strawberry.type
class ScanRate:
    kind: TaskKind
    scope: TaskScope
    mode: ScanMode
    reserve: BigInt = strawberry.field(description="Tokens reserved for a document (with one active field)")
    charge: BigInt | None = strawberry.field(
        description="Tokens charged for a successful document (with one active field). AUTO: null, the resolved mode's "
        "rate"
    )
    per_extra_field: BigInt = strawberry.field(description="Tokens for each active field after the first")
    minimum_tier: PlanTier

    @classmethod
    def of(cls, rate: rates.ScanRate) -> ScanRate:
        return cls(
            kind=rate.kind,
            scope=rate.scope,
            mode=rate.mode,
            reserve=rate.reserve,
            charge=rate.charge,
            per_extra_field=rate.per_extra_field,
            minimum_tier=rate.minimum_tier,
        )
