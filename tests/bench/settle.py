"""Row 3: settling a task of many documents in ten calls beside one COPY and one statement, and beside the naive way."""

import time

from app.domain.outcomes import OutcomeGroup
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import Task
from app.services.cases import find_case
from tests.bench.ground import Ground
from tests.bench.memory import forget_peak, peak, resident
from tests.bench.peer_settle import minimal, naive
from tests.bench.rounds import Row, per_second, ratio
from tests.stage import bulk, created, failed, finish, named, report, skipped, succeeded

CALLS = 10
NAIVE = 100
"""The naive way takes so many times longer for a document that it gets so many times fewer."""

MODES = (ScanMode.TEXT, ScanMode.IMAGE, ScanMode.AUDIO, ScanMode.VIDEO)


async def settle(ground: Ground) -> list[Row]:
    [uuid] = await ground.cases(1, PlanTier.ENTERPRISE)
    case = await find_case(ground.ports, ground.viewer, uuid)
    assert case is not None
    ids = named(ground.effort.documents)
    reports = _reports(ids)
    rates: dict[str, list[float]] = {"first": [], "minimal": [], "again": [], "naive": []}
    grown: list[float] = []
    for repetition in range(ground.effort.repetitions + 1):
        task = await created(ground.ports, ground.viewer, case, bulk(ScanMode.AUTO, len(ids)))
        forget_peak()
        before = resident()
        first = await _settle(ground, task, reports)
        grown.append(peak() - before)
        seconds = {
            "first": first,
            "minimal": minimal(ground.url, ids, CALLS),
            "again": await _settle(ground, task, reports),
            "naive": naive(ground.url, ids[::NAIVE]) * NAIVE,
        }
        await finish(ground.ports, ground.viewer, task)
        if repetition:
            for name, taken in seconds.items():
                rates[name].append(len(ids) / taken)
    return _rows(len(ids), rates, max(grown))


def _rows(documents: int, rates: dict[str, list[float]], grown: float) -> list[Row]:
    first, scenario = rates["first"], f"Settle {documents:,} documents in ten calls"

    def beside(peer: str, name: str, least: float) -> Row:
        return Row(f"{scenario} / {name}", ratio(first, rates[peer]), per_second(first, rates[peer]), least=least)

    return [
        beside("minimal", "COPY and one statement", 0.65),
        beside("naive", "a transaction for each document", 60),
        Row("The same calls again, their time to the first's", ratio(first, rates["again"]), most=0.5),
        Row(f"{scenario}: growth of the process at its peak, the reports apart", grown, unit="MiB", most=150),
    ]


def _reports(ids: list[str]) -> list[list[OutcomeGroup]]:
    """Ten reports: mixed modes, a tenth failed or skipped."""
    size = len(ids) // CALLS
    return [_groups(ids[start : start + size]) for start in range(0, len(ids), size)]


def _groups(ids: list[str]) -> list[OutcomeGroup]:
    tenth = len(ids) // 10
    done = ids[tenth:]
    modes = [succeeded(done[place :: len(MODES)], mode) for place, mode in enumerate(MODES)]
    return [failed(ids[: tenth // 2]), skipped(ids[tenth // 2 : tenth]), *modes]


async def _settle(ground: Ground, task: Task, reports: list[list[OutcomeGroup]]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    for number, groups in enumerate(reports):
        result = await report(ground.ports, ground.viewer, task, *groups, key=f"{task.number}.{number}")
        assert isinstance(result, Task), result
    return time.perf_counter() - begun
