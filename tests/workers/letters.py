"""What lies in an outbox, and who hears of it."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import redis

from app.adapters.announcements import CHANNEL
from tests.runtime.started import wait_for

CASES = """
with organization as (
    insert into organizations (portal_url, nuix_id, name, monthly_invoicing)
    values ('https://portal.example.com', gen_random_uuid()::text, 'Roe LLP', false)
    returning organization_id
)
insert into cases (uuid, organization_id, name, registered_at, registration_key, registration_input)
select gen_random_uuid(), organization_id, 'Roe v. Doe', now(), gen_random_uuid(), gen_random_uuid()
from organization, generate_series(1, %s)
returning case_id, uuid
"""
WRITE = "insert into outbox (what, case_id) select 'PLAN_CHANGED', unnest(%s::bigint[])"


def write_letters(url: str, count: int) -> set[UUID]:
    """Commits so many rows at once, each about a case of its own. Returns the cases."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(CASES, [count]).fetchall()
        connection.execute(WRITE, [[case_id for case_id, _ in rows]])
    return {uuid for _, uuid in rows}


def letters_left(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from outbox").fetchone()
    assert row is not None
    return int(row[0])


class Listener:
    """Counts what is announced about each case."""

    def __init__(self, subscription: "redis.client.PubSub") -> None:
        self._subscription = subscription
        self.heard: Counter[UUID] = Counter()

    def wait_for(self, cases: set[UUID]) -> None:
        wait_for(lambda: self._hear() >= cases, lambda: len(cases - self.heard.keys()))

    def _hear(self) -> set[UUID]:
        while message := self._subscription.get_message(timeout=0):
            if message["type"] == "message" and (case := json.loads(message["data"])["case"]):
                self.heard[UUID(case)] += 1
        return set(self.heard)


@contextmanager
def listening(url: str) -> Iterator[Listener]:
    with redis.Redis.from_url(url) as client, client.pubsub() as subscription:
        subscription.subscribe(CHANNEL)
        assert subscription.get_message(timeout=5) is not None
        yield Listener(subscription)
