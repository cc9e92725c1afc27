"""Laws of time and plans that hold in every history: refills, cycles, what a plan can cover, credit."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest

from tests.model.histories import History
from tests.model.model import Model
from tests.model.model_case import Case
from tests.model.model_cycles import EASTERN, Cycle, next_refill_time
from tests.model.model_prices import PLANS
from tests.model.model_tank import Entry

STEPS = 200
over_histories = pytest.mark.parametrize("seed", range(100, 110))


@cache
def model_after(seed: int) -> Model:
    """The model at the end of a history, to look at."""
    model, history = Model(), History(seed)
    for _ in range(STEPS):
        command = history.next(model)
        getattr(model, command.method)(**vars(command))
    return model


def granted_part(entries: list[Entry]) -> int:
    """What the plan put into the tank and is still in it, free or held."""
    return sum((entry.balance_change or 0) + entry.held_change - entry.purchased_change for entry in entries)


def nines_of(cycle: Cycle, now: datetime) -> Iterator[datetime]:
    """The 09:00s at which the cycle was open: not one at which it began, but one at which it ended (C10)."""
    nine = next_refill_time(cycle.starts_at)
    while nine <= min(cycle.ends_at, now):
        yield nine
        nine = next_refill_time(nine)


@over_histories
def test_every_date_of_a_refilling_plan_has_one_refill_of_just_what_was_missing(seed: int) -> None:
    """L4: no date has two, none goes above the cap, and where there is none, nothing was missing."""
    for case in model_after(seed).cases.values():
        refills = {entry.at: entry for entry in case.entries if entry.kind == "DAILY_REFILL"}
        assert len(refills) == sum(entry.kind == "DAILY_REFILL" for entry in case.entries)
        assert len({at.astimezone(EASTERN).date() for at in refills}) == len(refills)
        for cycle in case.cycles:
            plan = PLANS[cycle.tier]
            for nine in nines_of(cycle, case.now):
                refill = refills.pop(nine, None)
                if not plan.refill or plan.cap is None:
                    assert refill is None
                    continue
                before = [entry for entry in case.entries if refill and entry.sequence < refill.sequence]
                before = before or [entry for entry in case.entries if entry.at < nine or was_due(entry, nine)]
                missing = max(0, min(plan.refill, plan.cap - granted_part(before)))
                assert missing == (refill.balance_change if refill else 0)
        assert refills == {}


def was_due(entry: Entry, at: datetime) -> bool:
    """Whether it came of an abandonment at that instant, which goes before the refill (C10)."""
    return entry.at == at and entry.actor == "scheduler" and entry.kind in {"REFUND", "DOWNGRADE_CLAMP"}


@over_histories
def test_cycles_of_one_activation_follow_each_other_without_gap_or_overlap(seed: int) -> None:
    """C1 to C3: only a reactivation leaves time without a cycle; the last one is open as long as the case is active."""
    for case in model_after(seed).cases.values():
        beginnings = {charge.at for charge in case.charges if charge.kind == "REACTIVATION"}
        for earlier, later in pairwise(case.cycles):
            assert earlier.starts_at <= earlier.ends_at <= later.starts_at
            assert earlier.ends_at == later.starts_at or later.starts_at in beginnings
        assert [cycle.number for cycle in case.cycles] == list(range(1, len(case.cycles) + 1))
        if case.cycles:
            assert (case.status == "ACTIVE") == (case.cycles[-1].ends_at > case.now)


@over_histories
def test_granted_tokens_charged_in_a_cycle_are_within_what_the_plan_could_cover(seed: int) -> None:
    """C5: the monthly ceiling for the cycle's real length, and what was held above the cap at its beginning."""
    for case in model_after(seed).cases.values():
        for cycle in case.cycles:
            if cycle.plan_tokens is None:
                continue
            cap = PLANS[cycle.tier].cap or 0
            above = max(0, granted_part([entry for entry in case.entries if entry.cycle < cycle.number]) - cap)
            charges = [e for e in case.entries if e.kind == "CHARGE" and e.cycle == cycle.number]
            assert sum(e.purchased_change - e.held_change for e in charges) <= cycle.plan_tokens + above


@over_histories
def test_a_case_that_is_not_active_has_nothing(seed: int) -> None:
    """L6."""
    model, history = Model(), History(seed)
    for _ in range(STEPS):
        command = history.next(model)
        getattr(model, command.method)(**vars(command))
        for case in model.cases.values():
            if case.status != "ACTIVE":
                assert (case.sum_of_balance, case.held, case.purchased, case.cap) == (0, 0, 0, 0)
                assert (case.running, case.scheduled_tier) == ([], None)
                assert model.snapshot(case.name).next_refill is None


@over_histories
def test_credit_is_earned_once_and_used_once(seed: int) -> None:
    """C6: by card, what upgrades earned is what later bills took and what is left; no bill falls below nothing."""
    for case in model_after(seed).cases.values():
        assert all(charge.now >= 0 <= charge.credited <= charge.billed for charge in case.charges)
        assert all(charge.credited == 0 for charge in case.charges if charge.kind in NO_CREDIT)
        if not paid_monthly(case):
            earned = sum(charge.earned for charge in case.charges)
            assert earned == sum(charge.credited for charge in case.charges) + case.credit_left


NO_CREDIT = {"ACTIVATION", "REACTIVATION", "PURCHASE"}


def paid_monthly(case: Case) -> bool:
    """Whether any of its bills was for an invoice of the month."""
    return any(charge.now != charge.billed - charge.credited for charge in case.charges)


@over_histories
def test_time_may_pass_in_any_steps(seed: int) -> None:
    """C10: everything happens at its own instant, whenever somebody looks."""
    once, often, history = Model(), Model(), History(seed)
    before: datetime | None = None
    for _ in range(60):
        command = history.next(once)
        getattr(once, command.method)(**vars(command))
        while before and before < command.at:
            often.pass_time(before := min(before + timedelta(hours=5, minutes=17), command.at))
        before = command.at
        getattr(often, command.method)(**vars(command))
    assert [often.snapshot(name) for name in often.cases] == [once.snapshot(name) for name in once.cases]
