"""Streams hear of a stop before the server begins to wait for them."""

import asyncio
import signal

import pytest

from app.runtime.serving import STOP_SIGNALS, told_by_signals


@pytest.mark.parametrize("number", STOP_SIGNALS)
async def test_a_signal_is_told_and_then_handled_as_before(number: signal.Signals) -> None:
    handled: list[int] = []
    before = signal.signal(number, lambda given, _: handled.append(given))
    try:
        stopping = asyncio.Event()
        with told_by_signals(stopping):
            signal.raise_signal(number)
            async with asyncio.timeout(20):
                await stopping.wait()
            assert handled == [number]
        signal.raise_signal(number)
        assert handled == [number, number]
    finally:
        signal.signal(number, before)
