"""Billing cycles and the months that they make up."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import strawberry

from app.domain import months
from app.domain.cycles import Month
from app.domain.plans import PlanTier
from app.domain.rates import UsageCategory
from gqlapi.scalars import BigInt


@strawberry.type(description="Half open: startsAt <= t < endsAt. An upgrade or a deactivation ends a cycle early.")
class BillingCycle:
    starts_at: datetime
    ends_at: datetime
    tier: PlanTier
    month: Month


@strawberry.type
class CategoryUsage:
    category: UsageCategory
    tokens: BigInt
    share: float


@strawberry.type(
    description="Every cycle that started in one calendar month (US Eastern). An upgrade gives a month a second cycle."
)
class UsageMonth:
    month: Month
    starts_at: datetime
    ends_at: datetime
    cycles: list[BillingCycle]
    highest_tier: PlanTier
    plan_tokens: BigInt | None = strawberry.field(
        description="The most the plan could cover in these cycles. null: unlimited"
    )
    granted_tokens: BigInt = strawberry.field(
        description="What the plan did supply: fills and refills recorded in these cycles"
    )
    consumed_tokens: BigInt = strawberry.field(description="All tokens charged, overage included")
    overage_tokens: BigInt
    by_category: list[CategoryUsage] = strawberry.field(
        description="Parts sum exactly to consumedTokens; largest first; categories with zero are left out"
    )
    previous: Month | None
    next: Month | None

    @classmethod
    def of(cls, usage: months.UsageMonth) -> UsageMonth:
        """Its parts are those of the domain, whose attributes are the fields of the contract: nothing is copied."""
        cycles = usage.cycles
        return cls(
            month=usage.month,
            starts_at=cycles[0].starts_at,
            ends_at=cycles[-1].ends_at,
            cycles=cast("list[BillingCycle]", cycles),
            highest_tier=usage.highest_tier,
            plan_tokens=usage.plan_tokens,
            granted_tokens=usage.granted,
            consumed_tokens=usage.consumed,
            overage_tokens=usage.overage,
            by_category=cast("list[CategoryUsage]", usage.by_category),
            previous=usage.previous,
            next=usage.next,
        )
