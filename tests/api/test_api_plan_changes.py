"""The worked examples of a plan's life, as a consumer proves them on a test clock (C1-C4, L5-L7)."""

from typing import Any

import pytest

from app.services.ports import Ports
from app.services.verification import verify
from tests.api.conftest import Api, Json, group
from tests.api.test_api_test_clocks import on_clock


def cad(amount: str) -> Json:
    return {"amount": amount, "currency": "CAD"}


async def done(api: Api, mutation: str, case: Json, **given: Any) -> Json:
    """The case after a change that must succeed."""
    result = await api.change(mutation, caseId=case["id"], **given)
    assert result["__typename"] == "CaseSuccess", result
    changed: Json = result["case"]
    return changed


async def newest(api: Api, case: Json) -> Json:
    event: Json = (await api.state(case))["timeline"]["edges"][0]["node"]
    return event


async def test_an_upgrade_does_what_its_preview_says(api: Api) -> None:
    """C2: Pro from 31 January; on 10 February 18 of the 28 days are left."""
    clock, case = await on_clock(api)
    await api.advance(clock, "2026-02-10T14:00:00-05:00")
    before = await api.state(case)
    assert await api.preview(case, "BUSINESS") == {
        "allowed": True,
        "effectiveAt": "2026-02-10T19:00:00+00:00",
        "chargeNow": cad("4999.00"),
        "creditOnNextInvoice": cad("320.79"),
        "balanceBefore": 10_000,
        "balanceAfter": 50_000,
        "tokensLost": 0,
        "unlocks": ["ECA"],
        "loses": [],
    }
    assert await api.state(case) == before
    upgraded = await done(api, "upgradePlan", case, tier="BUSINESS")
    assert (upgraded["reservoir"]["balance"], upgraded["reservoir"]["cap"]) == (50_000, 50_000)
    state = await api.state(case)
    assert state["subscription"] == {
        "plan": {"tier": "BUSINESS", "monthlyPrice": cad("4999.00")},
        "paymentMethod": "CARD",
        "currentCycle": {
            "startsAt": "2026-02-10T19:00:00+00:00",
            "endsAt": "2026-03-10T04:00:00+00:00",
            "tier": "BUSINESS",
            "month": "2026-02",
        },
        "scheduledDowngrade": None,
    }
    event = state["timeline"]["edges"][0]["node"]
    assert (event["kind"], event["fromTier"], event["tier"]) == ("UPGRADED", "PRO", "BUSINESS")
    assert (event["charge"], event["credit"]) == (cad("4999.00"), cad("320.79"))
    fill = state["ledger"]["edges"][0]["node"]
    assert (fill["kind"], fill["balanceChange"]) == ("UPGRADE_FILL", 40_000)


async def test_each_month_holds_the_cycles_that_began_in_it(api: Api) -> None:
    """C4: January the first cycle, which the upgrade ended, February the second."""
    clock, case = await on_clock(api)
    await api.advance(clock, "2026-02-10T14:00:00-05:00")
    await done(api, "upgradePlan", case, tier="BUSINESS")
    cycles = "node { month highestTier cycles { startsAt endsAt } }"
    query = f"query Q($id: ID!) {{ case(id: $id) {{ months {{ edges {{ {cycles} }} }} }} }}"
    months = await api.ask(query, id=case["id"])
    nodes = [edge["node"] for edge in months["case"]["months"]["edges"]]
    upgraded, ends = "2026-02-10T19:00:00+00:00", "2026-03-10T04:00:00+00:00"
    assert nodes == [
        {"month": "2026-02", "highestTier": "BUSINESS", "cycles": [{"startsAt": upgraded, "endsAt": ends}]},
        {
            "month": "2026-01",
            "highestTier": "PRO",
            "cycles": [{"startsAt": "2026-01-31T15:00:00+00:00", "endsAt": upgraded}],
        },
    ]


