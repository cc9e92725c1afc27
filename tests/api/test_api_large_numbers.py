"""Counts beyond 32 bits, up to the largest that a JSON number carries exactly."""

import pytest

from app.services.ports import Ports
from app.services.verification import verify
from tests.api.conftest import QUOTE, Api, Json, group

MOST = 2**53 - 1
MANY = "This many documents would reserve more tokens than can be counted."


@pytest.mark.parametrize(("mode", "documents"), [("TEXT", 3_000_000_000), ("VIDEO", 3_000_000_000), ("TEXT", MOST)])
async def test_a_huge_task_runs_from_end_to_end(api: Api, ports: Ports, mode: str, documents: int) -> None:
    """L7, T3: Enterprise holds what its tasks reserve; its balance stays null."""
    case = await api.active("ENTERPRISE")
    rate = {"TEXT": 1, "VIDEO": 20}[mode]
    task = await api.task(case, mode, documents)
    assert (task["documentCount"], task["reservedTokens"]) == (documents, documents * rate)
    assert (await api.state(case))["reservoir"] == {
        "balance": None, "held": documents * rate, "purchased": 0, "cap": None, "fill": None, "nextRefill": None,
        "addedSinceLastVisit": 0,
    }  # fmt: skip
    reported = (await api.report(task, group("SUCCEEDED", "a", "b"), group("FAILED", "c")))["task"]
    assert (reported["pending"], reported["chargedTokens"], reported["heldTokens"]) == (
        documents - 3, 2 * rate, (documents - 2) * rate,
    )  # fmt: skip
    ended = (await api.finish(task, "CANCELLED"))["task"]
    assert (ended["refundedTokens"], ended["heldTokens"]) == ((documents - 2) * rate, 0)
    entries = [edge["node"] for edge in (await api.state(case))["ledger"]["edges"]]
    assert [(entry["kind"], entry["balanceChange"], entry["heldChange"]) for entry in entries] == [
        ("REFUND", None, -(documents - 2) * rate),
        ("CHARGE", None, -2 * rate),
        ("RESERVE", None, documents * rate),
    ]
    assert (await verify(ports)).differences == []


@pytest.mark.parametrize(
    ("kind", "mode", "fields", "documents"),
    [("SCAN", "AUTO", 1, MOST // 20), ("SCAN", "IMAGE", 1, MOST // 5), ("MULTI_CODE", "AUTO", 8, MOST // 27)],
)
async def test_the_largest_task_is_allowed_and_one_document_more_is_not(
    api: Api, kind: str, mode: str, fields: int, documents: int
) -> None:
    case = await api.active("ENTERPRISE")
    refused = await api.create(case, mode, documents + 1, kind=kind, activeFields=fields)
    assert (refused["__typename"], refused["field"], refused["message"]) == ("InvalidInput", "documentCount", MANY)
    assert (await api.state(case))["tasks"]["totalCount"] == 0
    assert (await api.task(case, mode, documents, kind=kind, activeFields=fields))["status"] == "RUNNING"


async def test_one_over_the_largest_number_is_refused_by_the_type_system(api: Api) -> None:
    case = await api.active("ENTERPRISE")
    assert (await api.failure(QUOTE, input=text_task(case, MOST + 1)))[0] == "BAD_USER_INPUT"
    assert (await api.ask(QUOTE, input=text_task(case, MOST)))["quote"]["reservedTokens"] == MOST


def text_task(case: Json, documents: int) -> Json:
    return {"caseId": case["id"], "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": documents}


async def test_tasks_that_together_hold_more_than_can_be_counted_are_refused(api: Api) -> None:
    """The same key runs once there is room; the quote says the same as the task."""
    case = await api.active("ENTERPRISE")
    first = await api.task(case, "TEXT", MOST - 10)
    await api.task(case, "TEXT", 4)
    before = await api.state(case)
    refused = await api.create(case, "TEXT", 7, idempotencyKey="k")
    assert refused == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": MANY, "field": "documentCount"}
    assert await api.failure(QUOTE, input=text_task(case, 7)) == ("INVALID_INPUT", MANY)
    assert await api.state(case) == before
    assert (await api.ask(QUOTE, input=text_task(case, 6)))["quote"]["blockedBy"] is None
    await api.task(case, "TEXT", 6)
    assert (await api.state(case))["reservoir"]["held"] == MOST
    assert (await api.create(case, "TEXT", 1))["__typename"] == "InvalidInput"
    assert (await api.create(case, "TEXT", 1, scope="SINGLE"))["__typename"] == "TaskSuccess"
    await api.finish(first)
    assert (await api.task(case, "TEXT", 7, idempotencyKey="k"))["status"] == "RUNNING"
