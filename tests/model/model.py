"""A second, slow and obvious implementation of the rules, in memory, to hold the real one against.

It shares no line with the product: where the two disagree, one of them misread a rule. Commands take instants as
arguments and answer with `model_results`; `snapshot` shows everything that a case holds. Refill, change of plan,
purchase and deactivation are not in it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tests.model.model_case import Case
from tests.model.model_input_faults import Group, invalid, key_fault, order_fault, outcomes_of, report_fault
from tests.model.model_prices import Order
from tests.model.model_results import Quote, Refusal, Result, Success
from tests.model.model_snapshot import Snapshot, snapshot_of
from tests.model.model_task import Task

# What K1 remembers by: mutation, case (None: registerCase), caller, key.
Place = tuple[str, str | None, str, str]
Effect = Callable[[], Success | Refusal]


class Model:
    """All cases of one system. A task is abandoned after `idle_limit` without an accepted report (T6)."""

    def __init__(self, idle_limit: timedelta = timedelta(hours=24)) -> None:
        self.idle_limit = idle_limit
        self.cases: dict[str, Case] = {}
        self.remembered: dict[Place, tuple[object, Success]] = {}

    def snapshot(self, case: str) -> Snapshot:
        """A registered case as the last command left it."""
        return snapshot_of(self.cases[case])

    def pass_time(self, at: datetime) -> None:
        """C10: what falls due at or before `at` happens, in every case, before a command at `at` is looked at."""
        for case in self.cases.values():
            case.renew(at)

    # ----------------------------------------------------------------------------------------- cases

    def register(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        """A case that is known already stays as it is."""
        self.pass_time(at)
        if fault := key_fault(key):
            return fault

        def effect() -> Success:
            self.cases.setdefault(case, Case(case))
            return Success(case)

        return self._once(("registerCase", None, caller, key), case, effect)

    def activate(self, *, case: str, tier: str, at: datetime, caller: str, key: str) -> Result:
        """L5, C1. A case that is active already is refused."""
        self.pass_time(at)
        if fault := key_fault(key) or self._unknown(case):
            return fault

        def effect() -> Success | Refusal:
            if self.cases[case].status != "NOT_ACTIVATED":
                return Refusal("PLAN_CHANGE_REFUSED")
            self.cases[case].activate(tier, at)
            return Success(case)

        return self._once(("activateCase", case, caller, key), tier, effect)

    def set_settings(
        self, *, case: str, overage: bool | None, auto_upgrade: bool | None, at: datetime, caller: str, key: str
    ) -> Result:
        """T5: tasks already created keep their split. None leaves a setting as it is. Any case has settings."""
        self.pass_time(at)
        if fault := key_fault(key) or self._unknown(case):
            return fault

        def effect() -> Success:
            settings = self.cases[case]
            settings.overage_enabled = settings.overage_enabled if overage is None else overage
            settings.auto_upgrade_allowed = settings.auto_upgrade_allowed if auto_upgrade is None else auto_upgrade
            return Success(case)

        return self._once(("updateCaseSettings", case, caller, key), (overage, auto_upgrade), effect)

    # ----------------------------------------------------------------------------------------- tasks

    def quote(
        self, *, case: str, kind: str, scope: str, mode: str, documents: int, fields: int, at: datetime
    ) -> Result:
        """What `create_task` would reserve or why it would be refused. A blocked task has no overage."""
        self.pass_time(at)
        order = Order(kind, scope, mode, documents, fields)
        if fault := order_fault(order) or self._unknown(case):
            return fault
        blocked_by = self.cases[case].refusal_of(order)
        overage = 0 if blocked_by else self.cases[case].lacking_for(order)
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

    def abandon(self, *, case: str, task_number: int, at: datetime) -> Result:
        """T6: the scheduler looks at a task and ends it if it has been idle for the limit; else nothing changes.

        It has no key. At one instant it goes before the end of a cycle (C10), so its refund belongs to the old one.
        """
        self.pass_time(at - timedelta.resolution)
        fault = self._unknown(case, task_number)
        if not fault:
            task = self._task(case, task_number)
            if task.status == "RUNNING" and at - task.last_sign_at >= self.idle_limit:
                self.cases[case].end(task, "ABANDONED", at)
        self.pass_time(at)
        return fault or Success(case, task_number)

    # ----------------------------------------------------------------------------------------- within

    def _unknown(self, case: str, task_number: int | None = None) -> Refusal | None:
        known = case in self.cases and (task_number is None or 1 <= task_number <= len(self.cases[case].tasks))
        return None if known else Refusal("NOT_FOUND")

    def _task(self, case: str, task_number: int) -> Task:
        return self.cases[case].tasks[task_number - 1]

    def _once(self, place: Place, given: object, effect: Effect) -> Success | Refusal:
        """K1: per mutation, case, caller and key, the first success is the answer for ever; refusals leave no trace."""
        if place in self.remembered:
            first_given, success = self.remembered[place]
            return success if given == first_given else Refusal("IDEMPOTENCY_CONFLICT")
        result = effect()
        if isinstance(result, Success):
            self.remembered[place] = (given, result)
        return result
