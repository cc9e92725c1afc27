"""What the database itself refuses about invoices, whoever asks (C6), statements as the service's own user."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors, sql

from app.domain.cases import Case, PaymentMethod
from app.domain.plans import PlanTier
from app.services.organizations import find_by_nuix_id, set_monthly_invoicing
from app.services.ports import Ports
from tests.plans import registered
from tests.stage import new_viewer


class Invoices(NamedTuple):
    """Ids: one by card that stands open, with its only line and its case; one that waits, and its case."""

    issued: int
    line: int
    case: int
    waiting: int
    waits: int


@pytest.fixture
def connection(shared_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Whatever a test does is rolled back."""
    with psycopg.connect(shared_url) as connected:
        yield connected
        connected.rollback()


@pytest.fixture
async def invoices(ports: Ports, connection: psycopg.Connection[Any]) -> Invoices:
    """Two cases of an organization of their own, on Pro: one by card, one on monthly invoices."""
    operator, _ = await new_viewer(ports)
    organization = str(uuid4())
    by_card = await registered(ports, operator, organization=organization)
    assert isinstance(await by_card.activate(), Case)
    for found in await find_by_nuix_id(ports, organization, None):
        await set_monthly_invoicing(ports, found, True)
    monthly = await registered(ports, operator, organization=organization)
    assert isinstance(await monthly.activate(PlanTier.PRO, PaymentMethod.MONTHLY_INVOICE), Case)
    ids = connection.execute(
        "select i.invoice_id, l.line_id, c.case_id from cases c join invoice_lines l using (case_id) "
        "join invoices i using (invoice_id) where c.uuid = any (%s) order by i.status desc",
        [[by_card.uuid, monthly.uuid]],
    ).fetchall()
    (issued, line, case), (waiting, _, waits) = ids
    return Invoices(issued, line, case, waiting, waits)


ISSUED = "does not change|was issued|append-only|invoices are kept"
CHANGES = [
    "update invoices set total = total + 1 where invoice_id = {issued}",
    "update invoices set number = number + 1 where invoice_id = {issued}",
    "update invoices set issued_at = now() where invoice_id = {issued}",
    "update invoices set month = '2026-03-01', case_id = null where invoice_id = {issued}",
    "update invoices set uuid = gen_random_uuid() where invoice_id = {issued}",
    "update invoices set organization_id = organization_id + 1 where invoice_id = {issued}",
    "update invoices set case_id = {waits} where invoice_id = {issued}",
    "update invoices set billed_to = 'Evil Corp' where invoice_id = {issued}",
    "update invoices set rate = 0.05 where invoice_id = {issued}",
    "update invoices set issued_on = 1 where invoice_id = {issued}",
    "update invoices set status = 'PENDING', number = null, issued_at = null, total = null where invoice_id = {issued}",
    "update invoices set uuid = gen_random_uuid() where invoice_id = {waiting}",
    "delete from invoices where invoice_id = {issued}",
    "delete from invoices where invoice_id = {waiting}",
    "truncate invoices cascade",
    "update invoice_lines set quantity = 2, amount = 2 * unit_price where line_id = {line}",
    "update invoice_lines set invoice_id = {waiting} where line_id = {line}",
    "delete from invoice_lines where line_id = {line}",
    "delete from invoice_lines where invoice_id = {waiting}",
    "truncate invoice_lines",
]


