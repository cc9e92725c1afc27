"""Clients that reserve, report and finish at random, over services or HTTP, and never leave a question open."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx2

from app.domain.callers import Viewer
from app.domain.ids import NodeId, parse_id
from app.domain.outcomes import DocumentStatus, OutcomeGroup
from app.domain.rates import ScanMode, TaskKind, TaskScope
from app.domain.tasks import Task, TaskEnd, TaskRequest
from app.services import tasks
from app.services.ports import Ports
from app.storage.database import DatabaseUnavailable
from tests.faults.fault_history import DONE, MODES, Answer, Create, Door, Finish, History, Operation, Report, Unknown

OPERATIONS = Path(__file__).parents[2] / "graphql" / "operations"
PATIENCE = 60.0
"""Seconds after which a client stops asking again: the service has not come back."""

_STATUSES = {"f": "FAILED", "s": "SKIPPED"}


def groups_of(report: Report) -> dict[tuple[str, str | None], list[str]]:
    """Documents by status and resolved mode."""
    groups: dict[tuple[str, str | None], list[str]] = {}
    for document, letter in report.outcomes.items():
        groups.setdefault((_STATUSES.get(letter, "SUCCEEDED"), MODES.get(letter)), []).append(document)
    return groups


@dataclass
class ServiceDoor:
    """The services themselves."""

    ports: Ports
    viewer: Viewer

    async def send(self, operation: Operation) -> Answer:
        try:
            result = await self._call(operation)
        except DatabaseUnavailable as outage:
            raise Unknown from outage
        return Answer(DONE, result.number) if isinstance(result, Task) else Answer(type(result).__name__)

    async def _call(self, operation: Operation) -> object:
        match operation:
            case Create():
                task = TaskRequest(TaskKind.SCAN, TaskScope.BULK, ScanMode(operation.mode), operation.documents)
                return await tasks.create_task(
                    self.ports, self.viewer, key=operation.key, case_uuid=operation.case, task=task
                )
            case Report(task=(case, number)):
                outcomes = [
                    OutcomeGroup(DocumentStatus(status), None if mode is None else ScanMode(mode), documents)
                    for (status, mode), documents in groups_of(operation).items()
                ]
                return await tasks.record_outcomes(
                    self.ports, self.viewer, key=operation.key, case_uuid=case, number=number, outcomes=outcomes
                )
            case Finish(task=(case, number)):
                return await tasks.finish_task(
                    self.ports, self.viewer, key=operation.key, case_uuid=case, number=number,
                    end=TaskEnd(operation.end),
                )  # fmt: skip


@dataclass
class HttpDoor:
    """The service over HTTP. A lost connection and a 503 are unknown; a 503 must say when to come back."""

    client: httpx2.AsyncClient
    url: str

    async def send(self, operation: Operation) -> Answer:
        name, variables = self._words(operation)
        query = (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
        try:
            response = await self.client.post(self.url, json={"query": query, "variables": {"input": variables}})
        except httpx2.TransportError as error:
            raise Unknown from error
        if response.status_code == 503:
            assert response.headers["Retry-After"] == "1"
            raise Unknown
        assert response.status_code == 200, response.text
        result = next(iter(response.json()["data"].values()))
        if result["__typename"] != "TaskSuccess":
            return Answer(result["__typename"])
        task = parse_id(result["task"]["id"])
        assert task is not None
        return Answer(DONE, task.number)

    def _words(self, operation: Operation) -> tuple[str, dict[str, Any]]:
        key = {"idempotencyKey": operation.key}
        match operation:
            case Create():
                case = str(NodeId("case", operation.case))
                count = operation.documents
                task = {"caseId": case, "kind": "SCAN", "scope": "BULK", "mode": operation.mode, "documentCount": count}
                return "create_task", {**key, "task": task}
            case Report(task=(uuid, number)):
                outcomes = [
                    {"status": status, "documentIds": documents} | ({} if mode is None else {"resolvedMode": mode})
                    for (status, mode), documents in groups_of(operation).items()
                ]
                return "record_outcomes", {**key, "taskId": str(NodeId("task", uuid, number)), "outcomes": outcomes}
            case Finish(task=(uuid, number)):
                return "finish_task", {**key, "taskId": str(NodeId("task", uuid, number)), "end": operation.end}


@dataclass
class Client:
    """Runs tasks, one after another, and writes down what it was told."""

    name: str
    door: Door
    history: History
    random: Random

    async def perform(self, operation: Operation) -> Answer:
        """Asks until it knows. Now and then it asks again though it knows, as a nervous client does."""
        answer = await self._ask(operation)
        if answer.word == DONE and self.random.random() < 0.1:
            assert await self._ask(operation) == answer
        self.history.answers.append((operation, answer))
        return answer

    async def _ask(self, operation: Operation) -> Answer:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.door.send(operation)
            except Unknown:
                assert time.monotonic() < deadline, "the service did not come back"
                self.history.unknown += 1
                await asyncio.sleep(0.05)

    async def run_task(self, cases: Sequence[UUID], number: int) -> None:
        """One task from its creation to its end, or to its middle: some are left running."""
        random = self.random
        case, documents = random.choice(cases), random.randint(1, 30)
        create = Create(case, f"{self.name} {number} create", "AUTO", documents)
        created = await self.perform(create)
        if created.word != DONE:
            return
        task = case, created.number
        left = [f"doc {i}" for i in range(documents)]
        for part in range(random.randint(0, 3)):
            told, left = left[: documents // 3 + 1], left[documents // 3 + 1 :]
            if told:
                outcomes = {document: random.choice("fstiav") for document in told}
                await self.perform(Report(task, f"{self.name} {number} report {part}", outcomes))
        if random.random() < 0.9:
            end = random.choice(["COMPLETED", "CANCELLED"])
            await self.perform(Finish(task, f"{self.name} {number} finish", end))
