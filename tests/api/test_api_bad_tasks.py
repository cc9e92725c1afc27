"""Bad input of tasks and reports: each gives its typed error in both languages and changes nothing."""

from typing import Any

import pytest

from tests.api.conftest import FRENCH, QUOTE, Api, Json, group

MOST = 2**53 - 1
MANY = ("This many documents would reserve more tokens than can be counted.",
        "Autant de documents réserveraient plus de jetons qu’il n’est possible d’en compter.")  # fmt: skip
NONE = ("A task has at least one document.", "Une tâche compte au moins un document.")
ONE = ("A single run means exactly one document. Use a bulk task for more.",
       "Une exécution unitaire porte sur un seul document. "
       "Utilisez une tâche en lot pour en traiter plusieurs.")  # fmt: skip
FIELDS = ("Multi-Code takes 1 to 8 active fields.", "Multi-Code accepte de 1 à 8 champs actifs.")
NO_FIELDS = ("A scan has no fields. Only Multi-Code takes more than one active field.",
             "Une analyse n’a pas de champs. Seul Multi-Code accepte plus d’un champ actif.")  # fmt: skip

TASKS: list[tuple[Json, str, tuple[str, str]]] = [
    ({"documentCount": 0}, "documentCount", NONE),
    ({"documentCount": -1}, "documentCount", NONE),
    ({"documentCount": -MOST}, "documentCount", NONE),
    ({"documentCount": MOST, "mode": "AUTO"}, "documentCount", MANY),
    ({"documentCount": MOST // 27 + 1, "kind": "MULTI_CODE", "mode": "AUTO", "activeFields": 8}, "documentCount", MANY),
    ({"documentCount": 2, "scope": "SINGLE"}, "documentCount", ONE),
    ({"documentCount": 0, "scope": "SINGLE"}, "documentCount", NONE),
    ({"kind": "MULTI_CODE", "activeFields": 0}, "activeFields", FIELDS),
    ({"kind": "MULTI_CODE", "activeFields": -1}, "activeFields", FIELDS),
    ({"kind": "MULTI_CODE", "activeFields": 9}, "activeFields", FIELDS),
    ({"activeFields": 2}, "activeFields", NO_FIELDS),
    ({"activeFields": 0}, "activeFields", NO_FIELDS),
]


def invalid(field: str, message: str) -> Json:
    return {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": field}


@pytest.mark.parametrize(("wrong", "field", "messages"), TASKS)
async def test_a_flawed_task_is_refused_and_changes_nothing(
    api: Api, wrong: Json, field: str, messages: tuple[str, str]
) -> None:
    """P2, P3: and its quote gives the same refusal as an error of the query."""
    case = await api.active("ENTERPRISE")
    before = await api.state(case)
    given = {"mode": "TEXT", "documents": wrong.get("documentCount", 1), **wrong}
    given.pop("documentCount", None)
    assert await api.create(case, **given) == invalid(field, messages[0])
    assert await api.create(case, **given, language=FRENCH) == invalid(field, messages[1])
    task = {"caseId": case["id"], "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 1, **wrong}
    assert await api.failure(QUOTE, input=task) == ("INVALID_INPUT", messages[0])
    assert await api.failure(QUOTE, input=task, language=FRENCH) == ("INVALID_INPUT", messages[1])
    assert await api.state(case) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"documentCount": 1.5},
        {"documentCount": 1.0},
        {"documentCount": MOST + 1},
        {"documentCount": 10**400},
        {"documentCount": "1"},
        {"documentCount": True},
        {"documentCount": None},
        {"activeFields": 1.5},
        {"activeFields": 2**31},
        {"activeFields": None},
        {"mode": "PICTURE"},
        {"kind": "CHAT"},
        {"scope": None},
        {"caseId": None},
        {"unknown": 1},
    ],
)
async def test_what_the_type_system_refuses_is_a_request_error(api: Api, wrong: Json) -> None:
    case = await api.active("PRO")
    before = await api.state(case)
    task = {"caseId": case["id"], "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 1, **wrong}
    query = "mutation M($input: CreateTaskInput!) { createTask(input: $input) { __typename } }"
    response = await api.post(query, {"input": {"idempotencyKey": "k", "task": task}})
    assert response.status_code == 400
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"BAD_USER_INPUT"}
    assert "data" not in response.json()
    assert (await api.failure(QUOTE, input=task))[0] == "BAD_USER_INPUT"
    assert await api.state(case) == before


MODES = ("Only succeeded documents of an AUTO task carry a resolved mode.",
         "Seuls les documents réussis d’une tâche AUTO portent un mode retenu.")  # fmt: skip
AUTO = ("AUTO is not a mode that a document can be resolved to.",
        "AUTO n’est pas un mode qui puisse être retenu pour un document.")  # fmt: skip
MISSING = ("A succeeded document of an AUTO task needs its resolved mode.",
           "Un document réussi d’une tâche AUTO doit indiquer le mode retenu.")  # fmt: skip
TWICE = ("One document is in this call twice with different results.",
         "Un même document figure deux fois dans cet appel avec des résultats différents.")  # fmt: skip
MORE = ("The task would have more documents than it was created for.",
        "La tâche compterait plus de documents que prévu à sa création.")  # fmt: skip
TOO_MANY = ("One call reports up to 10,000 documents. Send the rest in another.",
            "Un appel rapporte au plus 10\u00a0000 documents. Envoyez les autres dans un appel distinct.")  # fmt: skip
LENGTH = ("The id of a document has 1 to 64 characters.",
          "L’identifiant d’un document compte de 1 à 64 caractères.")  # fmt: skip

REPORTS: list[tuple[str, list[Json], str, tuple[str, str]]] = [
    ("TEXT", [group("SUCCEEDED", "x", mode="TEXT")], "resolvedMode", MODES),
    ("TEXT", [group("FAILED", "x", mode="TEXT")], "resolvedMode", MODES),
    ("AUTO", [group("SKIPPED", "x", mode="IMAGE")], "resolvedMode", MODES),
    ("AUTO", [group("SUCCEEDED", "x", mode="AUTO")], "resolvedMode", AUTO),
    ("AUTO", [group("FAILED", "x", mode="AUTO")], "resolvedMode", AUTO),
    ("AUTO", [group("SUCCEEDED", "x")], "resolvedMode", MISSING),
    ("AUTO", [group("SUCCEEDED", "x", mode="TEXT"), group("SUCCEEDED", "y")], "resolvedMode", MISSING),
    ("TEXT", [group("SUCCEEDED", "x"), group("FAILED", "x")], "documentIds", TWICE),
    ("TEXT", [group("FAILED", "x"), group("SKIPPED", "y", "x")], "documentIds", TWICE),
    ("AUTO", [group("SUCCEEDED", "x", mode="TEXT"), group("SUCCEEDED", "x", mode="IMAGE")], "documentIds", TWICE),
    ("TEXT", [group("SUCCEEDED", "x", "y", "z")], "documentIds", MORE),
    ("TEXT", [group("SUCCEEDED", "known", "x", "y", "z")], "documentIds", MORE),
    ("TEXT", [group("FAILED", *map(str, range(10_001)))], "documentIds", TOO_MANY),
    ("TEXT", [group("FAILED", *["x"] * 10_001)], "documentIds", TOO_MANY),
    ("TEXT", [group("FAILED", *map(str, range(5_001))), group("FAILED", *map(str, range(5_000)))], "documentIds",
     TOO_MANY),
    ("TEXT", [group("FAILED", "")], "documentIds", LENGTH),
    ("TEXT", [group("FAILED", "x" * 65)], "documentIds", LENGTH),
    ("TEXT", [group("FAILED", "é" * 1_000_000)], "documentIds", LENGTH),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "groups", "field", "messages"), REPORTS)
