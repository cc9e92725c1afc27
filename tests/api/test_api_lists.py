"""Lists by keyset: every row once, whatever is added meanwhile; cursors of other lists are recognised."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from app.domain.callers import Role
from tests.api.conftest import FRENCH, PAGE_INFO, Api, Caller, Json, group

CASES = f"""query Cases($first: Int, $after: String, $search: String, $status: CaseStatus) {{
    list: cases(first: $first, after: $after, search: $search, status: $status) {{
        edges {{ cursor node {{ id name status }} }} {PAGE_INFO} }} }}"""
TASKS = f"""query Tasks($id: ID!, $first: Int, $after: String, $status: TaskStatus) {{ case(id: $id) {{
    list: tasks(first: $first, after: $after, status: $status) {{
        edges {{ cursor node {{ id status }} }} {PAGE_INFO} }} }} }}"""
LEDGER = f"""query Ledger($id: ID!, $first: Int, $after: String, $kinds: [LedgerEntryKind!], $month: Month) {{
    case(id: $id) {{ list: ledger(first: $first, after: $after, kinds: $kinds, month: $month) {{
        edges {{ cursor node {{ id sequence kind category balanceAfter }} }} {PAGE_INFO} }} }} }}"""
MONTHS = f"""query Months($id: ID!, $first: Int, $after: String) {{ case(id: $id) {{
    list: months(first: $first, after: $after) {{ edges {{ cursor node {{ month }} }} {PAGE_INFO} }} }} }}"""
OF_A_CASE = {"tasks": TASKS, "ledger": LEDGER, "months": MONTHS}


async def page(api: Api, query: str, **given: Any) -> Json:
    data = await api.ask(query, **given)
    found: Json = (data.get("case") or data)["list"]
    return found


def nodes(found: Json) -> list[Json]:
    return [edge["node"] for edge in found["edges"]]


async def walk(api: Api, query: str, size: int, between: Callable[[], Awaitable[Any]], **given: Any) -> list[Json]:
    """All pages, with something added after each; what pageInfo says is checked on the way."""
    seen: list[Json] = []
    after = None
    while True:
        found = await page(api, query, first=size, after=after, **given)
        seen += nodes(found)
        info, cursors = found["pageInfo"], [edge["cursor"] for edge in found["edges"]]
        assert info["hasPreviousPage"] == (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        if not info["hasNextPage"]:
            return seen
        assert len(cursors) == size
        after = info["endCursor"]
        await between()


@pytest.mark.parametrize("size", [1, 3, 7, 20])
async def test_pages_of_tasks_and_entries_have_no_gaps_and_no_repeats_while_rows_are_added(api: Api, size: int) -> None:
    """Newest first: what is added while one walks comes before where one began."""
    case = await api.active("PRO")
    first = [await api.task(case) for _ in range(7)]
    seen = await walk(api, TASKS, size, lambda: api.task(case), id=case["id"])
    assert [task["id"] for task in seen] == [task["id"] for task in reversed(first)]
    start = (await page(api, LEDGER, id=case["id"], first=1))["edges"][0]["node"]["sequence"]
    entries = await walk(api, LEDGER, size, lambda: api.task(case), id=case["id"])
    assert [entry["sequence"] for entry in entries] == list(range(start, 0, -1))


@pytest.mark.parametrize("size", [1, 2, 20])
async def test_pages_of_cases_have_no_gaps_and_no_repeats_while_cases_are_added(
    api: Api, caller: Caller, size: int
) -> None:
    organization = str(uuid4())
    cases = [await api.registered(organization=organization) for _ in range(5)]
    viewer = await caller(Role.MEMBER, cases[0])
    seen = await walk(viewer, CASES, size, lambda: api.registered(organization=organization))
    assert [case["id"] for case in seen] == [case["id"] for case in reversed(cases)]


async def test_a_page_holds_20_unless_told_and_the_total_counts_all(api: Api) -> None:
    case = await api.active("PRO")
    for _ in range(21):
        await api.task(case)
    for query, total in ((TASKS, 21), (LEDGER, 22)):
        found = await page(api, query, id=case["id"])
        assert (len(found["edges"]), found["totalCount"], found["pageInfo"]["hasNextPage"]) == (20, total, True)
        rest = await page(api, query, id=case["id"], after=found["pageInfo"]["endCursor"])
        assert (len(rest["edges"]), rest["totalCount"], rest["pageInfo"]["hasNextPage"]) == (total - 20, total, False)
        assert len((await page(api, query, id=case["id"], first=100))["edges"]) == total


async def test_an_empty_page_has_no_cursors(api: Api) -> None:
    case = await api.registered()
    for query in OF_A_CASE.values():
        assert await page(api, query, id=case["id"]) == {
            "edges": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
            "totalCount": 0,
        }


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
@pytest.mark.parametrize("query", [CASES, *OF_A_CASE.values()], ids=["cases", *OF_A_CASE])
async def test_a_page_has_1_to_100_rows(api: Api, query: str, first: int) -> None:
    given = {"first": first, **({"id": (await api.registered())["id"]} if "$id" in query else {})}
    assert await api.failure(query, **given) == ("INVALID_INPUT", "Ask for 1 to 100 entries at a time.")
    french = ("INVALID_INPUT", "Demandez de 1 à 100 éléments à la fois.")
    assert await api.failure(query, **given, language=FRENCH) == french


@pytest.mark.parametrize("name", ["cases", *OF_A_CASE])
async def test_a_cursor_of_another_list_or_case_is_refused(api: Api, name: str) -> None:
    cases = [await api.active("PRO") for _ in range(2)]
    for case in cases:
        await api.task(case)
    query = OF_A_CASE.get(name, CASES)
    given = {"id": cases[0]["id"]} if name in OF_A_CASE else {}
    wrong = {"", "x", "x" * 2**20, "2026-13", "MQ==", cases[0]["organization"]["id"]}
    for case in cases:
        for other, listed in OF_A_CASE.items():
            cursors = {edge["cursor"] for edge in (await page(api, listed, id=case["id"]))["edges"]}
            # A month is the same month in every case.
            fitting = other == name and (case is cases[0] or name == "months")
            wrong |= set() if fitting else cursors
    wrong |= {case["id"] for case in cases if name != "cases"}
    assert len(wrong) >= 9
    for after in wrong:
        told = await api.failure(query, **given, after=after)
        assert told == ("INVALID_INPUT", "This is not a cursor of this list."), after
    french = ("INVALID_INPUT", "Ce n’est pas un curseur de cette liste.")
    assert await api.failure(query, **given, after="x", language=FRENCH) == french


async def test_a_foreign_case_as_cursor_tells_no_more_than_an_unknown_one(api: Api, caller: Caller) -> None:
    """A2: what you may not see does not exist."""
    own = await api.registered()
    foreign = await api.registered()
    viewer = await caller(Role.ORG_ADMIN, own)
    unknown = await page(viewer, CASES, after=f"case_{uuid4().hex}")
    assert await page(viewer, CASES, after=foreign["id"]) == unknown
    assert unknown["edges"] == []


async def test_tasks_are_filtered_by_status(api: Api) -> None:
    case = await api.active("PRO")
    tasks = {status: [await api.task(case) for _ in range(2)] for status in ("RUNNING", "COMPLETED", "CANCELLED")}
    for status in ("COMPLETED", "CANCELLED"):
        for task in tasks[status]:
            await api.finish(task, status)
    for status in ("RUNNING", "COMPLETED", "CANCELLED", "ABANDONED"):
        found = await page(api, TASKS, id=case["id"], status=status)
        expected = [task["id"] for task in reversed(tasks.get(status, []))]
        assert found["totalCount"] == len(expected)
        assert [task["id"] for task in nodes(found)] == expected


async def test_the_ledger_is_filtered_by_kinds(api: Api) -> None:
    case = await api.active("PRO")
    task = await api.task(case, "AUTO", 2)
    await api.report(task, group("SUCCEEDED", "a", mode="TEXT"), group("SUCCEEDED", "b", mode="IMAGE"))
    for kinds, expected in {
        ("CHARGE",): [4, 3],
        ("REFUND", "ACTIVATION_FILL"): [5, 1],
        ("DAILY_REFILL", "PURCHASE"): [],
        (): [],
        ("RESERVE", "RESERVE"): [2],
    }.items():
        found = await page(api, LEDGER, id=case["id"], kinds=list(kinds))
        assert [entry["sequence"] for entry in nodes(found)] == expected
        assert found["totalCount"] == len(expected)
    assert (await page(api, LEDGER, id=case["id"], kinds=None))["totalCount"] == 5


async def test_the_ledger_is_filtered_by_month(api: Api) -> None:
    case = await api.active("PRO")
    for month, expected in (("2026-03", 1), ("2026-02", 0), ("0001-01", 0), ("9999-12", 0)):
        assert (await page(api, LEDGER, id=case["id"], month=month))["totalCount"] == expected
    for wrong in ("2026-3", "2026-00", "2026-13", "0000-01", "", 202603):
        assert (await api.failure(LEDGER, id=case["id"], month=wrong))[0] == "BAD_USER_INPUT"


NAMES = ["100% of it", "1000 of it", "a_b", "axb", "back\\slash", "backslash", "Éric / Cie", "eric", "[a-z]", "'; --"]


SEARCHES = {
    "%": ["100% of it"],
    "100%": ["100% of it"],
    "_": ["a_b"],
    "A_B": ["a_b"],
    "\\": ["back\\slash"],
    "k\\s": ["back\\slash"],
    "\\s": ["back\\slash"],
    "/": ["Éric / Cie"],
    "éric": ["Éric / Cie"],
    "ERIC": ["eric"],
    "of it": ["1000 of it", "100% of it"],
    "[a-z]": ["[a-z]"],
    "'": ["'; --"],
    "": NAMES[::-1],
    "x" * 255: [],
}


async def test_cases_are_searched_by_every_character_of_the_text(api: Api, caller: Caller) -> None:
    organization = str(uuid4())
    cases = [await api.registered(organization=organization, name=name) for name in NAMES]
    viewer = await caller(Role.MEMBER, cases[0])
    for search, found in SEARCHES.items():
        result = await page(viewer, CASES, search=search)
        assert ([case["name"] for case in nodes(result)], result["totalCount"]) == (found, len(found)), search
    for search in ("x" * 256, "x" * 2**20):
        told = await viewer.failure(CASES, search=search)
        assert told == ("INVALID_INPUT", "This text must have 1 to 255 characters.")


async def test_cases_are_filtered_by_status(api: Api, caller: Caller) -> None:
    organization = str(uuid4())
    waiting = await api.registered(organization=organization)
    active = await api.active("PRO", organization=organization)
    viewer = await caller(Role.MEMBER, active)
    for status, expected in (("ACTIVE", [active]), ("NOT_ACTIVATED", [waiting]), ("DEACTIVATED", [])):
        result = await page(viewer, CASES, status=status)
        assert ([case["id"] for case in nodes(result)], result["totalCount"]) == (
            [case["id"] for case in expected],
            len(expected),
        )
    assert (await page(viewer, CASES, status=None))["totalCount"] == 2
