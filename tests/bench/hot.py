"""Row 2: many callers of one case, each with its own verdict, and what it and the other cases lose by each other."""

from collections.abc import Awaitable, Callable
from itertools import cycle
from random import Random
from uuid import UUID

from app.domain.refusals import InsufficientTokens
from app.domain.tasks import Task
from tests.bench.callers import (
    TOO_LARGE,
    Step,
    allowed,
    beside,
    called_bare,
    cold,
    in_parallel,
    through_the_service,
)
from tests.bench.ground import Ground
from tests.bench.rounds import Row, Work, loss, per_second, rates, ratio

CALLERS = 32
AMONG = {8: "among a few", 40: "among many"}
"""How many other cases are busy beside the hot one, each with a caller of its own."""


async def hot_reserve(ground: Ground) -> list[Row]:
    effort = ground.effort
    others = await ground.cases(effort.cases)
    hot = await ground.cases(effort.repetitions + 1)
    apart = await ground.cases(effort.repetitions + 1)
    reserve, beside_it = allowed(ground), cold(allowed(ground), others, effort.calls)
    async with called_bare(ground, apart) as bare:
        works: dict[str, Work] = {
            "one": _verdicts(ground, hot, 1, effort.calls // 4),
            "many": _verdicts(ground, hot, CALLERS, effort.calls),
            "bare": lambda repetition: in_parallel(_mixed(bare, apart[repetition]), CALLERS, effort.calls),
            "alone": beside_it,
            "beside": lambda repetition: beside(beside_it, repetition, CALLERS, lambda: reserve(hot[repetition], 1)),
        }
        hot_among = _verdicts(ground, hot, CALLERS, effort.calls // 4)
        works |= {name: _among(hot_among, reserve, others[:crowd]) for crowd, name in AMONG.items()}
        measured = await rates(works, effort.repetitions)
    to_one, to_bare = (measured["many"], measured["one"]), (measured["many"], measured["bare"])
    others_pair = measured["beside"], measured["alone"]
    return [
        Row(
            f"Hot reserve, one case, a tenth refused: {CALLERS} callers / 1 caller",
            ratio(*to_one), per_second(*to_one), least=1,
        ),
        Row(
            f"Hot reserve, {CALLERS} callers: service / the same function called bare",
            ratio(*to_bare), per_second(*to_bare),
        ),
        *(
            Row(
                f"Hot reserve, {CALLERS} callers: while {crowd} other cases are busy / alone",
                ratio(measured[name], measured["many"]), per_second(measured[name], measured["many"]),
            )
            for crowd, name in AMONG.items()
        ),
        Row(
            f"Reserves of other cases: loss beside {CALLERS} callers of one case",
            loss(*others_pair), per_second(*others_pair), unit="%", most=20,
        ),
    ]  # fmt: skip


def _among(work: Work, reserve: Step, others: list[UUID]) -> Work:
    """The work while all the other cases are busy."""
    turns = cycle(others)
    return lambda repetition: beside(work, repetition, len(others), lambda: reserve(next(turns), 1))


def _documents(order: Random) -> int:
    """One, or in a tenth of the calls more than there are tokens."""
    return TOO_LARGE if order.random() < 0.1 else 1


def _mixed(step: Step, uuid: UUID) -> Callable[[Random], Awaitable[bool]]:
    return lambda order: step(uuid, _documents(order))


def _verdicts(ground: Ground, cases: list[UUID], callers: int, calls: int) -> Work:
    """Calls on a case of the repetition's own, each of which must get the verdict that is its own."""
    call = through_the_service(ground)

    async def work(repetition: int) -> int:
        numbers = set[int]()
        granted = 0

        async def one(order: Random) -> None:
            nonlocal granted
            documents = _documents(order)
            verdict = await call(cases[repetition], documents)
            if documents == TOO_LARGE:
                assert isinstance(verdict, InsufficientTokens), verdict
                return
            assert isinstance(verdict, Task), verdict
            numbers.add(verdict.number)
            granted += 1

        done = await in_parallel(one, callers, calls)
        assert len(numbers) == granted
        return done

    return work
