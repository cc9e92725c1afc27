"""What clients ask about tasks: a quote, a reservation, a report, an end (T1 to T6)."""

from collections.abc import Sequence
from datetime import datetime

from tests.model.model_input_faults import Group, invalid, key_fault, order_fault, outcomes_of, report_fault
from tests.model.model_memory import Memory
from tests.model.model_prices import Order
from tests.model.model_results import Quote, Refusal, Result, Success


class TaskCommands(Memory):
    """The model's tasks."""

    def quote(
        self, *, case: str, kind: str, scope: str, mode: str, documents: int, fields: int, at: datetime
    ) -> Result:
        """What `create_task` would reserve or why it would be refused. A blocked task has no overage."""
        self.pass_time(at)
        order = Order(kind, scope, mode, documents, fields)
        if fault := order_fault(order) or self._unknown(case):
            return fault
        blocked_by = self.cases[case].refusal_of(order)
        overage = 0 if blocked_by else self.cases[case].lacking(order.reserved)
        return Quote(order.reserved, overage, blocked_by)

    def create_task(
        self,
        *,
        case: str,
        kind: str,
        scope: str,
        mode: str,
        documents: int,
        fields: int,
        name: str | None,
        at: datetime,
        caller: str,
        key: str,
    ) -> Result:
        """T1, T2: the gates in their order, then one reservation for every document."""
        self.pass_time(at)
        order = Order(kind, scope, mode, documents, fields)
        if fault := key_fault(key) or order_fault(order) or self._unknown(case):
            return fault

        def effect() -> Success | Refusal:
            refusal = self.cases[case].refusal_of(order)
            return refusal or Success(case, self.cases[case].start(order, name, at).number)

        return self._once(("createTask", case, caller, key), (order, name), effect)

    def record_outcomes(
        self, *, case: str, task_number: int, groups: Sequence[Group], at: datetime, caller: str, key: str
    ) -> Result:
        """T3, T4: an ended task first, then what is wrong with this report for this task, then its effect."""
        self.pass_time(at)
        if fault := key_fault(key) or report_fault(groups) or self._unknown(case, task_number):
            return fault
        task = self._task(case, task_number)
        outcomes = outcomes_of(groups)

        def effect() -> Success | Refusal:
            if task.status != "RUNNING":
                return Refusal("TASK_FINISHED")
            auto = task.order.mode == "AUTO"
            if any((resolved is not None) != auto for status, resolved, _ in groups if status == "SUCCEEDED"):
                return invalid("resolvedMode")
            if len(task.documents.keys() | outcomes.keys()) > task.order.documents:
                return invalid("documentIds")
            self.cases[case].record(task, outcomes, at)
            return Success(case, task_number)

        given = (task_number, tuple((status, resolved, tuple(documents)) for status, resolved, documents in groups))
        return self._once(("recordOutcomes", case, caller, key), given, effect)

    def finish_task(self, *, case: str, task_number: int, end: str, at: datetime, caller: str, key: str) -> Result:
        """T6: COMPLETED or CANCELLED; again with the same end changes nothing, with another is refused."""
        self.pass_time(at)
        if fault := key_fault(key) or self._unknown(case, task_number):
            return fault
        task = self._task(case, task_number)

        def effect() -> Success | Refusal:
            if task.status not in {"RUNNING", end}:
                return Refusal("TASK_FINISHED")
            if task.status == "RUNNING":
                self.cases[case].end(task, end, at)
            return Success(case, task_number)

        return self._once(("finishTask", case, caller, key), (task_number, end), effect)
