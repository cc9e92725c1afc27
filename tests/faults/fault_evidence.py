"""What the database holds at the end, read without the product's code."""

from collections import defaultdict
from uuid import UUID

import psycopg

from tests.faults.fault_history import Evidence, StoredEntry, StoredTask, Task

_TASKS = (
    "select c.uuid, t.number, t.reserved, t.charged, t.refunded, t.status from tasks t join cases c using (case_id)"
)
_ENTRIES = """
select c.uuid, e.task_number, e.kind, e.category, case e.kind
    when 'RESERVE' then e.held_change + e.provisional_change
    when 'CHARGE' then e.overage_change - e.held_change
    when 'REFUND' then -e.held_change - e.provisional_change
end
from ledger_entries e join cases c using (case_id) where e.task_number is not null order by e.case_id, e.sequence
"""
_DOCUMENTS = "select c.uuid, d.task_number, d.document_id, d.outcome from task_documents d join cases c using (case_id)"
_KEYS = """
select c.uuid, k.key from cases c join (
    select case_id, key from tasks union all select case_id, key from idempotency_keys where task_number is not null
) k using (case_id)
"""
_LOWEST = "select c.uuid, min(e.balance_after) from ledger_entries e join cases c using (case_id) group by c.uuid"


def evidence(url: str) -> Evidence:
    """All cases of the database, none of them unlimited."""
    with psycopg.connect(url) as connection:
        documents: dict[Task, dict[str, str]] = defaultdict(dict)
        for case, number, document, outcome in connection.execute(_DOCUMENTS):
            documents[case, number][document] = outcome if isinstance(outcome, str) else outcome.decode()
        keys: set[tuple[UUID, UUID]] = {(case, key) for case, key in connection.execute(_KEYS)}
        return Evidence(
            tasks={(case, number): StoredTask(*rest) for case, number, *rest in connection.execute(_TASKS)},
            entries=[StoredEntry((case, number), *rest) for case, number, *rest in connection.execute(_ENTRIES)],
            documents=dict(documents),
            keys=keys,
            lowest=dict(connection.execute(_LOWEST)),
        )
