"""Test clocks: cases that live in a time of their own, through everything that falls due in it (C10)."""

from typing import Any
from uuid import uuid4

import pytest

from app.services.ports import Ports
from app.services.verification import verify
from tests.api.conftest import Api, Json

JANUARY = "2026-01-31T10:00:00-05:00"
NOWHERE = "c0ffee00" * 4


async def on_clock(api: Api, tier: str | None = "PRO", *, now: str = JANUARY, **given: Any) -> tuple[Json, Json]:
    """A clock, and a new case on it, activated at its time unless the tier is None."""
    clock = await api.clock(now)
    if tier is None:
        return clock, await api.registered(testClockId=clock["id"], **given)
    return clock, await api.active(tier, testClockId=clock["id"], **given)


async def balance(api: Api, case: Json) -> int:
    found: int = (await api.state(case))["reservoir"]["balance"]
    return found


async def test_a_case_on_a_clock_lives_in_its_time(api: Api) -> None:
    clock, case = await on_clock(api)
    assert clock == {"id": clock["id"], "now": "2026-01-31T15:00:00+00:00"}
    assert case["testClock"] == clock
    assert case["activatedAt"] == "2026-01-31T15:00:00+00:00"
    assert case["reservoir"]["nextRefill"] == {"at": "2026-02-01T14:00:00+00:00", "tokens": 0}
    node = "query Q($id: ID!) { node(id: $id) { id __typename ... on TestClock { now } } }"
    assert await api.ask(node, id=clock["id"]) == {"node": {**clock, "__typename": "TestClock"}}
    moved = await api.advance(clock, "2026-02-01T08:00:00.5-05:00")
    assert moved == {"id": clock["id"], "now": "2026-02-01T13:00:00.500000+00:00"}
    assert (await api.state(case))["testClock"] == moved
    assert (await api.registered())["testClock"] is None


async def test_refills_add_what_fits_and_come_once_a_date(api: Api, ports: Ports) -> None:
    """L4: drained to 9,200, 500; then 300 to the cap; drained to 9,800, 200; full at 09:00, nothing until tomorrow."""
    clock, case = await on_clock(api)
    await api.drain(case, 800)
    await api.advance(clock, "2026-02-01T08:59:59-05:00")
    assert await balance(api, case) == 9_200
    await api.advance(clock, "2026-02-01T09:00:00-05:00")
    assert await balance(api, case) == 9_700
    await api.advance(clock, "2026-02-02T09:00:00-05:00")
    assert await balance(api, case) == 10_000
    await api.drain(case, 200)
    await api.advance(clock, "2026-02-03T09:00:00-05:00")
    assert await balance(api, case) == 10_000
    await api.advance(clock, "2026-02-03T09:05:00-05:00")
    await api.drain(case, 1_000)
    await api.advance(clock, "2026-02-04T08:59:59-05:00")
    assert await balance(api, case) == 9_000
    await api.advance(clock, "2026-02-04T09:00:00-05:00")
    assert await balance(api, case) == 9_500
    refills = [edge["node"] for edge in (await api.state(case))["ledger"]["edges"]]
    dated = [(e["occurredAt"][:16], e["balanceChange"], e["actor"]) for e in refills if e["kind"] == "DAILY_REFILL"]
    assert dated == [
        ("2026-02-04T14:00", 500, "scheduler"),
        ("2026-02-03T14:00", 200, "scheduler"),
        ("2026-02-02T14:00", 300, "scheduler"),
        ("2026-02-01T14:00", 500, "scheduler"),
    ]
    assert (await verify(ports)).differences == []


async def test_cycles_end_on_the_anchor_day_without_drifting(api: Api) -> None:
    """C1: activated on 31 January, they end on 28 February, 31 March and 30 April."""
    clock, case = await on_clock(api)
    ends = []
    for to in ("2026-02-27T12:00:00-05:00", "2026-03-01T00:00:00-05:00", "2026-04-01T00:00:00-04:00"):
        await api.advance(clock, to)
        ends.append((await api.state(case))["subscription"]["currentCycle"]["endsAt"])
    assert ends == ["2026-02-28T05:00:00+00:00", "2026-03-31T04:00:00+00:00", "2026-04-30T04:00:00+00:00"]
    state = await api.state(case)
    assert [(edge["node"]["kind"], edge["node"]["at"]) for edge in state["timeline"]["edges"]] == [
        ("RENEWED", "2026-03-31T04:00:00+00:00"),
        ("RENEWED", "2026-02-28T05:00:00+00:00"),
        ("ACTIVATED", "2026-01-31T15:00:00+00:00"),
    ]
    assert {edge["node"]["actor"] for edge in state["timeline"]["edges"][:2]} == {"scheduler"}
    assert state["ledger"]["totalCount"] == 1, "a renewal changes no balance (L5)"


