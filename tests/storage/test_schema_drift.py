"""What the migrations make is what the code says: the tables and the functions' files."""

from pathlib import Path

import psycopg
import pytest

from app.runtime.cli.migrations import FUNCTIONS, find_drift, function_drift, table_drift
from app.runtime.servers.postgres import EmbeddedPostgres

SIGN_OF_LIFE = "create function sign_of_life() returns int language sql as 'select 1';"


def test_the_migrations_make_what_the_code_says(postgres: EmbeddedPostgres) -> None:
    assert find_drift(postgres) == []


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("alter table cases add column note text", "note"),
        ("alter table cases drop column registered_at", "registered_at"),
        ("alter table cases alter column registered_at type timestamp", "registered_at"),
        ("alter table cases alter column name drop not null", "name"),
        ("alter table cycles alter column granted type integer", "granted"),
        ("alter table cycles alter column anchor_day type bigint", "anchor_day"),
        ("alter table api_keys drop constraint api_keys_digest_key", "digest"),
        ("alter table cases drop constraint cases_organization_id_fkey", "organization"),
        ("create table notes (note text)", "notes"),
        ("drop table idempotency_keys", "idempotency_keys"),
        ("drop index cases_by_organization", "cases_by_organization"),
        ("create index tasks_by_name on task_rows (name)", "tasks_by_name"),
        ("drop index tasks_running; create index tasks_running on task_rows (case_id)", "tasks_running"),
        ("drop index tasks_running; create index tasks_running on task_rows (case_id) where status = 'ABANDONED'",
         "tasks_running"),
        ("alter type plan_tier add value 'FREE'", "plan_tier"),
        ("alter type plan_tier rename value 'PRO' to 'PLUS'", "plan_tier"),
        ("create type colour as enum ('red')", "colour"),
    ],
)  # fmt: skip
def test_a_database_that_differs_from_the_tables_is_told(own_url: str, change: str, names: str) -> None:
    assert table_drift(own_url) == []
    with psycopg.connect(own_url, autocommit=True) as connection:
        for statement in change.split("; "):
            connection.execute(statement.encode())
    [difference] = table_drift(own_url)
    assert names in difference


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (SIGN_OF_LIFE, "function sign_of_life(): is not in the code"),
        ("drop function store_task(tasks)", "function store_task(tasks): is not in the migrations"),
        ("create or replace function store_task(t tasks) returns void language sql as ''",
         "function store_task(tasks): differs"),
    ],
)  # fmt: skip
def test_a_function_that_differs_from_its_file_is_told(
    postgres: EmbeddedPostgres, own_url: str, change: str, expected: str
) -> None:
    postgres.create_database("drift_scratch", template="template")
    try:
        with psycopg.connect(own_url) as connection:
            connection.execute(change.encode())
        scratch = postgres.url("drift_scratch")
        assert function_drift(own_url, scratch, FUNCTIONS) == [expected]
    finally:
        postgres.drop_database("drift_scratch")


def test_a_function_that_no_migration_installs_is_told(
    postgres: EmbeddedPostgres, own_url: str, tmp_path: Path
) -> None:
    for file in FUNCTIONS.glob("*.sql"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "more.sql").write_text(SIGN_OF_LIFE)
    assert function_drift(postgres.url("template"), own_url, tmp_path) == [
        "function sign_of_life(): is not in the migrations"
    ]
