"""claira-usage sign-in-link: what it prints and what it refuses, with which exit code (A1)."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.domain.ids import NodeId
from app.domain.languages import Language
from app.domain.sessions import Session
from app.runtime.cli import main
from app.services import sessions
from tests.stage import Clock, opened

CASE = UUID("7d444840-9dc0-11d1-b245-5ffdce74fad2")


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `make run` of this machine is found, and no database or address unless a test names one."""
    monkeypatch.setenv("CLAIRA_DATA", str(tmp_path))
    for name in ("DATABASE_URL", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def database(own_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with a case of organization 8."""
    monkeypatch.setenv("DATABASE_URL", own_url)
    with psycopg.connect(own_url) as connection:
        connection.execute(
            "insert into organizations (portal_url, nuix_id, name) values ('https://one.example.com', '8', 'Firm 8')"
        )
        connection.execute(
            "insert into cases (uuid, organization_id, name, registered_at, registration_key, registration_input)"
            " values (%s, 1, 'Roe', now(), gen_random_uuid(), gen_random_uuid())",
            [CASE],
        )
        connection.execute("insert into reservoirs (case_id, changed_at) values (1, now())")
    return own_url


def claira(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def sign_in_link(case: str = str(CASE), user: str = "Ana Roy", role: str = "member", *more: str) -> Result:
    return claira("sign-in-link", "--case", case, "--user", user, "--role", role, *more)


def address(*more: str, role: str = "member", case: str = str(CASE)) -> str:
    """What a command prints that must succeed."""
    result = sign_in_link(case, "Ana Roy", role, *more)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    [line] = result.stdout.splitlines()
    return line


def refused(result: Result) -> str:
    """What a command says that ends with 1 and one line."""
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    [line] = result.stderr.splitlines()
    return line.removeprefix("Error: ")


def session_behind(url: str, address: str, *, later: timedelta = timedelta(0)) -> Session | None:
    """Who is signed in after opening an address, perhaps a while later; None: nobody."""

    async def open_it() -> Session | None:
        async with opened(url, Clock(datetime.now(UTC) + later)) as ports:
            entered = await sessions.enter(ports, address.rpartition("/")[2], secret=lambda: uuid4().hex)
            return entered and await sessions.find_session(ports, entered[0], Language.EN)

    return asyncio.run(open_it())


@pytest.mark.parametrize("role", ["member", "case-admin", "org-admin"])
@pytest.mark.parametrize(("language", "spoken"), [("en", "en_CA"), ("fr", "fr_CA")])
def test_the_address_alone_is_printed_and_opens_once(database: str, role: str, language: str, spoken: str) -> None:
    link = address("--language", language, role=role)
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/[A-Za-z0-9._-]{43,}", link)
    session = session_behind(database, link)
    assert session is not None
    assert session.case_uuid == CASE
    viewer = session.viewer
    assert (viewer.name, viewer.role, viewer.language, viewer.organization_id) == ("Ana Roy", role, spoken, 1)
    assert session_behind(database, link) is None


def test_the_card_of_a_case_is_set_and_that_is_told(database: str) -> None:
    """C8: in whatever way the case is named."""
    for name in (str(CASE), str(CASE).upper(), CASE.hex, str(NodeId("case", CASE))):
        for option, told, declines in (("--declines", "is declined", True), ("--pays", "pays", False)):
            result = claira("simulated-card", name, option)
            assert (result.exit_code, result.stdout) == (0, f"The simulated card of case {CASE} {told} from now on.\n")
            with psycopg.connect(database) as connection:
                assert connection.execute("select declines from simulated_cards").fetchall() == [(declines,)]


@pytest.mark.parametrize("name", ["c0ffee00-c0ff-4e00-8000-c0ffeec0ffee", "7", "", str(NodeId("task", CASE))])
def test_a_card_of_no_case_is_not_set(database: str, name: str) -> None:
    assert refused(claira("simulated-card", name, "--pays")) == "There is no such case."


def test_a_case_is_named_by_its_uuid_or_its_id(database: str) -> None:
    for name in (str(CASE), str(CASE).upper(), CASE.hex, str(NodeId("case", CASE))):
        assert session_behind(database, address(case=name)) is not None


@pytest.mark.parametrize(
    ("environment", "more", "base"),
    [
        ({}, [], "http://127.0.0.1:8000"),
        ({"HOST": "0.0.0.0", "PORT": "9000"}, [], "http://127.0.0.1:9000"),
        ({"HOST": "::"}, [], "http://[::1]:8000"),
        ({"HOST": "localhost"}, [], "http://localhost:8000"),
        ({"PORT": "0"}, ["--url", "https://Claira.example.com/"], "https://claira.example.com"),
        ({}, ["--url", "https://claira.example.com:8443/usage"], "https://claira.example.com:8443/usage"),
    ],
)
def test_the_address_is_where_people_reach_the_service(
    database: str, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], more: list[str], base: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert address(*more).partition("/sign-in/")[0] == base


@pytest.mark.parametrize(("more", "minutes"), [([], 15), (["--valid-minutes", "60"], 60)])
def test_a_link_waits_as_long_as_it_is_told(database: str, more: list[str], minutes: int) -> None:
    in_time, late = address(*more), address(*more)
    assert session_behind(database, in_time, later=timedelta(minutes=minutes - 1)) is not None
    assert session_behind(database, late, later=timedelta(minutes=minutes)) is None


@pytest.mark.parametrize(
    ("case", "user", "more", "told"),
    [
        ("c0ffee00-c0ff-4e00-8000-c0ffeec0ffee", "Ana", [], "There is no such case."),
        ("Roe", "Ana", [], "There is no such case."),
        (f"org_{CASE.hex}", "Ana", [], "There is no such case."),
        (f"task_{CASE.hex}_1", "Ana", [], "There is no such case."),
        ("", "Ana", [], "There is no such case."),
        (str(CASE), " ", [], "This name cannot be used."),
        (str(CASE), "x" * 256, [], "This name cannot be used."),
        (str(CASE), "a\tb", [], "This name cannot be used."),
        (str(CASE), "Scheduler", [], "This name cannot be used."),
        (str(CASE), "Scanner", [], "An API client of this organization has this name. Give the person another one."),
        (str(CASE), "Ana", ["--url", "claira"], "--url takes http:// or https:// and a host, perhaps a port."),
        (str(CASE), "Ana", ["--url", "ftp://a.b"], "--url takes http:// or https:// and a host, perhaps a port."),
    ],
)
def test_a_link_that_makes_no_sense_is_not_made(
    database: str, case: str, user: str, more: list[str], told: str
) -> None:
    claira("key", "create", "--name", "Scanner", "--role", "member", "--organization", "8")
    assert refused(sign_in_link(case, user, "member", *more)) == told
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from sign_in_links").fetchone() == (0,)
        assert connection.execute("select array_agg(name) from callers where name <> 'scheduler'").fetchone() == (
            ["Scanner"],
        )


def test_a_port_that_nobody_knows_is_asked_for(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "0")
    assert "--url" in refused(sign_in_link())


@pytest.mark.parametrize(
    "more",
    [["--role", "operator"], ["--role", "owner"], ["--language", "de"], ["--valid-minutes", "0"],
     ["--valid-minutes", "1441"]],
    ids=" ".join,
)  # fmt: skip
def test_words_that_no_link_has_end_with_2(database: str, more: list[str]) -> None:
    result = sign_in_link(str(CASE), "Ana", "member", *more)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_without_a_database_one_line_says_so() -> None:
    assert "DATABASE_URL" in refused(sign_in_link())
