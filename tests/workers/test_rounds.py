"""The rounds: what makes them begin, and what does not end them."""

import asyncio

import pytest
import structlog
from structlog.testing import capture_logs

from workers import rounds
from workers.bell import Bell
from workers.rounds import make_rounds


class Batches:
    """Work whose batches the test lets end one by one."""

    def __init__(self) -> None:
        self.begun = 0
        self._beginnings: asyncio.Queue[None] = asyncio.Queue()
        self.ends: asyncio.Queue[int | Exception] = asyncio.Queue()

    async def __call__(self) -> int:
        self._beginnings.put_nowait(None)
        end = await self.ends.get()
        if isinstance(end, Exception):
            raise end
        return end

    async def until(self, begun: int) -> None:
        async with asyncio.timeout(10):
            while self.begun < begun:
                await self._beginnings.get()
                self.begun += 1


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No round begins by the clock: one that begins was rung for."""
    monkeypatch.setattr(rounds, "EVERY", 3600.0)


async def test_a_round_follows_at_once_where_something_was_done_or_the_bell_rang(unhurried: None) -> None:
    batches, bell = Batches(), Bell()
    making = asyncio.create_task(make_rounds("work", batches, bell))
    batches.ends.put_nowait(7)
    await batches.until(2)
    bell.ring()  # while it is busy: heard when it is done
    batches.ends.put_nowait(0)
    await batches.until(3)
    batches.ends.put_nowait(0)
    bell.close()
    await making


async def test_what_one_did_makes_the_others_look(unhurried: None) -> None:
    doing, looking, bell = Batches(), Batches(), Bell()
    making = [asyncio.create_task(make_rounds("work", each, bell)) for each in (doing, looking)]
    looking.ends.put_nowait(0)
    await looking.until(1)
    doing.ends.put_nowait(1)
    await looking.until(2)
    bell.close()
    for each in (doing, looking):
        each.ends.put_nowait(0)
    await asyncio.gather(*making)


async def test_a_closed_bell_lets_the_batch_end_and_begins_no_other(unhurried: None) -> None:
    batches, bell = Batches(), Bell()
    making = asyncio.create_task(make_rounds("work", batches, bell))
    await batches.until(1)
    bell.close()
    await asyncio.sleep(0.01)
    assert not making.done()
    batches.ends.put_nowait(5)
    await making
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await batches.until(2)


async def test_failures_are_told_once_without_their_words_and_the_rounds_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "EVERY", 0.001)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", 0.002)
    monkeypatch.setattr(rounds, "log", structlog.get_logger())
    batches, bell = Batches(), Bell()
    with capture_logs() as logs:
        making = asyncio.create_task(make_rounds("work", batches, bell))
        for end in (KeyError("secret"), KeyError("secret"), OSError("secret"), 0):
            batches.ends.put_nowait(end)
        await batches.until(5)
        bell.close()
        batches.ends.put_nowait(0)
        await making
    assert [(told["event"], told.get("error")) for told in logs] == [
        ("work_failed", "KeyError"),
        ("work_failed", "OSError"),
        ("work_goes_on", None),
    ]
    assert "test_rounds.py" in logs[0]["at"]
    assert "secret" not in str(logs)
