"""Laws that hold in every state of the model: figures counted from documents meet those summed from entries."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from tests.model.histories import History
from tests.model.model import Model
from tests.model.model_case import Case
from tests.model.model_cycles import Cycle
from tests.model.model_prices import TIERS
from tests.model.model_results import Success
from tests.model.model_scene import Scene
from tests.model.model_snapshot import TaskSeen, tokens_of
from tests.model.model_tank import Entry
from tests.model.model_task import Outcome, Task

STEPS = 150
GRANTS = {"ACTIVATION_FILL", "REACTIVATION_FILL", "UPGRADE_FILL", "DAILY_REFILL"}
over_histories = pytest.mark.parametrize("seed", range(6))


def states(seed: int) -> Iterator[tuple[Model, Case]]:
    """The model after each command of a history that concerns a registered case, with that case."""
    model, history = Model(), History(seed)
    for _ in range(STEPS):
        command = history.next(model)
        getattr(model, command.method)(**vars(command))
        if command.case in model.cases:
            yield model, model.cases[command.case]


def everything_in(model: Model) -> object:
    """What a command could change: all there is to see, signs of life and remembered keys."""
    signs = [[task.last_sign_at for task in case.tasks] for case in model.cases.values()]
    return [model.snapshot(name) for name in model.cases], signs, dict(model.remembered)


def entries_of(case: Case, task: Task, kind: str) -> list[Entry]:
    return [entry for entry in case.entries if (entry.task, entry.kind) == (task.number, kind)]


@over_histories
def test_documents_and_entries_tell_the_same_figures_of_every_task(seed: int) -> None:
    """T3, T5: reserved = charged + refunded + held, each side from its own source."""
    for _, case in states(seed):
        for task in case.tasks:
            charges, refunds = entries_of(case, task, "CHARGE"), entries_of(case, task, "REFUND")
            assert task.charged == sum(tokens_of(entry) for entry in charges)
            assert task.overage == sum(entry.overage_change for entry in charges)
            assert task.refunded == -sum(entry.held_change + entry.provisional_change for entry in refunds)
            assert task.held == case.held_by(task) + case.provisional_of(task)
            assert task.reserved == task.charged + task.refunded + case.held_by(task) + case.provisional_of(task)
            assert min(task.pending, task.held, task.refunded, case.held_by(task), case.provisional_of(task)) >= 0


@over_histories
def test_the_reservoir_never_leaves_its_bounds(seed: int) -> None:
    """L2, L6, L7: nothing below zero; nothing held but by running tasks; nothing above cap + purchased but what tasks
    held when a downgrade took effect and still hold; nothing free above it at all.
    """
    for _, case in states(seed):
        assert case.held == sum(map(case.held_by, case.running)) >= 0
        assert sum(entry.provisional_change for entry in case.entries) == sum(map(case.provisional_of, case.running))
        if case.cap is not None and case.balance is not None:
            assert 0 <= case.purchased <= case.balance + case.held
            assert 0 <= case.balance <= case.cap + case.purchased
            downgrades = [later.number for earlier, later in pairwise(case.cycles) if cheaper(later, earlier)]
            exempt = [task for task in case.running if cycle_of(case, task) < max(downgrades, default=0)]
            assert case.balance + case.held - case.purchased <= max(case.cap, sum(map(case.held_by, exempt)))


def cheaper(cycle: Cycle, other: Cycle) -> bool:
    return TIERS.index(cycle.tier) < TIERS.index(other.tier)


def cycle_of(case: Case, task: Task) -> int:
    """The cycle in which the task reserved; a free one holds nothing, so that any will do."""
    return next((entry.cycle for entry in entries_of(case, task, "RESERVE")), 0)


@over_histories
def test_entries_are_only_ever_added(seed: int) -> None:
    """L1: numbered without gaps, in order of time, none without a change, each with the sums up to it."""
    before: dict[str, list[Entry]] = {}
    for model, _ in states(seed):
        for name, case in model.cases.items():
            kept = before.get(name, [])
            assert case.entries[: len(kept)] == kept
            before[name] = list(case.entries)
    for name, entries in before.items():
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
        assert all(earlier.at <= later.at and earlier.cycle <= later.cycle for earlier, later in pairwise(entries))
        for number, entry in enumerate(entries, start=1):
            assert entry.held_after == sum(e.held_change for e in entries[:number])
            sums = sum(e.balance_change or 0 for e in entries[:number])
            assert entry.balance_after == (None if entry.balance_change is None else sums)
            unlimited = model.cases[name].cycles[entry.cycle - 1].tier == "ENTERPRISE"
            assert (entry.balance_change is None) <= unlimited
            assert (
                not unlimited or entry.balance_change is None or entry.kind in {"DOWNGRADE_CLAMP", "DEACTIVATION_CLEAR"}
            )
            assert any((entry.balance_change, entry.held_change, entry.purchased_change, entry.provisional_change))
            assert (entry.overage_change > 0) <= (entry.kind == "CHARGE")


@over_histories
def test_months_add_up_to_the_tasks(seed: int) -> None:
    """C1, C4: every charge lies in one month, cycles follow each other without a gap and hold their entries."""
    *_, (model, _) = states(seed)
    for name, case in model.cases.items():
        months = model.snapshot(name).months
        assert sum(month.consumed for month in months) == sum(task.charged for task in case.tasks)
        assert sum(month.overage for month in months) == sum(task.overage for task in case.tasks)
        assert all(month.consumed == sum(tokens for _, tokens in month.by_category) for month in months)
        assert sum(month.granted for month in months) == sum(
            entry.balance_change or 0 for entry in case.entries if entry.kind in GRANTS
        )
        assert [cycle for month in months for cycle in month.cycles] == case.cycles
        for entry in case.entries:
            assert case.cycles[entry.cycle - 1].starts_at <= entry.at <= case.cycles[entry.cycle - 1].ends_at


@over_histories
def test_what_a_tank_was_given_is_what_it_lost_and_what_is_in_it(seed: int) -> None:
    """L1, as long as the reservoir was never unlimited: a reservation there comes out of nothing (L7)."""
    *_, (model, _) = states(seed)
    for case in model.cases.values():
        if not any(cycle.tier == "ENTERPRISE" for cycle in case.cycles):
            given = sum(e.balance_change or 0 for e in case.entries if e.kind in {*GRANTS, "PURCHASE"})
            lost = -sum(
                e.balance_change or 0 for e in case.entries if e.kind in {"DOWNGRADE_CLAMP", "DEACTIVATION_CLEAR"}
            )
            spent = sum(task.charged - task.overage for task in case.tasks)
            assert given == lost + spent + case.sum_of_balance + case.held


@over_histories
def test_refusals_quotes_and_replays_store_nothing(seed: int) -> None:
    """K1, T2."""
    model, history = Model(), History(seed)
    for _ in range(STEPS):
        command = history.next(model)
        model.pass_time(command.at)
        before = everything_in(model)
        keys = len(model.remembered)
        answer = getattr(model, command.method)(**vars(command))
        if not isinstance(answer, Success) or len(model.remembered) == keys:
            assert everything_in(model) == before


def told(documents: Sequence[Outcome], order: Sequence[int], cuts: set[int], balance: int) -> Scene:
    """An AUTO task on `balance` tokens, overage on, told of its documents in this order, with a report at each cut."""
    scene = Scene("PRO", overage=True)
    scene.leave_balance(balance)
    number = scene.created(len(documents) + 1, "AUTO", kind="MULTI_CODE", fields=3)
    report: list[tuple[str, str | None, list[str]]] = []
    for position, index in enumerate(order, start=1):
        report.append((*documents[index], [f"document {index}"]))
        if position in cuts or position == len(order):
            assert isinstance(scene.report(number, *report), Success)
            report = []
    scene.finish(number)
    return scene


def final(task: TaskSeen) -> tuple[int, int, int, int]:
    return task.charged, task.overage, task.refunded, task.held


outcomes = st.one_of(
    st.tuples(st.just("SUCCEEDED"), st.sampled_from(("TEXT", "IMAGE", "AUDIO", "VIDEO"))),
    st.tuples(st.sampled_from(("FAILED", "SKIPPED")), st.none()),
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_order_and_batches_of_a_report_do_not_change_what_is_charged(data: st.DataObject) -> None:
    """T4, T5: the same outcomes cost the same, and overage is what the charges exceed the held part by."""
    documents = data.draw(st.lists(outcomes, min_size=1, max_size=9))
    balance = data.draw(st.integers(0, 22 * (len(documents) + 1)))
    order = data.draw(st.permutations(range(len(documents))))
    cuts = data.draw(st.sets(st.integers(1, len(documents))))

    at_once = told(documents, list(range(len(documents))), set(), balance)
    in_parts = told(documents, order, cuts, balance)

    task = in_parts.seen.tasks[-1]
    held_at_creation = in_parts.case.tasks[-1].held_at_creation
    assert final(task) == final(at_once.seen.tasks[-1])
    assert in_parts.seen.reservoir == at_once.seen.reservoir
    assert in_parts.seen.months == at_once.seen.months
    assert task.overage == sum(entry.overage_change for entry in in_parts.seen.entries)
    assert task.overage == max(0, task.charged - held_at_creation)
    assert in_parts.seen.reservoir.balance == max(0, held_at_creation - task.charged) + balance - held_at_creation
