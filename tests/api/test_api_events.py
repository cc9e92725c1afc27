"""`Events.reservoirChanged`: one event per ledger entry, live and replayed, over both transports."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.domain.callers import Role
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.keys import list_keys, revoke_key
from app.services.organizations import find_by_nuix_id
from app.services.ports import Ports
from app.storage.database import Database
from tests.api.conftest import PORTAL, RESERVOIR, Api, Caller, Json, group
from tests.api.streaming import WITHIN, events, served, socket, streamed
from tests.stage import Clock, new_viewer

QUERY = f"""subscription S($case: ID!, $after: BigInt) {{
    reservoirChanged(caseId: $case, afterSequence: $after) {{ sequence {RESERVOIR} }}
}}"""

Answers = AsyncGenerator[Json]
Watch = Callable[..., AbstractAsyncContextManager[Answers]]


@pytest.fixture(scope="module")
async def live(shared_url: str) -> AsyncIterator[str]:
    """The service over a port, on the same database as the one that the tests change."""
    clock = Clock(datetime(2026, 3, 3, 15, 0, tzinfo=UTC))
    app = build_app(Ports(Database(shared_url), clock, test_clocks=True), Settings())
    app.state.streams.heartbeat = app.state.streams.judged_every = 0.2
    async with served(app) as url:
        yield url


def key_of(api: Api) -> str:
    return api.headers["Authorization"].removeprefix("Bearer ")


async def by_sse(url: str, key: str, variables: Json) -> Answers:
    async with streamed(url, QUERY, variables, key=key) as response, aclosing(events(response)) as told:
        async for name, data in told:
            if name == "next":
                yield data


async def by_socket(url: str, key: str, variables: Json) -> Answers:
    async with socket(url, key=key) as client:
        await client.subscribe("1", QUERY, **variables)
        while (message := await client.receive())["type"] != "complete":
            payload = message["payload"]
            yield {"errors": payload} if message["type"] == "error" else payload


@pytest.fixture(params=[by_sse, by_socket])
def watch(request: pytest.FixtureRequest, live: str) -> Watch:
    """Opens a subscription to the reservoir of a case."""

    @asynccontextmanager
    async def watching(api: Api, case_id: str, after: int | None = None) -> AsyncIterator[Answers]:
        async with aclosing(request.param(live, key_of(api), {"case": case_id, "after": after})) as answers:
            yield answers

    return watching


async def following(answers: Answers, count: int) -> list[Json]:
    """The next events."""
    seen = []
    async with asyncio.timeout(WITHIN):
        for _ in range(count):
            answer = await anext(answers)
            assert "errors" not in answer, answer
            seen.append(answer["data"]["reservoirChanged"])
    return seen


async def code(answers: Answers) -> Any:
    """Of the error that is all there is."""
    async with asyncio.timeout(WITHIN):
        [error] = (await anext(answers))["errors"]
    return error["extensions"]["code"]


def told(event: Json) -> tuple[int, int | None, int]:
    return event["sequence"], event["reservoir"]["balance"], event["reservoir"]["held"]


async def entries(api: Api, case: Json) -> list[tuple[int, int | None, int]]:
    """What the ledger holds, oldest first."""
    page = (await api.state(case))["ledger"]["edges"]
    return [(e["node"]["sequence"], e["node"]["balanceAfter"], e["node"]["heldAfter"]) for e in reversed(page)]


async def test_the_present_comes_first_and_then_every_entry(api: Api, watch: Watch) -> None:
    case = await api.active()
    async with watch(api, case["id"]) as answers:
        [first] = await following(answers, 1)
        assert first == {"sequence": 1, "reservoir": case["reservoir"]}
        task = await api.task(case, "AUTO", 4)
        await api.report(task, group("SUCCEEDED", "a", mode="TEXT"), group("SUCCEEDED", "b", mode="IMAGE"))
        await api.finish(task)
        seen = await following(answers, 5)
    assert [told(event) for event in seen] == (await entries(api, case))[1:]
    assert seen[-1]["reservoir"] == (await api.state(case))["reservoir"]


async def test_a_case_without_entries_begins_at_zero(api: Api, watch: Watch) -> None:
    case = await api.registered()
    async with watch(api, case["id"]) as answers:
        assert await following(answers, 1) == [{"sequence": 0, "reservoir": case["reservoir"]}]
        await api.change("activateCase", caseId=case["id"], tier="STARTER", paymentMethod="CARD")
        assert [told(event) for event in await following(answers, 1)] == [(1, 1_000, 0)]


async def test_a_replay_has_every_entry_in_its_order(api: Api, watch: Watch) -> None:
    """More entries than are read at once; of a replayed event only balance and held are of its time."""
    case = await api.active("STARTER")
    for _ in range(11):  # so many at once wait for each other no longer than the service lets them
        await asyncio.gather(*(api.task(case, "TEXT", 1) for _ in range(20)))
    await api.change("upgradePlan", caseId=case["id"], tier="PRO")
    present = (await api.state(case))["reservoir"]
    async with watch(api, case["id"], 0) as answers:
        seen = await following(answers, 222)
        assert [told(event) for event in seen[:221]] == [(n + 1, 1_000 - n, n) for n in range(221)]
        assert told(seen[221]) == (222, 10_000 - 220, 220)
        for event in seen:
            assert event["reservoir"] == {**present, "balance": told(event)[1], "held": told(event)[2]}
        await api.task(case, "TEXT", 5)
        assert [told(event) for event in await following(answers, 1)] == [(223, 9_775, 225)]


async def test_whoever_comes_back_goes_on_where_it_was(api: Api, watch: Watch) -> None:
    case = await api.active()
    last, seen = 0, []
    for _ in range(3):
        async with watch(api, case["id"], last) as answers:
            await asyncio.gather(*(api.task(case) for _ in range(4)))
            seen += await following(answers, 3)
        last = seen[-1]["sequence"]
    assert [told(event) for event in seen] == (await entries(api, case))[:9]


async def test_nothing_is_missed_beside_many_changes_at_once(api: Api, watch: Watch) -> None:
    case = await api.active("STARTER")

    async def life() -> None:
        task = await api.task(case, "TEXT", 2)
        await api.report(task, group("SUCCEEDED", "a"))
        await api.finish(task)

    async with watch(api, case["id"], 0) as answers:
        work = asyncio.gather(*(life() for _ in range(24)))
        seen = await following(answers, 1 + 24 * 3)
        await work
    assert [told(event) for event in seen] == (await entries(api, case))[:73]


async def test_an_unlimited_reservoir_has_no_balance(api: Api, watch: Watch) -> None:
    case = await api.active("ENTERPRISE")
    async with watch(api, case["id"]) as answers:
        await following(answers, 1)
        await api.task(case, "TEXT", 7)
        [event] = await following(answers, 1)
    assert (event["reservoir"]["balance"], event["reservoir"]["held"], event["reservoir"]["fill"]) == (None, 7, None)


async def test_a_case_on_a_clock_tells_its_refills(api: Api, watch: Watch) -> None:
    clock = await api.clock("2026-01-31T10:00:00-05:00")
    case = await api.active(testClockId=clock["id"])
    await api.drain(case, 800)
    async with watch(api, case["id"], (await entries(api, case))[-1][0]) as answers:
        await api.advance(clock, "2026-02-05T12:00:00-05:00")
        seen = await following(answers, 2)
    assert [event["reservoir"]["balance"] for event in seen] == [9_700, 10_000]
    assert seen[-1]["reservoir"]["nextRefill"]["at"] == "2026-02-06T14:00:00+00:00"


async def test_a_foreign_case_does_not_exist(api: Api, caller: Caller, watch: Watch) -> None:
    """A2, for each kind of id too."""
    case = await api.active()
    task = await api.task(case)
    member, stranger = await caller(Role.MEMBER, case), await caller(Role.ORG_ADMIN, await api.registered())
    async with watch(member, case["id"]) as answers:
        assert told((await following(answers, 1))[0]) == (2, 9_999, 1)
    nowhere = f"case_{uuid4().hex}"
    for asking, case_id in ((stranger, case["id"]), (api, nowhere), (api, task["id"]), (api, ""), (api, case["uuid"])):
        async with watch(asking, case_id) as answers:
            assert await code(answers) == "NOT_FOUND"


@pytest.mark.parametrize("after", [-1, 2, 2**53 - 1])
async def test_an_entry_that_is_not_there_is_no_place_to_begin(api: Api, watch: Watch, after: int) -> None:
    case = await api.active()
    async with watch(api, case["id"], after) as answers:
        assert await code(answers) == "INVALID_INPUT"


async def test_a_revoked_key_hears_no_more(api: Api, live: str, ports: Ports) -> None:
    case = await api.active()
    [organization] = await find_by_nuix_id(ports, case["organization"]["nuixId"], PORTAL)
    viewer, key = await new_viewer(ports, Role.MEMBER, organization.organization_id)
    async with aclosing(by_sse(live, key, {"case": case["id"]})) as answers:
        await following(answers, 1)
        [made] = [known.api_key_id for known in await list_keys(ports) if known.caller == viewer.name]
        assert await revoke_key(ports, made)
        assert await code(answers) == "UNAUTHENTICATED"
        async with asyncio.timeout(WITHIN):
            assert [answer async for answer in answers] == []


@pytest.mark.parametrize("after", ["1", 1.5, True])
async def test_a_sequence_that_is_no_whole_number_is_refused(api: Api, watch: Watch, after: Any) -> None:
    case = await api.active()
    async with watch(api, case["id"], after) as answers:
        assert await code(answers) == "BAD_USER_INPUT"
