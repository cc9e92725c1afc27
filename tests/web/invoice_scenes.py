"""Cases with invoices: one by card with everything that a line can be, and two of one organization by the month."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import text

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.invoices import Invoice
from app.services.invoice_lists import page_of_case
from app.services.paging import Page
from app.services.ports import Ports
from tests.plans import BUSINESS, CARD, INVOICE, PRO, STARTER, Life, registered, work
from tests.stage import Clock
from tests.web.scenes import renamed

FORMULA = '=HYPERLINK("http://x")'
"""What a case may be called, and no spreadsheet may run."""


@dataclass(frozen=True)
class Billed:
    """card: Starter with overage and bought tokens, upgraded to Pro within a month, with tax. monthly and formula: two
    cases of one organization, with issued and pending invoices."""

    card: Life
    monthly: Life
    formula: Life


async def billed(ports: Ports, operator: Viewer, clock: Clock) -> Billed:
    """The last hundred days of three cases; the clock is then where it was."""
    end = clock.now
    clock.now = end - timedelta(days=100)
    card = await _begun(ports, operator, "Tremblay v. Nordwind Energy Inc.", str(uuid4()), "0.14975")
    assert isinstance(await card.activate(STARTER, CARD), Case)
    organization = str(uuid4())
    monthly = await _begun(ports, operator, "In re Harrow Pension Plan", organization, "0.05")
    formula = await _begun(ports, operator, FORMULA, organization, "0.05")
    assert isinstance(await monthly.activate(PRO, INVOICE), Case)
    clock.pass_(days=5)
    assert isinstance(await formula.activate(STARTER, INVOICE), Case)
    await card.spend(1_037)
    await formula.spend(1_012)
    await work(ports)
    clock.pass_(days=14)
    assert isinstance(await card.buy(1_500), Case)
    assert isinstance(await card.upgrade(PRO), Case)
    assert isinstance(await monthly.upgrade(BUSINESS), Case)
    while clock.now + timedelta(days=20) < end:
        clock.pass_(days=20)
        await work(ports)
    clock.now = end
    await work(ports)
    return Billed(card, monthly, formula)


async def invoices_of(life: Life) -> list[Invoice]:
    """As the lists have them."""
    page = await page_of_case(life.ports, life.viewer, await life.see(), after=None, size=100)
    assert isinstance(page, Page)
    return list(page.rows)


async def _begun(ports: Ports, operator: Viewer, name: str, organization: str, tax: str) -> Life:
    """With overage on."""
    life = await registered(ports, operator, organization=organization)
    case = await life.see()
    async with ports.database.writing() as connection:
        await connection.execute(
            text("update organizations set tax_rate = :rate, monthly_invoicing = true where organization_id = :of"),
            {"rate": Decimal(tax), "of": case.organization.organization_id},
        )
    await renamed(ports, case, name)
    await life.set(overage=True)
    return replace(life)
