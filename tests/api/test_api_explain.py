"""Every figure of the API can be asked for its formula, its terms and its entries (L1, C5, C6, A2)."""

from decimal import Decimal
from typing import Any

from app.domain.callers import Role
from tests.api.conftest import Api, Caller, Json, group
from tests.api.test_api_test_clocks import on_clock

EXPLAIN = """query Q(
    $case: ID!, $figure: Figure!, $month: Month, $line: ID, $invoice: ID, $first: Int, $after: String
) {
    explain(caseId: $case, figure: $figure, month: $month, invoiceLineId: $line, invoiceId: $invoice) {
        figure value currency english: formula french: formula(locale: FR)
        terms { value label french: label(locale: FR) }
        entries(first: $first, after: $after) {
            edges { node { sequence kind overageChange } cursor } pageInfo { hasNextPage endCursor } totalCount
        }
    }
}"""
LINES = """query Q($id: ID!) { case(id: $id) {
    invoices { edges { node { id total { amount } lines { id kind } } } } } }"""


async def explained(api: Api, case: Json, figure: str, **asked: Any) -> Json:
    found: Json = (await api.ask(EXPLAIN, case=case["id"], figure=figure, **asked))["explain"]
    return found


async def with_overage(api: Api) -> Json:
    """C6: a balance of 60, 100 documents of which 70 succeed; a month later it has been renewed."""
    clock, case = await on_clock(api, "STARTER", overage=True)
    await api.drain(case, 940)
    task = await api.task(case, "TEXT", 100)
    await api.report(task, group("SUCCEEDED", *(f"document {number}" for number in range(70))))
    await api.finish(task)
    await api.advance(clock, "2026-02-28T00:00:00-05:00")
    return case


async def test_counts_are_explained_in_both_languages_with_their_entries(api: Api) -> None:
    case = await with_overage(api)
    balance = await explained(api, case, "BALANCE")
    assert (balance["value"], balance["currency"]) == ("0", None)
    assert [(term["label"], term["value"]) for term in balance["terms"]] == [
        ("Fill on activation", "1000"), ("Reserves", "-1000"),
    ]  # fmt: skip
    overage = await explained(api, case, "OVERAGE", month="2026-01")
    assert (overage["value"], overage["english"]) == (
        "10",
        "Overage, January\u00a02026. Every token charged beyond the reservoir in the cycles that began in the month. "
        "It is part of the total. 10",
    )
    assert overage["terms"] == [{"value": "10", "label": "Text scan", "french": "Analyse de texte"}]
    assert [edge["node"]["overageChange"] for edge in overage["entries"]["edges"]] == [10]
    assert overage["entries"]["totalCount"] == 1


async def test_entries_are_paged(api: Api) -> None:
    case = await with_overage(api)
    seen, after = [], None
    while True:
        page = (await explained(api, case, "HELD", first=2, after=after))["entries"]
        seen += [edge["node"]["sequence"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == page["totalCount"] == len(set(seen))
    assert seen == sorted(seen, reverse=True)


async def test_lines_and_totals_of_invoices_are_explained_by_their_ids(api: Api) -> None:
    case = await with_overage(api)
    renewal = (await api.ask(LINES, id=case["id"]))["case"]["invoices"]["edges"][0]["node"]
    line = next(line for line in renewal["lines"] if line["kind"] == "OVERAGE")
    overage = await explained(api, case, "INVOICE_LINE", line=line["id"])
    assert (overage["value"], overage["currency"]) == ("1.00", "CAD")
    assert overage["english"].endswith("10 ×\u00a0$0.10 =\u00a0$1.00")
    assert overage["french"].endswith("10 ×\u00a00,10\u00a0$ =\u00a01,00\u00a0$")
    assert [edge["node"]["overageChange"] for edge in overage["entries"]["edges"]] == [10]
    total = await explained(api, case, "INVOICE_TOTAL", invoice=renewal["id"])
    assert total["value"] == renewal["total"]["amount"] == "50.00"
    assert sum(Decimal(term["value"]) for term in total["terms"]) == Decimal("50.00")
    assert total["entries"] == {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}, "totalCount": 0}


async def test_money_is_refused_to_members_and_everything_to_strangers(api: Api, caller: Caller) -> None:
    """A2."""
    case = await with_overage(api)
    invoice = (await api.ask(LINES, id=case["id"]))["case"]["invoices"]["edges"][0]["node"]
    member, admin = await caller(Role.MEMBER, case), await caller(Role.CASE_ADMIN, case)
    stranger = await caller(Role.ORG_ADMIN, await api.registered())
    for figure, asked in (
        ("INVOICE_LINE", {"line": invoice["lines"][0]["id"]}), ("INVOICE_TOTAL", {"invoice": invoice["id"]}),
    ):  # fmt: skip
        assert (await explained(admin, case, figure, **asked))["value"]
        assert (await member.failure(EXPLAIN, case=case["id"], figure=figure, **asked))[0] == "FORBIDDEN"
    assert (await explained(member, case, "CONSUMED"))["value"] == "0"
    assert (await stranger.failure(EXPLAIN, case=case["id"], figure="CONSUMED"))[0] == "NOT_FOUND"


async def test_what_does_not_exist_is_not_found(api: Api) -> None:
    case, other = await api.active(), await api.active()
    line = (await api.ask(LINES, id=other["id"]))["case"]["invoices"]["edges"][0]["node"]["lines"][0]["id"]
    asked = [
        {"figure": "INVOICE_LINE"}, {"figure": "INVOICE_LINE", "line": "line"},
        {"figure": "INVOICE_LINE", "line": line},
        {"figure": "INVOICE_TOTAL", "invoice": case["id"]}, {"figure": "GRANTED", "month": "2020-01"},
    ]  # fmt: skip
    for each in asked:
        assert (await api.failure(EXPLAIN, case=case["id"], **each))[0] == "NOT_FOUND", each
    assert (await api.failure(EXPLAIN, case="case", figure="BALANCE"))[0] == "NOT_FOUND"
