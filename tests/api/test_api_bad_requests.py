"""Bad ids, keys and texts, cases that cannot run a task, and bodies that cannot be read: a typed error, no change."""

import json
from typing import Any

import pytest

from app.domain.callers import Role
from tests.api.conftest import FRENCH, GRAPHQL, PREVIEW, QUOTE, Api, Caller, Json, group, registration

MEGABYTE = "x" * 2**20
NOWHERE = "c0ffee00" * 4
NOT_FOUND = ("This does not exist, or you may not see it.",
             "Cet élément n’existe pas, ou vous n’y avez pas accès.")  # fmt: skip
NO_IDS = ["", " ", "1", "case", "case_", f"case_{NOWHERE}", f"case_{NOWHERE}_1", f"task_{NOWHERE}", f"org_{NOWHERE}",
          f"task_{NOWHERE}_0", f"task_{NOWHERE}_1", f"task_{NOWHERE}_999999999999999999",
          f"task_{NOWHERE}_9999999999999999999", f"entry_{NOWHERE}_1", f"case_{NOWHERE.upper()}\n", "case_é", "'; --",
          "\u202e", "case_" + "0" * 32, "MQ==", MEGABYTE]  # fmt: skip
KEY = ("An idempotency key has 1 to 255 characters.", "Une clé d’idempotence compte de 1 à 255 caractères.")
TEXT = ("This text must have 1 to 255 characters.", "Ce texte doit compter de 1 à 255 caractères.")
BAD_TEXTS = ["", " \t\n", "x" * 256, MEGABYTE]


async def changes_with(api: Api, case_id: str, task_id: str, language: str | None) -> list[Json]:
    """What every mutation that names a case or a task answers."""
    task: Json = {"id": task_id}
    told: Json = {"language": language}
    return [
        *await plan_changes_with(api, case_id, **told),
        await api.change("updateCaseSettings", caseId=case_id, overageEnabled=True, **told),
        await api.create({"id": case_id}, **told),
        await api.report(task, group("FAILED", "x"), **told),
        await api.finish(task, **told),
    ]


async def plan_changes_with(api: Api, case_id: str, **told: Any) -> list[Json]:
    paid: Json = {"caseId": case_id, "tier": "PRO", "paymentMethod": "CARD"}
    return [
        await api.change("activateCase", **paid, **told),
        await api.change("reactivateCase", **paid, **told),
        await api.change("upgradePlan", caseId=case_id, tier="PRO", **told),
        await api.change("scheduleDowngrade", caseId=case_id, tier="PRO", **told),
        await api.change("cancelScheduledDowngrade", caseId=case_id, **told),
        await api.change("deactivateCase", caseId=case_id, **told),
        await api.change("buyTokens", caseId=case_id, tokens=1, **told),
    ]


