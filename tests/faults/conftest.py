"""A crowd of services on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest
from fault_crowd import Crowd, crowd_on
from stage import Clock


@pytest.fixture
async def crowd(own_url: str, clock: Clock) -> AsyncIterator[Crowd]:
    async with crowd_on(own_url, clock) as crowd:
        yield crowd
