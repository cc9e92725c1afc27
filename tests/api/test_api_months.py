"""Months of a case: what was used in the cycles that began in them (C4, C5)."""

from datetime import UTC, datetime

from tests.api.conftest import MONTH, PAGE_INFO, Api, Json, group
from tests.stage import Clock

QUERY = f"query Q($id: ID!, $month: Month) {{ case(id: $id) {{ month(month: $month) {{ {MONTH} }} }} }}"
ALL = f"""query Q($id: ID!, $first: Int, $after: String) {{ case(id: $id) {{ months(first: $first, after: $after) {{
    edges {{ cursor node {{ {MONTH} }} }} {PAGE_INFO} }} }} }}"""


async def month_of(api: Api, case: Json, month: str | None = None) -> Json | None:
    found: Json | None = (await api.ask(QUERY, id=case["id"], month=month))["case"]["month"]
    return found


async def live_to_june(api: Api, clock: Clock, case: Json) -> None:
    """From 3 March: Business from the 20th to 9 April, no plan until 3 May, then Pro, whose first cycle ends on 3 June.

    The service's time is then the evening before.
    """
    for day, mutation, given in (
        ((3, 20), "upgradePlan", {"tier": "BUSINESS"}),
        ((4, 10), "deactivateCase", {}),
        ((5, 3), "reactivateCase", {"tier": "PRO", "paymentMethod": "CARD"}),
    ):
        clock.now = datetime(2026, *day, 4, tzinfo=UTC)
        assert (await api.change(mutation, caseId=case["id"], **given))["__typename"] == "CaseSuccess"
    clock.now = datetime(2026, 6, 2, 22, tzinfo=UTC)


async def test_a_case_that_was_never_activated_has_no_month(api: Api) -> None:
    case = await api.registered()
    assert await month_of(api, case) is None
    assert await month_of(api, case, "2026-03") is None


async def test_the_first_month_begins_with_the_activation(api: Api) -> None:
    """C1, C5: 3 March 10:00 to 3 April 00:00 in New York, daylight saving in between, holds 30 refills."""
    case = await api.active("PRO")
    assert await month_of(api, case) == {
        "month": "2026-03",
        "startsAt": "2026-03-03T15:00:00+00:00",
        "endsAt": "2026-04-03T04:00:00+00:00",
        "cycles": [
            {
                "startsAt": "2026-03-03T15:00:00+00:00",
                "endsAt": "2026-04-03T04:00:00+00:00",
                "tier": "PRO",
                "month": "2026-03",
            }
        ],
        "highestTier": "PRO",
        "planTokens": 10_000 + 30 * 500,
        "grantedTokens": 10_000,
        "consumedTokens": 0,
        "overageTokens": 0,
        "byCategory": [],
        "previous": None,
        "next": None,
    }


async def test_an_unlimited_month_has_no_plan_tokens_and_counts_all_the_same(api: Api) -> None:
    """L7."""
    case = await api.active("ENTERPRISE")
    task = await api.task(case, "VIDEO", 3)
    await api.report(task, group("SUCCEEDED", "a", "b"))
    month = await month_of(api, case)
    assert month is not None
    assert (month["planTokens"], month["grantedTokens"], month["consumedTokens"]) == (None, 0, 40)


async def test_a_month_is_that_of_new_york(api: Api, clock: Clock) -> None:
    """C4: 1 April 03:59 UTC is still March there."""
    clock.now = datetime(2026, 4, 1, 3, 59, tzinfo=UTC)
    march = await month_of(api, await api.active("PRO"))
    clock.pass_(minutes=1)
    april = await month_of(api, await api.active("PRO"))
    assert march is not None
    assert april is not None
    assert (march["month"], march["endsAt"]) == ("2026-03", "2026-04-30T04:00:00+00:00")
    assert (april["month"], april["endsAt"]) == ("2026-04", "2026-05-01T04:00:00+00:00")


