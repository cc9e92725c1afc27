"""What happens to a case when nobody touches it (C10): abandonment, daily refill, end of a cycle."""

from datetime import datetime, timedelta

from tests.model.model_case import Case
from tests.model.model_plans import end_cycle

SCHEDULER = "scheduler"


def pass_time(case: Case, at: datetime, idle_limit: timedelta) -> None:
    """Everything that falls due at or before `at`, instant by instant, each in the order of C10."""
    case.actor = SCHEDULER
    while case.status == "ACTIVE" and (instant := next_due(case, idle_limit)) <= at:
        for task in case.running:
            if task.last_sign_at + idle_limit == instant:
                case.end(task, "ABANDONED", instant)
        if case.next_refill_at == instant:
            case.refill(instant)
        if case.cycles[-1].ends_at == instant:
            end_cycle(case, instant)
        case.now = instant
    case.now = max(case.now, at)


def next_due(case: Case, idle_limit: timedelta) -> datetime:
    """The next instant at which something falls due for an active case (T6, L4, C1)."""
    refill = case.next_refill_at
    idle = [task.last_sign_at + idle_limit for task in case.running]
    return min([case.cycles[-1].ends_at, *idle, *([refill] if refill else [])])
