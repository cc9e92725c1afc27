"""A service of one case, in memory, on loopback: as much of the contract as the example client needs, with faults.

It answers through graphql-core and graphql/schema.graphql, so a wrong operation fails here as it would there.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from graphql import build_schema, graphql_sync

CHECKOUT = Path(__file__).resolve().parents[2]
KEY = "the-right-key"
RESERVE, CHARGES = 20, {"TEXT": 1, "IMAGE": 5, "AUDIO": 10, "VIDEO": 20}
TASK_FINISHED = {"__typename": "TaskFinished", "code": "TASK_FINISHED", "message": "The task has ended."}


@dataclass
class FakeTask:
    """A task and its documents: id to (status, mode)."""

    id: str
    order: Mapping[str, Any]
    name: str | None
    status: str = "RUNNING"
    charged: int = 0
    refunded: int = 0
    documents: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    @property
    def reserved(self) -> int:
        return int(self.order["documentCount"]) * RESERVE

    def number(self, status: str) -> int:
        return sum(outcome[0] == status for outcome in self.documents.values())

    def shown(self) -> dict[str, Any]:
        fields = ("kind", "scope", "mode", "activeFields", "documentCount")
        return {name: self.order[name] for name in fields} | {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "succeeded": self.number("SUCCEEDED"),
            "failed": self.number("FAILED"),
            "skipped": self.number("SKIPPED"),
            "pending": self.order["documentCount"] - len(self.documents),
            "reservedTokens": self.reserved,
            "chargedTokens": self.charged,
            "refundedTokens": self.refunded,
            "heldTokens": self.reserved - self.charged - self.refunded,
            "overageTokens": 0,
        }


class FakeService:
    """Use it as a context manager; `url` is its address.

    `faults`: what happens to the next calls, first to last: an HTTP status, "drop" (not even read), "lose" (done, but
    the answer is lost), or "" for nothing. `slowness`: seconds that each report takes.
    """

    case_id, case_uuid = "case_1", "7d5e2f0a-41c5-4c9b-9c0e-8f1f6a2b3c4d"

    def __init__(self, *, balance: int = 100_000, bulk_limit: int = 1_000) -> None:
        self.balance, self.bulk_limit = balance, bulk_limit
        self.tasks: list[FakeTask] = []
        self.ledger: list[dict[str, Any]] = []
        self.remembered: dict[tuple[str, str], tuple[str, FakeTask]] = {}
        self.called: list[str] = []
        self.faults: deque[int | str] = deque()
        self.slowness = 0.0
        self.page = 3
        self._lock = threading.Lock()
        self._schema = build_schema((CHECKOUT / "graphql" / "schema.graphql").read_text(encoding="utf-8"))
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}/graphql"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fault = service.faults.popleft() if service.faults else ""
                if fault == "drop":
                    return
                if isinstance(fault, int):
                    self.send(fault, {}, {"Retry-After": "7"})
                elif self.headers["Authorization"] != f"Bearer {KEY}":
                    self.send(401, {})
                else:
                    answer = service.answer(call)
                    if fault != "lose":
                        self.send(200, answer)

            def send(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
                payload = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(payload)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):  # the client was killed
                    self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def answer(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """The GraphQL response to one call."""
        with self._lock:
            result = graphql_sync(
                self._schema,
                call["query"],
                {
                    "case": self._case,
                    "task": lambda _, id: next((task.shown() for task in self.tasks if task.id == id), None),  # noqa: A006
                    "quote": self._quote,
                    "scanRates": self._rates,
                    "createTask": self._once("createTask", self._create),
                    "recordOutcomes": self._once("recordOutcomes", self._record),
                    "finishTask": self._once("finishTask", self._finish),
                },
                variable_values=call["variables"],
            )
        return dict(result.formatted)

    # ------------------------------------------------------------ reading

    def _case(self, _: object, id: str | None = None, uuid: str | None = None) -> dict[str, Any] | None:  # noqa: A002
        if (id, uuid) not in ((self.case_id, None), (None, self.case_uuid)):
            return None
        self.called.append("case")
        held = sum(task.shown()["heldTokens"] for task in self.tasks)
        return {
            "id": self.case_id,
            "uuid": self.case_uuid,
            "name": "Acme v. Road Runner",
            "status": "ACTIVE",
            "reservoir": {"balance": self.balance, "held": held, "cap": 100_000},
            "tasks": self._tasks,
            "ledger": self._ledger,
        }

    def _tasks(self, _: object, first: int, after: str | None = None, status: str | None = None) -> dict[str, Any]:
        return self._connection([t.shown() for t in self.tasks if status in (None, t.status)], first, after)

    def _ledger(self, _: object, first: int, **given: Any) -> dict[str, Any]:
        kinds, after = given.get("kinds"), given.get("after")
        return self._connection([e for e in reversed(self.ledger) if not kinds or e["kind"] in kinds], first, after)

    def _connection(self, nodes: list[dict[str, Any]], first: int, after: str | None) -> dict[str, Any]:
        start = int(after or 0)
        end = min(start + min(first, self.page), len(nodes))
        page = {"hasNextPage": end < len(nodes), "hasPreviousPage": start > 0, "endCursor": str(end)}
        return {"edges": [{"node": node, "cursor": ""} for node in nodes[start:end]], "pageInfo": page}

    def _quote(self, _: object, input: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
        self.called.append("quote")
        reserved = input["documentCount"] * RESERVE
        return {"reservedTokens": reserved, "overageTokens": 0, "blockedBy": self._blocked(input)}

    def _rates(self, _: object) -> list[dict[str, Any]]:
        modes = {"AUTO": (RESERVE, None)} | {mode: (charge, charge) for mode, charge in CHARGES.items()}
        card = [{"kind": "SCAN", "scope": "SINGLE", "mode": mode, "reserve": 0, "charge": 0} for mode in modes]
        for mode, (reserve, charge) in modes.items():
            card.append({"kind": "SCAN", "scope": "BULK", "mode": mode, "reserve": reserve, "charge": charge})
        return card

    def _blocked(self, order: Mapping[str, Any]) -> dict[str, Any] | None:
        number, required = order["documentCount"], order["documentCount"] * RESERVE
        prompt = {"minimumTier": "BUSINESS", "mayUpgrade": True}
        if number > self.bulk_limit:
            message = f"A bulk task may have {self.bulk_limit} documents."
            known = {"code": "BULK_LIMIT_EXCEEDED", "limit": self.bulk_limit}
            return {"__typename": "BulkLimitExceeded", "message": message, **known, **prompt}
        if required > self.balance:
            message = f"{required} tokens are needed and {self.balance} are free."
            known = {"required": required, "balance": self.balance, "missing": required - self.balance}
            return {
                "__typename": "InsufficientTokens",
                "code": "INSUFFICIENT_TOKENS",
                "message": message,
                **known,
                **prompt,
            }
        return None

    # ------------------------------------------------------------ changing

    def _once(self, mutation: str, change: Callable[[Mapping[str, Any]], Any]) -> Callable[..., dict[str, Any]]:
        """K1: a success is remembered with its input, a refusal is not."""

        def resolve(_: object, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
            self.called.append(mutation)
            key, content = (mutation, input["idempotencyKey"]), json.dumps(input, sort_keys=True)
            if key in self.remembered:
                known, task = self.remembered[key]
                if known != content:
                    message = "This key was used with another input."
                    return {"__typename": "IdempotencyConflict", "code": "IDEMPOTENCY_CONFLICT", "message": message}
            else:
                task = change(input)
                if not isinstance(task, FakeTask):
                    return dict(task)
                self.remembered[key] = content, task
            return {"__typename": "TaskSuccess", "task": task.shown()}

        return resolve

    def _create(self, input: Mapping[str, Any]) -> FakeTask | dict[str, Any]:  # noqa: A002
        if blocked := self._blocked(input["task"]):
            return blocked
        task = FakeTask(f"task_{len(self.tasks) + 1}", input["task"], input.get("name"))
        self.tasks.append(task)
        self._enter(task, "RESERVE", held=task.reserved, balance=-task.reserved)
        return task

    def _record(self, input: Mapping[str, Any]) -> FakeTask | dict[str, Any]:  # noqa: A002
        time.sleep(self.slowness)
        task = next(task for task in self.tasks if task.id == input["taskId"])
        if task.status != "RUNNING":
            return TASK_FINISHED
        new = {
            document: (group["status"], group.get("resolvedMode"))
            for group in input["outcomes"]
            for document in group["documentIds"]
            if document not in task.documents
        }
        modes = [mode for status, mode in new.values() if status == "SUCCEEDED"]
        others = [mode for status, mode in new.values() if status != "SUCCEEDED"]
        if None in modes or any(others) or len(task.documents) + len(new) > task.order["documentCount"]:
            message = "The outcomes do not fit the task."
            return {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "outcomes"}
        task.documents |= new
        charge = sum(CHARGES[mode] for mode in modes if mode)
        task.charged += charge
        self._enter(task, "CHARGE", held=-charge)
        self._refund(task, RESERVE * len(modes) - charge)
        return task

    def _finish(self, input: Mapping[str, Any]) -> FakeTask | dict[str, Any]:  # noqa: A002
        task = next(task for task in self.tasks if task.id == input["taskId"])
        if task.status not in ("RUNNING", input["end"]):
            return TASK_FINISHED
        self.finish(task, input["end"])
        return task

    def finish(self, task: FakeTask, end: str) -> None:
        """End a task and refund what it holds, as its client or somebody else would."""
        task.status = end
        self._refund(task, task.shown()["heldTokens"])

    def _refund(self, task: FakeTask, tokens: int) -> None:
        task.refunded += tokens
        self._enter(task, "REFUND", held=-tokens, balance=tokens)

    def _enter(self, task: FakeTask, kind: str, *, held: int, balance: int = 0) -> None:
        if not held:
            return
        self.balance += balance
        changes = {"heldChange": held, "balanceChange": balance, "provisionalOverageChange": 0}
        entry = {
            "sequence": len(self.ledger) + 1,
            "kind": kind,
            "task": task.shown(),
            "occurredAt": "2026-11-21T10:00:00+00:00",
        }
        self.ledger.append(entry | changes)