async def test_categories_sum_to_the_consumption_largest_first(api: Api) -> None:
    """Equals in the order of the enum; what is zero is left out."""
    case = await api.active("BUSINESS")
    scan = await api.task(case, "AUTO", 20)
    await api.report(
        scan,
        group("SUCCEEDED", *map(str, range(10)), mode="TEXT"),
        group("SUCCEEDED", "i", "j", mode="IMAGE"),
        group("SUCCEEDED", "v", mode="VIDEO"),
        group("FAILED", "f"),
    )
    codes = await api.task(case, "AUDIO", 1, kind="MULTI_CODE", scope="SINGLE", activeFields=4)
    await api.report(codes, group("SUCCEEDED", "a"))
    month = await month_of(api, case)
    assert month is not None
    parts = [(part["category"], part["tokens"]) for part in month["byCategory"]]
    assert parts == [("VIDEO_SCAN", 20), ("MULTI_CODE", 13), ("TEXT_SCAN", 10), ("IMAGE_SCAN", 10)]
    assert month["consumedTokens"] == 53
    assert abs(sum(part["share"] for part in month["byCategory"]) - 1) < 1e-12


async def test_months_know_their_neighbours_and_skip_what_holds_no_cycle(api: Api, clock: Clock) -> None:
    """C4: March has two cycles and the higher tier; charges count where they are settled."""
    case = await api.active("PRO")
    task = await api.task(case, "TEXT", 10)
    await api.report(task, group("SUCCEEDED", "a"))
    await api.finish(task)
    await live_to_june(api, clock, case)
    task = await api.task(case, "TEXT", 10)
    clock.now = datetime(2026, 6, 3, 5, tzinfo=UTC)
    await api.report(task, group("SUCCEEDED", "b", "c"))
    march, april, may, june = [await month_of(api, case, f"2026-0{number}") for number in (3, 4, 5, 6)]
    assert april is None
    assert march is not None
    assert may is not None
    assert june == await month_of(api, case)
    assert june is not None
    assert [(m["previous"], m["next"]) for m in (march, may, june)] == [
        (None, "2026-05"),
        ("2026-03", "2026-06"),
        ("2026-05", None),
    ]
    assert [cycle["tier"] for cycle in march["cycles"]] == ["PRO", "BUSINESS"]
    assert (march["highestTier"], march["startsAt"], march["endsAt"]) == (
        "BUSINESS", "2026-03-03T15:00:00+00:00", "2026-04-10T04:00:00+00:00",
    )  # fmt: skip
    # 16 refills of Pro, 4 to 19 March (04:00 UTC is midnight), and 21 of Business, 20 March to 9 April.
    assert march["planTokens"] == 10_000 + 16 * 500 + 50_000 + 21 * 7_500
    assert [m["consumedTokens"] for m in (march, may, june)] == [1, 0, 2]
    listed = (await api.ask(ALL, id=case["id"]))["case"]["months"]
    assert [edge["node"] for edge in listed["edges"]] == [june, may, march]
    assert listed["totalCount"] == 3
    walked: list[Json] = []
    after = None
    for has_next in (True, True, False):
        found = (await api.ask(ALL, id=case["id"], first=1, after=after))["case"]["months"]
        walked += [edge["node"] for edge in found["edges"]]
        assert found["pageInfo"]["hasNextPage"] is has_next
        after = found["pageInfo"]["endCursor"]
    assert walked == [june, may, march]
    kinds = """query Q($id: ID!, $m: Month) { case(id: $id) { ledger(month: $m) { edges { node { kind } } } } }"""
    entries = [(await api.ask(kinds, id=case["id"], m=f"2026-0{m}"))["case"]["ledger"]["edges"] for m in range(3, 7)]
    assert [[edge["node"]["kind"] for edge in reversed(month)] for month in entries] == [
        ["ACTIVATION_FILL", "RESERVE", "CHARGE", "REFUND", "UPGRADE_FILL", "DEACTIVATION_CLEAR"],
        [],
        ["REACTIVATION_FILL", "RESERVE"],
        ["CHARGE"],
    ]
