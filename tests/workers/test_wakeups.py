"""Wakeups and nudges over a real Valkey: who is woken, and that a lost one is only noticed by what does not come."""

import asyncio
from collections.abc import MutableMapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
import structlog
from structlog.testing import capture_logs

from app.adapters import announcements, nudges
from app.adapters.announcements import ValkeyAnnouncer, Wakeups
from app.adapters.nudges import ValkeyNudges
from app.domain.announcements import Announced, Announcement
from app.runtime.servers.valkey import EmbeddedValkey
from workers import nudged
from workers.bell import Bell
from workers.nudged import hear_nudges

CASE, OTHER = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def fresh_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loggers keep what they were first configured with."""
    for module in (announcements, nudges, nudged):
        monkeypatch.setattr(module, "log", structlog.get_logger())
        if hasattr(module, "RETRY"):
            monkeypatch.setattr(module, "RETRY", 0.05)


async def told_of(logs: Sequence[MutableMapping[str, Any]], event: str, times: int = 1) -> None:
    """Waits until the log has told so often of it."""
    async with asyncio.timeout(20):
        while [told["event"] for told in logs].count(event) < times:  # noqa: ASYNC110 (a log sets no event)
            await asyncio.sleep(0.01)


async def wakes(announcer: ValkeyAnnouncer, announced: Announced, *waiting: "asyncio.Task[bool]") -> None:
    """Announces until all who wait are woken: whoever has just begun to listen may have missed it."""
    async with asyncio.timeout(20):
        while not all(each.done() for each in waiting):
            await announcer.publish([announced])
            await asyncio.sleep(0.02)
    assert all(each.result() for each in waiting)


async def test_an_announcement_wakes_who_waits_for_its_case_and_one_about_any_case_everybody(
    valkey: EmbeddedValkey,
) -> None:
    wakeups, announcer = Wakeups(valkey.url()), ValkeyAnnouncer(valkey.url())
    async with wakeups.listening():
        await wakeups.wait(CASE, 5)  # woken by the beginning
        two = [asyncio.create_task(wakeups.wait(CASE, 30)) for _ in range(2)]
        other = asyncio.create_task(wakeups.wait(OTHER, 30))
        await wakes(announcer, Announced(Announcement.PLAN_CHANGED, CASE), *two)
        assert not other.done()
        third = asyncio.create_task(wakeups.wait(CASE, 30))
        await wakes(announcer, Announced(Announcement.REFILLED, None), other, third)
    await announcer.close()


async def test_without_an_announcement_waiting_ends_with_its_time_and_leaves_nothing() -> None:
    wakeups = Wakeups(None)
    async with wakeups.listening():
        assert not await wakeups.wait(CASE, 0.01)
    assert not wakeups._waiting


async def test_listeners_survive_a_lost_valkey_and_are_woken_for_what_they_may_have_missed(
    own_valkey: EmbeddedValkey,
) -> None:
    wakeups, announcer = Wakeups(own_valkey.url()), ValkeyAnnouncer(own_valkey.url())
    with capture_logs() as logs:
        async with wakeups.listening():
            await wakeups.wait(CASE, 5)
            own_valkey.kill()
            assert not await announcer.publish([Announced(Announcement.PLAN_CHANGED, CASE)])
            waiting = asyncio.create_task(wakeups.wait(CASE, 30))
            await told_of(logs, "announcements_lost")
            own_valkey.start()
            assert await waiting
    assert [told["event"] for told in logs] == ["announcements_lost"]
    await announcer.close()


async def test_a_message_that_cannot_be_read_wakes_everybody(valkey: EmbeddedValkey) -> None:
    assert announcements._case({"data": b"no json"}) is None
    assert announcements._case({"data": b"[]"}) is None
    assert announcements._case({"data": f'{{"case": "{CASE}"}}'.encode()}) == CASE


async def test_nudges_are_dropped_while_valkey_is_lost_and_each_outage_is_told_once(
    own_valkey: EmbeddedValkey,
) -> None:
    sender = ValkeyNudges(own_valkey.url())
    own_valkey.kill()
    with capture_logs() as logs:
        sender.nudge()
        await told_of(logs, "nudges_lost")
        for _ in range(20):
            sender.nudge()
            await asyncio.sleep(0.01)
    assert [told["event"] for told in logs] == ["nudges_lost"]
    assert str(own_valkey.url()) not in str(logs)
    await sender.close()


async def test_a_nudge_rings_the_bell_also_after_valkey_was_lost(own_valkey: EmbeddedValkey) -> None:
    bell, sender = Bell(), ValkeyNudges(own_valkey.url())
    rung = bell.listener()
    with capture_logs() as logs:
        hearing = asyncio.create_task(hear_nudges(own_valkey.url(), bell))
        for outage in (1, 2):
            async with asyncio.timeout(20):
                while not rung.is_set():
                    sender.nudge()
                    await asyncio.sleep(0.05)
            own_valkey.kill()
            sender.nudge()
            await told_of(logs, "nudges_lost", 2 * outage)  # by who sends them and by who hears them
            own_valkey.start()
            rung.clear()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
    assert {told["event"] for told in logs} == {"nudges_lost", "nudges_heard_again"}
    await sender.close()