@pytest.mark.parametrize("no_id", NO_IDS, ids=lambda text: repr(text[:50]))
async def test_an_id_that_is_none_is_not_found(api: Api, no_id: str) -> None:
    """And null for node, case and task."""
    for language, message in zip((None, FRENCH), NOT_FOUND, strict=True):
        expected = {"__typename": "NotFound", "code": "NOT_FOUND", "message": message}
        assert await changes_with(api, no_id, no_id, language) == [expected] * 11
        task = {"caseId": no_id, "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 1}
        assert await api.failure(QUOTE, input=task, language=language) == ("NOT_FOUND", message)
        assert await api.failure(PREVIEW, case=no_id, tier="PRO", language=language) == ("NOT_FOUND", message)
    query = "query Q($id: ID!) { node(id: $id) { id } case(id: $id) { id } task(id: $id) { id } }"
    assert await api.ask(query, id=no_id) == {"node": None, "case": None, "task": None}


async def test_the_id_of_one_kind_is_not_found_as_another(api: Api) -> None:
    case = await api.active("PRO")
    task = await api.task(case)
    before = await api.state(case)
    assert {r["__typename"] for r in await changes_with(api, task["id"], case["id"], None)} == {"NotFound"}
    query = "query Q($case: ID!, $task: ID!) { case(id: $task) { id } task(id: $case) { id } }"
    assert await api.ask(query, case=case["id"], task=task["id"]) == {"case": None, "task": None}
    last = case["id"].replace("case", "task") + "_2"
    assert (await api.report({"id": last}, group("FAILED", "x")))["__typename"] == "NotFound"
    assert await api.state(case) == before


async def test_a_foreign_case_is_not_found_and_unchanged(api: Api, caller: Caller) -> None:
    """A2: what you may not see does not exist."""
    case = await api.active("PRO")
    task = await api.task(case)
    before = await api.state(case)
    stranger = await caller(Role.ORG_ADMIN, await api.registered())
    for language, message in zip((None, FRENCH), NOT_FOUND, strict=True):
        answers = await changes_with(stranger, case["id"], task["id"], language)
        assert answers == [{"__typename": "NotFound", "code": "NOT_FOUND", "message": message}] * 11
    assert await api.state(case) == before


async def test_an_inactive_case_runs_no_task(api: Api) -> None:
    """T1: the first gate comes before the others."""
    case = await api.registered()
    before = await api.state(case)
    messages = ("This case is not active. Activate it on a plan first.",
                "Ce dossier n’est pas actif. Activez-le d’abord avec un forfait.")  # fmt: skip
    for language, message in zip((None, FRENCH), messages, strict=True):
        refused = {"__typename": "CaseNotActive", "code": "CASE_NOT_ACTIVE", "message": message}
        assert await api.create(case, language=language) == refused
        assert await api.create(case, "IMAGE", 10**9, kind="MULTI_CODE", language=language) == refused
        assert await api.create(case, scope="SINGLE", language=language) == refused
    assert await api.state(case) == before
    zeros = dict.fromkeys(("balance", "held", "purchased", "cap", "fill", "addedSinceLastVisit"), 0)
    assert before["reservoir"] == {**zeros, "nextRefill": None}
    assert before["subscription"] is None


async def test_a_case_is_activated_once(api: Api) -> None:
    case = await api.active("PRO")
    before = await api.state(case)
    messages = ("This case is already active. Change its plan instead.",
                "Ce dossier est déjà actif. Modifiez plutôt son forfait.")  # fmt: skip
    for language, message in zip((None, FRENCH), messages, strict=True):
        assert await api.change(
            "activateCase", caseId=case["id"], tier="ENTERPRISE", paymentMethod="CARD", language=language
        ) == {"__typename": "PlanChangeRefused", "code": "PLAN_CHANGE_REFUSED", "message": message}
    assert await api.state(case) == before


@pytest.mark.parametrize("key", [text for text in BAD_TEXTS if text.strip() or not text], ids=len)
async def test_a_bad_key_is_refused_by_every_mutation(api: Api, key: str) -> None:
    case = await api.active("PRO")
    task = await api.task(case)
    before = await api.state(case)
    for language, message in zip((None, FRENCH), KEY, strict=True):
        told: Json = {"idempotencyKey": key, "language": language}
        expected = {
            "__typename": "InvalidInput",
            "code": "INVALID_INPUT",
            "message": message,
            "field": "idempotencyKey",
        }
        assert [
            await api.change("registerCase", **registration(), **told),
            *await plan_changes_with(api, case["id"], **told),
            await api.change("createTestClock", now="2026-03-03T10:00:00Z", **told),
            await api.change("advanceTestClock", id="", to="2026-03-03T10:00:00Z", **told),
            await api.change("updateCaseSettings", caseId=case["id"], overageEnabled=True, **told),
            await api.create(case, **told),
            await api.report(task, group("FAILED", "x"), **told),
            await api.finish(task, **told),
        ] == [expected] * 14
    assert await api.state(case) == before


@pytest.mark.parametrize("name", BAD_TEXTS, ids=len)
async def test_a_task_has_a_good_name_or_none(api: Api, name: str) -> None:
    case = await api.active("PRO")
    for language, message in zip((None, FRENCH), TEXT, strict=True):
        expected = {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "name"}
        assert await api.create(case, name=name, language=language) == expected
    assert (await api.state(case))["tasks"]["totalCount"] == 0


async def test_a_nul_is_refused_wherever_it_stands(api: Api) -> None:
    case = await api.active("PRO")
    task = await api.task(case, documents=2)
    before = await api.state(case)
    messages = ("This text holds a character that cannot be stored.",
                "Ce texte contient un caractère qui ne peut pas être conservé.")  # fmt: skip
    for language, message in zip((None, FRENCH), messages, strict=True):
        refused = [
            await api.report(task, group("FAILED", "x"), idempotencyKey="a\0b", language=language),
            await api.report(task, group("FAILED", "a\0b"), language=language),
            await api.create(case, name="a\0b", language=language),
            *[
                await api.change("registerCase", **registration(**{field: "a\0b"}), language=language)
                for field in ("name", "organizationNuixId", "organizationName")
            ],
        ]
        fields = ["idempotencyKey", "documentIds", "name", "name", "organizationNuixId", "organizationName"]
        assert refused == [
            {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": field}
            for field in fields
        ]
        query = '{ cases(search: "a\\u0000b") { totalCount } }'
        assert await api.failure(query, language=language) == ("INVALID_INPUT", message)
    assert (await api.finish({"id": task["id"] + "\0"}))["code"] == "NOT_FOUND"
    assert await api.state(case) == before


@pytest.mark.parametrize("text", ['"\\ud800"'], ids=["half a surrogate pair"])
async def test_a_character_that_cannot_be_stored_is_refused_with_the_whole_body(api: Api, text: str) -> None:
    case = await api.active("PRO")
    task = await api.task(case, documents=2)
    before = await api.state(case)
    query = "mutation M($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }"
    given = {"idempotencyKey": "k", "taskId": task["id"], "outcomes": [group("FAILED", "HERE")]}
    for place in ("HERE", task["id"], '"k"'):
        body = json.dumps({"query": query, "variables": {"input": given}}).replace(json.dumps(place.strip('"')), text)
        response = await api.client.post(
            "/graphql", content=body, headers={**api.headers, "Accept": GRAPHQL, "Content-Type": "application/json"}
        )
        assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_REQUEST"})
    assert await api.state(case) == before


async def test_a_body_over_the_limit_is_refused_and_one_below_it_is_read(api: Api) -> None:
    """8 MiB: 10,000 documents with the longest ids fit, each character escaped."""
    case = await api.active("PRO")
    task = await api.task(case, documents=10_000)
    names = [f"{number:05d}" + "é" * 59 for number in range(10_000)]
    assert (await api.report(task, group("SUCCEEDED", *names)))["task"]["succeeded"] == 10_000
    before = await api.state(case)
    query = "mutation M($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }"
    given = {"idempotencyKey": "k", "taskId": task["id"], "outcomes": [group("FAILED", "x" * 8 * 2**20)]}
    response = await api.post(query, {"input": given})
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (413, {"code": "BODY_TOO_LARGE"})
    assert await api.state(case) == before
