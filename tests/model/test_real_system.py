"""The real system against the independent model, compared after every step of random histories.

Among them: that previewPlanChange says exactly what the change then does. MODEL_STEPS and MODEL_SEED drive it further:
MODEL_STEPS=1000000 MODEL_SEED=7 pytest tests/model/test_real_system.py
"""

import os

import pytest

from app.services.ports import Ports
from app.services.verification import verify
from tests.model.history_driver import drive
from tests.model.model import Model
from tests.model.real_system import RealSystem
from tests.stage import new_viewer

STEPS_OF_A_HISTORY = 250
STEPS = int(os.environ.get("MODEL_STEPS", "2000"))
FIRST_SEED = int(os.environ.get("MODEL_SEED", "1"))


@pytest.mark.timeout(0 if STEPS > 10_000 else 300)
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + max(1, STEPS // STEPS_OF_A_HISTORY)))
async def test_the_system_agrees_with_the_model_after_every_step(own_ports: Ports, seed: int) -> None:
    operator, _ = await new_viewer(own_ports)
    system = RealSystem(own_ports, operator, f"history {seed}")
    await drive(system, Model(), seed, STEPS_OF_A_HISTORY)
    assert (await verify(own_ports)).differences == []
