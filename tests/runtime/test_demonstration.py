"""What `make run` prints leads where it says, as long as that run lasts."""

import os
import re
import signal

import httpx2
import psycopg
import pytest

from app.runtime.demonstration import CASES
from tests.runtime.conftest import Start
from tests.runtime.started import Started, wait_for

PANEL = re.compile(r"^Panel: (http://127\.0\.0\.1:\d+/sign-in/([A-Za-z0-9._-]{43,}))$", re.MULTILINE)


@pytest.fixture
def run(start: Start, own_url: str) -> Start:
    """Starts it on a database that is there already, and waits for what it prints."""

    def started() -> Started:
        program = start(
            "{python}", "-m", "app.runtime.cli", "run", DATABASE_URL=own_url, HOST="127.0.0.1", PORT="0",
            CLAIRA_LOG_LEVEL="debug",
        )  # fmt: skip
        wait_for(lambda: "Operator key:" in program.output, 60, lambda: program.output)
        return program

    return started


def panel(started: Started) -> str:
    """The address on the only line for the panel; of its token nothing else is printed."""
    [(address, token)] = PANEL.findall(started.output)
    assert started.output.count("Panel:") == started.output.count(token) == 1
    return str(address)


def opened(client: httpx2.Client, address: str) -> httpx2.Response:
    return client.get(address, follow_redirects=True)


def test_the_panels_address_works_any_number_of_times_while_the_run_lasts(run: Start, own_url: str) -> None:
    started = run()
    address = panel(started)
    with httpx2.Client() as browser:
        for _ in range(3):
            landed = opened(browser, address)
            assert (landed.status_code, landed.url.path) == (200, f"/cases/{CASES[0].uuid}")
            assert CASES[0].name in landed.text
            assert '<html lang="en-CA">' in landed.text
            assert "74 of 80 tokens came back: 1 failed, 1 never run, 2 cheaper than reserved." in landed.text
        assert browser.get(str(landed.url)).status_code == 200
    with httpx2.Client() as other:
        assert other.get(str(landed.url)).status_code == 401
        assert opened(other, address).status_code == 200
    assert panel(started) == address

    os.kill(started.first.pid, signal.SIGKILL)
    started.wait_until_gone()
    started = run()
    token = address.rpartition("/")[2]
    with httpx2.Client() as browser:
        assert opened(browser, panel(started).replace(panel(started).rpartition("/")[2], token)).status_code == 410
        assert opened(browser, panel(started)).status_code == 200
    os.kill(started.first.pid, signal.SIGINT)
    assert started.first.wait(5) == 0
    with psycopg.connect(own_url) as connection:
        assert connection.execute("select count(*) from sign_in_links").fetchone() == (0,)