async def test_a_task_without_a_report_is_abandoned_on_the_clock(api: Api) -> None:
    """T6: 24 hours after its creation, and its tokens come back before the refill looks at the tank (C10)."""
    clock, case = await on_clock(api)
    task = await api.task(case, "TEXT", 600)
    assert await balance(api, case) == 9_400
    await api.advance(clock, "2026-02-01T09:59:59-05:00")
    assert (await api.state(case))["tasks"]["edges"][0]["node"]["status"] == "RUNNING"
    await api.advance(clock, "2026-02-01T10:00:00-05:00")
    state = await api.state(case)
    assert (state["tasks"]["edges"][0]["node"]["status"], state["reservoir"]["balance"]) == ("ABANDONED", 10_000)
    assert (await api.finish(task))["__typename"] == "TaskFinished"


async def test_a_long_jump_is_the_same_as_many_small_ones(api: Api) -> None:
    """C10: every date is included, whatever the step."""
    told = []
    for step in (1, 3, 40):
        clock, case = await on_clock(api)
        await api.drain(case, 9_000)
        for day in range(step, 41, step):
            date = f"2026-02-{day:02}" if day <= 28 else f"2026-03-{day - 28:02}"
            await api.advance(clock, f"{date}T12:00:00-05:00")
        await api.advance(clock, "2026-03-12T12:00:00-05:00")
        state = await api.state(case)
        entries = [edge["node"] for edge in state["ledger"]["edges"]]
        told.append([(e["kind"], e["balanceChange"], e["occurredAt"]) for e in entries if e["task"] is None])
        told[-1].append((state["subscription"]["currentCycle"], state["reservoir"]["balance"], ""))
    assert told[0] == told[1] == told[2]
    assert len(told[0]) == 20  # 18 refills of 500 from 1,000 to the cap, the fill, and the state


async def test_cases_of_one_clock_move_together_and_others_stand(api: Api) -> None:
    clock, first = await on_clock(api)
    second = await api.active("STARTER", testClockId=clock["id"])
    _, other = await on_clock(api)
    real = await api.active()
    await api.advance(clock, "2026-03-01T12:00:00-05:00")
    states = [await api.state(case) for case in (first, second, other, real)]
    assert [state["timeline"]["totalCount"] for state in states] == [2, 2, 1, 1]
    assert [state["testClock"] and state["testClock"]["now"] for state in states] == [
        "2026-03-01T17:00:00+00:00",
        "2026-03-01T17:00:00+00:00",
        "2026-01-31T15:00:00+00:00",
        None,
    ]


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("2026-01-31T09:59:59-05:00", "A test clock only goes forward, and this instant lies behind it."),
        ("2080-01-31T10:00:00-05:00", "A test clock goes from 2000 to 2199, at most 50 years in one call."),
        ("9999-12-31T10:00:00-05:00", "A test clock goes from 2000 to 2199, at most 50 years in one call."),
    ],
)
async def test_a_clock_goes_forward_and_not_without_end(api: Api, to: str, message: str) -> None:
    clock, case = await on_clock(api)
    before = await api.state(case)
    refused = await api.change("advanceTestClock", id=clock["id"], to=to)
    assert refused == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "to"}
    assert await api.state(case) == before


async def test_an_advance_to_where_the_clock_stands_changes_nothing(api: Api) -> None:
    clock, case = await on_clock(api)
    before = await api.state(case)
    assert await api.advance(clock, JANUARY) == clock
    assert await api.state(case) == before


@pytest.mark.parametrize("now", ["1999-12-31T00:00:00Z", "2201-01-01T00:00:00Z"])
async def test_a_clock_begins_within_its_range(api: Api, now: str) -> None:
    refused = await api.change("createTestClock", now=now)
    assert (refused["__typename"], refused["field"]) == ("InvalidInput", "now")


@pytest.mark.parametrize("no_clock", ["", "clock_", f"clock_{NOWHERE}", f"case_{NOWHERE}", "x" * 300])
async def test_what_is_no_clock_is_none(api: Api, no_clock: str) -> None:
    refused = await api.change("advanceTestClock", id=no_clock, to=JANUARY)
    assert refused["__typename"] == "NotFound"
    given = {"uuid": str(uuid4()), "name": "Roe", "organizationNuixId": "1", "organizationName": "Firm"}
    refused = await api.change("registerCase", portalUrl="https://p.example.com", testClockId=no_clock, **given)
    message = "There is no such test clock."
    assert refused == {
        "__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "testClockId"
    }  # fmt: skip
    assert await api.ask("query Q($id: ID!) { node(id: $id) { id } }", id=no_clock) == {"node": None}
