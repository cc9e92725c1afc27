"""Worked examples of invoices (C2, C3, C6): what is issued when, in what order, with what tax and what credit."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.model.model_money import InvoiceSeen
from tests.model.model_results import Refusal, Success
from tests.model.model_scene import Scene, eastern

MICROSECOND = timedelta(microseconds=1)
QUEBEC = Decimal("0.14975")


def invoices(scene: Scene) -> tuple[InvoiceSeen, ...]:
    return scene.model.money().invoices[scene.case.organization]


def lines(invoice: InvoiceSeen) -> list[tuple[str, int]]:
    """Kinds with their cents, by plan-date."""
    return [(line.kind, line.amount) for _, line in invoice.lines]


def monthly(tier: str, now: datetime, *, rate: Decimal = Decimal(0), overage: bool = False) -> Scene:
    """Case B, of the organization that is invoiced monthly."""
    return Scene(tier, now=now, payment_method="MONTHLY_INVOICE", overage=overage, tax_rate=rate)


def test_the_upgrade_of_ten_february_and_its_credit_on_ten_march() -> None:
    """C2: 4,999.00 at once; 18 of 28 days of 499.00 come off the next invoice that may take them, not a purchase's."""
    scene = Scene("PRO", now=eastern(2026, 1, 31, 10))
    scene.until(eastern(2026, 2, 10, 14)).must("upgrade", tier="BUSINESS")
    scene.must("buy", tokens=10)
    scene.until(eastern(2026, 3, 10))
    assert [lines(invoice) for invoice in invoices(scene)] == [
        [("PLAN", 49_900)],
        [("PLAN", 499_900)],
        [("TOKEN_PURCHASE", 100)],
        [("PRORATION_CREDIT", -32_079), ("PLAN", 499_900)],
    ]
    issued = [(invoice.number, invoice.issued_at) for invoice in invoices(scene)]
    upgraded = eastern(2026, 2, 10, 14)
    assert issued == [(1, eastern(2026, 1, 31, 10)), (2, upgraded), (3, upgraded), (4, eastern(2026, 3, 10))]


def test_overage_is_one_line_of_the_next_invoice() -> None:
    """C6: balance 60, 100 documents of text of which 70 succeed: 10 x 0.10."""
    scene = Scene("STARTER", overage=True, now=eastern(2026, 3, 3, 10))
    scene.leave_balance(60)
    number = scene.created(100, "TEXT")
    scene.succeed(number, 70)
    scene.finish(number)
    scene.until(eastern(2026, 4, 3))
    [overage, _] = invoices(scene)[-1].lines
    assert (overage[1].kind, overage[1].quantity, overage[1].amount) == ("OVERAGE", 10, 100)
    assert overage[1].at == eastern(2026, 4, 3) - MICROSECOND


def test_a_cycle_that_ends_with_march_is_billed_on_march() -> None:
    """C6: its overage has a plan-date in March and goes out on 1 April; the plan of April waits for 1 May."""
    scene = monthly("STARTER", eastern(2026, 3, 1), overage=True)
    scene.spend(1_000)
    scene.spend(30)
    scene.until(eastern(2026, 4, 1) - MICROSECOND)
    assert [(seen.number, seen.month, lines(seen)) for seen in invoices(scene)] == [
        (None, "2026-03", [("PLAN", 4_900)])
    ]
    scene.until(eastern(2026, 4, 1))
    assert [(seen.number, seen.month, lines(seen)) for seen in invoices(scene)] == [
        (1, "2026-03", [("PLAN", 4_900), ("OVERAGE", 300)]),
        (None, "2026-04", [("PLAN", 4_900)]),
    ]
    assert invoices(scene)[0].issued_at == eastern(2026, 4, 1)


def test_what_is_cut_in_the_first_moment_of_a_month_is_billed_on_the_one_before() -> None:
    """C6, C10: its invoice has gone out by then, so that there is another, as soon as time goes on."""
    scene = monthly("STARTER", eastern(2026, 3, 3, 12), overage=True)
    scene.spend(1_000)
    scene.spend(30)
    scene.until(eastern(2026, 4, 1)).must("upgrade", tier="PRO")
    assert [seen.number for seen in invoices(scene)] == [1, None, None]
    scene.wait(seconds=1)
    scene.until(scene.now)
    first, second, waiting = invoices(scene)
    assert (lines(first), lines(second)) == ([("PLAN", 4_900)], [("OVERAGE", 300)])
    assert (second.number, second.month, second.issued_at) == (2, "2026-03", eastern(2026, 4, 1))
    assert lines(waiting) == [("PLAN", 49_900), ("PRORATION_CREDIT", -316)]


