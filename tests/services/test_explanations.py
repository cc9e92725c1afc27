"""Every figure is explained by terms that add up to it, and by the entries that say so (L1, C5, C6, A2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from app.adapters.explanation_texts import formula
from app.adapters.languages import words
from app.adapters.term_texts import label
from app.domain.bills import LineKind
from app.domain.callers import Role, Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.clocks import TestClock
from app.domain.cycles import Month
from app.domain.explanation_terms import CreditElsewhere, DailyRefill, LineAmount, NoRoom, Tax, UnusedDays
from app.domain.explanations import Explanation, Figure, LedgerColumn
from app.domain.invoices import Invoice
from app.domain.languages import Language
from app.domain.ledger import EntryKind, LedgerEntry
from app.domain.months import UsageMonth
from app.domain.plans import PlanTier, plan as plan_of
from app.domain.refusals import Forbidden, NotFound
from app.domain.tasks import Task, TaskEnd
from app.services import invoice_lists, usage
from app.services.clocks import advance_test_clock, create_test_clock
from app.services.explanations import Explained, Question, find_explained
from app.services.paging import Page
from app.services.ports import Ports
from tests.plans import BUSINESS, CARD, ENTERPRISE, PRO, STARTER, Life, eastern, on_clock
from tests.stage import new_viewer, registered_case

BEGIN = eastern(2026, 1, 10, 12)
ALL = 100_000
OF_TANK = (Figure.BALANCE, Figure.HELD, Figure.PURCHASED)
OF_USAGE = (Figure.CONSUMED, Figure.GRANTED, Figure.OVERAGE, Figure.PLAN_TOKENS)
EN, FR = words(Language.EN), words(Language.FR)


class World:
    """The services, which are not to be written out where an example fails."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports


@pytest.fixture
def world(ports: Ports) -> World:
    return World(ports)


class Story:
    """A case on a clock of its own; what is refused is passed over."""

    def __init__(self, life: Life, clock: TestClock) -> None:
        self.life, self.clock = life, clock
        self.running: list[Task] = []

    @classmethod
    async def begin(cls, ports: Ports, payment: PaymentMethod, tier: PlanTier = PRO, tax: str = "0") -> "Story":
        ports = replace(ports, test_clocks=True)
        operator, _ = await new_viewer(ports)
        clock = await create_test_clock(ports, operator, key=str(uuid4()), now=BEGIN)
        assert isinstance(clock, TestClock)
        life = await on_clock(ports, operator, clock.uuid)
        organization = (await life.see()).organization.organization_id
        async with ports.database.writing() as connection:
            rate = {"rate": Decimal(tax), "of": organization}
            await connection.execute(
                text("update organizations set tax_rate = :rate, monthly_invoicing = true where organization_id = :of"),
                rate,
            )
        await life.set(overage=True)
        assert isinstance(await life.activate(tier, payment), Case)
        return cls(life, clock)

    async def wait(self, days: int, hours: int = 0) -> None:
        moved = await advance_test_clock(
            self.life.ports, self.life.viewer, key=str(uuid4()), clock=self.clock.uuid,
            to=self.clock.now + timedelta(days=days, hours=hours),
        )  # fmt: skip
        assert isinstance(moved, TestClock)
        self.clock = moved

    async def start(self, tokens: int) -> None:
        task = await self.life.try_task(tokens)
        if isinstance(task, Task):
            self.running.append(task)

    async def work(self, documents: int) -> None:
        if self.running:
            await self.life.charge(self.running[-1], min(documents, self.running[-1].documents))

    async def end(self, end: TaskEnd) -> None:
        if self.running:
            await self.life.end(self.running.pop(), end)

    async def ask(self, figure: Figure, viewer: Viewer | None = None, **asked: object) -> Explained:
        found = await self.try_ask(figure, viewer, **asked)
        assert isinstance(found, Explained), found
        return found

    async def try_ask(
        self, figure: Figure, viewer: Viewer | None = None, **asked: object
    ) -> Explained | NotFound | Forbidden:
        question = Question(figure, **asked)  # type: ignore[arg-type]  # of the types that the fields have
        viewer = viewer or self.life.viewer
        return await find_explained(self.life.ports, viewer, self.life.uuid, question, before=None, size=ALL)

    async def months(self) -> Sequence[UsageMonth]:
        return (await usage.page_of_months(self.life.ports, await self.life.see(), after=None, size=100)).rows

    async def invoices(self) -> Sequence[Invoice]:
        case = await self.life.see()
        page = await invoice_lists.page_of_case(self.life.ports, self.life.viewer, case, after=None, size=1_000)
        assert isinstance(page, Page)
        return page.rows


