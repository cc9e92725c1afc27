"""claira-usage organization and operator-link: contracts, tax, and a way in for operators (A1, C6, C7)."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.domain.callers import Viewer
from app.domain.languages import Language
from app.runtime.cli import main
from app.services import sessions
from tests.stage import Clock, opened

PORTAL = "https://one.example.com"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `make run` of this machine is found, and no database or address unless a test names one."""
    monkeypatch.setenv("CLAIRA_DATA", str(tmp_path))
    for name in ("DATABASE_URL", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def database(own_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with organizations 7 and 8."""
    monkeypatch.setenv("DATABASE_URL", own_url)
    with psycopg.connect(own_url) as connection:
        for nuix_id in ("7", "8"):
            connection.execute(
                "insert into organizations (portal_url, nuix_id, name) values (%s, %s, %s)",
                [PORTAL, nuix_id, f"Firm {nuix_id}"],
            )
    return own_url


def claira(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def done(*words: str) -> str:
    """What a command prints on the screen that must succeed; changes are logged beside it."""
    result = claira(*words)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def refused(*words: str) -> str:
    result = claira(*words)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    [line] = result.stderr.splitlines()
    return line.removeprefix("Error: ")


def test_a_contract_and_a_tax_rate_are_told_as_they_stand(database: str) -> None:
    contracted = f"Firm 7 on {PORTAL}: monthly invoicing on, contract NX-7"
    assert done("organization", "contract", "7", "--add", "--contract-id", " NX-7 ") == f"{contracted}."
    assert done("organization", "tax", "7", "0.14975") == f"{contracted}, tax 14.975%."
    off = f"Firm 7 on {PORTAL}: monthly invoicing off, contract NX-7, tax 14.975%."
    assert done("organization", "contract", "7", "--remove") == off
    assert done("organization", "tax", "7", "0") == f"Firm 7 on {PORTAL}: monthly invoicing off, contract NX-7."
    forgotten = done("organization", "contract", "7", "--contract-id", "")
    assert forgotten == f"Firm 7 on {PORTAL}: monthly invoicing off."
    assert done("organization", "contract", "7", "--add") == f"Firm 7 on {PORTAL}: monthly invoicing on."
    head, first, second = (line.split() for line in done("organization", "list").splitlines())
    assert head == ["ORG_ID", "Payment", "Contract", "Tax", "Cases", "Open", "Name", "Portal"]
    assert first == ["7", "monthly", "-", "0%", "0", "0", "Firm", "7", PORTAL]
    assert second[:2] == ["8", "card"]


@pytest.mark.parametrize("listed", ["--add", "--remove"])
def test_only_an_option_that_says_so_puts_an_organization_on_the_list_or_takes_it_off(
    database: str, listed: str
) -> None:
    """C7."""
    state = "on" if listed == "--add" else "off"
    done("organization", "contract", "7", listed, "--contract-id", "NX-7")
    told = f"Firm 7 on {PORTAL}: monthly invoicing {state}"
    shown = claira("organization", "contract", "7")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, f"{told}, contract NX-7.\n", "")
    assert done("organization", "contract", "7", "--contract-id", "NX-8") == f"{told}, contract NX-8."
    assert done("organization", "contract", "7", "--contract-id", "") == f"{told}."
    both = claira("organization", "contract", "7", "--add", "--remove", "--contract-id", "NX-9")
    assert (both.exit_code, both.stdout) == (2, "")
    assert "--add and --remove exclude each other." in both.stderr
    assert done("organization", "contract", "7") == f"{told}."


def test_what_is_no_contract_and_no_rate_changes_nothing(database: str) -> None:
    for rate in ("14.975", "1", "x"):
        assert refused("organization", "tax", "7", rate).startswith("A tax rate is a share")
    assert refused("organization", "contract", "7", "--contract-id", "x" * 256).startswith("A contract id has up to")
    for words in (("contract", "9"), ("tax", "9", "0.1")):
        assert refused("organization", *words).startswith("There is no such organization")
    assert [line.split()[1:4] for line in done("organization", "list").splitlines()[1:]] == [["card", "-", "0%"]] * 2


def operator_behind(url: str, link: str) -> Viewer | None:
    """Who is signed in after opening a link; None: nobody."""

    async def open_it() -> Viewer | None:
        async with opened(url, Clock(datetime.now(UTC))) as ports:
            entered = await sessions.enter(ports, link.rpartition("/")[2], secret=lambda: uuid4().hex)
            return entered and await sessions.find_operator(ports, entered[0], Language.EN)

    return asyncio.run(open_it())


def test_an_operators_link_is_printed_and_opens_once(database: str) -> None:
    """A1."""
    link = done("operator-link", "--user", "Ana Roy", "--language", "fr", "--url", "https://usage.example.com/")
    assert re.fullmatch(r"https://usage\.example\.com/sign-in/fr\.[A-Za-z0-9_-]{43}", link)
    viewer = operator_behind(database, link)
    assert viewer is not None
    assert (viewer.name, viewer.is_operator, viewer.organization_id, viewer.language) == (
        "Ana Roy", True, None, Language.FR,
    )  # fmt: skip
    assert operator_behind(database, link) is None


def test_a_person_is_no_program_and_no_part_of_this_service(database: str) -> None:
    done("key", "create", "--name", "Scanner", "--role", "operator")
    assert refused("operator-link", "--user", "Scanner").startswith("An API client of the operators has this name.")
    for name in ("scheduler", "demonstration", " ", "x" * 256):
        assert refused("operator-link", "--user", name) == "This name cannot be used."


@pytest.mark.parametrize(
    "words", [("organization", "list"), ("organization", "tax", "7", "0"), ("operator-link", "--user", "Ana")]
)
def test_without_a_database_one_line_says_so(words: tuple[str, ...]) -> None:
    told = refused(*words)
    assert "DATABASE_URL" in told
    assert "CLAIRA_DATA" in told
