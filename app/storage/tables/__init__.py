"""The tables as SQLAlchemy sees them; migrations make them. `make check` compares the two."""

from app.storage.tables.caller_tables import api_keys, callers, sessions, sign_in_links, visits
from app.storage.tables.case_tables import (
    cases,
    cycle_usage,
    cycles,
    organizations,
    outages,
    outbox,
    plan_changes,
    reservoirs,
    test_clock_advances,
    test_clocks,
)
from app.storage.tables.columns import metadata
from app.storage.tables.invoice_tables import invoice_lines, invoice_numbers, invoices, invoicing_requests
from app.storage.tables.payment_tables import payments, simulated_cards, simulated_payments
from app.storage.tables.task_tables import (
    idempotency_keys,
    ledger_entries,
    ledger_rows,
    task_documents,
    task_rows,
    tasks,
)

__all__ = [
    "api_keys",
    "callers",
    "cases",
    "cycle_usage",
    "cycles",
    "idempotency_keys",
    "invoice_lines",
    "invoice_numbers",
    "invoices",
    "invoicing_requests",
    "ledger_entries",
    "ledger_rows",
    "metadata",
    "organizations",
    "outages",
    "outbox",
    "payments",
    "plan_changes",
    "reservoirs",
    "sessions",
    "sign_in_links",
    "simulated_cards",
    "simulated_payments",
    "task_documents",
    "task_rows",
    "tasks",
    "test_clock_advances",
    "test_clocks",
    "visits",
]
