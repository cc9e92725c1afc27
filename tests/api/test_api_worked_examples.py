"""The worked examples of tasks, as a consumer of the API sees them."""

import asyncio

import pytest

from app.services.ports import Ports
from app.services.verification import verify
from tests.api.conftest import QUOTE, Api, group


def named(count: int, start: int = 0) -> list[str]:
    return [f"doc-{number}" for number in range(start, start + count)]


async def test_an_auto_task_of_four_documents_reserves_80_charges_6_and_refunds_74(api: Api) -> None:
    """T3: TEXT, IMAGE, failed, never run."""
    case = await api.active("PRO")
    task = await api.task(case, "AUTO", 4)
    assert (task["reservedTokens"], task["heldTokens"]) == (80, 80)
    reported = await api.report(
        task,
        group("SUCCEEDED", "a", mode="TEXT"),
        group("SUCCEEDED", "b", mode="IMAGE"),
        group("FAILED", "c"),
    )
    assert (reported["task"]["chargedTokens"], reported["task"]["refundedTokens"]) == (6, 34)
    ended = (await api.finish(task))["task"]
    figures = ("status", "succeeded", "failed", "skipped", "pending", "reservedTokens", "chargedTokens")
    assert [ended[name] for name in figures] == ["COMPLETED", 2, 1, 0, 1, 80, 6]
    assert (ended["refundedTokens"], ended["heldTokens"], ended["overageTokens"]) == (74, 0, 0)
    state = await api.state(case)
    assert (state["reservoir"]["balance"], state["reservoir"]["held"]) == (9_994, 0)
    assert state["month"]["consumedTokens"] == 6
    assert state["month"]["byCategory"] == [
        {"category": "IMAGE_SCAN", "tokens": 5, "share": pytest.approx(5 / 6)},
        {"category": "TEXT_SCAN", "tokens": 1, "share": pytest.approx(1 / 6)},
    ]


async def test_the_ledger_tells_the_auto_task_entry_by_entry(api: Api) -> None:
    """T3: one CHARGE per report and category, one REFUND per report and one at the end; L1: running sums."""
    case = await api.active("PRO")
    task = await api.task(case, "AUTO", 4)
    await api.report(task, group("SUCCEEDED", "b", mode="IMAGE"), group("SUCCEEDED", "a", mode="TEXT"))
    await api.finish(task)
    entries = [edge["node"] for edge in reversed((await api.state(case))["ledger"]["edges"])]
    assert [(e["kind"], e["category"], e["balanceChange"], e["heldChange"], e["balanceAfter"]) for e in entries] == [
        ("ACTIVATION_FILL", None, 10_000, 0, 10_000),
        ("RESERVE", None, -80, 80, 9_920),
        ("CHARGE", "TEXT_SCAN", 0, -1, 9_920),
        ("CHARGE", "IMAGE_SCAN", 0, -5, 9_920),
        ("REFUND", None, 34, -34, 9_954),
        ("REFUND", None, 40, -40, 9_994),
    ]
    assert [entry["sequence"] for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry["task"] and entry["task"]["id"] for entry in entries] == [None, *[task["id"]] * 5]


async def test_multi_code_with_three_fields_charges_seven_tokens_a_document(api: Api) -> None:
    """P2: IMAGE with 3 fields is 5 + 2."""
    case = await api.active("PRO")
    task = await api.task(case, "IMAGE", 10, kind="MULTI_CODE", activeFields=3)
    assert task["reservedTokens"] == 70
    await api.report(task, group("SUCCEEDED", *named(8)), group("SKIPPED", *named(2, 8)))
    ended = (await api.finish(task))["task"]
    assert (ended["chargedTokens"], ended["refundedTokens"], ended["skipped"]) == (56, 14, 2)
    assert (await api.state(case))["month"]["byCategory"] == [{"category": "MULTI_CODE", "tokens": 56, "share": 1.0}]


async def test_multi_code_on_starter_names_pro(api: Api) -> None:
    case = await api.active("STARTER")
    before = await api.state(case)
    refused = await api.create(case, "IMAGE", 10, kind="MULTI_CODE", activeFields=3)
    assert refused == {
        "__typename": "FeatureNotInPlan",
        "code": "FEATURE_NOT_IN_PLAN",
        "message": "Multi-Code is not part of your plan. It would run on the Pro plan.",
        "feature": "MULTI_CODE",
        "minimumTier": "PRO",
        "mayUpgrade": True,
    }
    assert await api.state(case) == before


