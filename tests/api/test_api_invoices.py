"""Invoices as a consumer of the API reads them: the worked examples on test clocks (C2, C3, C6)."""

from typing import Any

import pytest

from app.services.ports import Ports
from app.services.verification import verify
from tests.api.conftest import Api, Json, group
from tests.api.test_api_plan_changes import cad, done
from tests.api.test_api_test_clocks import on_clock

INVOICE = """__typename id number status issuedAt total { amount currency } lines {
    case { id } kind description effectiveAt quantity unitPrice { amount currency } amount { amount currency }
}"""
INVOICES = f"invoices(first: 100) {{ edges {{ node {{ {INVOICE} }} }} totalCount }}"
OF_CASE = f"query Q($id: ID!) {{ case(id: $id) {{ {INVOICES} }} }}"


async def invoices(api: Api, case: Json) -> list[Json]:
    """Of a case: what is pending, then the newest first."""
    found = (await api.ask(OF_CASE, id=case["id"]))["case"]["invoices"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


def lines(invoice: Json) -> list[tuple[str, int, str, str]]:
    """Kind, quantity, price and amount of each."""
    return [
        (line["kind"], line["quantity"], line["unitPrice"]["amount"], line["amount"]["amount"])
        for line in invoice["lines"]
    ]


def totals(found: list[Json]) -> list[tuple[str | None, str, str]]:
    return [(invoice["number"], invoice["status"], invoice["total"]["amount"]) for invoice in found]


async def drained_to(api: Api, case: Json, balance: int) -> None:
    present = (await api.state(case))["reservoir"]["balance"]
    await api.drain(case, present - balance)


async def use_overage(api: Api, case: Json) -> None:
    """Ten tokens of it: a task of 100 documents on a balance of 60, of which 70 succeed."""
    await drained_to(api, case, 60)
    task = await api.task(case, "TEXT", 100)
    await api.report(task, group("SUCCEEDED", *(f"document {number}" for number in range(70))))
    await api.finish(task)


async def test_settled_overage_is_one_line_of_the_next_invoice(api: Api, ports: Ports) -> None:
    """C6: 40 tokens were set aside beyond the balance, and 10 are billed."""
    clock, case = await on_clock(api, overage=True)
    await use_overage(api, case)
    assert totals(await invoices(api, case)) == [("1", "OPEN", "499.00")]
    await api.advance(clock, "2026-02-28T00:00:00-05:00")
    renewal, first = await invoices(api, case)
    assert first["issuedAt"] == "2026-01-31T15:00:00+00:00"
    assert renewal == {
        "__typename": "Invoice",
        "id": renewal["id"],
        "number": "2",
        "status": "OPEN",
        "issuedAt": "2026-02-28T05:00:00+00:00",
        "total": cad("500.00"),
        "lines": [
            {
                "case": {"id": case["id"]},
                "kind": "OVERAGE",
                "description": "Overage of the cycle to February\u00a027,\u00a02026: 10 tokens",
                "effectiveAt": "2026-02-28T04:59:59.999999+00:00",
                "quantity": 10,
                "unitPrice": cad("0.10"),
                "amount": cad("1.00"),
            },
            {
                "case": {"id": case["id"]},
                "kind": "PLAN",
                "description": "Pro plan, February\u00a028 to March\u00a030,\u00a02026",
                "effectiveAt": "2026-02-28T05:00:00+00:00",
                "quantity": 1,
                "unitPrice": cad("499.00"),
                "amount": cad("499.00"),
            },
        ],
    }
    assert (await verify(ports)).differences == []


async def test_the_credit_of_an_upgrade_is_on_the_next_renewal(api: Api, ports: Ports) -> None:
    """C2: Pro from 31 January, Business on 10 February: 4,999.00 at once, 320.79 less on 10 March."""
    clock, case = await on_clock(api)
    await api.advance(clock, "2026-02-10T14:00:00-05:00")
    await done(api, "upgradePlan", case, tier="BUSINESS")
    upgrade = (await invoices(api, case))[0]
    assert (totals([upgrade]), lines(upgrade)) == (
        [("2", "OPEN", "4999.00")],
        [("PLAN", 1, "4999.00", "4999.00")],
    )
    assert upgrade["issuedAt"] == "2026-02-10T19:00:00+00:00"
    await api.advance(clock, "2026-03-10T00:00:00-04:00")
    renewal = (await invoices(api, case))[0]
    assert (totals([renewal]), lines(renewal)) == (
        [("3", "OPEN", "4678.21")],
        [("PRORATION_CREDIT", 1, "-320.79", "-320.79"), ("PLAN", 1, "4999.00", "4999.00")],
    )
    credit = renewal["lines"][0]
    assert credit["effectiveAt"] == "2026-02-10T19:00:00+00:00"
    assert credit["description"] == "Credit for 18 unused days of Pro from February\u00a010,\u00a02026"
    assert (await verify(ports)).differences == []


async def test_a_credit_takes_no_total_below_zero_and_is_never_paid_out(api: Api, ports: Ports) -> None:
    """C6: Business, Enterprise on its second day, Starter at the end of the cycle; the rest waits."""
    clock, case = await on_clock(api, "BUSINESS", now="2026-03-01T10:00:00-05:00")
    await api.advance(clock, "2026-03-02T10:00:00-05:00")
    await done(api, "upgradePlan", case, tier="ENTERPRISE")
    await done(api, "scheduleDowngrade", case, tier="STARTER")
    await api.advance(clock, "2026-06-02T00:00:00-04:00")
    await done(api, "deactivateCase", case)
    found = await invoices(api, case)
    # 4,999.00 for 31 days of which 30 were left: 4,837.74.
    assert totals(found) == [
        ("5", "PAID", "0.00"),
        ("4", "PAID", "0.00"),
        ("3", "PAID", "0.00"),
        ("2", "OPEN", "29999.00"),
        ("1", "OPEN", "4999.00"),
    ]
    for renewal in found[:3]:
        assert lines(renewal) == [("PRORATION_CREDIT", 1, "-49.00", "-49.00"), ("PLAN", 1, "49.00", "49.00")]
        assert renewal["lines"][0]["description"].startswith("Credit for 30 unused days of Business from March\u00a02,")
    await api.advance(clock, "2027-01-15T00:00:00-05:00")
    assert len(await invoices(api, case)) == 5
    # It waits through the deactivation: a reactivation is charged in full, its renewal not.
    await done(api, "reactivateCase", case, tier="PRO", paymentMethod="CARD")
    await api.advance(clock, "2027-02-15T00:00:00-05:00")
    assert totals((await invoices(api, case))[:2]) == [("7", "PAID", "0.00"), ("6", "OPEN", "499.00")]
    assert (await verify(ports)).differences == []


async def test_overage_of_a_deactivated_case_is_billed_at_once(api: Api) -> None:
    clock, case = await on_clock(api, overage=True)
    await use_overage(api, case)
    await api.advance(clock, "2026-02-10T14:00:00-05:00")
    await done(api, "deactivateCase", case)
    last = (await invoices(api, case))[0]
    assert (totals([last]), lines(last)) == ([("2", "OPEN", "1.00")], [("OVERAGE", 10, "0.10", "1.00")])
    assert last["lines"][0]["effectiveAt"] == "2026-02-10T18:59:59.999999+00:00"


@pytest.mark.parametrize(
    ("mutation", "given", "billed"),
    [
        ("upgradePlan", {"tier": "BUSINESS"}, [("PLAN", 1, "4999.00", "4999.00")]),
        ("buyTokens", {"tokens": 250}, [("TOKEN_PURCHASE", 250, "0.10", "25.00")]),
    ],
)
async def test_a_change_sent_twice_is_billed_once(
    api: Api, mutation: str, given: Json, billed: list[tuple[str, int, str, str]]
) -> None:
    """K1."""
    _, case = await on_clock(api)
    for _ in range(3):
        await done(api, mutation, case, idempotencyKey="once", **given)
    found = await invoices(api, case)
    assert [invoice["number"] for invoice in found] == ["2", "1"]
    assert lines(found[0]) == billed


async def test_an_advance_sent_twice_is_billed_once(api: Api) -> None:
    """K1, C10."""
    clock, case = await on_clock(api)
    for _ in range(2):
        to = "2026-03-31T00:00:00-04:00"
        moved = await api.change("advanceTestClock", id=clock["id"], to=to, idempotencyKey="once")
        assert moved["testClock"]["now"] == "2026-03-31T04:00:00+00:00"
    assert [invoice["number"] for invoice in await invoices(api, case)] == ["3", "2", "1"]


async def test_the_lines_of_a_preview_are_those_of_the_invoice(api: Api) -> None:
    """C6: chargeNow is the total of what is then issued."""
    _, case = await on_clock(api, overage=True)
    await use_overage(api, case)
    preview: Any = await api.preview(case, "BUSINESS")
    await done(api, "upgradePlan", case, tier="BUSINESS")
    assert (await invoices(api, case))[0]["total"] == preview["chargeNow"] == cad("5000.00")


async def test_a_case_that_was_never_active_has_no_invoices(api: Api) -> None:
    assert await invoices(api, await api.registered()) == []