@pytest.mark.parametrize("statement", CHANGES)
async def test_what_was_issued_stays(invoices: Invoices, connection: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(errors.RestrictViolation, match=ISSUED):
        connection.execute(sql.SQL(statement).format(**invoices._asdict()))


async def test_payment_goes_on_and_only_forward(invoices: Invoices, connection: psycopg.Connection[Any]) -> None:
    pay = "update invoices set paid = %s where invoice_id = %s"
    connection.execute(pay, [100, invoices.issued])
    with pytest.raises(errors.RestrictViolation, match="does not change"), connection.transaction():
        connection.execute(pay, [99, invoices.issued])
    with pytest.raises(errors.CheckViolation, match="paid_up"), connection.transaction():
        connection.execute(pay, [49_901, invoices.issued])
    with pytest.raises(errors.CheckViolation, match="paid_up"), connection.transaction():
        connection.execute("update invoices set status = 'PAID' where invoice_id = %s", [invoices.issued])
    settle = "update invoices set status = 'PAID', paid = total, settled_at = issued_at + %s where invoice_id = %s"
    with pytest.raises(errors.CheckViolation, match="settled_once_issued"), connection.transaction():
        connection.execute(settle, [timedelta(seconds=-1), invoices.issued])
    connection.execute(settle, [timedelta(seconds=1), invoices.issued])


async def test_what_an_operator_marks_names_them_and_stays(
    invoices: Invoices, connection: psycopg.Connection[Any]
) -> None:
    """C6: as received elsewhere, never more than is paid, or as void, of which nothing is."""

    def mark(changes: str) -> None:
        connection.execute(sql.SQL(f"update invoices set {changes} where invoice_id = {{}}").format(invoices.issued))

    somebody = "marked_by = (select min(caller_id) from callers)"
    for changes, constraint in [
        ("status = 'VOID'", "marked_by_somebody"),
        ("paid = 100, elsewhere = 100", "marked_by_somebody"),
        (somebody, "marked_by_somebody"),
        (f"paid = 100, elsewhere = 101, {somebody}", "received_elsewhere"),
        (f"paid = 100, status = 'VOID', {somebody}", "received_elsewhere"),
    ]:
        with pytest.raises(errors.CheckViolation, match=constraint), connection.transaction():
            mark(changes)
    mark(f"paid = 100, elsewhere = 100, {somebody}")
    for changes in ("elsewhere = 0, marked_by = null", "elsewhere = 99", "marked_by = marked_by + 1"):
        with pytest.raises(errors.RestrictViolation, match="does not change"), connection.transaction():
            mark(changes)
    mark("paid = total, status = 'PAID', settled_at = issued_at")


LINE = """
    insert into invoice_lines (
        case_id, invoice_id, quantity, unit_price, amount, cycle_number, effective_at, kind, {columns}
    )
    values ({case}, {invoice}, {quantity}, 10, {amount}, {cycle}, '2026-03-03', {kind}, {values})
"""


def add_line(connection: psycopg.Connection[Any], invoices: Invoices, **changed: object) -> None:
    """Overage of one token of the case that waits, on the invoice that waits, unless it is changed."""
    columns = {"tier": "PRO"} | {name: changed.pop(name) for name in ("credit_of", "entry", "rate") if name in changed}
    line = {"case": invoices.waits, "invoice": invoices.waiting, "quantity": 1, "amount": 10, "cycle": 1} | changed
    connection.execute(
        sql.SQL(LINE).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=sql.SQL(", ").join(map(sql.Literal, columns.values())),
            **{name: sql.Literal(value) for name, value in ({"kind": "OVERAGE"} | line).items()},
        )
    )


async def test_an_issued_invoice_takes_no_more_lines(invoices: Invoices, connection: psycopg.Connection[Any]) -> None:
    add_line(connection, invoices)
    with pytest.raises(errors.RestrictViolation, match="takes no more lines"):
        add_line(connection, invoices, invoice=invoices.issued, case=invoices.case)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"amount": 11}, "amount_is_exact"),
        ({"quantity": -1, "amount": -10}, "only_credits_are_negative"),
        ({"kind": "PRORATION_CREDIT", "credit_of": 1}, "only_credits_are_negative"),
        ({"kind": "PRORATION_CREDIT", "quantity": -1, "amount": -10}, "a_credit_comes_from_a_change"),
        ({"credit_of": 1}, "a_credit_comes_from_a_change"),
        ({"kind": "TOKEN_PURCHASE"}, "a_purchase_has_its_entry"),
        ({"entry": 1}, "a_purchase_has_its_entry"),
        ({"kind": "TAX"}, "tax_has_a_rate"),
        ({"rate": "0.05"}, "tax_has_a_rate"),
        ({"cycle": None}, "of_a_cycle"),
    ],
)
async def test_a_line_that_cannot_be_is_refused(
    invoices: Invoices, connection: psycopg.Connection[Any], wrong: dict[str, object], constraint: str
) -> None:
    with pytest.raises(errors.CheckViolation, match=constraint):
        add_line(connection, invoices, **wrong)