async def test_1001_documents_on_starter_name_the_limit_and_pro(api: Api) -> None:
    case = await api.active("STARTER")
    before = await api.state(case)
    assert await api.create(case, "TEXT", 1_001) == {
        "__typename": "BulkLimitExceeded",
        "code": "BULK_LIMIT_EXCEEDED",
        "message": "Your plan allows 1,000 documents in a bulk task. It would run on the Pro plan.",
        "limit": 1_000,
        "minimumTier": "PRO",
        "mayUpgrade": True,
    }
    assert await api.state(case) == before
    assert (await api.task(case, "TEXT", 1_000))["reservedTokens"] == 1_000


async def test_a_second_task_of_6000_is_told_what_is_missing_and_its_key_runs_after_room_was_made(api: Api) -> None:
    case = await api.active("PRO")
    first = await api.task(case, "AUTO", 300)
    assert first["reservedTokens"] == 6_000
    before = await api.state(case)
    assert await api.create(case, "AUTO", 300, idempotencyKey="second") == {
        "__typename": "InsufficientTokens",
        "code": "INSUFFICIENT_TOKENS",
        "message": "This task reserves 6,000 tokens. 2,000 tokens are missing. The next refill comes on "
        "March 4, 2026, 9:00\u202fa.m. (Eastern Time). It would run on the Business plan.",
        "required": 6_000,
        "balance": 4_000,
        "missing": 2_000,
        "lowest": "BUSINESS",
        "nextRefillAt": "2026-03-04T14:00:00+00:00",
        "mayUpgrade": True,
        "overageCeiling": None,
        "overageLeft": 0,
    }
    assert await api.state(case) == before
    await api.finish(first, "CANCELLED")
    assert (await api.task(case, "AUTO", 300, idempotencyKey="second"))["heldTokens"] == 6_000


@pytest.mark.parametrize(("successes", "overage", "balance"), [(70, 10, 0), (50, 0, 10)])
async def test_overage_is_what_exceeds_the_tasks_own_part(api: Api, successes: int, overage: int, balance: int) -> None:
    """T5: balance 60, bulk TEXT of 100 with overage on."""
    case = await api.active("STARTER", overage=True)
    await api.task(case, "TEXT", 940)
    task_input = {"caseId": case["id"], "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 100}
    quoted = await api.ask(QUOTE, input=task_input)
    assert quoted["quote"] == {"reservedTokens": 100, "overageTokens": 40, "blockedBy": None}
    task = await api.task(case, "TEXT", 100)
    await api.report(task, group("SUCCEEDED", *named(successes)))
    ended = (await api.finish(task))["task"]
    assert (ended["chargedTokens"], ended["overageTokens"], ended["refundedTokens"]) == (
        successes,
        overage,
        100 - successes,
    )
    state = await api.state(case)
    assert state["reservoir"]["balance"] == balance
    assert state["month"]["overageTokens"] == overage
    assert sum(edge["node"]["provisionalOverageChange"] for edge in state["ledger"]["edges"]) == 0


async def test_of_64_concurrent_tasks_exactly_the_10_that_fit_succeed(api: Api, ports: Ports) -> None:
    """T2: Starter holds 1,000; each task reserves 100."""
    case = await api.active("STARTER")
    results = await asyncio.gather(*(api.create(case, "TEXT", 100) for _ in range(64)))
    kinds = [result["__typename"] for result in results]
    assert (kinds.count("TaskSuccess"), kinds.count("InsufficientTokens")) == (10, 54)
    assert {result["balance"] for result in results if "balance" in result} == {0}
    state = await api.state(case)
    assert (state["reservoir"]["balance"], state["reservoir"]["held"]) == (0, 1_000)
    assert (state["tasks"]["totalCount"], state["ledger"]["totalCount"]) == (10, 11)
    assert sum(edge["node"]["balanceChange"] for edge in state["ledger"]["edges"]) == 0
    assert sum(edge["node"]["heldChange"] for edge in state["ledger"]["edges"]) == 1_000
    assert (await verify(ports)).differences == []
