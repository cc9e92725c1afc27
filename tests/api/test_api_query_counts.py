"""How many SQL statements an operation may issue, however long the lists are that it answers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy import event

from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from app.storage.database import Database
from tests.api.conftest import (
    CASE,
    ENTRY,
    EVENT,
    MONTH,
    PAGE_INFO,
    PREVIEW,
    QUOTE,
    RESULTS,
    SUBSCRIPTION,
    TASK,
    Api,
    Json,
    group,
    input_of,
    registration,
)
from tests.api.test_api_months import live_to_june
from tests.stage import Clock, new_viewer


class CountingDatabase(Database):
    """Keeps the statements that its connections carry, whichever way they came."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        statements = self.statements = list[str]()

        class Connection(psycopg.AsyncConnection[tuple[Any, ...]]):
            async def execute(self, query: Any, *values: Any, **options: Any) -> psycopg.AsyncCursor[tuple[Any, ...]]:
                if query:  # an empty one only asks whether the connection still lives
                    statements.append(str(query))
                return await super().execute(query, *values, **options)

        self._hot.connection_class = self._reads.connection_class = Connection
        event.listen(self._engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.statements.append(statement)


@dataclass
class Scene:
    """A case of three months, six tasks and a dozen entries, among others of its organization."""

    api: Api
    statements: list[str]
    case: Json
    new: Json
    task: Json
    entry: Json

    @property
    def names(self) -> Json:
        """What stands for the capitals in the operations below."""
        return {
            "CASE": self.case["id"],
            "NEW": self.new["id"],
            "TASK": self.task["id"],
            "ENTRY": self.entry["id"],
            "ORGANIZATION": self.case["organization"]["id"],
        }


@pytest.fixture(scope="module")
async def scene(shared_url: str) -> AsyncIterator[Scene]:
    database = CountingDatabase(shared_url)
    clock = Clock(datetime(2026, 3, 3, 15, 0, tzinfo=UTC))
    ports = Ports(database, clock, test_clocks=True)
    transport = httpx2.ASGITransport(app=build_app(ports, Settings()))
    await database.open()
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
        api = Api(client, (await new_viewer(ports))[1])
        case = await api.active()
        for _ in range(4):
            await api.active(organization=case["organization"]["nuixId"])
        await live_to_june(api, clock, case)
        clock.pass_(days=1)
        tasks = [await api.task(case, "TEXT", 3) for _ in range(6)]
        for task in tasks[:5]:
            await api.report(task, group("SUCCEEDED", "a", "b"))
        await api.finish(tasks[0])
        state = await api.state(case)
        new = await api.registered()
        yield Scene(api, database.statements, case, new, tasks[5], state["ledger"]["edges"][0]["node"])
    await database.close()


def mutation(name: str, /, **given: Any) -> tuple[str, Json]:
    query = f"mutation M($input: {input_of(name)}!) {{ result: {name}(input: $input) {{ {RESULTS[name]} }} }}"
    return query, {"input": {"idempotencyKey": name, **given}}


TASK_INPUT = {"caseId": "CASE", "kind": "SCAN", "scope": "BULK", "mode": "TEXT", "documentCount": 2}
MONTHS = f"months(first: 12) {{ edges {{ node {{ {MONTH} }} }} {PAGE_INFO} }}"
LEDGER = f"ledger(first: 100) {{ edges {{ node {{ {ENTRY} }} }} {PAGE_INFO} }}"
TASKS = f"tasks(first: 100) {{ edges {{ node {{ {TASK} }} }} {PAGE_INFO} }}"
TIMELINE = f"timeline(first: 100) {{ edges {{ node {{ {EVENT} }} }} {PAGE_INFO} }}"
OF_A_CASE = "query Q($id: ID!) { case(id: $id) { %s } }"
NODE = "query Q($id: ID!) { node(id: $id) { id __typename } }"
MANY_TASKS = "query Q($id: ID!) {" + " ".join(f"t{number}: task(id: $id) {{ {TASK} }}" for number in range(20)) + "}"

# The caller's key is looked for in each: 1. A hot step is 1 more, and so is any object, page, or count of a list. What
# has a price looks whether its key was paid: 1; what changes status or plan ends the checkouts that it overtakes: 1.
OPERATIONS: dict[str, tuple[tuple[str, Json], int]] = {
    "createTask": (mutation("createTask", task=TASK_INPUT), 2),
    "createTask again": (mutation("createTask", task=TASK_INPUT), 2),
    "recordOutcomes": (
        mutation("recordOutcomes", taskId="TASK", outcomes=[group("SUCCEEDED", "a"), group("FAILED", "b")]),
        2,
    ),
    "finishTask": (mutation("finishTask", taskId="TASK", end="COMPLETED"), 2),
    "registerCase": (mutation("registerCase", **registration()), 6),
    "activateCase": (mutation("activateCase", caseId="NEW", tier="PRO", paymentMethod="CARD"), 19),
    "upgradePlan": (mutation("upgradePlan", caseId="NEW", tier="BUSINESS"), 19),
    "scheduleDowngrade": (mutation("scheduleDowngrade", caseId="NEW", tier="PRO"), 13),
    "cancelScheduledDowngrade": (mutation("cancelScheduledDowngrade", caseId="NEW"), 13),
    "buyTokens": (mutation("buyTokens", caseId="NEW", tokens=1), 13),
    "deactivateCase": (mutation("deactivateCase", caseId="NEW"), 18),
    "reactivateCase": (mutation("reactivateCase", caseId="NEW", tier="PRO", paymentMethod="CARD"), 19),
    "createTestClock": (mutation("createTestClock", now="2026-03-03T15:00:00Z"), 2),
    "updateCaseSettings": (mutation("updateCaseSettings", caseId="CASE", overageEnabled=False), 8),
    "quote": ((QUOTE, {"input": TASK_INPUT}), 2),
    "a case": ((OF_A_CASE % CASE, {"id": "CASE"}), 2),
    "a case's subscription": ((OF_A_CASE % SUBSCRIPTION, {"id": "CASE"}), 3),
    "a case's timeline": ((OF_A_CASE % TIMELINE, {"id": "CASE"}), 4),
    "a preview": ((PREVIEW, {"case": "CASE", "tier": "BUSINESS"}), 3),
    "a case's month": ((OF_A_CASE % f"month {{ {MONTH} }}", {"id": "CASE"}), 3),
    "a case's months": ((OF_A_CASE % MONTHS, {"id": "CASE"}), 4),
    "a case's ledger with the tasks of its entries": ((OF_A_CASE % LEDGER, {"id": "CASE"}), 5),
    "a case's tasks": ((OF_A_CASE % TASKS, {"id": "CASE"}), 4),
    "all of a case": ((OF_A_CASE % (CASE + MONTHS + LEDGER + TASKS), {"id": "CASE"}), 9),
    "cases": ((f"{{ cases(first: 100) {{ edges {{ node {{ {CASE} }} }} {PAGE_INFO} }} }}", {}), 3),
    "a task": ((f"query Q($id: ID!) {{ task(id: $id) {{ {TASK} }} }}", {"id": "TASK"}), 2),
    "one task twenty times": ((MANY_TASKS, {"id": "TASK"}), 2),
    "node of a case": ((NODE, {"id": "CASE"}), 2),
    "node of a task": ((NODE, {"id": "TASK"}), 2),
    "node of an entry": ((NODE, {"id": "ENTRY"}), 3),
    "node of an organization": ((NODE, {"id": "ORGANIZATION"}), 2),
    "plans and rates": (("{ plans { tier } scanRates { kind } }", {}), 1),
}


def filled(given: Any, names: Json) -> Any:
    """The variables with names instead of capitals."""
    if isinstance(given, dict):
        return {key: filled(value, names) for key, value in given.items()}
    return names.get(given, given) if isinstance(given, str) else given


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_issues_no_more_statements_than_it_may(operation: str, scene: Scene) -> None:
    (query, variables), most = OPERATIONS[operation]
    before = len(scene.statements)
    data = await scene.api.ask(query, **filled(variables, scene.names))
    issued = scene.statements[before:]
    assert all(data.values()), data
    assert "message" not in data.get("result", {}), data  # which every refusal has
    assert len(issued) <= most, issued


async def test_a_longer_list_takes_no_more_statements(scene: Scene) -> None:
    """The table above would not tell a statement for each row from a large allowance."""
    counts = []
    for first in (1, 100):
        before = len(scene.statements)
        query = (OF_A_CASE % (MONTHS + LEDGER + TASKS + TIMELINE)).replace("first: 100", f"first: {first}")
        await scene.api.ask(query.replace("first: 12", f"first: {first}"), id=scene.case["id"])
        counts.append(len(scene.statements) - before)
    assert counts[0] == counts[1]
