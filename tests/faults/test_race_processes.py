"""The same races between processes that really are several (T2, K1)."""

import json
import subprocess
import sys
from itertools import chain
from pathlib import Path

from app.domain.cases import Case
from tests.faults.fault_crowd import ROUNDS, Crowd, assert_nothing_differs, count_rows
from tests.stage import active_case, reread

CLAIMANT = Path(__file__).with_name("fault_claimant.py")


def claimed(url: str, crowd: Crowd, case: Case, firsts: list[int], count: int) -> list[list[str]]:
    """What a process for each first key got, all let go at the same moment."""
    command = [sys.executable, str(CLAIMANT), url, str(crowd.operator.caller_id), str(case.terms.uuid)]
    processes = [
        subprocess.Popen(
            [*command, str(first), str(count)],
            cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for first in firsts
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=60)[0]) for process in processes]


async def test_processes_share_the_room_of_a_tank_exactly(own_url: str, crowd: Crowd) -> None:
    """T2: 64 tasks of 1,000 by four processes on a tank of 10,000: ten run."""
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        results = list(chain(*claimed(own_url, crowd, case, [0, 16, 32, 48], 16)))
        assert results.count("InsufficientTokens") == 54
        assert sorted(int(result) for result in results if result.isdecimal()) == list(range(1, 11))
        tank = (await reread(crowd.one, crowd.operator, case)).reservoir
        assert (tank.balance, tank.held) == (0, 10_000)
    await assert_nothing_differs(crowd.one)


async def test_processes_with_the_same_keys_make_each_task_once(own_url: str, crowd: Crowd) -> None:
    """K1: four processes ask for the same eight tasks at once, and are told the same eight numbers."""
    for _ in range(ROUNDS):
        case = await active_case(crowd.one, crowd.operator)
        first, *others = claimed(own_url, crowd, case, [0, 0, 0, 0], 8)
        assert sorted(first) == [str(number) for number in range(1, 9)]
        assert others == [first] * 3
        assert await count_rows(crowd.one, "tasks", case) == 8
    await assert_nothing_differs(crowd.one)
