"""Recomputing what is shown from what was entered (L1)."""

from dataclasses import dataclass

from app.services.ports import Ports
from app.storage.verification import Difference, count_verified, find_differences


@dataclass(frozen=True, slots=True)
class Verification:
    cases: int
    entries: int
    differences: list[Difference]


async def verify(ports: Ports) -> Verification:
    """Every reservoir, task and cycle against the ledger."""
    async with ports.database.writing() as connection:
        differences = await find_differences(connection)
        cases, entries = await count_verified(connection)
    return Verification(cases, entries, differences)