async def test_a_month_with_an_upgrade_sums_both_cycles(api: Api, ports: Ports) -> None:
    """C4, C5: Starter on 3 March, Pro from the 20th: one entry of the selector, the highest tier, sums of both."""
    clock, case = await on_clock(api, "STARTER", now="2026-03-03T10:00:00-05:00")
    await api.drain(case, 400)
    await api.advance(clock, "2026-03-20T10:00:00-04:00")
    await done(api, "upgradePlan", case, tier="PRO")
    await api.drain(case, 250)
    await api.advance(clock, "2026-03-21T09:00:00-04:00")
    state = await api.state(case)
    month = state["month"]
    assert [cycle["tier"] for cycle in month["cycles"]] == ["STARTER", "PRO"]
    assert (month["month"], month["highestTier"]) == ("2026-03", "PRO")
    assert (month["previous"], month["next"]) == (None, None)
    # 1,000 and 10,000 + 30 x 500 could be covered; 1,000, a fill of 9,400 to the cap and a refill of 250 were supplied.
    assert (month["planTokens"], month["grantedTokens"]) == (1_000 + 10_000 + 30 * 500, 1_000 + 9_400 + 250)
    assert (month["consumedTokens"], month["overageTokens"]) == (650, 0)
    assert month["byCategory"] == [{"category": "TEXT_SCAN", "tokens": 650, "share": 1.0}]
    assert state["reservoir"]["balance"] == 10_000
    assert (await verify(ports)).differences == []


async def test_a_downgrade_takes_what_is_above_the_cap_at_the_end_of_the_cycle(api: Api, ports: Ports) -> None:
    """L6: Business with 41,234, of which 1,234 were bought, becomes Pro with 11,234; C3; L5: reactivated, 10,000."""
    clock, case = await on_clock(api, "BUSINESS")
    bought = await done(api, "buyTokens", case, tokens=1_234)
    assert (bought["reservoir"]["balance"], bought["reservoir"]["purchased"]) == (51_234, 1_234)
    await api.advance(clock, "2026-02-27T12:00:00-05:00")
    await api.drain(case, 10_000)
    preview = await api.preview(case, "PRO")
    ends = "2026-02-28T05:00:00+00:00"
    assert (preview["effectiveAt"], preview["chargeNow"], preview["creditOnNextInvoice"]) == (
        ends,
        cad("0.00"),
        cad("0.00"),
    )
    assert (preview["balanceBefore"], preview["balanceAfter"], preview["tokensLost"]) == (41_234, 11_234, 30_000)
    assert (preview["allowed"], preview["unlocks"], preview["loses"]) == (True, [], ["ECA"])
    await done(api, "scheduleDowngrade", case, tier="PRO")
    state = await api.state(case)
    assert state["subscription"]["scheduledDowngrade"] == {"tier": "PRO", "effectiveAt": ends}
    assert (state["subscription"]["plan"]["tier"], state["reservoir"]["balance"]) == ("BUSINESS", 41_234)
    await api.advance(clock, ends)
    state = await api.state(case)
    assert (state["reservoir"]["balance"], state["reservoir"]["purchased"], state["reservoir"]["cap"]) == (
        11_234,
        1_234,
        10_000,
    )
    assert (state["subscription"]["plan"]["tier"], state["subscription"]["scheduledDowngrade"]) == ("PRO", None)
    entry = state["ledger"]["edges"][0]["node"]
    assert (entry["kind"], entry["balanceChange"], entry["actor"]) == ("DOWNGRADE_CLAMP", -30_000, "scheduler")

    off = await done(api, "deactivateCase", case)
    assert off["status"] == "DEACTIVATED"
    assert off["reservoir"] == {
        "balance": 0, "held": 0, "purchased": 0, "cap": 0, "fill": 0.0, "nextRefill": None, "addedSinceLastVisit": 0
    }  # fmt: skip
    state = await api.state(case)
    entry = state["ledger"]["edges"][0]["node"]
    assert (entry["kind"], entry["balanceChange"], entry["purchasedChange"]) == ("DEACTIVATION_CLEAR", -11_234, -1_234)
    assert (state["subscription"]["plan"]["tier"], state["subscription"]["currentCycle"]) == ("PRO", None)
    again = await done(api, "reactivateCase", case, tier="PRO", paymentMethod="CARD")
    assert (again["status"], again["reservoir"]["balance"]) == ("ACTIVE", 10_000)
    assert again["activatedAt"] == case["activatedAt"]
    assert (await newest(api, case))["kind"] == "REACTIVATED"
    assert (await verify(ports)).differences == []


