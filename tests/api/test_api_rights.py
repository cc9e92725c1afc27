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
from tests.api.conftest import (
    CASE,
    ENTRY,
    EVENT,
    MONTH,
    PREVIEW,
    QUOTE,
    SUBSCRIPTION,
    TASK,
    Api,
    Caller,
    Json,
    group,
    input_of,
)
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


async def preview(api: Api, ids: Json) -> str:
    """Of an upgrade, which everybody of the case may see while auto upgrade is allowed (C9)."""
    return await told(
        api, PREVIEW, lambda data: "allowed" if data["previewPlanChange"] else "null", case=ids["case"], tier="BUSINESS"
    )


async def explained(api: Api, ids: Json) -> str:
    """Of a count; of money whoever may see it (test_api_explain)."""
    query = "query Q($case: ID!) { explain(caseId: $case, figure: HELD) { formula } }"
    return await told(api, query, lambda data: "allowed" if data["explain"] else "null", case=ids["case"])


def change(mutation: str, given: Callable[[Json], Json]) -> Attempt:
    async def attempt(api: Api, ids: Json) -> str:
        made = f"made: {mutation}(input: $input) {{ ... on Error {{ code }} }}"
        query = f"mutation M($input: {input_of(mutation)}!) {{ {made} }}"
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
    "previewPlanChange": preview,
    "explain": explained,
    "registerCase": change(
        "registerCase",
        lambda _: {"uuid": str(uuid4()), "name": "Roe", "organizationNuixId": "1", "organizationName": "Firm",
                   "portalUrl": "https://portal.example.com"},
    ),
    "activateCase": change("activateCase", lambda ids: {"caseId": ids["case"], "tier": "PRO", "paymentMethod": "CARD"}),
    "upgradePlan": change("upgradePlan", lambda ids: {"caseId": ids["case"], "tier": "BUSINESS"}),
    "scheduleDowngrade": change("scheduleDowngrade", lambda ids: {"caseId": ids["case"], "tier": "STARTER"}),
    "cancelScheduledDowngrade": change("cancelScheduledDowngrade", lambda ids: {"caseId": ids["case"]}),
    "deactivateCase": change("deactivateCase", lambda ids: {"caseId": ids["case"]}),
    "reactivateCase": change(
        "reactivateCase", lambda ids: {"caseId": ids["case"], "tier": "PRO", "paymentMethod": "CARD"}
    ),
    "buyTokens": change("buyTokens", lambda ids: {"caseId": ids["case"], "tokens": 1}),
    "createTestClock": change("createTestClock", lambda _: {"now": "2026-03-03T10:00:00-05:00"}),
    "advanceTestClock": change("advanceTestClock", lambda ids: {"id": ids["clock"], "to": "2026-03-03T10:00:00-05:00"}),
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
PLAN_CHANGES = {
    "activateCase", "upgradePlan", "scheduleDowngrade", "cancelScheduledDowngrade", "deactivateCase", "reactivateCase"
}  # fmt: skip
ADMINISTRATION = {*PLAN_CHANGES, "buyTokens", "updateCaseSettings"}
OPERATION = {"registerCase", "createTestClock", "advanceTestClock"}
READING = set(fields_of(SCHEMA.query_type))


def expected(field: str, who: str) -> str:
    if who in KEYLESS:
        return "UNAUTHENTICATED"
    if field in PUBLIC or who == "operator":
        return "allowed"
    if field in OPERATION:
        return "FORBIDDEN"
    if who in STRANGERS:
        return "null" if field in READING - {"quote", "previewPlanChange", "explain"} else "NOT_FOUND"
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
    nuix_id = case["organization"]["nuixId"]
    clock = await api.clock("2026-03-03T10:00:00-05:00")
    case = await case_for(api, field, nuix_id)
    outcomes = {}
    for who in CALLERS:
        task = {"id": ""} if field in PLAN_CHANGES else await api.task(case)
        before = await api.state(case)
        ids = {"case": case["id"], "node": case["id"], "task": task["id"], "clock": clock["id"]}
        outcomes[who] = await ATTEMPTS[field](callers[who], ids)
        if outcomes[who] != "allowed":
            assert await api.state(case) == before
        elif field in PLAN_CHANGES:
            case = await case_for(api, field, nuix_id)
    assert outcomes == {who: expected(field, who) for who in CALLERS}


async def case_for(api: Api, field: str, nuix_id: str) -> Json:
    """A case on which the change of plan is possible."""
    if field == "activateCase":
        return await api.registered(organization=nuix_id)
    case = await api.active("PRO", organization=nuix_id)
    if field == "reactivateCase":
        await api.change("deactivateCase", caseId=case["id"])
    if field == "cancelScheduledDowngrade":
        await api.change("scheduleDowngrade", caseId=case["id"], tier="STARTER")
    return case


PROMPT = "mutation M($input: ChangePlanInput!) { made: upgradePlan(input: $input) { ... on Error { code } } }"