def changed(entry: LedgerEntry, column: LedgerColumn) -> int:
    return {
        LedgerColumn.BALANCE: entry.balance_change or 0,
        LedgerColumn.HELD: entry.held_change,
        LedgerColumn.PURCHASED: entry.purchased_change,
        LedgerColumn.OVERAGE: entry.overage_change,
    }[column]


def total(explanation: Explanation) -> int | None:
    """Of the terms; None where the figure is unlimited, or there is none."""
    return None if explanation.value is None else sum(term.value for term in explanation.terms)


def sums_of_entries(found: Explained) -> dict[Figure, int]:
    """What the entries that were found make of each figure."""
    entries = found.entries
    return {
        Figure.BALANCE: sum(changed(entry, LedgerColumn.BALANCE) for entry in entries),
        Figure.HELD: sum(changed(entry, LedgerColumn.HELD) for entry in entries),
        Figure.PURCHASED: sum(changed(entry, LedgerColumn.PURCHASED) for entry in entries),
        Figure.CONSUMED: -sum(entry.held_change + entry.provisional_change for entry in entries),
        Figure.GRANTED: sum(changed(entry, LedgerColumn.BALANCE) for entry in entries),
        Figure.OVERAGE: sum(changed(entry, LedgerColumn.OVERAGE) for entry in entries),
    }


ACTIONS = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 40), st.integers(0, 23)),
    st.tuples(st.just("start"), st.sampled_from([1, 60, 400, 999])),
    st.tuples(st.just("work"), st.sampled_from([1, 30, 999])),
    st.tuples(st.just("end"), st.sampled_from(TaskEnd)),
    st.tuples(st.just("buy"), st.sampled_from([1, 250])),
    st.tuples(st.just("upgrade"), st.sampled_from([PRO, BUSINESS, ENTERPRISE])),
    st.tuples(st.just("downgrade"), st.sampled_from([STARTER, PRO])),
    st.tuples(st.just("deactivate")),
    st.tuples(st.just("reactivate"), st.sampled_from([STARTER, PRO])),
)


@given(
    st.sampled_from(PaymentMethod), st.sampled_from(["0", "0.14975"]), st.sampled_from([STARTER, PRO]),
    st.lists(ACTIONS, min_size=4, max_size=14),
)  # fmt: skip
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_the_terms_of_every_figure_add_up_to_it(
    world: World, payment: PaymentMethod, tax: str, tier: PlanTier, actions: list[tuple[str, ...]]
) -> None:
    """L1, C5, C6: whatever a case went through, for its tank, every month, every cycle, every line and every total."""
    story = await Story.begin(world.ports, payment, tier, tax)
    for name, *values in actions:
        own = getattr(story, name, None)
        await (own or getattr(story.life, name))(*values)
    tank = await story.life.tank()
    known = {Figure.BALANCE: tank.balance, Figure.HELD: tank.held, Figure.PURCHASED: tank.purchased}
    for figure in (*OF_TANK, Figure.NEXT_REFILL):
        await check(await story.ask(figure), known.get(figure))
    for month in await story.months():
        for figure in OF_USAGE:
            await check(await story.ask(figure, month=month.month), of_month(month, figure))
            for part in month.usage:
                alone = UsageMonth([part], None, None)
                await check(await story.ask(figure, cycle=part.cycle.number), of_month(alone, figure))
    for invoice in await story.invoices():
        await check(await story.ask(Figure.INVOICE_TOTAL, invoice=invoice.uuid), invoice.total)
        for line in invoice.lines:
            await check(await story.ask(Figure.INVOICE_LINE, line=line.line_id), line.line.amount)


