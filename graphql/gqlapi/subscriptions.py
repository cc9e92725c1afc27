"""Subscriptions: the plan of a case, what is to come of it, and what has been."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import strawberry

from app.domain import plan_changes, subscriptions
from app.domain.cases import PaymentMethod
from app.domain.money import Currency
from app.domain.plans import Feature, PlanTier
from app.domain.subscriptions import PlanEvent
from gqlapi.months import BillingCycle
from gqlapi.plans import Money, Plan
from gqlapi.scalars import BigInt


@strawberry.type
class ScheduledDowngrade:
    tier: PlanTier
    effective_at: datetime


@strawberry.type
class Subscription:
    plan: Plan
    payment_method: PaymentMethod
    current_cycle: BillingCycle | None = strawberry.field(description="null: the case is not active")
    scheduled_downgrade: ScheduledDowngrade | None = strawberry.field(
        description="The downgrade waiting for the end of the cycle"
    )

    @classmethod
    def of(cls, subscription: subscriptions.Subscription, *, active: bool) -> Subscription:
        """Its parts are those of the domain, whose attributes are the fields of the contract."""
        return cls(
            plan=Plan.of(subscription.plan),
            payment_method=subscription.payment_method,
            current_cycle=cast("BillingCycle", subscription.cycle) if active else None,
            scheduled_downgrade=cast("ScheduledDowngrade | None", subscription.scheduled),
        )


@strawberry.type(description="A downgrade's balances and tokensLost are as if it took effect now.")
class PlanChangePreview:
    allowed: bool
    effective_at: datetime
    charge_now: Money
    credit_on_next_invoice: Money
    balance_before: BigInt | None
    balance_after: BigInt | None
    tokens_lost: BigInt
    unlocks: list[Feature]
    loses: list[Feature]

    @classmethod
    def of(cls, change: plan_changes.PlanChange) -> PlanChangePreview:
        return cls(
            allowed=change.allowed,
            effective_at=change.effective_at,
            charge_now=Money.of(change.charge_now),
            credit_on_next_invoice=Money.of(change.credit_on_next_invoice),
            balance_before=change.balance_before,
            balance_after=change.balance_after,
            tokens_lost=change.tokens_lost,
            unlocks=list(change.unlocks),
            loses=list(change.loses),
        )


@strawberry.type(description="One event in the life of a case's plan.")
class TimelineEvent:
    kind: PlanEvent
    at: datetime
    tier: PlanTier = strawberry.field(description="The case's from then on, or the one of the downgrade")
    from_tier: PlanTier | None
    charge: Money | None = strawberry.field(description="Due at once. null: the viewer may not see money")
    credit: Money | None = strawberry.field(description="Left for the next invoice. null: the viewer may not see money")
    actor: str = strawberry.field(description="Who or what caused it: a user, an API client, the scheduler")

    @classmethod
    def of(cls, event: subscriptions.TimelineEvent, *, sees_money: bool) -> TimelineEvent:
        return cls(
            kind=event.kind,
            at=event.occurred_at,
            tier=event.tier,
            from_tier=event.from_tier,
            charge=Money(amount=event.charge, currency=Currency.CAD) if sees_money else None,
            credit=Money(amount=event.credit, currency=Currency.CAD) if sees_money else None,
            actor=event.actor,
        )
