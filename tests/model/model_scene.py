"""One case in a model, with everything that a test does not care about filled in."""

from datetime import UTC, datetime, timedelta

from tests.model.model import Model
from tests.model.model_case import Case
from tests.model.model_input_faults import Group
from tests.model.model_results import Quote, Refusal, Result, Success
from tests.model.model_snapshot import Snapshot, TaskSeen

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


class Scene:
    """An active case A, looked at from `now`; every command has a key of its own unless one is given."""

    def __init__(self, tier: str = "STARTER", *, overage: bool = False, now: datetime = NOON) -> None:
        self.model = Model()
        self.now = now
        self.keys = 0
        self.model.register(case="A", at=now, caller="client", key=self._key())
        self.model.activate(case="A", tier=tier, at=now, caller="client", key=self._key())
        self.set_overage(overage)

    @property
    def case(self) -> Case:
        return self.model.cases["A"]

    @property
    def seen(self) -> Snapshot:
        return self.model.snapshot("A")

    def task(self, number: int) -> TaskSeen:
        return self.seen.tasks[number - 1]

    def last_entries(self, count: int) -> list[tuple[str, int | None, int, int, int, str | None]]:
        """Kind, then the changes of balance, held, provisional overage and overage, then the category."""
        return [
            (e.kind, e.balance_change, e.held_change, e.provisional_change, e.overage_change, e.category)
            for e in self.seen.entries[-count:]
        ]

    def wait(self, **pause: int) -> None:
        self.now += timedelta(**pause)

    def set_overage(self, on: bool) -> None:
        self.model.set_settings(case="A", overage=on, auto_upgrade=None, at=self.now, caller="client", key=self._key())

    def leave_balance(self, tokens: int) -> None:
        """Reserve the rest with a bulk text scan that goes on for ever."""
        spare = (self.case.balance or 0) - tokens
        if spare:
            self.create(spare, "TEXT")

    def create(
        self,
        documents: int,
        mode: str,
        *,
        kind: str = "SCAN",
        scope: str = "BULK",
        fields: int = 1,
        key: str | None = None,
        caller: str = "client",
    ) -> Result:
        return self.model.create_task(
            case="A",
            kind=kind,
            scope=scope,
            mode=mode,
            documents=documents,
            fields=fields,
            name=None,
            at=self.now,
            caller=caller,
            key=key or self._key(),
        )

    def created(self, documents: int, mode: str, *, kind: str = "SCAN", scope: str = "BULK", fields: int = 1) -> int:
        """The number of a task that must be accepted."""
        answer = self.create(documents, mode, kind=kind, scope=scope, fields=fields)
        assert isinstance(answer, Success)
        assert answer.task is not None
        return answer.task

    def refused(self, documents: int, mode: str, *, kind: str = "SCAN", scope: str = "BULK") -> Refusal:
        """The refusal of a task that must be refused, by creation and quote alike."""
        answer = self.create(documents, mode, kind=kind, scope=scope)
        quote = self.quote(documents, mode, kind=kind, scope=scope)
        assert isinstance(answer, Refusal)
        assert isinstance(quote, Quote)
        assert quote.blocked_by == answer
        return answer

    def quote(self, documents: int, mode: str, *, kind: str = "SCAN", scope: str = "BULK") -> Result:
        return self.model.quote(case="A", kind=kind, scope=scope, mode=mode, documents=documents, fields=1, at=self.now)

    def report(self, task_number: int, *groups: Group, key: str | None = None) -> Result:
        return self.model.record_outcomes(
            case="A", task_number=task_number, groups=groups, at=self.now, caller="client", key=key or self._key()
        )

    def succeed(self, task_number: int, count: int) -> None:
        """Report the first `count` documents of a task without AUTO as succeeded."""
        answer = self.report(task_number, ("SUCCEEDED", None, [f"document {n}" for n in range(count)]))
        assert isinstance(answer, Success)

    def finish(self, task_number: int, end: str = "COMPLETED") -> Result:
        return self.model.finish_task(
            case="A", task_number=task_number, end=end, at=self.now, caller="client", key=self._key()
        )

    def abandon(self, task_number: int) -> Result:
        return self.model.abandon(case="A", task_number=task_number, at=self.now)

    def _key(self) -> str:
        self.keys += 1
        return f"key {self.keys}"
