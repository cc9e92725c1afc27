"""Rounds: a subject and its peer in turns, so that what slows one slows the other; the median of the paired ratios."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

REPETITIONS = 5

Work = Callable[[int], Awaitable[int]]
"""Does one repetition, given its number, and answers how many units of work it did."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the result table."""

    scenario: str
    figure: str
    goal: str

    def __str__(self) -> str:
        return f"| {self.scenario} | {self.figure} | {self.goal} |"


async def rates(works: Mapping[str, Work], repetitions: int = REPETITIONS) -> dict[str, list[float]]:
    """Units a second of each work in each repetition, the works taking turns; one repetition before is not counted."""
    measured: dict[str, list[float]] = {name: [] for name in works}
    for repetition in range(repetitions + 1):
        for name, work in works.items():
            begun = time.perf_counter()
            units = await work(repetition)
            if repetition:
                measured[name].append(units / (time.perf_counter() - begun))
    return measured


def ratio(subject: list[float], peer: list[float]) -> float:
    """Median of the ratios of each pair."""
    return statistics.median(mine / theirs for mine, theirs in zip(subject, peer, strict=True))


def per_second(measured: list[float]) -> str:
    return f"{statistics.median(measured):,.0f}/s"
