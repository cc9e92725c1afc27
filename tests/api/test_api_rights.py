"""Who may see and do what (A1, A2): every query and mutation of the schema against every kind of caller."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from graphql import GraphQLObjectType

from app.domain.callers import Role
from app.services.keys import list_keys, revoke_key
from app.services.ports import Ports
from gqlapi.schema import build_schema
from tests.api.conftest import CASE, ENTRY, MONTH, QUOTE, TASK, Api, Caller, Json, group
from tests.stage import new_viewer

SCHEMA = build_schema()._schema
CALLERS = (
    "no key",
    "unknown key",
    "revoked key",
    "member",
    "case admin",
    "org admin",
    "stranger",
    "namesake",
    "operator",
)
KEYLESS = ("no key", "unknown key", "revoked key")
STRANGERS = ("stranger", "namesake")
"""Organization admins of another organization; the namesake's has the same id at Nuix, on another portal."""

Attempt = Callable[[Api, Json], Awaitable[str]]


def fields_of(root: GraphQLObjectType | None) -> list[str]:
    assert root is not None
    return list(root.fields)


def lookup(field: str, argument: str, name: str, selection: str) -> Attempt:
    """Of a query that answers null for what does not exist."""

    async def attempt(api: Api, ids: Json) -> str:
        query = f"query Q($value: {argument}!) {{ found: {field}({name}: $value) {{ {selection} }} }}"
        return await told(api, query, lambda data: "allowed" if data["found"] else "null", value=ids[field])

    return attempt


async def told(api: Api, query: str, seen: Callable[[Json], str], **variables: Any) -> str:
    response = await api.post(query, variables)
    body = response.json()
    if "errors" in body:
        return str(body["errors"][0]["extensions"]["code"])
    return seen(body["data"])


def listing(query: str, seen: Callable[[Json, Json], str]) -> Attempt:
    async def attempt(api: Api, ids: Json) -> str:
        return await told(api, query, lambda data: seen(data, ids))

    return attempt


