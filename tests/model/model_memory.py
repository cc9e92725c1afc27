"""What every command of the model goes through: time first (C10), then the cases it knows and the keys it saw (K1)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.model.model_case import Case
from tests.model.model_results import Refusal, Success
from tests.model.model_task import Task
from tests.model.model_time import pass_time

# What K1 remembers by: mutation, case (None: registerCase), caller, key.
Place = tuple[str, str | None, str, str]
Effect = Callable[[], Success | Refusal]


class Memory:
    """All cases of one system. A task is abandoned after `idle_limit` without an accepted report (T6)."""

    def __init__(self, idle_limit: timedelta = timedelta(hours=24)) -> None:
        self.idle_limit = idle_limit
        self.cases: dict[str, Case] = {}
        self.remembered: dict[Place, tuple[object, Success]] = {}

    def pass_time(self, at: datetime) -> None:
        """C10: what falls due at or before `at` happens, in every case, before a command at `at` is looked at."""
        for case in self.cases.values():
            pass_time(case, at, self.idle_limit)

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
        _, case, caller, _ = place
        if case is not None:
            self.cases[case].actor = caller
        result = effect()
        if isinstance(result, Success):
            self.remembered[place] = (given, result)
        return result
