"""Questions of one line go one after the other, and together with those that have come meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from app.storage.batches import Batches

MOST = 3


class Desk:
    """Answers a question with itself, fails on its poison, remembers what came together; opens when it is told to."""

    def __init__(self) -> None:
        self.together: list[list[str]] = []
        self.poison = ""
        self._open: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.batches: Batches[str, str | Exception] = Batches(self._send, MOST, patience=0.5)

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


async def test_who_comes_meanwhile_goes_together_in_order_and_not_too_many_at_once(desk: Desk) -> None:
    tasks = await desk.asked(*"abcdefg")
    desk.open()
    assert await asyncio.gather(*tasks) == list("abcdefg")
    assert desk.together == [["a"], ["b", "c", "d"], ["e", "f", "g"]]


async def test_lines_do_not_wait_for_each_other(desk: Desk) -> None:
    await desk.asked("a")
    tasks = await desk.asked("b", line="another case")
    desk.open("another case")
    assert await tasks[0] == "b"
    assert desk.together == [["a"], ["b"]]


async def test_a_long_line_leaves_the_others_their_share(desk: Desk) -> None:
    many = await desk.asked(*"abcde")
    [other] = await desk.asked("x", line="another case")
    desk.open()
    assert await asyncio.gather(*many) == list("abcde")
    assert desk.together == [["a"], ["x"], ["b"], ["c"], ["d"], ["e"]]
    desk.open("another case")
    assert await other == "x"


async def test_a_fault_is_told_to_those_who_went_together_and_to_nobody_else(desk: Desk) -> None:
    tasks = await desk.asked(*"abcde")
    desk.poison = "c"
    desk.open()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [str, OSError, OSError, OSError, str]


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


async def test_patience_ends(desk: Desk) -> None:
    _, second = await desk.asked(*"ab")
    with pytest.raises(TimeoutError):
        await second


async def test_a_line_starts_again_after_it_has_ended(desk: Desk) -> None:
    desk.open()
    assert await desk.batches.ask("case", "a") == "a"
    assert await desk.batches.ask("case", "b") == "b"
    assert desk.together == [["a"], ["b"]]