async def test_a_scheduled_downgrade_is_replaced_cancelled_or_dropped(api: Api) -> None:
    """C3: until the end of the cycle it may be replaced or cancelled; an upgrade drops it."""
    clock, case = await on_clock(api, "BUSINESS")
    for tier in ("PRO", "STARTER"):
        await done(api, "scheduleDowngrade", case, tier=tier)
        assert (await api.state(case))["subscription"]["scheduledDowngrade"]["tier"] == tier
    await done(api, "cancelScheduledDowngrade", case)
    assert (await api.state(case))["subscription"]["scheduledDowngrade"] is None
    await done(api, "scheduleDowngrade", case, tier="PRO")
    await done(api, "upgradePlan", case, tier="ENTERPRISE")
    state = await api.state(case)
    assert state["subscription"]["scheduledDowngrade"] is None
    assert [edge["node"]["kind"] for edge in state["timeline"]["edges"]] == [
        "UPGRADED",
        "DOWNGRADE_SCHEDULED",
        "DOWNGRADE_CANCELLED",
        "DOWNGRADE_SCHEDULED",
        "DOWNGRADE_SCHEDULED",
        "ACTIVATED",
    ]
    await api.advance(clock, "2026-03-01T12:00:00-05:00")
    assert (await api.state(case))["subscription"]["plan"]["tier"] == "ENTERPRISE"


async def test_a_running_task_lives_through_the_end_of_a_larger_plan(api: Api, ports: Ports) -> None:
    """L6: what it holds is never cut; its refund lands in full and is followed by a clamp."""
    clock, case = await on_clock(api, "BUSINESS", now="2026-02-27T12:00:00-05:00")
    await api.advance(clock, "2026-03-26T12:30:00-04:00")
    task = await api.task(case, "TEXT", 15_000)
    await done(api, "scheduleDowngrade", case, tier="PRO")
    await api.advance(clock, "2026-03-27T00:00:00-04:00")
    reservoir = (await api.state(case))["reservoir"]
    assert (reservoir["balance"], reservoir["held"], reservoir["cap"]) == (0, 15_000, 10_000)
    await api.finish(task, "CANCELLED")
    state = await api.state(case)
    assert (state["reservoir"]["balance"], state["reservoir"]["held"]) == (10_000, 0)
    last = [edge["node"] for edge in state["ledger"]["edges"][:2]]
    assert [(e["kind"], e["balanceChange"]) for e in last] == [("DOWNGRADE_CLAMP", -5_000), ("REFUND", 15_000)]
    assert last[0]["task"] is None
    assert (await verify(ports)).differences == []


async def test_enterprise_is_unlimited_and_what_is_held_stays_held(api: Api, ports: Ports) -> None:
    """L7, T5: provisional overage becomes held; leaving it, the balance is what the cap leaves beside what is held."""
    clock, case = await on_clock(api, "PRO", overage=True)
    await done(api, "buyTokens", case, tokens=500)
    task = await api.task(case, "IMAGE", 2_200)
    assert (await api.preview(case, "ENTERPRISE"))["balanceAfter"] is None
    await done(api, "upgradePlan", case, tier="ENTERPRISE")
    reservoir = (await api.state(case))["reservoir"]
    assert (reservoir["balance"], reservoir["cap"], reservoir["fill"], reservoir["nextRefill"]) == (None,) * 4
    assert (reservoir["held"], reservoir["purchased"]) == (11_000, 500)
    refused = await api.change("buyTokens", caseId=case["id"], tokens=1)
    message = "This plan has unlimited tokens: there is nothing to buy."
    assert refused == {"__typename": "PlanChangeRefused", "code": "PLAN_CHANGE_REFUSED", "message": message}
    await api.report(task, group("SUCCEEDED", *(str(number) for number in range(200))))
    await api.finish(task)
    await done(api, "scheduleDowngrade", case, tier="PRO")
    await api.advance(clock, "2026-03-01T12:00:00-05:00")
    state = await api.state(case)
    assert (state["reservoir"]["balance"], state["reservoir"]["purchased"]) == (10_500, 500)
    assert state["month"]["overageTokens"] == 0
    assert (await verify(ports)).differences == []


