"""Why a figure is what it is: its terms and its ledger entries, out of one snapshot (L1, C6, A2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.cycles import Month
from app.domain.explanations import EntryChoice, Explanation, Figure, of_next_refill, of_tank, of_usage
from app.domain.invoice_explanations import Background, of_line, of_total
from app.domain.invoices import InvoiceLine
from app.domain.ledger import LedgerEntry
from app.domain.months import UsageMonth
from app.domain.refusals import Forbidden, NotFound
from app.services.invoice_lists import sees_whole_invoices
from app.services.paging import Page
from app.services.ports import Ports
from app.services.statements import Telling, telling_of
from app.storage import cases, cycles, entry_sums, invoice_pages, subscriptions
from app.storage.reads import Reader


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure of a case. month: of one of a month, None: the latest; cycle: of that cycle alone instead.

    line: of an invoice line of the case. invoice: of a total; whole: with the lines of other cases, too.
    """

    figure: Figure
    month: Month | None = None
    cycle: int | None = None
    line: int | None = None
    invoice: UUID | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation with a page of its entries, newest first."""

    case: Case
    as_of: datetime
    explanation: Explanation
    entries: Sequence[LedgerEntry]
    has_more: bool
    telling: Telling


async def find_explained(
    ports: Ports, viewer: Viewer, uuid: UUID, question: Question, *, before: int | None, size: int
) -> Explained | NotFound | Forbidden:
    """before: only entries with smaller numbers. NotFound: there is no such figure. Forbidden: it is money (A2)."""
    async with ports.database.snapshot() as connection:
        case = await cases.find_case(connection, uuid)
        if case is None or not viewer.sees(case.organization.organization_id):
            return NotFound()
        explanation = await _explain(connection, case, viewer, question)
        if not isinstance(explanation, Explanation):
            return explanation
        choice, case_id = explanation.entries, case.terms.case_id
        rows: Sequence[LedgerEntry] = ()
        if choice is not None and size:
            rows = await entry_sums.page_of_chosen(connection, case_id, choice, after=before, limit=size + 1)
        entries = rows[:size]
        return Explained(
            case=case,
            as_of=case.now(ports.clock()),
            explanation=explanation,
            entries=entries,
            has_more=len(rows) > size,
            telling=await telling_of(connection, case_id, entries),
        )


async def page_of_entries(
    ports: Ports, case: Case, choice: EntryChoice | None, *, after: int | None, size: int
) -> Page[LedgerEntry]:
    """The entries behind a figure of a case that was found for the viewer, newest first."""
    if choice is None:
        return Page((), False)
    async with ports.database.reading() as connection:
        rows = await entry_sums.page_of_chosen(connection, case.terms.case_id, choice, after=after, limit=size + 1)
    return Page.of(rows, size)


async def count_entries(ports: Ports, case: Case, choice: EntryChoice | None) -> int:
    if choice is None:
        return 0
    async with ports.database.reading() as connection:
        return await entry_sums.count_chosen(connection, case.terms.case_id, choice)


async def _explain(
    connection: Reader, case: Case, viewer: Viewer, question: Question
) -> Explanation | NotFound | Forbidden:
    figure, case_id = question.figure, case.terms.case_id
    if figure.is_money and not viewer.administers:
        return Forbidden()
    if figure is Figure.NEXT_REFILL:
        return of_next_refill(case)
    if figure is Figure.INVOICE_TOTAL:
        return await _total(connection, case, viewer, question)
    if figure is Figure.INVOICE_LINE:
        return await _line(connection, case_id, question)
    if figure.of_month:
        return await _usage(connection, case_id, question)
    return of_tank(figure, case, await entry_sums.sums_of_entries(connection, case_id))


async def _usage(connection: Reader, case_id: int, question: Question) -> Explanation | NotFound:
    if question.cycle is not None:
        of_cycle = await cycles.usage_of_cycle(connection, case_id, question.cycle)
        if of_cycle is None:
            return NotFound()
        sums = await entry_sums.sums_of_entries(connection, case_id, cycle=question.cycle)
        return of_usage(question.figure, UsageMonth([of_cycle], None, None), sums, cycle=of_cycle.cycle)
    usage = await cycles.usage_of_month(connection, case_id, question.month)
    if usage is None:
        return NotFound()
    return of_usage(question.figure, usage, await entry_sums.sums_of_entries(connection, case_id, month=usage.month))


async def _total(connection: Reader, case: Case, viewer: Viewer, question: Question) -> Explanation | NotFound:
    if question.invoice is None:
        return NotFound()
    whole = question.whole and sees_whole_invoices(viewer)
    case_id = None if whole else case.terms.case_id
    invoice = await invoice_pages.find_invoice(connection, question.invoice, case_id=case_id)
    if invoice is None or not viewer.sees(invoice.organization.organization_id):
        return NotFound()
    return of_total(invoice)


async def _line(connection: Reader, case_id: int, question: Question) -> Explanation | NotFound:
    uuid = None
    if question.line is not None:
        uuid = await invoice_pages.invoice_of_line(connection, case_id, question.line)
    invoice = None if uuid is None else await invoice_pages.find_invoice(connection, uuid, case_id=case_id)
    if invoice is None:
        return NotFound()
    shown = next(line for line in invoice.lines if line.line_id == question.line)
    return of_line(invoice, shown, await _background(connection, case_id, shown))


async def _background(connection: Reader, case_id: int, shown: InvoiceLine) -> Background:
    number, credit_of = shown.line.cycle, shown.line.credit_of
    if number is None:
        return Background(None, (), None)
    of_cycle = await cycles.usage_of_cycle(connection, case_id, number)
    upgrade = None
    if credit_of is not None:
        upgrade = (await subscriptions.page_of_timeline(connection, case_id, after=credit_of + 1, limit=1))[0]
    return Background(
        cycle=None if of_cycle is None else of_cycle.cycle,
        sums=await entry_sums.sums_of_entries(connection, case_id, cycle=number),
        upgrade=upgrade,
    )
