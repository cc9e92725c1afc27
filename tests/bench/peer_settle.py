"""Peers of the settlement: the least that could be done, and what is done where nobody thought of batches."""

import time
from uuid import uuid4

import psycopg

_TABLES = """
create table if not exists least (task uuid, document text, outcome int, primary key (task, document));
create table if not exists naive_usage (task uuid, category int, charged bigint not null, primary key (task, category));
create table if not exists naive_balances (task uuid primary key, balance bigint not null check (balance >= 0));
"""


def minimal(url: str, ids: list[str], calls: int) -> float:
    """Seconds of COPY into a temporary table and one statement into a table with the same key, in as many calls."""
    with psycopg.connect(url) as connection:
        connection.execute(_TABLES)
        connection.execute("create temporary table arrived (document text, outcome int) on commit delete rows")
        connection.commit()
        size, task = len(ids) // calls, uuid4()
        begun = time.perf_counter()
        for start in range(0, len(ids), size):
            with connection.cursor().copy("copy arrived from stdin") as copy:
                for document in ids[start : start + size]:
                    copy.write_row((document, 1))
            connection.execute("insert into least select %s, * from arrived on conflict do nothing", (task,))
            connection.commit()
        return time.perf_counter() - begun


def naive(url: str, ids: list[str]) -> float:
    """Seconds of a transaction for each document: its row, its category's sum, the balance."""
    with psycopg.connect(url) as connection:
        connection.execute(_TABLES)
        task = uuid4()
        connection.execute("insert into naive_balances values (%s, %s)", (task, len(ids)))
        connection.commit()
        begun = time.perf_counter()
        for document in ids:
            connection.execute("insert into least values (%s, %s, 1) on conflict do nothing", (task, document))
            connection.execute(
                "insert into naive_usage as u values (%s, 1, 1)"
                " on conflict (task, category) do update set charged = u.charged + 1",
                (task,),
            )
            connection.execute("update naive_balances set balance = balance - 1 where task = %s", (task,))
            connection.commit()
        return time.perf_counter() - begun
