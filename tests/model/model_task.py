"""A task, with every figure counted again from its documents (T3, T5)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tests.model.model_prices import CATEGORIES, Order

# One document's result: SUCCEEDED, FAILED or SKIPPED, and the mode that AUTO came to where it was said.
Outcome = tuple[str, str | None]


@dataclass
class Task:
    """A run over documents. `held_at_creation` is the part of its tokens that the reservoir could cover then (T5).

    `charged_when_all_held`: tokens charged by the time an upgrade to an unlimited reservoir turned what it had set
    aside beyond into held; None: that never happened.
    """

    number: int
    order: Order
    name: str | None
    held_at_creation: int
    created_at: datetime
    last_sign_at: datetime
    status: str = "RUNNING"
    finished_at: datetime | None = None
    documents: dict[str, Outcome] = field(default_factory=dict)
    charged_when_all_held: int | None = None

    def count(self, status: str) -> int:
        """Documents with this status."""
        return sum(outcome[0] == status for outcome in self.documents.values())

    @property
    def pending(self) -> int:
        """Documents without an outcome; those of an ended task never will have one."""
        return self.order.documents - len(self.documents)

    @property
    def reserved(self) -> int:
        """Tokens set aside at creation, whatever became of them."""
        return self.order.reserved

    @property
    def charged(self) -> int:
        """T3: tokens of the succeeded documents."""
        return sum(charges_by_category(self.order, self.documents.values()).values())

    @property
    def overage(self) -> int:
        """T5: the task's own held part is used first, so overage is what its charges exceed it by."""
        limited = self.charged if self.charged_when_all_held is None else self.charged_when_all_held
        return max(0, limited - self.held_at_creation)

    @property
    def refunded(self) -> int:
        """T3: AUTO differences while it runs; everything that was not charged once it has ended."""
        if self.status != "RUNNING":
            return self.reserved - self.charged
        return auto_difference(self.order, self.documents.values())

    @property
    def held(self) -> int:
        """Tokens still set aside, those beyond the reservoir included."""
        return self.reserved - self.charged - self.refunded


def charges_by_category(order: Order, outcomes: Iterable[Outcome]) -> dict[str, int]:
    """T3: tokens charged for these outcomes, in the order of UsageCategory."""
    succeeded = [resolved for status, resolved in outcomes if status == "SUCCEEDED"]
    return {
        category: sum(order.charge(resolved) for resolved in succeeded if order.category(resolved) == category)
        for category in CATEGORIES
    }


def auto_difference(order: Order, outcomes: Iterable[Outcome]) -> int:
    """T3: tokens set aside for succeeded documents beyond what they cost; 0 unless the mode is AUTO."""
    return sum(order.reserve - order.charge(resolved) for status, resolved in outcomes if status == "SUCCEEDED")
