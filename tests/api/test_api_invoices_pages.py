"""Lists of invoices: their order, their pages, their limits, and how many statements they take."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
import pytest

from app.domain.callers import Role
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.api.conftest import PAGE_INFO, Api, Caller, Json
from tests.api.test_api_invoices import INVOICE, invoices
from tests.api.test_api_invoices_monthly import NODE, contracted
from tests.api.test_api_query_counts import CountingDatabase
from tests.stage import Clock, new_viewer

LIST = f"invoices(first: $first, after: $after) {{ edges {{ cursor node {{ id number status }} }} {PAGE_INFO} }}"
OF_CASE = f"query Q($id: ID!, $first: Int, $after: String) {{ list: case(id: $id) {{ {LIST} }} }}"
ON_ORGANIZATION = f"... on Organization {{ {LIST} }}"
OF_ORGANIZATION = f"query Q($id: ID!, $first: Int, $after: String) {{ list: node(id: $id) {{ {ON_ORGANIZATION} }} }}"


async def page(api: Api, query: str, of: Json, first: int | None = None, after: str | None = None) -> Json:
    found: Json = (await api.ask(query, id=of["id"], first=first, after=after))["list"]["invoices"]
    return found


async def walk(api: Api, query: str, of: Json, first: int) -> list[str | None]:
    """The numbers, page by page."""
    numbers, after, total = list[str | None](), None, None
    while True:
        found = await page(api, query, of, first, after)
        numbers += [edge["node"]["number"] for edge in found["edges"]]
        assert found["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert total in (None, found["totalCount"])
        total, after = found["totalCount"], found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            assert len(numbers) == total
            return numbers


async def a_month(api: Api, ports: Ports) -> tuple[list[Json], Json]:
    """Two cases invoiced together and one by card, on a clock at the instant at which all are renewed."""
    clock, cases = await contracted(api, ports, "A", "B")
    by_card = await api.active(organization=cases[0]["organization"]["nuixId"], testClockId=clock["id"])
    await api.advance(clock, "2026-04-01T00:00:00-04:00")
    return cases, by_card


@pytest.mark.parametrize("first", [1, 2, 3, 100])
async def test_pages_hold_every_invoice_once_what_waits_before_the_latest_number(
    api: Api, ports: Ports, first: int
) -> None:
    """Number 2, that of the card's renewal, and number 3, that of the month, are issued at the same instant (C10)."""
    [case, _], by_card = await a_month(api, ports)
    assert await walk(api, OF_ORGANIZATION, case["organization"], first) == [None, "3", "2", "1"]
    assert await walk(api, OF_CASE, case, first) == [None, "3"]
    assert await walk(api, OF_CASE, by_card, first) == ["2", "1"]


async def test_a_page_without_a_number_holds_twenty(api: Api) -> None:
    case = await api.active()
    for _ in range(20):
        await api.change("buyTokens", caseId=case["id"], tokens=1)
    found = await page(api, OF_CASE, case)
    assert (len(found["edges"]), found["totalCount"], found["pageInfo"]["hasNextPage"]) == (20, 21, True)


async def test_what_is_no_place_in_a_list_is_refused(api: Api, ports: Ports) -> None:
    """Somebody else's invoice and one that does not exist alike."""
    [case, other], by_card = await a_month(api, ports)
    foreign = await api.active()
    places = {
        "organization": (await page(api, OF_ORGANIZATION, case["organization"]))["pageInfo"]["endCursor"],
        "case": (await page(api, OF_CASE, case))["pageInfo"]["endCursor"],
        "other case": (await page(api, OF_CASE, other))["pageInfo"]["endCursor"],
        "card": (await page(api, OF_CASE, by_card))["pageInfo"]["endCursor"],
        "foreign": (await page(api, OF_CASE, foreign))["pageInfo"]["endCursor"],
        "nowhere": f"invoice_{'0' * 32}",
        "no invoice": case["id"],
        "nothing": "",
    }
    allowed = {OF_CASE: {"case"}, OF_ORGANIZATION: {"organization", "card"}}
    for query, of in ((OF_CASE, case), (OF_ORGANIZATION, case["organization"])):
        for name, after in places.items():
            body = (await api.post(query, {"id": of["id"], "after": after})).json()
            refused = [error["extensions"]["code"] for error in body.get("errors", [])]
            assert refused == ([] if name in allowed[query] else ["INVALID_INPUT"]), name
    for first in (0, 101):
        assert (await api.failure(OF_CASE, id=case["id"], first=first))[0] == "INVALID_INPUT"


