"""What tests of the services share."""

from collections.abc import AsyncIterator

import pytest

from app.domain.callers import Viewer
from app.services.ports import Ports
from app.services.verification import verify
from tests.stage import new_viewer


@pytest.fixture
async def own_operator(own_ports: Ports) -> AsyncIterator[Viewer]:
    """At the end everything must be what the ledger says (L1)."""
    yield (await new_viewer(own_ports))[0]
    assert (await verify(own_ports)).differences == []
