"""What happens to cases when nobody touches them (C10): abandonment, daily refill, end of a cycle, monthly invoices."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.model.model_case import Case
from tests.model.model_plans import end_cycle

if TYPE_CHECKING:
    from tests.model.model_memory import Memory

SCHEDULER = "scheduler"


def pass_time(memory: "Memory", at: datetime) -> None:
    """Everything that falls due at or before `at`, instant by instant, each in the order of C10; then cards are asked.

    What a command lets fall due at its own instant, when that has been done already, is done when time goes on: a line
    that waits since the first moment of a month for the invoice of the one before.
    """
    if memory.now is not None and memory.now >= at:
        return
    memory.now = memory.now or at
    for case in memory.cases.values():
        case.actor = SCHEDULER
    while (instant := next_instant(memory)) is not None and instant <= at:
        memory.now = max(memory.now, instant)
        do_due(memory, memory.now)
    memory.now = at
    for case in memory.cases.values():
        case.now = at
    memory.collect()


def do_due(memory: "Memory", now: datetime) -> None:
    """What falls due at one instant, kind by kind over all cases."""
    active = [case for case in memory.cases.values() if case.status == "ACTIVE"]
    for case in active:
        for task in case.running:
            if task.last_sign_at + memory.idle_limit == now:
                case.end(task, "ABANDONED", now)
    for case in active:
        if case.next_refill_at == now:
            case.refill(now)
    for case in active:
        if case.cycles[-1].ends_at == now:
            end_cycle(case, now)
            memory.post(case)
    memory.books.issue(now, memory.tax_rates)
    for case in memory.cases.values():
        case.now = now


def next_instant(memory: "Memory") -> datetime | None:
    """The next one at which something falls due."""
    due = [next_due(case, memory.idle_limit) for case in memory.cases.values() if case.status == "ACTIVE"]
    issue = memory.books.next_issue()
    return min([*due, *([issue] if issue else [])], default=None)


def next_due(case: Case, idle_limit: timedelta) -> datetime:
    """The next instant at which something falls due for an active case (T6, L4, C1)."""
    refill = case.next_refill_at
    idle = [task.last_sign_at + idle_limit for task in case.running]
    return min([case.cycles[-1].ends_at, *idle, *([refill] if refill else [])])
