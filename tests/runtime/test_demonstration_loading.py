"""The year of the demonstration is loaded once, whatever cuts it short."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from app.domain.callers import Viewer
from app.runtime.demonstration.loading import load_history
from app.runtime.servers.postgres import EmbeddedPostgres
from app.services.ports import Ports
from app.services.verification import verify
from tests.stage import Clock, new_viewer, opened

PRESENT = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
DAYS = 34
"""Enough for activations of four cases, a renewal, and the end of a month."""

CUT_AT = (0.0, 0.1, 0.35, 0.6, 0.95)

LEDGER = """
    select c.uuid, e.sequence, e.occurred_at, e.cycle_number, e.task_number, e.balance_change, e.held_change,
        e.overage_change, e.documents, e.kind, e.category, e.refill_date, a.name
    from ledger_rows e join cases c using (case_id) join callers a using (caller_id) order by 1, 2
"""
TASKS = """
    select c.uuid, t.number, t.name, t.created_at, t.finished_at, t.status, t.charged, t.refunded
    from task_rows t join cases c using (case_id) order by 1, 2
"""
PLANS = """
    select c.uuid, p.number, p.occurred_at, p.kind, p.tier, p.charge, p.credit
    from plan_changes p join cases c using (case_id) order by 1, 2
"""
INVOICES = """
    select o.nuix_id, i.number, i.status, i.month, i.issued_at, i.total, i.paid, i.clock_id
    from invoices i join organizations o using (organization_id) order by 1, 2, 4
"""


def told(url: str) -> list[list[tuple[Any, ...]]]:
    """All that the load has made."""
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchall() for query in (LEDGER, TASKS, PLANS, INVOICES)]


async def cut_short(ports: Ports, operator: Viewer, part: float) -> None:
    """Cancels a load a moment after it has come so far."""

    def heard(done: float) -> None:
        if done >= part:
            asyncio.get_running_loop().call_later(0.003, loading.cancel)

    loading = asyncio.create_task(load_history(ports, operator, heard=heard, days=DAYS))
    with pytest.raises(asyncio.CancelledError):
        await loading


@pytest.fixture
def other_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A second database of the test's own."""
    postgres.create_database("other_demonstration", template="template")
    yield postgres.url("other_demonstration")
    postgres.drop_database("other_demonstration")


async def test_a_load_that_is_cut_short_again_and_again_is_completed_and_the_same(own_url: str, other_url: str) -> None:
    heard: list[float] = []
    async with opened(own_url, Clock(PRESENT)) as ports:
        operator, _ = await new_viewer(ports)
        for part in CUT_AT:
            await cut_short(ports, operator, part)
        await load_history(ports, operator, heard=heard.append, days=DAYS)
        assert (await verify(ports)).differences == []
    assert 0.9 < heard[0] < heard[-1] == 1
    async with opened(other_url, Clock(PRESENT)) as ports:
        operator, _ = await new_viewer(ports)
        await load_history(ports, operator, heard=lambda _: None, days=DAYS)
    made = told(own_url)
    assert all(made)
    assert made == told(other_url)


async def test_what_is_loaded_is_not_loaded_again(own_url: str) -> None:
    clock, heard = Clock(PRESENT), list[float]()
    async with opened(own_url, clock) as ports:
        operator, _ = await new_viewer(ports)
        await load_history(ports, operator, heard=lambda _: None, days=3)
        made = told(own_url)
        clock.pass_(days=2)
        await load_history(ports, operator, heard=heard.append, days=DAYS)
    assert heard == []
    assert told(own_url) == made