def test_a_month_holds_all_cases_of_its_organization_with_a_tax_for_each() -> None:
    """C6: 0.14975 of 49.00 is 7.33775, of 499.00 it is 74.72525; each is rounded by itself."""
    scene = monthly("STARTER", eastern(2026, 3, 3, 12), rate=QUEBEC)
    model, at = scene.model, scene.now
    model.register(case="D", at=at, caller="client", key="D")
    model.activate(case="D", tier="PRO", payment_method="MONTHLY_INVOICE", at=at, caller="client", key="D")
    scene.until(eastern(2026, 4, 1))
    [invoice] = invoices(scene)
    assert [(case, line.kind, line.amount) for case, line in invoice.lines] == [
        ("B", "PLAN", 4_900),
        ("B", "TAX", 734),
        ("D", "PLAN", 49_900),
        ("D", "TAX", 7_473),
    ]
    assert (invoice.total, invoice.status) == (63_007, "OPEN")


def test_numbers_go_over_cards_and_months_of_an_organization() -> None:
    scene = monthly("STARTER", eastern(2026, 3, 3, 12))
    for number, case in enumerate(("D", "A"), 1):
        scene.model.register(case=case, at=scene.now, caller="client", key=f"{number}")
        scene.model.activate(
            case=case, tier="STARTER", payment_method="CARD", at=scene.now, caller="client", key=f"{number}"
        )
    scene.until(eastern(2026, 4, 3))
    numbers = [(seen.number, seen.month) for seen in invoices(scene)]
    assert numbers == [(1, None), (2, "2026-03"), (3, None), (None, "2026-04")]
    assert [seen.number for seen in scene.model.money().invoices["not contracted"]] == [1, 2]


@pytest.mark.parametrize(
    ("upgrades", "left"), [(("BUSINESS", "ENTERPRISE"), 490_100), (("ENTERPRISE",), 40_100), (("BUSINESS",), 40_100)]
)
def test_a_rest_is_carried_and_an_invoice_that_it_covers_is_paid(upgrades: tuple[str, ...], left: int) -> None:
    """C6: nothing falls below 0.00, nothing is paid out."""
    scene = Scene("PRO", now=eastern(2026, 3, 1, 12))
    for tier in upgrades:
        scene.must("upgrade", tier=tier)
    scene.must("schedule_downgrade", tier="STARTER")
    scene.until(eastern(2026, 4, 1))
    assert lines(invoices(scene)[-1])[-1] == ("PLAN", 4_900)
    assert (invoices(scene)[-1].total, invoices(scene)[-1].status) == (0, "PAID")
    scene.until(eastern(2026, 5, 1))
    assert scene.case.credit_left * 100 == left


def test_a_credit_by_card_is_used_by_the_bills_of_a_month() -> None:
    """C6: it waits through a reactivation, then covers what is billed in the month of the last line, at its date."""
    scene = Scene("PRO", now=eastern(2026, 3, 1, 12), payment_method="MONTHLY_INVOICE", overage=True)
    scene.must("deactivate")
    scene.must("reactivate", tier="PRO", payment_method="CARD")
    scene.must("upgrade", tier="BUSINESS")
    scene.must("deactivate")
    scene.must("reactivate", tier="STARTER", payment_method="MONTHLY_INVOICE")
    scene.spend(1_000)
    scene.spend(50)
    scene.until(eastern(2026, 4, 1))
    credit = [line for invoice in invoices(scene) for _, line in invoice.lines if line.kind == "PRORATION_CREDIT"]
    assert [(line.amount, line.at) for line in credit] == [(-4_900, eastern(2026, 4, 1))]
    assert scene.case.credit_left == Decimal("450.00")


def test_a_card_that_is_declined_changes_nothing_and_leaves_a_renewal_open() -> None:
    """C8: what is asked for takes effect with its payment or not at all; what comes by itself is issued first."""
    scene = Scene("STARTER", now=eastern(2026, 3, 3, 12), charges_cards=True)
    scene.model.set_card(case="A", declines=True, at=scene.now)
    before = scene.seen
    assert scene.change("upgrade", tier="PRO") == scene.change("buy", tokens=1) == Refusal("PLAN_CHANGE_REFUSED")
    assert scene.seen == before
    scene.until(eastern(2026, 4, 3, 1))
    scene.model.set_card(case="A", declines=False, at=scene.now)
    scene.must("buy", tokens=1)
    scene.until(eastern(2026, 5, 3, 1))
    assert [(seen.status, seen.paid) for seen in invoices(scene)] == [
        ("PAID", 4_900),
        ("OPEN", 0),
        ("PAID", 10),
        ("PAID", 4_900),
    ]


def test_what_a_credit_covers_asks_no_card() -> None:
    """C8."""
    scene = Scene("PRO", now=eastern(2026, 3, 1, 12), charges_cards=True)
    scene.must("upgrade", tier="ENTERPRISE")
    for _ in range(2):
        scene.must("deactivate")
        scene.must("reactivate", tier="STARTER")
    scene.model.set_card(case="A", declines=True, at=scene.now)
    assert scene.change("upgrade", tier="PRO") == Success("A")
    assert lines(invoices(scene)[-1]) == [("PLAN", 49_900), ("PRORATION_CREDIT", -49_900)]
    assert scene.case.credit_left == Decimal("49.00")
