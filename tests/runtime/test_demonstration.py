"""What `make run` shows: a year that is loaded once, and addresses that lead where it says."""

import os
import re
import signal
from collections.abc import Callable
from datetime import UTC, datetime

import httpx2
import psycopg
import pytest

from app.domain.invoices import InvoiceStatus
from app.domain.subscriptions import PlanEvent
from app.runtime.demonstration.cases import FIRST, LIVED
from app.runtime.demonstration.loading import load_history
from app.services.verification import verify
from tests.runtime.conftest import Start
from tests.runtime.started import Started, wait_for
from tests.stage import new_viewer, opened

PANEL = re.compile(r"^Panel: (http://127\.0\.0\.1:\d+/sign-in/([A-Za-z0-9._-]{43,}))$", re.MULTILINE)
LOADING = "Loading the demonstration, once"
FEW_DAYS = 14
"""After which the first case is active."""

Run = Callable[[str], Started]


@pytest.fixture
def run(start: Start, own_url: str) -> Run:
    """Starts it on a database that is there already, and waits until it says something."""

    def started(awaited: str) -> Started:
        program = start(
            "{python}", "-m", "app.runtime.cli", "run", DATABASE_URL=own_url, HOST="127.0.0.1", PORT="0",
            CLAIRA_LOG_LEVEL="debug",
        )  # fmt: skip
        wait_for(lambda: awaited in program.output, lambda: program.output, seconds=200)
        return program

    return started


@pytest.fixture
async def loaded(own_url: str) -> None:
    """Some days instead of a year."""
    async with opened(own_url, lambda: datetime.now(UTC)) as ports:
        operator, _ = await new_viewer(ports)
        await load_history(ports, operator, heard=lambda _: None, days=FEW_DAYS)


def panel(started: Started) -> str:
    """The address on the only line for the panel; of its token nothing else is printed."""
    [(address, token)] = PANEL.findall(started.output)
    assert started.output.count("Panel:") == started.output.count(token) == 1
    return str(address)


def landing(client: httpx2.Client, address: str) -> httpx2.Response:
    return client.get(address, follow_redirects=True)


@pytest.mark.usefixtures("loaded")
def test_the_panels_address_works_any_number_of_times_while_the_run_lasts(run: Run, own_url: str) -> None:
    started = run("Operator key:")
    assert LOADING not in started.output
    address = panel(started)
    with httpx2.Client() as browser:
        for _ in range(3):
            landed = landing(browser, address)
            assert (landed.status_code, landed.url.path) == (200, f"/cases/{FIRST.uuid}")
            assert FIRST.name in landed.text
            assert '<html lang="en-CA">' in landed.text
            assert "74 of 80 tokens came back: 1 failed, 1 never run, 2 cheaper than reserved." in landed.text
        assert browser.get(str(landed.url)).status_code == 200
    with httpx2.Client() as other:
        assert other.get(str(landed.url)).status_code == 401
        assert landing(other, address).status_code == 200
    assert panel(started) == address

    os.kill(started.first.pid, signal.SIGKILL)
    started.wait_until_gone()
    started = run("Operator key:")
    token = address.rpartition("/")[2]
    with httpx2.Client() as browser:
        assert landing(browser, panel(started).replace(panel(started).rpartition("/")[2], token)).status_code == 410
        assert landing(browser, panel(started)).status_code == 200
    os.kill(started.first.pid, signal.SIGINT)
    assert started.ended() == 0
    with psycopg.connect(own_url) as connection:
        assert connection.execute("select count(*) from sign_in_links").fetchone() == (0,)


async def test_a_year_is_loaded_once_even_if_its_load_is_killed(run: Run, own_url: str) -> None:
    killed = run(f"{LOADING}: 25%")
    os.kill(killed.first.pid, signal.SIGKILL)
    killed.wait_until_gone()
    started = run("Operator key:")
    assert f"{LOADING}: 100%" in started.output
    assert f"{LOADING}: 0%" not in started.output
    os.kill(started.first.pid, signal.SIGINT)
    assert started.ended() == 0
    async with opened(own_url, lambda: datetime.now(UTC)) as ports:
        assert (await verify(ports)).differences == []
    with psycopg.connect(own_url) as connection:
        cases = connection.execute(
            "select c.name, count(t.*) from cases c left join task_rows t using (case_id) group by 1"
        )
        assert len([tasks for _, tasks in cases if tasks > 50]) == len(LIVED)
        for query, least in KEPT.items():
            [(found,)] = connection.execute(query).fetchall()
            assert found >= least, query
        unpaid = connection.execute("select count(*) from invoices where status = 'OPEN' and month is null")
        assert unpaid.fetchone() == (1,)


KEPT = {
    f"select count(*) from plan_changes where kind = '{PlanEvent.UPGRADED}'": 3,
    f"select count(*) from plan_changes where kind = '{PlanEvent.DOWNGRADED}'": 2,
    "select count(*) from reservoirs where status = 'DEACTIVATED'": 1,
    "select count(*) from reservoirs where tier = 'ENTERPRISE'": 1,
    "select count(distinct case_id) from cycle_usage where overage > 0": 2,
    "select count(*) from invoices where month is not null": 12,
    f"select count(*) from invoices where status = '{InvoiceStatus.PAID}'": 60,
    "select count(*) from ledger_rows where kind = 'PURCHASE'": 4,
    "select count(*) from callers where language = 'fr_CA'": 1,
}
"""What there is to see, and how much of it at least."""
