"""Rounds: a subject and its peers in turns, so that what slows one slows the others; medians of the paired ratios."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

Work = Callable[[int], Awaitable[int]]
"""Does one repetition, given its number, and answers how many units of work it did."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a benchmark does. documents are those of the large task, requests those that one process answers.

    months are those that the panel's case has lived, days those of the busy one; refilled are the cases of nine
    o'clock, refills its repetitions.
    """

    repetitions: int = 5
    cases: int = 10_000
    calls: int = 4_000
    documents: int = 100_000
    requests: int = 20_000
    months: int = 120
    days: int = 730
    refilled: int = 1_000_000
    refills: int = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the result table: a figure, None where nothing was measured; the least or the most that it should be;
    and the rates it comes from."""

    scenario: str
    figure: float | None
    rates: str = ""
    unit: str = ""
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        return f"| {self.scenario} | {self._shown()} | {self._goal()} | {self.rates} |"

    def _shown(self) -> str:
        if self.figure is None:
            return ""
        decimals = 2 if abs(self.figure) < 10 else 1 if abs(self.figure) < 100 else 0
        return f"{self.figure:,.{decimals}f} {self.unit}".rstrip()

    def _goal(self) -> str:
        if self.least is not None:
            goal, reached = f"≥ {self.least:g}", self.figure is None or self.figure >= self.least
        elif self.most is not None:
            goal, reached = f"≤ {self.most:g}", self.figure is None or self.figure <= self.most
        else:
            return ""
        return f"{goal} {self.unit}".rstrip() + ("" if reached else ", **missed**")


HEAD = "| Scenario | Measured | Goal | Rates |\n| --- | --- | --- | --- |"


async def rates(works: Mapping[str, Work], repetitions: int) -> dict[str, list[float]]:
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


def loss(beside: list[float], alone: list[float]) -> float:
    """Per cent by which a rate falls; below 0 where it rises."""
    return 100 * (1 - ratio(beside, alone))


def per_second(*measured: list[float]) -> str:
    return " / ".join(f"{statistics.median(each):,.0f}/s" for each in measured)
