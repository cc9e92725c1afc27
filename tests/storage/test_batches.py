"""Questions of one line go one after the other, and together with those that have come meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any

import psycopg
import pytest

from app.services.ports import Ports
from app.storage.batches import LONG, Batches
from app.storage.database import Step

MOST = 9


class Desk:
    """Answers a question with itself, fails on its poison, remembers what came together; opens when it is told to."""

    def __init__(self, patience: float = 60) -> None:
        self.together: list[list[str]] = []
        self.poison = ""
        self._open: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.batches: Batches[str, str | Exception] = Batches(self._send, MOST, patience)

    async def _send(self, line: Any, questions: Sequence[str]) -> list[str | Exception]:
        self.together.append(list(questions))
        await self._open[line].wait()
        if self.poison in questions:
            raise OSError("lost")
        return list(questions)

    def open(self, line: str = "case") -> None:
        self._open[line].set()

    async def asked(self, *questions: str, line: str = "case") -> "list[asyncio.Task[Any]]":
        """All of them have come when this returns."""
        tasks = [asyncio.create_task(self.batches.ask(line, question)) for question in questions]
        await asyncio.sleep(0)
        return tasks


@pytest.fixture
def desk() -> Desk:
    return Desk()


def parts(questions: str, size: int) -> list[list[str]]:
    """The first alone, and the others so many together."""
    return [[questions[0]], *(list(questions[start : start + size]) for start in range(1, len(questions), size))]


async def test_who_comes_meanwhile_goes_together_in_order_and_not_too_many_at_once(desk: Desk) -> None:
    asked = ascii_lowercase[: 2 * MOST]
    tasks = await desk.asked(*asked)
    desk.open()
    assert await asyncio.gather(*tasks) == list(asked)
    assert desk.together == parts(asked, MOST)
    assert [len(part) for part in desk.together] == [1, MOST, MOST - 1]


async def test_lines_do_not_wait_for_each_other(desk: Desk) -> None:
    await desk.asked("a")
    tasks = await desk.asked("b", line="another case")
    desk.open("another case")
    assert await tasks[0] == "b"
    assert desk.together == [["a"], ["b"]]


@pytest.mark.parametrize(("others", "share"), [(1, MOST // 2), (2, MOST // 3), (40, 1)])
async def test_a_long_line_leaves_the_others_their_share(desk: Desk, others: int, share: int) -> None:
    many = await desk.asked(*ascii_lowercase)
    for number in range(others):
        await desk.asked("0", line=f"another case {number}")
    desk.open()
    assert await asyncio.gather(*many) == list(ascii_lowercase)
    first, *rest = parts(ascii_lowercase, share)
    assert desk.together == [first, *[["0"]] * others, *rest]


async def test_a_line_that_is_very_long_takes_more_along_than_its_share(desk: Desk) -> None:
    many = await desk.asked(*(str(number) for number in range(3 * LONG)))
    for number in range(40):
        await desk.asked("another", line=f"another case {number}")
    desk.open()
    assert len(await asyncio.gather(*many)) == 3 * LONG
    sizes = [len(part) for part in desk.together if part != ["another"]]
    assert sizes[:2] == [1, 3]
    assert sorted(sizes[1:], reverse=True) == sizes[1:]
    assert sizes[-1] == 1


async def test_a_fault_is_told_to_those_who_went_together_and_to_nobody_else(desk: Desk) -> None:
    tasks = await desk.asked(*ascii_lowercase[: MOST + 2])
    desk.poison = "c"
    desk.open()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [str, *[OSError] * MOST, str]


async def test_when_who_leads_is_cancelled_the_others_are_asked_again(desk: Desk) -> None:
    [first] = await desk.asked("a")
    tasks = await desk.asked(*"bcd")
    first.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert desk.together == [["a"], ["b", "c", "d"]]
    tasks[0].cancel()
    desk.open()
    assert await asyncio.gather(*tasks[1:]) == ["c", "d"]
    assert desk.together[2:] == [["c", "d"]]


async def test_who_has_left_is_not_asked_for(desk: Desk) -> None:
    tasks = await desk.asked(*"abc")
    tasks[1].cancel()
    desk.open()
    assert await tasks[2] == "c"
    assert desk.together == [["a"], ["c"]]


async def test_who_is_told_to_lead_and_leaves_at_that_moment_passes_it_on(desk: Desk) -> None:
    first, second, third = await desk.asked(*"abc")
    desk.open()
    await first  # which has told the second to lead
    second.cancel()
    assert await third == "c"


async def test_patience_ends() -> None:
    _, second = await Desk(patience=0.05).asked(*"ab")
    with pytest.raises(TimeoutError):
        await second


async def test_a_line_starts_again_after_it_has_ended(desk: Desk) -> None:
    desk.open()
    assert await desk.batches.ask("case", "a") == "a"
    assert await desk.batches.ask("case", "b") == "b"
    assert desk.together == [["a"], ["b"]]


DIVIDE = Step(
    ("number",),
    once="select 60 / %s, 'alone'",
    for_many="select 60 / given.number, 'together' from rows from (json_to_recordset(%s) as (number int))"
    " with ordinality as given order by given.ordinality",
)


@pytest.mark.parametrize(
    ("numbers", "answers"),
    [
        ([1, 2, 3, 4], [(60, "alone"), (30, "together"), (20, "together"), (15, "together")]),
        ([1, 2, 0, 4], [(60, "alone"), (30, "alone"), psycopg.errors.DivisionByZero, (15, "alone")]),
        ([0, 2, 3, 4], [psycopg.errors.DivisionByZero, (30, "together"), (20, "together"), (15, "together")]),
    ],
)
async def test_what_the_database_finds_wrong_with_one_question_reaches_only_who_asked_it(
    ports: Ports, numbers: list[int], answers: list[Any]
) -> None:
    asked = [ports.database.call_together(DIVIDE, [number], locks_case=1) for number in numbers]
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) if isinstance(answer, Exception) else answer for answer in told] == answers
