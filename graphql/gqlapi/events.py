"""Subscriptions: what happens to a case, told as it happens, out of its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import strawberry

from app.domain.cases import Case
from app.domain.ledger import LedgerEntry
from app.domain.refusals import Flaw, InvalidInput, NotFound
from app.services import cases, ledger
from gqlapi.cases import Reservoir
from gqlapi.context import Context, Info
from gqlapi.nodes import case_of
from gqlapi.scalars import BigInt

LOOK_EVERY = 1.0
"""Seconds between two looks at the ledger, unless somebody wakes us earlier."""

ENTRIES_AT_ONCE = 100


@strawberry.type
class ReservoirEvent:
    sequence: BigInt
    reservoir: Reservoir


@strawberry.type(
    description="The root of GraphQL subscriptions is named Events, so that Subscription keeps its billing meaning."
)
class Events:
    @strawberry.subscription(
        description="One event per ledger entry; sequence is LedgerEntry.sequence, without gaps; a reconnecting client "
        "passes the last it saw. Without afterSequence the first event is the present. In a replayed event balance and "
        "held are those after that entry, everything else is the present."
    )
    async def reservoir_changed(
        self, info: Info, case_id: strawberry.ID, after_sequence: BigInt | None = None
    ) -> AsyncGenerator[ReservoirEvent, None]:
        context = info.context
        uuid = case_of(case_id)
        case = None if uuid is None else await cases.find_case(context.ports, context.viewer, uuid)
        if case is None:
            raise context.failure(NotFound())
        if after_sequence is not None and not 0 <= after_sequence <= case.entries:
            raise context.failure(InvalidInput("afterSequence", Flaw.NOT_A_CURSOR))
        return _changes(context, case, after_sequence)


async def _changes(context: Context, case: Case, after: int | None) -> AsyncGenerator[ReservoirEvent, None]:
    """Entries of one case become visible in their order, so that none is ever missed behind a later one.

    No connection is held between two looks.
    """
    if after is None:
        after = case.entries
        yield ReservoirEvent(sequence=after, reservoir=_reservoir(context, case))
    while True:
        # A client that goes does so at any time: a read that is under way ends by itself, and its connection is kept.
        case, entries = await asyncio.shield(_news(context, case, after))
        for entry in entries:
            reservoir = _reservoir(context, case)
            reservoir.balance, reservoir.held = entry.balance_after, entry.held_after
            after = entry.sequence
            yield ReservoirEvent(sequence=after, reservoir=reservoir)
        if len(entries) < ENTRIES_AT_ONCE:
            await context.wakeups.wait(case.terms.uuid, LOOK_EVERY)


async def _news(context: Context, case: Case, after: int) -> tuple[Case, list[LedgerEntry]]:
    """The next entries, and the case as it stands if there are any."""
    entries = await ledger.entries_after(context.ports, case, after, most=ENTRIES_AT_ONCE)
    if entries:
        case = await cases.find_case(context.ports, context.viewer, case.terms.uuid) or case
    return case, entries


def _reservoir(context: Context, case: Case) -> Reservoir:
    return Reservoir.of(case, context.ports.clock())
