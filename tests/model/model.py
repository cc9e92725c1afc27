"""A second, slow and obvious implementation of the rules, in memory, to hold the real one against.

It shares no line with the product: where the two disagree, one of them misread a rule. Commands take instants as
arguments and answer with `model_results`; `snapshot` shows everything that a case holds. Its cases live on a test
clock whose advance does everything that falls due at the instant at which it does (C10).
"""

from datetime import datetime

from tests.model.model_case import Case
from tests.model.model_checkouts import CheckoutCommands
from tests.model.model_input_faults import key_fault
from tests.model.model_money import MoneySeen, money_of
from tests.model.model_plan_commands import organization_of
from tests.model.model_results import Result, Success
from tests.model.model_snapshot import Snapshot, snapshot_of
from tests.model.model_task_commands import TaskCommands


class Model(TaskCommands, CheckoutCommands):
    """All cases of one system, with every command there is."""

    def snapshot(self, case: str) -> Snapshot:
        """A registered case as the last command left it."""
        return snapshot_of(self.cases[case])

    def money(self) -> MoneySeen:
        """Every invoice and credit as the last command left it."""
        return money_of(self.cases.values(), self.books)

    def register(self, *, case: str, at: datetime, caller: str, key: str) -> Result:
        """A case that is known already stays as it is."""
        self.pass_time(at)
        if fault := key_fault(key):
            return fault

        def effect() -> Success:
            organization = organization_of(case)
            self.cases.setdefault(case, Case(case, at, organization, self.tax_rates[organization]))
            return Success(case)

        return self._once(("registerCase", None, caller, key), case, effect)

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

    def set_ceiling(self, *, case: str, ceiling: int | None, at: datetime, caller: str, key: str) -> Result:
        """T5: for tasks from now on. None removes it."""
        self.pass_time(at)
        if fault := key_fault(key) or self._unknown(case):
            return fault

        def effect() -> Success:
            self.cases[case].overage_ceiling = ceiling
            return Success(case)

        return self._once(("updateCaseSettings", case, caller, key), ("ceiling", ceiling), effect)
