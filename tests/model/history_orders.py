"""Random tasks: of every kind, near what the balance covers and what plans allow, sometimes with one thing wrong."""

from dataclasses import replace
from random import Random

from tests.model.history_times import weighted
from tests.model.model_case import Case
from tests.model.model_prices import LARGEST, PLANS, Order

MODES = ("AUTO", "TEXT", "IMAGE", "AUDIO", "VIDEO")
DEAR = ("AUTO", "VIDEO", "AUDIO", "IMAGE")  # whose tokens run out before the plan's number of documents
AROUND_LIMITS = (999, 1_000, 1_001, 9_999, 10_000, 10_001, 99_999, 100_000, 100_001)


def draw_order(random: Random, case: Case) -> Order:
    """Any task; about one in thirty could never be."""
    kinds = {("SCAN", "BULK"): 60, ("MULTI_CODE", "BULK"): 22, ("MULTI_CODE", "SINGLE"): 10, ("SCAN", "SINGLE"): 8}
    kind, scope = weighted(random, kinds)
    mode = random.choice(MODES)
    fields = random.randint(1, 8) if kind == "MULTI_CODE" else 1
    order = Order(kind, scope, mode, 1, fields)
    if scope == "BULK":
        order = replace(order, documents=_documents(random, case, order.reserve))
    return _faulty(random, order) if random.random() < 0.03 else order


def draw_large_order(random: Random, case: Case, *, beyond: bool) -> Order:
    """A bulk scan that takes most of the balance, or all of it and some more; within the plan's limit."""
    order = Order("SCAN", "BULK", random.choice(DEAR if beyond else MODES), 1, 1)
    covered = 60_000 if case.balance is None else case.balance // order.reserve
    documents = covered + random.randint(1, 300) if beyond else int(covered * random.choice((1, 1, 0.97, 0.6)))
    return replace(order, documents=max(1, min(documents, PLANS[case.tier].bulk_limit or documents)))


def _documents(random: Random, case: Case, rate: int) -> int:
    """A few documents; sometimes hundreds, what the balance just covers, or what a plan just allows."""
    how_many = weighted(random, {"few": 60, "hundreds": 12, "balance": 20, "limit": 8})
    if how_many == "balance" and case.balance is not None:
        return max(1, case.balance // rate + random.choice((-1, 0, 1, 2)))
    if how_many == "limit":
        return random.choice(AROUND_LIMITS)
    return random.randint(13, 300) if how_many == "hundreds" else random.randint(1, 12)


def _faulty(random: Random, order: Order) -> Order:
    """One thing wrong, so that there is one answer."""
    fields = random.choice((0, -1, 9)) if order.kind == "MULTI_CODE" else random.choice((0, 2, 8))
    documents = random.choice((0, -3, LARGEST + 1) if order.scope == "BULK" else (0, 2))
    return replace(order, fields=fields) if random.random() < 0.5 else replace(order, documents=documents)
