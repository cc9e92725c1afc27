"""What the real system bills against the independent model, after every step of short random histories (C2, C6, C8).

MONEY_HISTORIES drives more of them, MONEY_SEED others: MONEY_HISTORIES=10000 pytest tests/model/test_money_histories.py
"""

import os

import pytest

from app.domain.payments import CHECKOUT_LASTS
from app.services.payments_due import end_overdue, refund
from app.services.ports import Ports
from app.services.verification import verify
from tests.model.history_driver import drive_money
from tests.model.history_money import MoneyHistory, draw_rates
from tests.model.model import Model
from tests.model.real_processor import Processor
from tests.model.real_system import RealSystem
from tests.stage import new_viewer

STEPS_OF_A_HISTORY = 30
HISTORIES = int(os.environ.get("MONEY_HISTORIES", "200"))
FIRST_SEED = int(os.environ.get("MONEY_SEED", "1"))
TOGETHER = 25
"""Histories in one database, which is verified after them."""


@pytest.mark.timeout(0 if HISTORIES > 1_000 else 300)
@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + HISTORIES, TOGETHER))
async def test_every_invoice_is_what_the_model_says_after_every_step(own_ports: Ports, first: int) -> None:
    """To the cent and the microsecond; a third of the histories with a processor of cards, half of it forgetful."""
    operator, _ = await new_viewer(own_ports)
    for seed in range(first, min(first + TOGETHER, FIRST_SEED + HISTORIES)):
        processor = Processor(forgetful=seed % 6 == 0) if seed % 3 == 0 else None
        rates = draw_rates(seed)
        system = RealSystem(own_ports, operator, f"money {seed}", tax_rates=rates, processor=processor)
        model = Model(tax_rates=rates, charges_cards=processor is not None)
        history = MoneyHistory(seed, cards=processor is not None)
        await drive_money(system, model, history, seed, STEPS_OF_A_HISTORY)
        if processor is not None:
            await system.move(history.now + CHECKOUT_LASTS)
            model.pass_time(history.now + CHECKOUT_LASTS)
            while await end_overdue(system.ports) or await refund(system.ports):
                pass  # what was paid on a page for what could not be had any more, or without a word of it
            assert processor.kept == sum(invoice.paid for invoice in model.books.invoices)
    assert (await verify(own_ports)).differences == []
