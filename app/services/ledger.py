"""The ledger of a case, read (L1)."""

from collections.abc import Sequence

from app.domain.cases import Case
from app.domain.cycles import Month
from app.domain.ledger import EntryKind, LedgerEntry
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import ledger as stored


async def find_entry(ports: Ports, case: Case, sequence: int) -> LedgerEntry | None:
    async with ports.database.reading() as connection:
        return await stored.find_entry(connection, case.terms.case_id, sequence)


async def page_of_entries(
    ports: Ports, case: Case, *, kinds: Sequence[EntryKind] | None, month: Month | None, after: int | None, size: int
) -> Page[LedgerEntry]:
    """Newest first."""
    async with ports.database.reading() as connection:
        rows = await stored.page_of_entries(
            connection, case.terms.case_id, kinds=kinds, month=month, after=after, limit=size + 1
        )
    return Page.of(rows, size)


async def entries_after(ports: Ports, case: Case, sequence: int, *, most: int) -> list[LedgerEntry]:
    """Oldest first, after the sequence given: what has happened since somebody last looked."""
    async with ports.database.reading() as connection:
        return await stored.entries_after(connection, case.terms.case_id, sequence, limit=most)


async def count_entries(ports: Ports, case: Case, *, kinds: Sequence[EntryKind] | None, month: Month | None) -> int:
    async with ports.database.reading() as connection:
        return await stored.count_entries(connection, case.terms.case_id, kinds=kinds, month=month)
