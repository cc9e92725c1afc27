"""Ledger entries as words that a person reads (L1, T3, T5)."""

from collections.abc import Mapping
from types import MappingProxyType

from app.adapters.languages import Words, mark
from app.adapters.receipts import reasons
from app.adapters.task_texts import CATEGORIES, documents, documents_of_a_price
from app.domain import plans
from app.domain.callers import SCHEDULER
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.plans import PlanTier
from app.domain.receipts import RefundReason, price_reserved, refunds_at_end
from app.domain.tasks import Task

_FILLS: Mapping[EntryKind, str] = MappingProxyType(
    {
        EntryKind.ACTIVATION_FILL: mark("Filled to the cap on activation (%(plan)s)"),
        EntryKind.REACTIVATION_FILL: mark("Filled to the cap on reactivation (%(plan)s)"),
        EntryKind.UPGRADE_FILL: mark("Filled to the cap on the upgrade (%(plan)s)"),
    }
)
_PLAIN: Mapping[EntryKind, str] = MappingProxyType(
    {
        EntryKind.DAILY_REFILL: mark("Daily refill"),
        EntryKind.DOWNGRADE_CLAMP: mark("Brought down to the cap by a downgrade"),
        EntryKind.DEACTIVATION_CLEAR: mark("Cleared by the deactivation"),
        EntryKind.ADJUSTMENT: mark("Adjustment"),
    }
)


def entry_sentence(entry: LedgerEntry, words: Words, *, task: Task | None, tier: PlanTier | None) -> str:
    """What happened. task: the one that the entry belongs to, if any; tier: that of the entry's cycle, for a fill."""
    match entry.kind:
        case EntryKind.RESERVE:
            return _reserve(entry, words, task)
        case EntryKind.CHARGE:
            return _charge(entry, words)
        case EntryKind.REFUND:
            return _refund(entry, words, task)
        case EntryKind.PURCHASE:
            bought = entry.purchased_change
            return words.count("Purchase of %(number)s token", "Purchase of %(number)s tokens", bought)
        case EntryKind.DOWNGRADE_CLAMP if (entry.balance_change or 0) > 0:
            return words.say("End of unlimited tokens: balance set to the cap")
        case EntryKind.UPGRADE_FILL if entry.balance_change is None:
            return words.say("Tokens unlimited from the upgrade on")
    if entry.kind in _FILLS:
        assert tier is not None, "a fill belongs to a cycle of a plan"
        return words.say(_FILLS[entry.kind], plan=plans.plan(tier).name)
    return words.say(_PLAIN[entry.kind])


def actor_name(entry: LedgerEntry, words: Words) -> str:
    """Who or what caused it, in words; names of callers are not translated."""
    return words.say("automatic") if entry.actor == SCHEDULER else entry.actor


def refunded_tokens(entry: LedgerEntry) -> int:
    """Tokens that a refund gave back, from the tank and from provisional overage (T5)."""
    return -entry.held_change - entry.provisional_change


def refund_reasons(entry: LedgerEntry, task: Task | None) -> dict[RefundReason, int]:
    """Documents that a refund is for: those of a report were cheaper; at the end of a task, its row tells (T3)."""
    if entry.documents is not None:
        return {RefundReason.CHEAPER: entry.documents}
    return {} if task is None else refunds_at_end(task)


def _reserve(entry: LedgerEntry, words: Words, task: Task | None) -> str:
    if task is None:
        tokens = entry.held_change + entry.provisional_change
        said = words.count("Reserve of %(number)s token", "Reserve of %(number)s tokens", tokens)
    else:
        counted = documents_of_a_price(task.documents, price_reserved(task), words)
        said = words.say("Reserve: %(documents)s", documents=counted)
    return _beyond_the_balance(said, entry.provisional_change, words)


def _charge(entry: LedgerEntry, words: Words) -> str:
    assert entry.category is not None, "a charge is always for a category"
    category = words.say(CATEGORIES[entry.category])
    counted = [category] if entry.documents is None else [category, documents(entry.documents, words)]
    said = words.say("Charge: %(documents)s", documents=words.listed(counted))
    if not entry.overage_change:
        return said
    return words.count(
        "%(said)s, of which %(number)s token as overage",
        "%(said)s, of which %(number)s tokens as overage",
        entry.overage_change, said=said,
    )  # fmt: skip


def _refund(entry: LedgerEntry, words: Words, task: Task | None) -> str:
    tokens = refunded_tokens(entry)
    said = words.count("Refund of %(number)s token", "Refund of %(number)s tokens", tokens)
    if parts := refund_reasons(entry, task):
        said = words.say("%(said)s: %(parts)s", said=said, parts=reasons(parts, words))
    return _beyond_the_balance(said, -entry.provisional_change, words)


def _beyond_the_balance(said: str, tokens: int, words: Words) -> str:
    """Provisional overage: set aside beyond the balance, billed only where it is charged in the end (T5)."""
    if not tokens:
        return said
    return words.count(
        "%(said)s, of which %(number)s token beyond the balance",
        "%(said)s, of which %(number)s tokens beyond the balance",
        tokens, said=said,
    )  # fmt: skip