def of_month(month: UsageMonth, figure: Figure) -> int | None:
    return {
        Figure.CONSUMED: month.consumed, Figure.GRANTED: month.granted, Figure.OVERAGE: month.overage,
        Figure.PLAN_TOKENS: month.plan_tokens,
    }[figure]  # fmt: skip


async def check(found: Explained, known: int | None) -> None:
    """known: the figure as it is shown elsewhere."""
    explanation = found.explanation
    assert total(explanation) == explanation.value, explanation
    if explanation.figure is not Figure.NEXT_REFILL:
        assert explanation.value == known
    if explanation.value is not None and explanation.figure in sums_of_entries(found):
        assert sums_of_entries(found)[explanation.figure] == explanation.value
    for language in (EN, FR):
        assert formula(explanation, language)
        assert all(label(term, language) for term in explanation.terms)


async def test_a_line_of_overage_opens_the_charges_of_its_cycle_that_settled_it(ports: Ports) -> None:
    """C6: balance 60, 100 documents with 70 successes: 10 tokens at 0.10."""
    story = await Story.begin(ports, CARD, STARTER)
    await story.life.spend_to(60)
    await story.start(100)
    await story.work(70)
    await story.end(TaskEnd.COMPLETED)
    await story.wait(40)
    line = next(line for each in await story.invoices() for line in each.lines if line.line.kind is LineKind.OVERAGE)
    found = await story.ask(Figure.INVOICE_LINE, line=line.line_id)
    assert found.explanation.value == 100
    assert [(entry.kind, entry.overage_change) for entry in found.entries] == [(EntryKind.CHARGE, 10)]
    assert formula(found.explanation, EN) == (
        "Overage of the cycle to February\u00a09,\u00a02026: 10 tokens. What a cycle charged beyond the reservoir is "
        "invoiced when it ends, token by token. What a task takes from beyond it is fixed when it starts: tokens that "
        "come back or are bought later do not take its place. 10 ×\u00a0$0.10 =\u00a0$1.00"
    )
    assert formula(found.explanation, FR) == (
        "Utilisation excédentaire du cycle jusqu’au 9\u00a0février\u00a02026\u00a0: 10 jetons. Ce qu’un cycle a "
        "imputé au-delà du réservoir est facturé à sa fin, jeton par jeton. Ce qu’une tâche prend au-delà est fixé à "
        "son début\u00a0: les jetons qui reviennent ou sont achetés ensuite ne le remplacent pas. "
        "10 ×\u00a00,10\u00a0$ =\u00a01,00\u00a0$"
    )


async def test_a_credit_is_the_price_times_the_unused_days_over_all_less_what_is_elsewhere(ports: Ports) -> None:
    """C2, C6: Business to Enterprise after ten days; Starter's small invoices use the credit up bit by bit."""
    story = await Story.begin(ports, CARD, BUSINESS)
    await story.wait(10)
    await story.life.upgrade(ENTERPRISE)
    await story.life.downgrade(STARTER)
    await story.wait(80)
    given = [
        line for each in await story.invoices() for line in each.lines if line.line.kind is LineKind.PRORATION_CREDIT
    ]
    assert [line.line.amount for line in given] == [-49_00, -49_00]
    found = await story.ask(Figure.INVOICE_LINE, line=given[0].line_id)
    whole, elsewhere = found.explanation.terms
    assert whole == UnusedDays(BUSINESS, eastern(2026, 1, 20, 12), 4_999_00, 21, 31, -3_386_42)
    assert elsewhere == CreditElsewhere(3_386_42 - 49_00)
    assert [entry.kind for entry in found.entries] == [EntryKind.UPGRADE_FILL] * len(found.entries)
    assert formula(found.explanation, EN).endswith("−$4,999.00 ×\u00a021\u00a0÷ 31 +\u00a0$3,337.42 =\u00a0−$49.00")