async def quote(api: Api, ids: Json) -> str:
    task = {"caseId": ids["case"], "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 1}
    return await told(api, QUOTE, lambda data: "allowed" if data["quote"]["reservedTokens"] else "null", input=task)


def change(mutation: str, given: Callable[[Json], Json]) -> Attempt:
    async def attempt(api: Api, ids: Json) -> str:
        name = f"{mutation[0].upper()}{mutation[1:]}Input"
        query = f"mutation M($input: {name}!) {{ made: {mutation}(input: $input) {{ ... on Error {{ code }} }} }}"
        return await told(
            api,
            query,
            lambda data: data["made"].get("code", "allowed"),
            input={"idempotencyKey": str(uuid4()), **given(ids)},
        )

    return attempt


ATTEMPTS: dict[str, Attempt] = {
    "node": lookup("node", "ID", "id", "id"),
    "plans": listing("{ plans { tier } }", lambda data, _: "allowed" if data["plans"] else "null"),
    "scanRates": listing("{ scanRates { kind } }", lambda data, _: "allowed" if data["scanRates"] else "null"),
    "cases": listing(
        "{ cases(first: 100) { edges { node { id } } } }",
        lambda data, ids: "allowed" if {"node": {"id": ids["case"]}} in data["cases"]["edges"] else "null",
    ),
    "case": lookup("case", "ID", "id", "id"),
    "task": lookup("task", "ID", "id", "id"),
    "quote": quote,
    "registerCase": change(
        "registerCase",
        lambda _: {"uuid": str(uuid4()), "name": "Roe", "organizationNuixId": "1", "organizationName": "Firm",
                   "portalUrl": "https://portal.example.com"},
    ),
    "activateCase": change("activateCase", lambda ids: {"caseId": ids["case"], "tier": "PRO", "paymentMethod": "CARD"}),
    "updateCaseSettings": change("updateCaseSettings", lambda ids: {"caseId": ids["case"], "overageEnabled": False}),
    "createTask": change(
        "createTask",
        lambda ids: {
            "task": {"caseId": ids["case"], "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 1}
        },
    ),
    "recordOutcomes": change("recordOutcomes", lambda ids: {"taskId": ids["task"], "outcomes": [group("FAILED", "x")]}),
    "finishTask": change("finishTask", lambda ids: {"taskId": ids["task"], "end": "COMPLETED"}),
}  # fmt: skip
PUBLIC = {"plans", "scanRates"}
ADMINISTRATION = {"activateCase", "updateCaseSettings"}
READING = set(fields_of(SCHEMA.query_type))


def expected(field: str, who: str) -> str:
    if who in KEYLESS:
        return "UNAUTHENTICATED"
    if field in PUBLIC or who == "operator":
        return "allowed"
    if field == "registerCase":
        return "FORBIDDEN"
    if who in STRANGERS:
        return "null" if field in READING - {"quote"} else "NOT_FOUND"
    return "FORBIDDEN" if field in ADMINISTRATION and who == "member" else "allowed"


async def revoked(client: httpx2.AsyncClient, ports: Ports) -> Api:
    viewer, key = await new_viewer(ports)
    [made] = [known.api_key_id for known in await list_keys(ports) if known.caller == viewer.name]
    assert await Api(client, key).ask("{ plans { tier } }")
    assert await revoke_key(ports, made)
    return Api(client, key)


@pytest.mark.parametrize("field", [*fields_of(SCHEMA.query_type), *fields_of(SCHEMA.mutation_type)])
async def test_every_field_is_open_to_exactly_those_who_may(
    api: Api, caller: Caller, client: httpx2.AsyncClient, ports: Ports, field: str
) -> None:
    case = await api.registered()
    callers = {
        "no key": Api(client, None),
        "unknown key": Api(client, f"clu_{uuid4().hex}"),
        "revoked key": await revoked(client, ports),
        "member": await caller(Role.MEMBER, case),
        "case admin": await caller(Role.CASE_ADMIN, case),
        "org admin": await caller(Role.ORG_ADMIN, case),
        "stranger": await caller(Role.ORG_ADMIN, await api.registered()),
        "namesake": await caller(
            Role.ORG_ADMIN,
            await api.registered(organization=case["organization"]["nuixId"], portal="https://other.example.com"),
            "https://other.example.com",
        ),
        "operator": api,
    }
    if field != "activateCase":
        case = await api.active("PRO", organization=case["organization"]["nuixId"])
    outcomes = {}
    for who in CALLERS:
        task = {"id": ""} if field == "activateCase" else await api.task(case)
        before = await api.state(case)
        ids = {"case": case["id"], "node": case["id"], "task": task["id"]}
        outcomes[who] = await ATTEMPTS[field](callers[who], ids)
        if outcomes[who] != "allowed":
            assert await api.state(case) == before
        elif field == "activateCase":
            case = await api.registered(organization=case["organization"]["nuixId"])
    assert outcomes == {who: expected(field, who) for who in CALLERS}


async def test_without_a_key_the_status_is_401(client: httpx2.AsyncClient) -> None:
    response = await Api(client, None).post("{ plans { tier } }")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "data" not in response.json()


EVERYTHING = f"""
    {CASE} month {{ {MONTH} }} months {{ edges {{ node {{ {MONTH} }} cursor }} totalCount }}
    tasks {{ edges {{ node {{ {TASK} }} cursor }} totalCount }}
    ledger {{ edges {{ node {{ {ENTRY} }} cursor }} totalCount }}
"""
READS = {
    "node": "query Q($id: ID!) { node(id: $id) { __typename id } }",
    "case": f"query Q($id: ID!) {{ case(id: $id) {{ {EVERYTHING} }} }}",
    "task": f"query Q($id: ID!) {{ task(id: $id) {{ {TASK} }} }}",
    "cases": f"query Q($id: String) {{ cases(after: $id, first: 20) {{ edges {{ node {{ {CASE} }} }} totalCount }} }}",
    "search": f"query Q($id: String) {{ cases(search: $id) {{ edges {{ node {{ {CASE} }} }} totalCount }} }}",
}


@pytest.mark.parametrize("who", STRANGERS)
async def test_a_foreign_thing_answers_as_one_that_does_not_exist(api: Api, caller: Caller, who: str) -> None:
    """A2: word for word, for every kind of id and every operation; only the stranger's own things show."""
    case = await api.active("PRO", name="Secret v. Secret")
    task = await api.task(case, name="Secret task")
    own = await api.active(
        "STARTER", name="Own",
        organization=case["organization"]["nuixId"] if who == "namesake" else None, portal="https://other.example.com",
    )  # fmt: skip
    viewer = await caller(Role.ORG_ADMIN, own, "https://other.example.com")
    nowhere = uuid4().hex
    known = case["id"].removeprefix("case_")
    texts = []
    for kind in ("case_{}", "task_{}_1", "entry_{}_1", "entry_{}_2", "org_{}"):
        real = case["organization"]["id"] if kind == "org_{}" else kind.format(known)
        for query in READS.values():
            answers = [(await viewer.post(query, {"id": id_})).text for id_ in (real, kind.format(nowhere))]
            assert answers[0] == answers[1]
            texts.append(answers[0])
    for attempt in ATTEMPTS.values():
        answers = [
            await attempt(viewer, {"case": f"case_{uuid}", "node": f"case_{uuid}", "task": f"task_{uuid}_1"})
            for uuid in (known, nowhere)
        ]
        assert answers[0] == answers[1]
    by_uuid = f"query Q($uuid: UUID!) {{ case(uuid: $uuid) {{ {EVERYTHING} }} }}"
    assert await viewer.ask(by_uuid, uuid=case["uuid"]) == {"case": None}
    seen = await viewer.ask(f"{{ cases(first: 3) {{ edges {{ node {{ {EVERYTHING} }} }} totalCount }} }}")
    assert [edge["node"]["id"] for edge in seen["cases"]["edges"]] == [own["id"]]
    assert not any("QUERY_TOO_COSTLY" in text for text in texts)
    for secret in ("Secret", known, case["uuid"], case["organization"]["id"], task["id"]):
        assert secret not in "".join(texts) + str(seen)
