"""Credits that wait from before are told beside the change's own, so that nobody takes one for the other (C2, C6)."""

import pytest

from app.domain.callers import Viewer
from app.domain.plans import PlanTier
from app.services.ports import Ports
from tests.plans import BUSINESS, ENTERPRISE, PRO, STARTER, Life, registered
from tests.web.plan_admin import CHANGE, admin
from tests.web.plan_forms import amounts_of

OWN, BEFORE = "Credit for a later invoice", "Credit from before, not used yet"


@pytest.fixture
async def upgraded(ports: Ports, operator: Viewer) -> Life:
    """On Business by card since today, with all of Pro given back."""
    life = await registered(ports, operator)
    await life.activate(PRO)
    await life.upgrade(BUSINESS)
    return life


async def sums(life: Life, path: str) -> dict[str, str]:
    async with admin(life.ports, await life.see()) as person:
        return amounts_of(await person.read(path))


@pytest.mark.parametrize("path", [f"{CHANGE}?tier=STARTER", "/plan/deactivate"])
async def test_what_gives_no_credit_tells_the_one_that_waits(upgraded: Life, path: str) -> None:
    assert await sums(upgraded, path) == {"Charge now": "$0.00", OWN: "$0.00", BEFORE: "$499.00"}


async def test_an_upgrade_that_uses_it_up_leaves_its_own(upgraded: Life) -> None:
    assert await sums(upgraded, f"{CHANGE}?tier=ENTERPRISE") == {
        "Enterprise, the whole cycle": "$29,999.00",
        "Credit from before": "−$499.00",
        "Charge now": "$29,500.00",
        OWN: "$4,999.00",
    }


async def test_a_reactivation_and_what_follows_keep_what_is_left(upgraded: Life) -> None:
    """It waits through a deactivation, and is used by what bills a later upgrade."""
    await upgraded.upgrade(ENTERPRISE)
    await upgraded.deactivate()
    assert await sums(upgraded, f"{CHANGE}?tier=STARTER") == {BEFORE: "$4,999.00"}
    await upgraded.reactivate(STARTER)
    assert (await upgraded.see()).terms.tier is PlanTier.STARTER
    assert await sums(upgraded, f"{CHANGE}?tier=PRO") == {
        "Pro, the whole cycle": "$499.00",
        "Credit from before": "−$499.00",
        "Charge now": "$0.00",
        OWN: "$49.00",
        BEFORE: "$4,500.00",
    }
