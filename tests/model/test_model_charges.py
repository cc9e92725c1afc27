"""Worked examples of what changes cost and what their previews say (C2, C6)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.model.model_results import Preview
from tests.model.model_scene import Scene, eastern

FREE = Decimal("0.00")


def test_the_preview_of_an_upgrade_in_the_middle_of_a_month() -> None:
    """C2: 18 of 28 days of 499.00 are unused on 10 February."""
    scene = Scene("PRO", now=eastern(2026, 1, 31, 10))
    scene.spend(800)
    scene.until(eastern(2026, 2, 10, 14))
    before = scene.seen
    assert scene.preview("BUSINESS") == Preview(
        allowed=True,
        effective_at=eastern(2026, 2, 10, 14),
        charge_now=Decimal("4999.00"),
        credit=Decimal("320.79"),
        balance_before=10_000,
        balance_after=50_000,
        tokens_lost=0,
        unlocks=("ECA",),
        loses=(),
    )
    assert scene.seen == before


def test_the_preview_of_a_downgrade_is_that_of_its_taking_effect_now() -> None:
    scene = Scene("BUSINESS", now=eastern(2026, 3, 3, 12))
    scene.must("buy", tokens=1_234)
    scene.spend(10_000)
    assert scene.preview("STARTER") == Preview(
        allowed=True,
        effective_at=eastern(2026, 4, 3),
        charge_now=FREE,
        credit=FREE,
        balance_before=41_234,
        balance_after=2_234,
        tokens_lost=39_000,
        unlocks=(),
        loses=("MULTIPLE_AGENT_THREADS", "CASE_CONTEXT", "MULTI_CODE", "ECA"),
    )


def test_the_plan_that_a_case_has_cannot_be_changed_to() -> None:
    scene = Scene("PRO")
    said = scene.preview("PRO")
    assert (said.allowed, said.charge_now, said.credit, said.tokens_lost) == (False, FREE, FREE, 0)
    assert (said.balance_before, said.balance_after, said.unlocks, said.loses) == (10_000, 10_000, (), ())


def test_the_preview_of_a_reactivation_is_a_full_tank_for_the_full_price() -> None:
    """C3: credit that waits stays out of it."""
    scene = Scene("PRO")
    scene.must("upgrade", tier="BUSINESS")
    scene.must("deactivate")
    said = scene.preview("PRO")
    assert (said.charge_now, said.balance_before, said.balance_after) == (Decimal("499.00"), 0, 10_000)
    scene.must("reactivate", tier="PRO")
    assert scene.paid[-1] == ("REACTIVATION", Decimal("499.00"))
    assert scene.case.credit_left == Decimal("499.00")


@pytest.mark.parametrize(
    ("began", "upgraded", "credit"),
    [
        ((2026, 3, 1, 0), (2026, 3, 1, 0), "499.00"),  # nothing is used yet
        ((2026, 3, 1, 12), (2026, 3, 31, 23), "16.10"),  # today counts: 1 of 31
        ((2026, 3, 31, 12), (2026, 4, 29, 23), "16.63"),  # ends on 30 April: 1 of 30
        ((2028, 1, 31, 12), (2028, 2, 28, 12), "17.21"),  # ends on 29 February: 1 of 29
        ((2026, 3, 2, 12), (2026, 3, 8, 3), "402.42"),  # 25 of 31, an hour of one of them skipped
    ],
)
def test_credit_counts_local_dates(began: tuple[int, ...], upgraded: tuple[int, ...], credit: str) -> None:
    """C1, C2: dates of New York, whatever their length."""
    scene = Scene("PRO", now=eastern(*began)).until(eastern(*upgraded))
    assert scene.preview("BUSINESS").credit == Decimal(credit)


def test_credit_goes_on_the_next_bills_until_it_is_used_up() -> None:
    """C6: not on its own upgrade's, not on a purchase's; never below 0.00; a deactivation and a reactivation wait."""
    scene = Scene("BUSINESS", now=eastern(2026, 3, 1, 12))
    scene.must("schedule_downgrade", tier="STARTER")
    scene.must("upgrade", tier="ENTERPRISE")
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 1, 12))
    scene.must("buy", tokens=7)
    assert scene.paid == [
        ("ACTIVATION", Decimal("4999.00")),
        ("UPGRADE", Decimal("29999.00")),
        ("RENEWAL", FREE),
        ("PURCHASE", Decimal("0.70")),
    ]
    assert scene.case.credit_left == Decimal("4950.00")
    scene.must("deactivate")
    scene.wait(days=30)
    scene.must("reactivate", tier="PRO")
    assert scene.paid[-2:] == [("DEACTIVATION", FREE), ("REACTIVATION", Decimal("499.00"))]
    scene.wait(days=1)
    scene.must("upgrade", tier="BUSINESS")
    assert scene.paid[-1] == ("UPGRADE", Decimal("49.00"))
    assert scene.case.credit_left == scene.case.charges[-1].earned == Decimal("482.90")


def test_overage_is_billed_where_its_cycle_ends() -> None:
    """C6: 30 tokens in the first cycle with the renewal, 20 with the upgrade, 10 with the deactivation."""
    scene = Scene("STARTER", overage=True, now=eastern(2026, 3, 3, 12))
    scene.spend(1_000)
    scene.spend(30)
    scene.until(eastern(2026, 4, 3, 12))
    scene.spend(20)
    assert scene.preview("PRO").charge_now == Decimal("501.00")
    scene.must("upgrade", tier="PRO")
    scene.spend(10_000)
    scene.spend(10)
    scene.wait(minutes=1)
    scene.must("deactivate")
    assert scene.paid == [
        ("ACTIVATION", Decimal("49.00")),
        ("RENEWAL", Decimal("52.00")),
        ("UPGRADE", Decimal("501.00")),
        ("DEACTIVATION", FREE),
    ]
    bills = [charge.billed for charge in scene.case.charges]
    assert bills == [Decimal("49.00"), Decimal("52.00"), Decimal("501.00"), Decimal("1.00")]
    assert scene.case.credit_left == Decimal("48.00")


def test_nothing_is_paid_at_once_on_monthly_invoices() -> None:
    """C6: the credit goes out with its upgrade's line, so that none is left."""
    scene = Scene("PRO", payment_method="MONTHLY_INVOICE", now=eastern(2026, 3, 1, 12))
    said = scene.preview("BUSINESS")
    assert (said.charge_now, said.credit) == (FREE, Decimal("499.00"))
    scene.must("upgrade", tier="BUSINESS")
    scene.must("buy", tokens=10)
    scene.until(eastern(2026, 4, 1) + timedelta(hours=1))
    assert [amount for _, amount in scene.paid] == [FREE] * 4
    assert [charge.billed for charge in scene.case.charges] == [
        Decimal("499.00"),
        Decimal("4999.00"),
        Decimal("1.00"),
        Decimal("4999.00"),
    ]
    assert scene.case.credit_left == FREE