@pytest.mark.parametrize("who", ["member", "case admin", "org admin", "operator", "stranger"])
@pytest.mark.parametrize("allowed", [True, False])
async def test_an_upgrade_from_a_prompt_is_open_to_everybody_or_to_nobody(
    api: Api, caller: Caller, who: str, allowed: bool
) -> None:
    """C9: by the case's setting, whatever the role; a preview of it shows its price to those who may upgrade."""
    case = await api.active("PRO")
    roles = {"member": Role.MEMBER, "case admin": Role.CASE_ADMIN, "org admin": Role.ORG_ADMIN}
    asking = api
    if who != "operator":
        asking = await caller(roles.get(who, Role.ORG_ADMIN), case if who in roles else await api.registered())
    await api.change("updateCaseSettings", caseId=case["id"], autoUpgradeAllowed=allowed)
    ids = {"case": case["id"]}
    admin = who in ("case admin", "org admin", "operator")
    shown = "NOT_FOUND" if who == "stranger" else "allowed" if allowed or admin else "FORBIDDEN"
    assert await preview(asking, ids) == shown
    upgrade = {"idempotencyKey": "k", "caseId": case["id"], "tier": "BUSINESS", "origin": "PROMPT"}
    made = await told(asking, PROMPT, lambda data: str(data["made"].get("code", "allowed")), input=upgrade)
    assert made == ("NOT_FOUND" if who == "stranger" else "allowed" if allowed else "FORBIDDEN")
    state = await api.state(case)
    assert state["subscription"]["plan"]["tier"] == ("BUSINESS" if made == "allowed" else "PRO")


@pytest.mark.parametrize("tier", ["STARTER", "PRO"])
async def test_a_member_previews_upgrades_only(api: Api, caller: Caller, tier: str) -> None:
    """A2: prices are for admins."""
    case = await api.active("PRO")
    member = await caller(Role.MEMBER, case)
    assert (await member.failure(PREVIEW, case=case["id"], tier=tier))[0] == "FORBIDDEN"
    assert (await (await caller(Role.CASE_ADMIN, case)).preview(case, tier))["chargeNow"]["amount"] == "0.00"
    new = await api.registered(organization=case["organization"]["nuixId"])
    assert (await member.failure(PREVIEW, case=new["id"], tier=tier))[0] == "FORBIDDEN"


async def test_a_member_sees_the_plan_and_its_timeline_without_money(api: Api, caller: Caller) -> None:
    case = await api.active("PRO")
    await api.change("upgradePlan", caseId=case["id"], tier="BUSINESS")
    seen, whole = await (await caller(Role.MEMBER, case)).state(case), await api.state(case)
    assert seen["subscription"] == whole["subscription"]
    events, shown = [[edge["node"] for edge in state["timeline"]["edges"]] for state in (seen, whole)]
    assert events == [{**event, "charge": None, "credit": None} for event in shown]
    assert [event["charge"]["amount"] for event in shown] == ["4999.00", "499.00"]
    admin = await (await caller(Role.CASE_ADMIN, case)).state(case)
    assert admin["timeline"] == whole["timeline"]


async def test_a_clock_exists_for_operators_only(api: Api, caller: Caller) -> None:
    clock = await api.clock("2026-03-03T10:00:00-05:00")
    case = await api.active("PRO", testClockId=clock["id"])
    member = await caller(Role.MEMBER, case)
    assert (await member.state(case))["testClock"] == clock
    query = "query Q($id: ID!) { node(id: $id) { id } }"
    assert await member.ask(query, id=clock["id"]) == {"node": None}
    assert await api.ask(query, id=clock["id"]) == {"node": {"id": clock["id"]}}


async def test_without_a_key_the_status_is_401(client: httpx2.AsyncClient) -> None:
    response = await Api(client, None).post("{ plans { tier } }")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "data" not in response.json()


EVERYTHING = f"""
    {CASE} {SUBSCRIPTION} timeline {{ edges {{ node {{ {EVENT} }} cursor }} totalCount }}
    month {{ {MONTH} }} months {{ edges {{ node {{ {MONTH} }} cursor }} totalCount }}
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
    clock = await api.clock("2026-03-03T10:00:00-05:00")
    case = await api.active("PRO", name="Secret v. Secret", testClockId=clock["id"])
    task = await api.task(case, name="Secret task")
    own = await api.active(
        "STARTER", name="Own",
        organization=case["organization"]["nuixId"] if who == "namesake" else None, portal="https://other.example.com",
    )  # fmt: skip
    viewer = await caller(Role.ORG_ADMIN, own, "https://other.example.com")
    nowhere = uuid4().hex
    known = case["id"].removeprefix("case_")
    texts = []
    for kind in ("case_{}", "task_{}_1", "entry_{}_1", "entry_{}_2", "event_{}_1", "org_{}", "clock_{}"):
        others = {"org_{}": case["organization"]["id"], "clock_{}": clock["id"]}
        real = others.get(kind, kind.format(known))
        for query in READS.values():
            answers = [(await viewer.post(query, {"id": id_})).text for id_ in (real, kind.format(nowhere))]
            assert answers[0] == answers[1]
            texts.append(answers[0])
    for attempt in ATTEMPTS.values():
        answers = [
            await attempt(
                viewer, {"case": f"case_{uuid}", "node": f"case_{uuid}", "task": f"task_{uuid}_1", "clock": ""}
            )
            for uuid in (known, nowhere)
        ]
        assert answers[0] == answers[1]
    by_uuid = f"query Q($uuid: UUID!) {{ case(uuid: $uuid) {{ {EVERYTHING} }} }}"
    assert await viewer.ask(by_uuid, uuid=case["uuid"]) == {"case": None}
    seen = await viewer.ask(f"{{ cases(first: 3) {{ edges {{ node {{ {EVERYTHING} }} }} totalCount }} }}")
    assert [edge["node"]["id"] for edge in seen["cases"]["edges"]] == [own["id"]]
    assert not any("QUERY_TOO_COSTLY" in text for text in texts)
    for secret in ("Secret", known, case["uuid"], case["organization"]["id"], task["id"], clock["id"]):
        assert secret not in "".join(texts) + str(seen)
