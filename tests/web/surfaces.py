"""The figures of a case as GraphQL answers them and as its ledger sums to them, to hold the pages against."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.services.ports import Ports
from tests.api.conftest import ENTRY, MONTH, RESERVOIR, TASK, Api, Json
from tests.web.page_reader import (
    EntryFigures,
    Figures,
    MonthFigures,
    ReceiptLine,
    TankFigures,
    TaskFigures,
    read_entries,
)
from tests.web.page_walk import pages
from tests.web.person import Person

Row = Any
CASE = f"query Q($uuid: UUID!) {{ case(uuid: $uuid) {{ status {RESERVOIR} }} }}"
LIST = """query Q($uuid: UUID!, $after: String) { case(uuid: $uuid) {
    page: %s(first: %d, after: $after) { edges { node { %s } } pageInfo { hasNextPage endCursor } } } }"""
LISTS = {"months": LIST % ("months", 12, MONTH), "tasks": LIST % ("tasks", 100, f"number: id {TASK}"),
         "ledger": LIST % ("ledger", 100, ENTRY)}  # fmt: skip
GRANTS = ("ACTIVATION_FILL", "REACTIVATION_FILL", "UPGRADE_FILL", "DAILY_REFILL")


async def figures_of_graphql(api: Api, uuid: UUID) -> Figures:
    case = (await api.ask(CASE, uuid=str(uuid)))["case"]
    lists = {name: await _all(api, query, uuid) for name, query in LISTS.items()}
    running = [task for task in lists["tasks"] if task["status"] == "RUNNING"]
    in_tank: Counter[str] = Counter()
    for entry in lists["ledger"]:
        if entry["task"] is not None:
            in_tank[entry["task"]["id"]] += entry["heldChange"]
    tank, refill = case["reservoir"], case["reservoir"]["nextRefill"]
    holding = sum(tokens > 0 for tokens in in_tank.values())
    seen = TankFigures(
        tank["balance"], tank["cap"], tank["held"], holding or len(running),
        None if refill is None else refill["tokens"],
    )  # fmt: skip
    total = len(lists["tasks"])
    return Figures(
        tank=seen if case["status"] == "ACTIVE" else None,
        months=tuple(map(_month, lists["months"])),
        tasks=tuple(_task(task, total - place) for place, task in enumerate(lists["tasks"])),
        entries=tuple(map(_entry, lists["ledger"])),
    )


async def _all(api: Api, query: str, uuid: UUID) -> list[Json]:
    """Every node of a list, newest first."""
    nodes: list[Json] = []
    after = None
    while True:
        page = (await api.ask(query, uuid=str(uuid), after=after))["case"]["page"]
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes
        after = page["pageInfo"]["endCursor"]


def _month(month: Json) -> MonthFigures:
    parts = tuple((part["category"], part["tokens"]) for part in month["byCategory"])
    return MonthFigures(
        month["month"],
        month["consumedTokens"],
        month["planTokens"],
        month["overageTokens"],
        month["highestTier"],
        parts,
    )


def _task(task: Json, number: int) -> TaskFigures:
    names = (
        "succeeded",
        "failed",
        "skipped",
        "pending",
        "reservedTokens",
        "chargedTokens",
        "refundedTokens",
        "heldTokens",
    )
    return TaskFigures(number, task["status"], tuple(task[name] for name in names))


def _entry(entry: Json) -> EntryFigures:
    names = ("sequence", "balanceChange", "balanceAfter", "heldChange", "heldAfter")
    return EntryFigures(*(entry[name] for name in names))


async def entries_of(ports: Ports, uuid: UUID) -> Sequence[Row]:
    """The ledger as it is stored, with the month of each entry's cycle."""
    query = (
        "select e.*, to_char(c.month, 'YYYY-MM') as month from ledger_entries e join cases k using (case_id) "
        "join cycles c on c.case_id = e.case_id and c.number = e.cycle_number where k.uuid = :uuid order by sequence"
    )
    async with ports.database.writing() as connection:
        return (await connection.execute(text(query), {"uuid": uuid})).all()


def check_sums(figures: Figures, rows: Sequence[Row]) -> None:
    """L1: tank, months and tasks are nothing but sums of entries, in which an unlimited balance counts as 0 (L7)."""
    tank = figures.tank
    if tank is None or tank.balance is not None:
        assert (tank.balance if tank else 0) == sum(row.balance_change or 0 for row in rows)
    assert (tank.held if tank else 0) == sum(row.held_change for row in rows)
    for month in figures.months:
        of_month = [row for row in rows if row.month == month.month]
        categories: Counter[str] = Counter()
        for row in of_month:
            if row.kind == "CHARGE":
                categories[row.category] += charged(row)
        assert dict(month.by_category) == categories
        assert month.total == categories.total()
        assert month.overage == sum(row.overage_change for row in of_month)
    for task in figures.tasks:
        of_task = [row for row in rows if row.task_number == task.number]
        held = sum(row.held_change + row.provisional_change for row in of_task)
        assert task.counts[4:] == (_sum(of_task, "RESERVE"), _sum(of_task, "CHARGE"), _sum(of_task, "REFUND"), held)


def charged(row: Row) -> int:
    """T3: from what the task held, in the tank or beyond it."""
    return int(-row.held_change - row.provisional_change)


def _sum(rows: Iterable[Row], kind: str) -> int:
    return sum(abs(charged(row)) for row in rows if row.kind == kind)


async def check_receipt(
    person: Person, language: str, task: TaskFigures, lines: list[ReceiptLine], rows: Sequence[Row]
) -> None:
    """T3, T5: reserved = charged + refunded + held, the parts are the refund, and entries say each of them."""
    documents = sum(task.counts[:4])
    reserved, charged_, refunded, held = task.counts[4:]
    if not reserved:
        assert not lines
        return
    of_kind: dict[str, list[ReceiptLine]] = defaultdict(list)
    for line in lines:
        of_kind[line.kind].append(line)
    assert [line.tokens for line in of_kind["reserved"]] == [reserved]
    assert of_kind["reserved"][0].label == (documents, reserved // documents)
    assert sum(line.tokens for line in of_kind["charged"]) == -charged_
    assert [line.tokens for line in of_kind["held"]] == ([-held] if task.status == "RUNNING" else [])
    assert [line.tokens for line in of_kind["refunded"]] == [refunded]
    assert sum(line.tokens for line in lines if line.kind in ("reserved", "charged", "held")) == refunded
    assert sum(line.tokens for line in of_kind["part"]) == refunded
    for line in (*of_kind["reserved"], *of_kind["charged"], *of_kind["part"]):
        await _check_entries(person, language, line, lines, {row.sequence: row for row in rows})


async def _check_entries(
    person: Person, language: str, line: ReceiptLine, lines: list[ReceiptLine], rows: dict[int, Row]
) -> None:
    """The entries that a line names make its tokens, or those of all lines that name the same."""
    assert line.href is not None
    if "#e-" in line.href:
        named = list(line.entries)
        assert line.href == f"{person.home}/ledger?before={named[0] + 1}#e-{named[0]}"
    else:
        opened = [entry async for page in pages(person, line.href, language) for entry in read_entries(page, language)]
        named = [entry.sequence for entry in opened]
        assert line.entries == (min(named), max(named)), (line, named)
    tokens = sum(abs(charged(rows[sequence])) for sequence in named)
    assert tokens == sum(abs(other.tokens) for other in lines if other.entries == line.entries), (line, named)
