"""Row 3: settling 100,000 documents of one task in ten calls beside one COPY and one statement; then the same again."""

import statistics
import time
from uuid import uuid4

import psycopg

from app.domain.outcomes import OutcomeGroup
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.domain.tasks import Task
from app.services.cases import find_case
from tests.bench.ground import Ground
from tests.bench.rounds import REPETITIONS, Row
from tests.stage import bulk, created, failed, finish, named, report, skipped, succeeded

DOCUMENTS = 100_000
CALLS = 10
MODES = (ScanMode.TEXT, ScanMode.IMAGE, ScanMode.AUDIO, ScanMode.VIDEO)


def calls() -> list[list[OutcomeGroup]]:
    """Ten reports of 10,000 documents: mixed modes, a tenth failed or skipped."""
    ids = named(DOCUMENTS)
    size = DOCUMENTS // CALLS
    return [_groups(ids[start : start + size]) for start in range(0, DOCUMENTS, size)]


def _groups(ids: list[str]) -> list[OutcomeGroup]:
    tenth = len(ids) // 10
    done = ids[tenth:]
    modes = [succeeded(done[place :: len(MODES)], mode) for place, mode in enumerate(MODES)]
    return [failed(ids[: tenth // 2]), skipped(ids[tenth // 2 : tenth]), *modes]


async def _settle(ground: Ground, task: Task, reports: list[list[OutcomeGroup]]) -> float:
    begun = time.perf_counter()
    for number, groups in enumerate(reports):
        result = await report(ground.ports, ground.viewer, task, *groups, key=f"{task.number}.{number}")
        assert isinstance(result, Task), result
    return time.perf_counter() - begun


def _minimal(url: str, ids: list[str]) -> float:
    """The least that could be done: COPY into a temporary table, one statement into a table with the same key."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "create table if not exists least (task uuid, document text, outcome int, primary key (task, document))"
        )
        connection.execute("create temporary table arrived (document text, outcome int) on commit delete rows")
        connection.commit()
        begun = time.perf_counter()
        size = len(ids) // CALLS
        task = uuid4()
        for start in range(0, len(ids), size):
            with connection.cursor().copy("copy arrived from stdin") as copy:
                for document in ids[start : start + size]:
                    copy.write_row((document, 1))
            connection.execute("insert into least select %s, * from arrived on conflict do nothing", (task,))
            connection.commit()
        return time.perf_counter() - begun


async def settle(ground: Ground) -> list[Row]:
    [uuid] = await ground.cases(1, PlanTier.ENTERPRISE)
    case = await find_case(ground.ports, ground.viewer, uuid)
    assert case is not None
    reports, ids = calls(), named(DOCUMENTS)
    to_minimal, to_first, rates = [], [], []
    for repetition in range(REPETITIONS + 1):
        task = await created(ground.ports, ground.viewer, case, bulk(ScanMode.AUTO, DOCUMENTS))
        first = await _settle(ground, task, reports)
        minimal = _minimal(ground.url, ids)
        again = await _settle(ground, task, reports)
        await finish(ground.ports, ground.viewer, task)
        if repetition:
            to_minimal.append(minimal / first)
            to_first.append(again / first)
            rates.append(DOCUMENTS / first)
    return [
        Row(
            "Settle 100,000 documents in ten calls / COPY and one statement",
            f"{statistics.median(to_minimal):.2f} ({statistics.median(rates):,.0f} documents/s)",
            "≥ 0.65",
        ),
        Row("The same calls again, their time to the first's", f"{statistics.median(to_first):.2f}", "≤ 0.5"),
    ]
