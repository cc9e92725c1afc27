"""One case in a model, with everything that a test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.model.model import Model
from tests.model.model_case import NO_TAX, Case
from tests.model.model_cycles import EASTERN
from tests.model.model_input_faults import Group
from tests.model.model_results import Preview, Quote, Refusal, Result, Success
from tests.model.model_snapshot import Snapshot, TaskSeen

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


def eastern(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """The instant at which New York's clocks show this, in UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=EASTERN).astimezone(UTC)


class Scene:
    """An active case A, looked at from `now`; every command has a key of its own unless one is given."""

    def __init__(
        self,
        tier: str = "STARTER",
        *,
        overage: bool = False,
        now: datetime = NOON,
        payment_method: str = "CARD",
        tax_rate: Decimal = NO_TAX,
        charges_cards: bool = False,
    ) -> None:
        rates = {"contracted": tax_rate, "not contracted": tax_rate}
        self.model = Model(tax_rates=rates, charges_cards=charges_cards)
        self.now = now
        self.keys = 0
        self.name = "A" if payment_method == "CARD" else "B"
        self.model.register(case=self.name, at=now, caller="client", key=self._key())
        self.must("activate", tier=tier, payment_method=payment_method)
        self.set_overage(overage)

    @property
    def case(self) -> Case:
        return self.model.cases[self.name]

    @property
    def seen(self) -> Snapshot:
        return self.model.snapshot(self.name)

    def task(self, number: int) -> TaskSeen:
        return self.seen.tasks[number - 1]

    def last_entries(self, count: int) -> list[tuple[str, int | None, int, int, int, str | None]]:
        """Kind, then the changes of balance, held, provisional overage and overage, then the category."""
        return [
            (e.kind, e.balance_change, e.held_change, e.provisional_change, e.overage_change, e.category)
            for e in self.seen.entries[-count:]
        ]

    @property
    def tank(self) -> tuple[int | None, int, int]:
        """Balance, held, purchased."""
        return self.case.balance, self.case.held, self.case.purchased

    @property
    def paid(self) -> list[tuple[str, Decimal]]:
        """Every charge of the card so far."""
        return [(charge.kind, charge.now) for charge in self.case.charges]

    def last_changes(self, count: int) -> list[tuple[str, int | None, int, int, int | None]]:
        """Kind, then the changes of balance, held and purchased, then the task."""
        return [
            (e.kind, e.balance_change, e.held_change, e.purchased_change, e.task) for e in self.seen.entries[-count:]
        ]

    def wait(self, **pause: int) -> None:
        """Nothing is looked at in the meantime."""
        self.now += timedelta(**pause)

    def until(self, now: datetime) -> "Scene":
        """Everything that falls due has been done."""
        self.now = now
        self.model.pass_time(now)
        return self

    def change(self, method: str, **arguments: object) -> Result:
        """A change of plan, by the name of its command; from the settings."""
        if method in {"upgrade", "schedule_downgrade"}:
            arguments.setdefault("origin", "SETTINGS")
        if method == "upgrade":
            arguments.setdefault("by_card", False)
        if method in {"activate", "reactivate"}:
            arguments.setdefault("payment_method", "CARD")
        answer = getattr(self.model, method)(case=self.name, **arguments, at=self.now, caller="client", key=self._key())
        assert isinstance(answer, Success | Refusal)
        return answer

    def must(self, method: str, **arguments: object) -> None:
        """A change of plan that must be accepted."""
        assert self.change(method, **arguments) == Success(self.name)

    def preview(self, tier: str) -> Preview:
        answer = self.model.preview(case=self.name, tier=tier, at=self.now)
        assert isinstance(answer, Preview)
        return answer

    def spend(self, tokens: int) -> None:
        """A bulk scan of the fewest documents that cost just so much, all of which succeed."""
        rate, mode = next(
            (rate, mode) for rate, mode in ((20, "VIDEO"), (5, "IMAGE"), (1, "TEXT")) if not tokens % rate
        )
        number = self.created(tokens // rate, mode)
        self.succeed(number, tokens // rate)
        self.finish(number)

    def set_ceiling(self, tokens: int | None) -> None:
        self.model.set_ceiling(case=self.name, ceiling=tokens, at=self.now, caller="client", key=self._key())

    def set_overage(self, on: bool) -> None:
        self.model.set_settings(
            case=self.name, overage=on, auto_upgrade=None, at=self.now, caller="client", key=self._key()
        )

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
            case=self.name,
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
        return self.model.quote(
            case=self.name, kind=kind, scope=scope, mode=mode, documents=documents, fields=1, at=self.now
        )

    def report(self, task_number: int, *groups: Group, key: str | None = None) -> Result:
        return self.model.record_outcomes(
            case=self.name, task_number=task_number, groups=groups, at=self.now, caller="client", key=key or self._key()
        )

    def succeed(self, task_number: int, count: int) -> None:
        """Report the first `count` documents of a task without AUTO as succeeded."""
        answer = self.report(task_number, ("SUCCEEDED", None, [f"document {n}" for n in range(count)]))
        assert isinstance(answer, Success)

    def finish(self, task_number: int, end: str = "COMPLETED") -> Result:
        return self.model.finish_task(
            case=self.name, task_number=task_number, end=end, at=self.now, caller="client", key=self._key()
        )

    def _key(self) -> str:
        self.keys += 1
        return f"key {self.keys}"
