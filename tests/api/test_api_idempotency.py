"""Keys (K1): a replay tells of the same object, another input is a conflict, a refusal stores nothing."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from app.domain.callers import Role
from app.services.keys import create_key
from app.services.ports import Ports
from tests.api.conftest import FRENCH, Api, Caller, Json, group

CONFLICT = {
    "__typename": "IdempotencyConflict",
    "code": "IDEMPOTENCY_CONFLICT",
    "message": "This idempotency key was already used with another input. Use a new key.",
}
FIRM = {"name": "Roe", "organizationNuixId": "firm", "organizationName": "Firm", "portalUrl": "https://p.example.com"}


def task_input(case: Json, **changed: Any) -> Json:
    return {"caseId": case["id"], "kind": "SCAN", "scope": "BULK", "mode": "AUTO", "documentCount": 4, **changed}


async def registration(api: Api) -> tuple[Json, Json, list[Json]]:
    given = {**FIRM, "uuid": str(uuid4())}
    same = {**given, "portalUrl": "HTTPS://P.example.com/"}
    others = [{**given, name: "other"} for name in ("name", "organizationNuixId", "organizationName")]
    return given, same, [*others, {**given, "portalUrl": "https://q.example.com"}, {**given, "uuid": str(uuid4())}]


async def activation(api: Api) -> tuple[Json, Json, list[Json]]:
    given = {"caseId": (await api.registered())["id"], "tier": "PRO", "paymentMethod": "CARD"}
    return given, given, [{**given, "tier": "BUSINESS"}, {**given, "paymentMethod": "MONTHLY_INVOICE"}]


def change_of_plan(given: Json, *others: Json, tier: str = "PRO", first: Sequence[str] = ()) -> "Inputs":
    """On a new case of the tier, to which the named changes were made before."""

    async def inputs(api: Api) -> tuple[Json, Json, list[Json]]:
        case = {"caseId": (await api.active(tier))["id"]}
        for mutation in first:
            await api.change(mutation, **case, **({"tier": "STARTER"} if mutation == "scheduleDowngrade" else {}))
        same = {**case, **given, **({"origin": "SETTINGS"} if given.keys() == {"tier"} else {})}
        return {**case, **given}, same, [{**case, **given, **other} for other in others]

    return inputs


async def clock(api: Api) -> tuple[Json, Json, list[Json]]:
    given = {"now": "2026-03-03T10:00:00-05:00"}
    return given, {"now": "2026-03-03T15:00:00.000000Z"}, [{"now": "2026-03-03T10:00:00.000001-05:00"}]


async def advance(api: Api) -> tuple[Json, Json, list[Json]]:
    given = {"id": (await api.clock("2026-03-03T10:00:00-05:00"))["id"], "to": "2026-03-05T10:00:00-05:00"}
    return given, {**given, "to": "2026-03-05T15:00:00Z"}, [{**given, "to": "2026-03-06T10:00:00-05:00"}]


async def settings(api: Api) -> tuple[Json, Json, list[Json]]:
    given = {"caseId": (await api.active())["id"], "overageEnabled": True}
    same = {**given, "autoUpgradeAllowed": None}
    return given, same, [{**given, "overageEnabled": False}, {**given, "autoUpgradeAllowed": True}]


async def creation(api: Api) -> tuple[Json, Json, list[Json]]:
    task = task_input(await api.active())
    given = {"task": task}
    same = {"name": None, "task": {**task, "activeFields": 1}}
    others: list[Json] = [
        {"documentCount": 5},
        {"mode": "TEXT"},
        {"kind": "MULTI_CODE"},
        {"scope": "SINGLE", "documentCount": 1},
    ]
    return given, same, [*({"task": {**task, **other}} for other in others), {"task": task, "name": "A"}]


async def report(api: Api) -> tuple[Json, Json, list[Json]]:
    case = await api.active()
    task, other = await api.task(case, "AUTO", 4), await api.task(case, "AUTO", 4)
    outcomes = [group("SUCCEEDED", "a", mode="TEXT"), group("FAILED", "b", "c")]
    given = {"taskId": task["id"], "outcomes": outcomes}
    same = {
        **given,
        "outcomes": [outcomes[0], group("FAILED", "b"), {**group("FAILED", "c", "b"), "resolvedMode": None}],
    }
    wrong = [
        [outcomes[0]],
        [group("SUCCEEDED", "a", mode="IMAGE"), outcomes[1]],
        [outcomes[0], group("SKIPPED", "b", "c")],
    ]
    return given, same, [*({**given, "outcomes": each} for each in wrong), {**given, "taskId": other["id"]}]


async def end(api: Api) -> tuple[Json, Json, list[Json]]:
    case = await api.active()
    task, other = await api.task(case), await api.task(case)
    given = {"taskId": task["id"], "end": "CANCELLED"}
    return given, given, [{**given, "end": "COMPLETED"}, {**given, "taskId": other["id"]}]


Inputs = Callable[[Api], Awaitable[tuple[Json, Json, list[Json]]]]
MUTATIONS: dict[str, Inputs] = {
    "registerCase": registration,
    "activateCase": activation,
    "upgradePlan": change_of_plan({"tier": "BUSINESS"}, {"tier": "ENTERPRISE"}, {"origin": "PROMPT"}),
    "scheduleDowngrade": change_of_plan({"tier": "PRO"}, {"tier": "STARTER"}, {"origin": "PROMPT"}, tier="BUSINESS"),
    "cancelScheduledDowngrade": change_of_plan({}, first=["scheduleDowngrade"]),
    "deactivateCase": change_of_plan({}),
    "reactivateCase": change_of_plan(
        {"tier": "PRO", "paymentMethod": "CARD"},
        {"tier": "STARTER"},
        {"paymentMethod": "MONTHLY_INVOICE"},
        first=["deactivateCase"],
    ),
    "buyTokens": change_of_plan({"tokens": 100}, {"tokens": 101}),
    "createTestClock": clock,
    "advanceTestClock": advance,
    "updateCaseSettings": settings,
    "createTask": creation,
    "recordOutcomes": report,
    "finishTask": end,
}
"""Of each mutation: an input, the same one spelled otherwise, and others."""


async def case_of(api: Api, result: Json) -> Json:
    """The state of the case, or the clock, that a success is about."""
    if "testClock" in result:
        query = "query Q($id: ID!) { node(id: $id) { ... on TestClock { id now } } }"
        return await api.ask(query, id=result["testClock"]["id"])
    node = result.get("case") or result["task"]
    return await api.state({"id": "case_" + node["id"].split("_")[1]})


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_replay_changes_nothing_and_another_input_is_a_conflict(api: Api, mutation: str) -> None:
    given, same, others = await MUTATIONS[mutation](api)
    first = await api.change(mutation, idempotencyKey="k", **given)
    assert first["__typename"] in {"CaseSuccess", "TaskSuccess", "TestClockSuccess"}
    before = await case_of(api, first)
    assert await api.change(mutation, idempotencyKey="k", **given) == first
    assert await api.change(mutation, idempotencyKey="k", **same) == first
    turned = dict(reversed([*json.loads(json.dumps(given)).items(), ("idempotencyKey", "k")]))
    assert await api.change(mutation, **turned) == first
    french = "Cette clé d’idempotence a déjà servi avec d’autres données. Utilisez une nouvelle clé."
    for other in others:
        assert await api.change(mutation, idempotencyKey="k", **other) == CONFLICT, other
        told = await api.change(mutation, idempotencyKey="k", language=FRENCH, **other)
        assert told == {**CONFLICT, "message": french}
    assert await case_of(api, first) == before


async def test_a_replay_shows_the_present(api: Api) -> None:
    """The same task, as it stands by now; a success stays one after every gate has closed."""
    case = await api.registered()
    activation = {"caseId": case["id"], "tier": "STARTER", "paymentMethod": "CARD", "idempotencyKey": "k"}
    await api.change("activateCase", **activation)
    made = await api.task(case, "TEXT", 1_000, idempotencyKey="k")
    await api.report(made, group("SUCCEEDED", "a"), idempotencyKey="k")
    ended = await api.finish(made, idempotencyKey="k")
    now = (await api.state(case))["tasks"]["edges"][0]["node"]
    assert (now["status"], now["chargedTokens"]) == ("COMPLETED", 1)
    await api.task(case, "TEXT", 999)
    before = await api.state(case)
    assert (await api.task(case, "TEXT", 1_000, idempotencyKey="k")) == now
    assert (await api.report(made, group("SUCCEEDED", "a"), idempotencyKey="k"))["task"] == now
    assert (await api.finish(made, idempotencyKey="k")) == ended
    again = (await api.change("activateCase", **activation))["case"]
    assert again["reservoir"] == before["reservoir"]
    assert await api.state(case) == before


async def test_a_refusal_stores_nothing(api: Api) -> None:
    """The same key is judged afresh, with the same input or with another."""
    case = await api.registered()
    assert (await api.create(case, "TEXT", 1_000, idempotencyKey="k"))["__typename"] == "CaseNotActive"
    invoiced = {"caseId": case["id"], "tier": "STARTER", "idempotencyKey": "k"}
    refused = await api.change("activateCase", paymentMethod="MONTHLY_INVOICE", **invoiced)
    assert refused["__typename"] == "InvoicingNotContracted"
    assert (await api.change("activateCase", paymentMethod="CARD", **invoiced))["__typename"] == "CaseSuccess"
    assert (await api.create(case, "TEXT", 1_001, idempotencyKey="k"))["__typename"] == "BulkLimitExceeded"
    assert (await api.create(case, "AUTO", 51, idempotencyKey="k"))["__typename"] == "InsufficientTokens"
    assert (await api.create(case, "TEXT", 0, idempotencyKey="k"))["__typename"] == "InvalidInput"
    task = await api.task(case, "TEXT", 2, idempotencyKey="k")
    wrong = [group("FAILED", "a", "b", "c")]
    assert (await api.report(task, *wrong, idempotencyKey="k"))["__typename"] == "InvalidInput"
    await api.report(task, group("FAILED", "a"), idempotencyKey="k")
    await api.finish(task)
    assert (await api.finish(task, "CANCELLED", idempotencyKey="f"))["__typename"] == "TaskFinished"
    assert (await api.finish(task, "COMPLETED", idempotencyKey="f"))["__typename"] == "TaskSuccess"


async def test_a_refused_change_of_plan_stores_nothing(api: Api) -> None:
    case = {"caseId": (await api.registered())["id"], "idempotencyKey": "k"}
    paid = {**case, "tier": "PRO", "paymentMethod": "CARD"}
    refused = [
        await api.change("upgradePlan", **case, tier="BUSINESS"),
        await api.change("scheduleDowngrade", **case, tier="STARTER"),
        await api.change("cancelScheduledDowngrade", **case),
        await api.change("deactivateCase", **case),
        await api.change("reactivateCase", **paid),
        await api.change("buyTokens", **case, tokens=5),
    ]
    assert [each["__typename"] for each in refused] == [*["CaseNotActive"] * 4, "PlanChangeRefused", "CaseNotActive"]
    assert (await api.change("activateCase", **paid))["__typename"] == "CaseSuccess"
    assert (await api.change("cancelScheduledDowngrade", **case))["__typename"] == "PlanChangeRefused"
    allowed = [
        await api.change("upgradePlan", **case, tier="BUSINESS"),
        await api.change("scheduleDowngrade", **case, tier="STARTER"),
        await api.change("cancelScheduledDowngrade", **case),
        await api.change("buyTokens", **case, tokens=6),
        await api.change("deactivateCase", **case),
        await api.change("reactivateCase", **paid),
    ]
    assert [each["__typename"] for each in allowed] == ["CaseSuccess"] * 6
    assert (await api.change("activateCase", **paid))["__typename"] == "CaseSuccess", "its key is as old as its effect"


async def test_a_clock_is_the_same_for_its_key_however_far_it_has_gone(api: Api) -> None:
    now, later = "2026-03-03T10:00:00-05:00", "2026-03-05T10:00:00-05:00"
    clock = (await api.change("createTestClock", now=now, idempotencyKey="mine"))["testClock"]
    await api.change("advanceTestClock", id=clock["id"], to=later, idempotencyKey="k")
    gone = {"id": clock["id"], "now": "2026-03-05T15:00:00+00:00"}
    assert (await api.change("createTestClock", now=now, idempotencyKey="mine"))["testClock"] == gone
    await api.advance(clock, "2026-03-07T10:00:00-05:00")
    again = await api.change("advanceTestClock", id=clock["id"], to=later, idempotencyKey="k")
    assert again["testClock"] == {"id": clock["id"], "now": "2026-03-07T15:00:00+00:00"}
    refused = await api.change("advanceTestClock", id=clock["id"], to=now, idempotencyKey="new")
    assert (refused["__typename"], refused["field"]) == ("InvalidInput", "to")
    other = await api.clock(now)
    assert (await api.change("advanceTestClock", id=other["id"], to=later, idempotencyKey="k"))["testClock"] == {
        "id": other["id"], "now": "2026-03-05T15:00:00+00:00"
    }  # fmt: skip


async def test_a_key_belongs_to_one_caller_one_mutation_and_one_case(api: Api, caller: Caller) -> None:
    first = await api.active()
    second = await api.active(organization=first["organization"]["nuixId"])
    member = await caller(Role.MEMBER, first)
    tasks = [
        await api.task(first, "TEXT", 1, idempotencyKey="k"),
        await api.task(second, "TEXT", 2, idempotencyKey="k"),
        await member.task(first, "TEXT", 3, idempotencyKey="k"),
    ]
    assert [task["documentCount"] for task in tasks] == [1, 2, 3]
    assert len({task["id"] for task in tasks}) == 3
    await api.report(tasks[0], group("FAILED", "a"), idempotencyKey="k")
    await api.finish(tasks[0], idempotencyKey="k")
    changed = await api.change("updateCaseSettings", caseId=first["id"], overageEnabled=True, idempotencyKey="k")
    assert changed["case"]["settings"]["overageEnabled"] is True
    assert (await api.state(first))["tasks"]["totalCount"] == 2


async def test_a_registration_key_belongs_to_its_caller_alone(
    api: Api, client: httpx2.AsyncClient, ports: Ports
) -> None:
    other = await operator_named(client, ports, f"other {uuid4()}")
    given = [{**FIRM, "uuid": str(uuid4())} for _ in range(2)]
    key = str(uuid4())
    made = [
        await who.change("registerCase", **each, idempotencyKey=key)
        for who, each in zip((api, other), given, strict=True)
    ]
    assert [result["case"]["uuid"] for result in made] == [each["uuid"] for each in given]


async def operator_named(client: httpx2.AsyncClient, ports: Ports, name: str, *, rotate: bool = False) -> Api:
    key = await create_key(
        ports, name=name, role=Role.OPERATOR, organization_id=None, secret=lambda: uuid4().hex, revoke_others=rotate
    )
    return Api(client, key)


async def test_a_new_key_of_the_same_caller_keeps_its_idempotency_keys(
    client: httpx2.AsyncClient, ports: Ports
) -> None:
    name = f"scanner {uuid4()}"
    old = await operator_named(client, ports, name)
    given = {**FIRM, "uuid": str(uuid4()), "idempotencyKey": str(uuid4())}
    case = (await old.change("registerCase", **given))["case"]
    active = await old.change("activateCase", caseId=case["id"], tier="PRO", paymentMethod="CARD", idempotencyKey="k")
    task = await old.task(case, idempotencyKey="k")
    new = await operator_named(client, ports, name, rotate=True)
    assert (await old.post("{ plans { tier } }")).status_code == 401
    assert await new.task(case, idempotencyKey="k") == task
    assert await new.create(case, documents=2, idempotencyKey="k") == CONFLICT
    assert (await new.change("registerCase", **given))["case"]["id"] == case["id"]
    again = await new.change("activateCase", caseId=case["id"], tier="PRO", paymentMethod="CARD", idempotencyKey="k")
    assert again["case"]["activatedAt"] == active["case"]["activatedAt"]
    assert (await new.state(case))["tasks"]["totalCount"] == 1


@pytest.mark.parametrize("key", ["k", "K", " k", "é", "e\u0301", "x" * 255, "🔥" * 255, "'; --"])
async def test_every_character_of_a_key_counts(api: Api, key: str) -> None:
    case = await api.active()
    others = [await api.task(case, idempotencyKey=other) for other in ("k ", "x" * 254, "🔥" * 254, "e")]
    task = await api.task(case, idempotencyKey=key)
    assert task["id"] not in {other["id"] for other in others}
    assert await api.task(case, idempotencyKey=key) == task