async def test_tax_is_its_rate_of_the_other_lines_of_the_case(ports: Ports) -> None:
    """C6: 14.975% of 499.00 is 74.73; the total is explained by all lines."""
    story = await Story.begin(ports, CARD, PRO, tax="0.14975")
    (invoice,) = await story.invoices()
    plan, tax = invoice.lines
    found = await story.ask(Figure.INVOICE_LINE, line=tax.line_id)
    assert found.explanation.terms == (Tax(Decimal("0.14975"), 499_00, 74_73),)
    assert formula(found.explanation, EN).endswith("14.975% ×\u00a0$499.00 =\u00a0$74.73")
    assert formula(found.explanation, FR).endswith("14,975\u00a0% ×\u00a0499,00\u00a0$ =\u00a074,73\u00a0$")
    total = await story.ask(Figure.INVOICE_TOTAL, invoice=invoice.uuid)
    assert total.explanation.terms == (LineAmount(plan), LineAmount(tax))
    assert formula(total.explanation, EN).endswith("$499.00 +\u00a0$74.73 =\u00a0$573.73")


async def test_a_refill_is_explained_by_the_room_that_there_is(ports: Ports) -> None:
    """L4: bought tokens do not count against the cap."""
    story = await Story.begin(ports, CARD, PRO)
    await story.life.buy(1_000)
    await story.start(130)
    await story.work(130)
    await story.end(TaskEnd.COMPLETED)
    found = await story.ask(Figure.NEXT_REFILL)
    pro = plan_of(PRO)
    assert found.explanation.terms == (DailyRefill(pro, 500), NoRoom(10_000, 9_870, -370))
    assert label(found.explanation.terms[1], EN) == "No room under the cap of 10,000 beside 9,870 granted tokens"


async def test_what_is_unlimited_says_so(ports: Ports) -> None:
    story = await Story.begin(ports, CARD, ENTERPRISE)
    for figure in (Figure.BALANCE, Figure.PLAN_TOKENS, Figure.NEXT_REFILL):
        explanation = (await story.ask(figure)).explanation
        assert (explanation.value, explanation.terms) == (None, ())
        assert formula(explanation, EN)


async def test_money_is_for_admins_and_a_case_for_its_organization(ports: Ports) -> None:
    """A2: a member gets Forbidden for money and every count; whoever is of another organization finds nothing."""
    story = await Story.begin(ports, CARD, PRO)
    case = await story.life.see()
    (invoice,) = await story.invoices()
    asked: dict[Figure, dict[str, object]] = {
        Figure.INVOICE_LINE: {"line": invoice.lines[0].line_id},
        Figure.INVOICE_TOTAL: {"invoice": invoice.uuid},
    }
    member, _ = await new_viewer(ports, Role.MEMBER, case.organization.organization_id)
    other = await registered_case(ports, story.life.viewer, organization=str(uuid4()))
    stranger, _ = await new_viewer(ports, Role.ORG_ADMIN, other.organization.organization_id)
    for figure in Figure:
        seen = await story.try_ask(figure, member, **asked.get(figure, {}))
        assert isinstance(seen, Forbidden if figure in asked else Explained), figure
        assert isinstance(await story.try_ask(figure, stranger, **asked.get(figure, {})), NotFound), figure


async def test_what_is_not_there_is_not_found(ports: Ports) -> None:
    story = await Story.begin(ports, CARD, PRO)
    assert isinstance(await story.try_ask(Figure.CONSUMED, month=Month(2020, 1)), NotFound)
    assert isinstance(await story.try_ask(Figure.CONSUMED, cycle=99), NotFound)
    assert isinstance(await story.try_ask(Figure.INVOICE_LINE), NotFound)
    assert isinstance(await story.try_ask(Figure.INVOICE_LINE, line=10**15), NotFound)
    assert isinstance(await story.try_ask(Figure.INVOICE_TOTAL), NotFound)
    assert isinstance(await story.try_ask(Figure.INVOICE_TOTAL, invoice=uuid4()), NotFound)
