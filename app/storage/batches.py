"""Batches: what is asked of a case while others ask of it goes together, in one statement and one transaction."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

LONG = 32
"""Questions that wait: for each so many a line takes one more along, however many lines there are, lest its end lose
patience. One at a time is what keeps the others' rate; more for a short line would cost them over a fifth of it."""

_LEAD: Any = object()
"""Told to the first of those who wait: nobody is under way any more, go and take the others with you."""


class Batches(Generic[Question, Answer]):
    """Lets one of a line be under way at a time; it takes along whoever has come meanwhile.

    Up to `most` questions are under way together, which the lines share evenly, so that a long one costs the others no
    more than its part, unless it is so long that its last would lose patience.

    One case is locked by one transaction at a time, and each holds the lock until it is on the disk: requests that go
    together wait once. Whoever is alone goes at once and pays nothing; lines do not wait for each other.
    """

    def __init__(
        self, send: Callable[[Any, Sequence[Question]], Awaitable[Sequence[Answer]]], most: int, patience: float
    ) -> None:
        """send(line, questions) gives an answer to each; what it raises, each of them gets. patience: in seconds."""
        self._send = send
        self._most = most
        self._patience = patience
        self._lines: dict[Hashable, deque[_Waiting[Question, Answer]]] = {}

    async def ask(self, line: Hashable, question: Question) -> Answer:
        """Raises TimeoutError where nobody took the question along for the time of patience."""
        waiting = self._lines.get(line)
        if waiting is None:
            self._lines[line] = deque()
        else:
            told = await self._wait(line, waiting, _Waiting(question))
            if told is not _LEAD:
                return told
        return await self._lead(line, question)

    async def _wait(
        self, line: Hashable, waiting: "deque[_Waiting[Question, Answer]]", mine: "_Waiting[Question, Answer]"
    ) -> Answer:
        waiting.append(mine)
        try:
            async with asyncio.timeout(self._patience):
                return await mine.told
        except BaseException:
            # Who leaves at the very moment of being told to lead must pass that on.
            if mine.leads():
                self._pass_on(line)
            raise

    async def _lead(self, line: Hashable, question: Question) -> Answer:
        waiting = self._lines[line]
        share = max(1, self._most // len(self._lines), 1 + len(waiting) // LONG)
        taken: list[_Waiting[Question, Answer]] = []
        while waiting and len(taken) < share - 1:
            if not (other := waiting.popleft()).told.done():
                taken.append(other)
        try:
            mine, *theirs = await self._send(line, [question, *(other.question for other in taken)])
        except Exception as error:
            for other in taken:
                other.tell(error)
            raise
        except BaseException:
            waiting.extendleft(reversed(taken))  # the leader alone is cancelled; the others are asked for again
            raise
        else:
            for other, answer in zip(taken, theirs, strict=True):
                other.tell(answer)
            return mine
        finally:
            self._pass_on(line)

    def _pass_on(self, line: Hashable) -> None:
        waiting = self._lines[line]
        while waiting:
            if not waiting[0].told.done():
                waiting.popleft().told.set_result(_LEAD)
                return
            waiting.popleft()
        del self._lines[line]


class _Waiting(Generic[Question, Answer]):
    """A question and the future in which its answer comes."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def leads(self) -> bool:
        told = self.told
        return told.done() and not told.cancelled() and told.exception() is None and told.result() is _LEAD

    def tell(self, answer: Answer | Exception) -> None:
        if self.told.done():
            return
        if isinstance(answer, Exception):
            self.told.set_exception(answer)
        else:
            self.told.set_result(answer)
