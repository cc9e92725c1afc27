"""The outbox: each row is told at least once, by one process at a time, and not for ever."""

import asyncio
from collections.abc import Sequence

import psycopg
import pytest

from app.domain.announcements import Announced, Announcement
from app.services.announcements import BATCH, NotAnnounced, relay
from app.services.ports import Ports
from app.storage.outbox import announce
from tests.workers.letters import letters_left, write_letters


class Announcer:
    """Keeps what it is told; may be lost, and may be slow."""

    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost
        self.told: list[Announced] = []
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self.answers.set()

    async def publish(self, announced: Sequence[Announced]) -> bool:
        self.asked.set()
        await self.answers.wait()
        self.told += announced
        return not self.lost


async def test_what_a_transaction_announces_is_told_after_its_commit_only(own_ports: Ports, own_url: str) -> None:
    announcer = Announcer()
    (case,) = write_letters(own_url, 1)
    async with own_ports.database.writing() as connection:
        await announce(connection, Announcement.REFILLED, None)
        assert await relay(own_ports, announcer) == 1
    assert await relay(own_ports, announcer) == 1
    assert await relay(own_ports, announcer) == 0
    assert announcer.told == [Announced(Announcement.PLAN_CHANGED, case), Announced(Announcement.REFILLED, None)]


async def test_two_at_once_tell_different_rows(own_ports: Ports, own_url: str) -> None:
    cases = write_letters(own_url, 2 * BATCH)
    slow, other = Announcer(), Announcer()
    slow.answers.clear()
    held = asyncio.create_task(relay(own_ports, slow))
    await slow.asked.wait()
    assert await relay(own_ports, other) == BATCH
    assert await relay(own_ports, other) == 0
    slow.answers.set()
    assert await held == BATCH
    assert {each.case_uuid for each in other.told} | {each.case_uuid for each in slow.told} == cases
    assert letters_left(own_url) == 0


async def test_what_could_not_be_told_stays_and_is_told_again(own_ports: Ports, own_url: str) -> None:
    cases = write_letters(own_url, 3)
    with pytest.raises(NotAnnounced):
        await relay(own_ports, Announcer(lost=True))
    assert letters_left(own_url) == 3
    announcer = Announcer()
    assert await relay(own_ports, announcer) == 3
    assert {each.case_uuid for each in announcer.told} == cases


async def test_a_killed_relay_leaves_its_rows(own_ports: Ports, own_url: str) -> None:
    write_letters(own_url, 2)
    announcer = Announcer()
    announcer.answers.clear()
    killed = asyncio.create_task(relay(own_ports, announcer))
    await announcer.asked.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert letters_left(own_url) == 2


async def test_rows_of_more_than_an_hour_ago_are_dropped_while_the_announcer_is_lost(
    own_ports: Ports, own_url: str
) -> None:
    write_letters(own_url, 2)
    with psycopg.connect(own_url) as connection:
        connection.execute("update outbox set created_at = now() - interval '61 minutes' where outbox_id = 1")
        connection.execute("update outbox set created_at = now() - interval '59 minutes' where outbox_id = 2")
    with pytest.raises(NotAnnounced):
        await relay(own_ports, Announcer(lost=True))
    assert letters_left(own_url) == 1


async def test_with_nobody_to_tell_rows_are_dropped(own_ports: Ports, own_url: str) -> None:
    write_letters(own_url, 2)
    assert await relay(own_ports, None) == 2
    assert letters_left(own_url) == 0