@pytest.mark.parametrize(
    ("kind", "given", "index"),
    [
        ("PLAN", {}, "one_plan_line_a_cycle"),
        ("OVERAGE", {}, "one_overage_line_a_cycle"),
        ("TOKEN_PURCHASE", {"entry": 7}, "one_line_a_purchase"),
    ],
)
async def test_what_is_billed_once_is_not_billed_again(
    invoices: Invoices, connection: psycopg.Connection[Any], kind: str, given: dict[str, object], index: str
) -> None:
    """C6: a plan and an overage for each cycle, a purchase for its entry."""
    add_line(connection, invoices, kind=kind, cycle=2, **given)
    with pytest.raises(errors.UniqueViolation, match=index):
        add_line(connection, invoices, kind=kind, cycle=2, **given)


ISSUE = """
    update invoices set number = %s, issued_at = now(), total = %s, rate = 0, billed_to = 'Acme', status = 'OPEN'
    where invoice_id = %s
"""


async def test_the_next_number_is_taken_and_no_other(invoices: Invoices, connection: psycopg.Connection[Any]) -> None:
    """C6: the first invoice of the organization is issued, so that the one that waits is the second."""
    with pytest.raises(errors.CheckViolation, match="would leave a gap"), connection.transaction():
        connection.execute(ISSUE, [3, 49_900, invoices.waiting])
    with pytest.raises(errors.UniqueViolation, match="invoices_by_number"), connection.transaction():
        connection.execute(ISSUE, [1, 49_900, invoices.waiting])
    with pytest.raises(errors.CheckViolation, match="not the sum of its lines"), connection.transaction():
        connection.execute(ISSUE, [2, 49_899, invoices.waiting])
    connection.execute(ISSUE, [2, 49_900, invoices.waiting])


async def test_a_number_that_is_not_used_after_all_is_given_again(
    invoices: Invoices, connection: psycopg.Connection[Any]
) -> None:
    """C6: consecutive without gaps, so that it is no sequence."""
    issue = "select issue_invoice(%s, now(), 0), (select number from invoices where invoice_id = %s)"
    with connection.transaction(force_rollback=True):
        connection.execute(issue, [invoices.waiting, invoices.waiting])
    connection.execute(issue, [invoices.waiting, invoices.waiting])
    number = connection.execute("select number from invoices where invoice_id = %s", [invoices.waiting]).fetchone()
    assert number == (2,)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'OPEN'", "_once_issued|not the sum of its lines"),
        ("number = 2", "numbered_once_issued"),
        ("issued_at = now()", "dated_once_issued"),
        ("total = 49900", "summed_once_issued"),
        ("billed_to = 'Acme', rate = 0", "billed_once_issued"),
        ("rate = 0", "billed_once_issued"),
        ("paid = 1", "paid_up"),
        ("month = '2026-03-02'", "of_a_first_day"),
        ("month = null", "of_a_month_or_of_a_case"),
        ("case_id = (select min(case_id) from cases)", "of_a_month_or_of_a_case"),
    ],
)
async def test_an_invoice_that_cannot_be_is_refused(
    invoices: Invoices, connection: psycopg.Connection[Any], change: str, constraint: str
) -> None:
    with pytest.raises(errors.CheckViolation, match=constraint):
        connection.execute(sql.SQL(f"update invoices set {change} where invoice_id = {invoices.waiting}"))


async def test_a_month_has_one_invoice_that_waits(invoices: Invoices, connection: psycopg.Connection[Any]) -> None:
    """C6: of an organization in real time."""
    same = "select organization_id, month from invoices where invoice_id = %s"
    with pytest.raises(errors.UniqueViolation, match="invoices_waiting"):
        connection.execute(f"insert into invoices (organization_id, month) {same}", [invoices.waiting])