async def test_whoever_sees_no_money_gets_null_whatever_they_ask_for(api: Api, caller: Caller) -> None:
    case = await api.active()
    member = await caller(Role.MEMBER, case)
    for query, of in ((OF_CASE, case), (OF_ORGANIZATION, case["organization"])):
        assert (await member.ask(query, id=of["id"]))["list"]["invoices"] is None


async def test_lists_of_invoices_within_lists_of_cases_have_a_limit(api: Api) -> None:
    await api.active()
    of_a_case = f"invoices(first: %s) {{ edges {{ node {{ {INVOICE} }} }} }}"
    query = f"{{ cases(first: %s) {{ edges {{ node {{ {of_a_case} }} }} }} }}"
    assert (await api.post(query % (5, 10))).status_code == 200
    assert (await api.failure(query % (100, 100)))[0] == "QUERY_TOO_COSTLY"


@dataclass
class Scene:
    """Statements that were issued, and two cases of an organization with an invoice of ten lines each."""

    api: Api
    statements: list[str]
    case: Json


@pytest.fixture(scope="module")
async def scene(shared_url: str) -> AsyncIterator[Scene]:
    database = CountingDatabase(shared_url)
    ports = Ports(database, Clock(datetime(2026, 3, 3, 15, 0, tzinfo=UTC)), test_clocks=True)
    transport = httpx2.ASGITransport(app=build_app(ports, Settings()))
    await database.open()
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
        api = Api(client, (await new_viewer(ports))[1])
        clock, cases = await contracted(api, ports, "A", "B", "C")
        for case in cases:
            for _ in range(5):
                await api.change("buyTokens", caseId=case["id"], tokens=1)
        await api.advance(clock, "2026-06-15T00:00:00-04:00")
        yield Scene(api, database.statements, cases[0])
    await database.close()


LINES = f"edges {{ node {{ {INVOICE} }} }} {PAGE_INFO}"
# The caller's key, and the case or organization: 2. A page of invoices and its lines: 2 in a transaction, its bounds
# included 4, with a cursor 5; the cases of all lines 1, the count 1.
OPERATIONS = {
    "invoices of a case": (f"query Q($case: ID!) {{ case(id: $case) {{ invoices(first: %s) {{ {LINES} }} }} }}", 7),
    "invoices of an organization": (
        "query Q($organization: ID!) { node(id: $organization) { ... on Organization { "
        f"invoices(first: %s) {{ {LINES} }} }} }} }}",
        8,
    ),
    "an invoice": (NODE.replace("$id", "$invoice"), 6),
    "a pending checkout": ("query Q($case: ID!) { case(id: $case) { id pendingCheckout { url } } }", 3),
}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_issues_no_more_statements_than_it_may(operation: str, scene: Scene) -> None:
    """However many invoices, lines and cases there are in it."""
    query, most = OPERATIONS[operation]
    case = scene.case
    [latest, *_] = await invoices(scene.api, case)
    names = {"case": case["id"], "organization": case["organization"]["id"], "invoice": latest["id"]}
    counts = []
    for first in (1, 100):
        before = len(scene.statements)
        asked = query % first if "%s" in query else query
        data = await scene.api.ask(asked, **{name: value for name, value in names.items() if f"${name}:" in asked})
        assert all(data.values()), data
        counts.append(len(scene.statements) - before)
    assert counts[0] == counts[1]
    assert counts[0] <= most, scene.statements[-counts[0] :]
