"""The command line: what it prints, what it refuses, and with which exit code."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.runtime.cli import main
from app.runtime.servers.postgres import EmbeddedPostgres

PORTALS = ("https://one.example.com", "https://two.example.com")


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `make run` of this machine is found, and no database unless a test names one."""
    monkeypatch.setenv("CLAIRA_DATA", str(tmp_path))
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def database(own_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with organization 7 on two portals and organization 8 on one, each with a case."""
    monkeypatch.setenv("DATABASE_URL", own_url)
    with psycopg.connect(own_url) as connection:
        for portal, nuix_id in ((PORTALS[0], "7"), (PORTALS[1], "7"), (PORTALS[0], "8")):
            connection.execute(
                "insert into organizations (portal_url, nuix_id, name) values (%s, %s, %s)",
                [portal, nuix_id, f"Firm {nuix_id}"],
            )
    return own_url


def claira(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def refused(*words: str) -> str:
    """What a command says that ends with 1 and one line."""
    result = claira(*words)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line.removeprefix("Error: ")


def all_that_is_stored(url: str) -> str:
    """Every row of every table as text."""
    with psycopg.connect(url) as connection:
        tables = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        rows = [connection.execute(f"select t::text from {table} t".encode()).fetchall() for table in tables]
    return str(rows)


def test_a_key_is_shown_once_and_never_stored(database: str) -> None:
    """A1."""
    made = claira("key", "create", "--name", "Scanner", "--role", "member", "--organization", "8")
    assert made.exit_code == 0
    [key] = made.stdout.splitlines()
    assert key.startswith("clu_")
    assert len(key) > 40
    stored = all_that_is_stored(database)
    assert "Scanner" in stored
    for part in (key, key.removeprefix("clu_"), key.removeprefix("clu_").encode().hex()):
        assert part not in stored
    listed = claira("key", "list").stdout
    assert key.removeprefix("clu_") not in listed
    head, line = listed.splitlines()
    assert head.split() == ["Key", "Role", "Made", "State", "Caller", "Organization"]
    assert line.split()[:2] == ["1", "member"]
    assert line.split()[-3:] == ["Scanner", "Firm", "8"]
    assert "in force" in line


def test_a_key_is_revoked_once(database: str) -> None:
    claira("key", "create", "--name", "Ops", "--role", "operator")
    assert claira("key", "revoke", "1").stdout == "Key 1 is revoked.\n"
    assert "revoked 20" in claira("key", "list").stdout
    for number in ("1", "99"):
        assert refused("key", "revoke", number) == "There is no such key in force."


def test_the_keys_of_one_name_are_one_caller(database: str) -> None:
    """K1: also across roles; a name in another organization is another caller."""
    for words in (("--role", "member"), ("--role", "case-admin"), ("--role", "org-admin")):
        assert claira("key", "create", "--name", "A", *words, "--organization", "8").exit_code == 0
    claira("key", "create", "--name", "A", "--role", "member", "--organization", "7", "--portal", PORTALS[1])
    claira("key", "create", "--name", "A", "--role", "operator")
    with psycopg.connect(database) as connection:
        callers = connection.execute("select array_agg(caller_id order by api_key_id) from api_keys").fetchone()
    assert callers is not None
    assert [len(set(callers[0][:3])), len(set(callers[0]))] == [1, 3]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--name", "A", "--role", "operator", "--organization", "8"], "An operator has no organization"),
        (["--name", "A", "--role", "member"], "An operator has no organization; every other role has one."),
        (["--name", "A", "--role", "member", "--organization", "9"], "There is no such organization"),
        (["--name", "A", "--role", "member", "--organization", "7"], "Several portals know this organization."),
        (["--name", "A", "--role", "member", "--organization", "7", "--portal", "https://three.example.com"],
         "There is no such organization"),
        (["--name", " ", "--role", "operator"], "This name cannot be used."),
        (["--name", "x" * 256, "--role", "operator"], "This name cannot be used."),
        (["--name", "Scheduler", "--role", "operator"], "This name cannot be used."),
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_not_made(database: str, words: list[str], told: str) -> None:
    assert refused("key", "create", *words).startswith(told)
    assert len(claira("key", "list").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    "words", [["key", "create"], ["key", "create", "--name", "A", "--role", "owner"], ["key", "revoke", "x"], ["pay"]]
)
def test_words_that_are_no_command_end_with_2(database: str, words: list[str]) -> None:
    result = claira(*words)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_an_organization_is_put_on_its_portals_list_and_taken_off(database: str) -> None:
    """C7: however the portal's address is spelled."""
    assert refused("organization", "contract", "7", "--add").startswith("Several portals know this organization.")
    on = claira("organization", "contract", "7", "--portal", "HTTPS://Two.example.com/", "--add")
    assert on.stdout == f"Firm 7 on {PORTALS[1]}: monthly invoicing on.\n"
    assert listed(database) == [PORTALS[1]]
    off = claira("organization", "contract", "7", "--portal", PORTALS[1], "--remove")
    assert off.stdout == f"Firm 7 on {PORTALS[1]}: monthly invoicing off.\n"
    assert listed(database) == []
    assert refused("organization", "contract", "9").startswith("There is no such organization")


def listed(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("select portal_url from organizations where monthly_invoicing")]


def test_verify_ends_with_0_on_a_clean_database_and_with_1_on_a_difference(database: str) -> None:
    clean = claira("verify")
    assert (clean.exit_code, clean.stdout) == (0, "0 cases, 0 ledger entries: no difference.\n")
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into cases (case_id, uuid, organization_id, name, registered_at, registration_key,"
            " registration_input) overriding system value values (1, '7d444840-9dc0-11d1-b245-5ffdce74fad2', 1, 'Roe',"
            " now(), gen_random_uuid(), gen_random_uuid())"
        )
        connection.execute("insert into reservoirs (case_id, changed_at, entries) values (1, now(), 3)")
    broken = claira("verify")
    assert broken.exit_code == 1
    assert broken.stdout.splitlines() == [
        "case 7d444840-9dc0-11d1-b245-5ffdce74fad2: entries is 3, expected 0 (The reservoir is the sum of its entries)",
        "1 cases, 0 ledger entries: 1 differences.",
    ]


def test_migrate_brings_an_empty_database_up_and_then_changes_nothing(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.create_database("empty")
    try:
        monkeypatch.setenv("DATABASE_URL", postgres.url("empty"))
        assert refused("key", "list") == "The database is not migrated. Run `claira-usage migrate`."
        assert claira("migrate").exit_code == 0
        assert claira("key", "list").exit_code == 0
        once = all_that_is_stored(postgres.url("empty"))
        assert claira("migrate").exit_code == 0
        assert all_that_is_stored(postgres.url("empty")) == once
    finally:
        postgres.drop_database("empty")


COMMANDS = [["key", "list"], ["key", "create", "--name", "A", "--role", "operator"], ["key", "revoke", "1"],
            ["organization", "contract", "7"], ["verify"], ["migrate"], ["serve"], ["work"]]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_without_a_database_one_line_says_so(words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "DATABASE_URL" in refused(*words)
    monkeypatch.setenv("DATABASE_URL", "mysql://app:secret@host/db")
    told = refused(*words)
    assert told.startswith("DATABASE_URL: ")
    assert "secret" not in told


@pytest.mark.parametrize("address", ["http://app:secret@host", "redis://app@host:secret/", "redis://host/?db=secret"])
def test_an_address_that_is_no_valkeys_is_one_line_without_it(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", address)
    told = refused("verify")
    assert told.startswith("REDIS_URL: ")
    assert "secret" not in told


@pytest.mark.parametrize("words", [["verify"], ["migrate"]], ids=" ".join)
def test_a_database_that_cannot_be_reached_is_one_line(
    words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://app@/claira?host={tmp_path}")
    assert refused(*words) == "The database cannot be reached or is too busy."


def test_the_schema_in_the_tree_is_that_of_the_code(project: Path, tmp_path: Path) -> None:
    file = project / "graphql" / "schema.graphql"
    assert claira("export-schema").stdout == file.read_text(encoding="utf-8")
    assert claira("export-schema", "--output", str(file), "--check").exit_code == 0
    other = tmp_path / "schema.graphql"
    assert "is not what the code says" in refused("export-schema", "--output", str(other), "--check")
    assert not other.exists()
    assert claira("export-schema", "--output", str(other)).exit_code == 0
    assert other.read_bytes() == file.read_bytes()
    other.write_text("type Query { a: Int }")
    assert "is not what the code says" in refused("export-schema", "--output", str(other), "--check")


def test_check_migrations_needs_nothing_and_finds_nothing() -> None:
    """As a process: an embedded server belongs to the main thread."""
    command = [str(Path(sys.executable).parent / "claira-usage"), "check-migrations"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