async def test_deactivation_cancels_running_tasks_and_gives_their_tokens_back_first(api: Api) -> None:
    """L6: each refund, then the clear, all in the cycle that ends."""
    _, case = await on_clock(api)
    first = await api.task(case, "TEXT", 100)
    await api.report(first, group("SUCCEEDED", "a", "b"))
    await api.task(case, "TEXT", 50)
    await done(api, "deactivateCase", case)
    state = await api.state(case)
    assert [edge["node"]["status"] for edge in state["tasks"]["edges"]] == ["CANCELLED"] * 2
    last = [edge["node"] for edge in state["ledger"]["edges"][:3]]
    assert [(e["kind"], e["balanceChange"]) for e in last] == [
        ("DEACTIVATION_CLEAR", -9_998),
        ("REFUND", 50),
        ("REFUND", 98),
    ]
    assert (await api.create(case))["__typename"] == "CaseNotActive"


async def test_bought_tokens_stand_above_the_cap_and_are_spent_last(api: Api) -> None:
    """L3, L4: a refill sees only what was granted."""
    clock, case = await on_clock(api)
    reservoir = (await done(api, "buyTokens", case, tokens=3_000))["reservoir"]
    assert (reservoir["balance"], reservoir["purchased"], reservoir["fill"]) == (13_000, 3_000, 1.0)
    await api.drain(case, 1_000)
    assert (await api.state(case))["reservoir"]["nextRefill"]["tokens"] == 500
    await api.advance(clock, "2026-02-01T09:00:00-05:00")
    reservoir = (await api.state(case))["reservoir"]
    assert (reservoir["balance"], reservoir["purchased"]) == (12_500, 3_000)
    await api.drain(case, 10_000)
    reservoir = (await api.state(case))["reservoir"]
    assert (reservoir["balance"], reservoir["purchased"]) == (2_500, 2_500)


@pytest.mark.parametrize("tier", ["STARTER", "PRO", "BUSINESS", "ENTERPRISE"])
async def test_a_preview_of_the_first_activation_is_what_happens(api: Api, tier: str) -> None:
    clock, case = await on_clock(api, None)
    preview = await api.preview(case, tier)
    assert (preview["allowed"], preview["effectiveAt"], preview["balanceBefore"]) == (True, clock["now"], 0)
    active = await done(api, "activateCase", case, tier=tier, paymentMethod="CARD")
    assert active["reservoir"]["balance"] == preview["balanceAfter"]
    assert (await newest(api, case))["charge"] == preview["chargeNow"]


async def test_a_preview_of_the_present_plan_changes_nothing(api: Api) -> None:
    clock, case = await on_clock(api)
    assert await api.preview(case, "PRO") == {
        "allowed": False,
        "effectiveAt": clock["now"],
        "chargeNow": cad("0.00"),
        "creditOnNextInvoice": cad("0.00"),
        "balanceBefore": 10_000,
        "balanceAfter": 10_000,
        "tokensLost": 0,
        "unlocks": [],
        "loses": [],
    }


async def test_the_timeline_is_read_in_pages(api: Api) -> None:
    clock, case = await on_clock(api)
    await api.advance(clock, "2026-06-15T12:00:00-04:00")
    query = """query Q($id: ID!, $after: String) { case(id: $id) { timeline(first: 2, after: $after) {
        edges { node { kind at } cursor } pageInfo { hasNextPage endCursor } totalCount } } }"""
    kinds, after, pages = [], None, 0
    while pages == 0 or after:
        page = (await api.ask(query, id=case["id"], after=after))["case"]["timeline"]
        kinds += [edge["node"]["kind"] for edge in page["edges"]]
        after, pages = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None, pages + 1
        assert page["totalCount"] == 5
    assert (kinds, pages) == (["RENEWED"] * 4 + ["ACTIVATED"], 3)
    ledger = (await api.ask("query Q($id: ID!) { case(id: $id) { ledger { edges { cursor } } } }", id=case["id"]))[
        "case"
    ]
    assert (await api.failure(query, id=case["id"], after=ledger["ledger"]["edges"][0]["cursor"]))[0] == "INVALID_INPUT"
