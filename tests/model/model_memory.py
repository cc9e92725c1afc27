"""What every command of the model goes through: time first (C10), then the cases it knows and the keys it saw (K1)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from tests.model.model_books import Books
from tests.model.model_case import NO_TAX, Case
from tests.model.model_results import Refusal, Success
from tests.model.model_task import Task
from tests.model.model_time import pass_time

# What K1 remembers by: mutation, case (None: registerCase), caller, key.
Place = tuple[str, str | None, str, str]
Effect = Callable[[], Success | Refusal]


class Memory:
    """All cases of one system. A task is abandoned after `idle_limit` without an accepted report (T6).

    tax_rates: of organizations. charges_cards: whether there is a processor, which is asked before a change by card
    takes effect (C8). now: where the clock of all cases stands.
    """

    def __init__(
        self,
        idle_limit: timedelta = timedelta(hours=24),
        *,
        tax_rates: Mapping[str, Decimal] | None = None,
        charges_cards: bool = False,
    ) -> None:
        self.idle_limit = idle_limit
        self.charges_cards = charges_cards
        self.tax_rates = defaultdict(lambda: NO_TAX, tax_rates or {})
        self.now: datetime | None = None
        self.books = Books()
        self.cases: dict[str, Case] = {}
        self.posted: dict[str, int] = defaultdict(int)
        self.remembered: dict[Place, tuple[object, Success]] = {}

    def pass_time(self, at: datetime) -> None:
        """C10: what falls due at or before `at` happens, in every case, before a command at `at` is looked at."""
        pass_time(self, at)

    def post(self, case: Case, *, received: int = 0) -> None:
        """Puts what the case was billed since into the books. received: cents that a card has paid for it."""
        for charge in case.charges[self.posted[case.name] :]:
            self.books.post(case.organization, case.name, charge, received)
        self.posted[case.name] = len(case.charges)

    def collect(self) -> None:
        """C8: the card is asked once for an invoice that was issued open."""
        for invoice in list(self.books.to_collect()) if self.charges_cards else []:
            invoice.tried = True
            if not self.cases[invoice.lines[0][0]].card_declines:
                invoice.paid = invoice.total

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
