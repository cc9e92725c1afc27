"""Many callers at once, in what would be several processes, and the sums that must add up after them.

FAULT_ROUNDS in the environment repeats every race and lengthens every load so many times; 1 without it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.services.ports import Ports
from app.services.verification import verify
from tests.stage import new_viewer, opened

T = TypeVar("T")

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
PROCESSES = 4
PATIENCE = 60.0
"""Seconds after which a crowd has locked itself up."""


@dataclass(frozen=True)
class Crowd:
    """Services that share nothing but a database, as several processes do: connections and remembered terms of each."""

    members: Sequence[Ports]
    operator: Viewer

    @property
    def one(self) -> Ports:
        return self.members[0]

    def member(self, number: int) -> Ports:
        return self.members[number % len(self.members)]


@asynccontextmanager
async def crowd_on(url: str, clock: Callable[[], datetime], processes: int = PROCESSES) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as stack:
        members = [await stack.enter_async_context(opened(url, clock)) for _ in range(processes)]
        operator, _ = await new_viewer(members[0])
        yield Crowd(members, operator)


async def at_once(*work: Coroutine[Any, Any, T]) -> list[T]:
    """The results, in order, of work that all starts at the same moment; TimeoutError when it never ends."""
    async with asyncio.timeout(PATIENCE):
        return list(await asyncio.gather(*work))


async def assert_nothing_differs(ports: Ports) -> None:
    """Everything stored is what the ledger says (L1)."""
    verification = await verify(ports)
    assert verification.differences == []
    assert verification.entries > 0


async def entries_of(ports: Ports, case: Case) -> list[tuple[str, int, int, int]]:
    """Kind, change of balance, of held and of overage (provisional and settled) of every entry, oldest first."""
    query = text(
        "select kind, balance_change, held_change, provisional_change + overage_change from ledger_entries "
        "where case_id = :case_id order by sequence"
    )
    async with ports.database.writing() as connection:
        return [tuple(row) for row in await connection.execute(query, {"case_id": case.terms.case_id})]


async def count_rows(ports: Ports, table: str, case: Case | None = None) -> int:
    """Rows of a table, of one case or of all."""
    condition = "" if case is None else f" where case_id = {case.terms.case_id}"
    async with ports.database.writing() as connection:
        return int((await connection.execute(text(f"select count(*) from {table}{condition}"))).scalar_one())