async def test_a_flawed_report_is_refused_as_a_whole(
    api: Api, mode: str, groups: list[Json], field: str, messages: tuple[str, str]
) -> None:
    """T4: a task of 3 documents, one of them known."""
    case = await api.active("PRO")
    task = await api.task(case, mode, 3)
    await api.report(task, group("FAILED", "known"))
    before = await api.state(case)
    assert await api.report(task, *groups) == invalid(field, messages[0])
    assert await api.report(task, *groups, language=FRENCH) == invalid(field, messages[1])
    assert await api.state(case) == before


@pytest.mark.parametrize(
    "outcomes",
    [
        [{"status": "DONE", "documentIds": ["x"]}],
        [{"status": "PENDING", "documentIds": ["x"]}],
        [{"status": "FAILED", "documentIds": [None]}],
        [{"status": "FAILED", "documentIds": [1]}],
        [{"status": "FAILED"}],
        [{"documentIds": ["x"]}],
        [None],
        None,
        [{"status": "SUCCEEDED", "documentIds": ["x"], "resolvedMode": "PDF"}],
    ],
)
async def test_an_outcome_outside_the_types_is_a_request_error(api: Api, outcomes: Any) -> None:
    case = await api.active("PRO")
    task = await api.task(case, "TEXT", 3)
    before = await api.state(case)
    query = "mutation M($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }"
    given = {"idempotencyKey": "k", "taskId": task["id"], "outcomes": outcomes}
    response = await api.post(query, {"input": given})
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_USER_INPUT"})
    assert await api.state(case) == before


async def test_what_ended_takes_no_report_and_no_other_end(api: Api) -> None:
    """T6: the same end again succeeds and changes nothing."""
    case = await api.active("PRO")
    task = await api.task(case, "TEXT", 3)
    await api.finish(task, "CANCELLED")
    before = await api.state(case)
    english = "This task has ended; what it did not use was already given back."
    french = "Cette tâche est terminée; ce qu’elle n’a pas utilisé a déjà été remboursé."
    finished = {"__typename": "TaskFinished", "code": "TASK_FINISHED"}
    assert await api.report(task, group("FAILED", "x")) == {**finished, "message": english}
    assert await api.report(task, group("FAILED", "x"), language=FRENCH) == {**finished, "message": french}
    assert await api.finish(task, "COMPLETED") == {**finished, "message": english}
    assert (await api.finish(task, "CANCELLED"))["task"] == before["tasks"]["edges"][0]["node"]
    assert await api.state(case) == before


@pytest.mark.parametrize("documents", [1, 10_000])
async def test_a_repeat_changes_nothing_even_with_another_status(api: Api, documents: int) -> None:
    """T4: the first outcome stands; 10,000 documents in a call are taken."""
    case = await api.active("PRO")
    task = await api.task(case, "TEXT", documents)
    names = [f"é{number}" for number in range(documents)]
    first = await api.report(
        task, group("SUCCEEDED", *names, *names[:1]) if documents == 1 else group("SUCCEEDED", *names)
    )
    assert (first["task"]["succeeded"], first["task"]["chargedTokens"]) == (documents, documents)
    before = await api.state(case)
    assert (await api.report(task, group("FAILED", *reversed(names))))["task"] == first["task"]
    assert await api.state(case) == before
