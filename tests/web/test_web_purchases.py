"""Bought tokens by their page: priced, bought once, and what cannot be bought (L3, L7)."""

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.services import purchases
from app.services.ports import Ports
from tests.stage import Clock, active_case, registered_case, reread
from tests.web.plan_admin import admin, on_pro
from tests.web.plan_forms import amounts_of, notice, previewed, send, tokens_of


@pytest.fixture
async def pro(ports: Ports, operator: Viewer, clock: Clock) -> Case:
    return await on_pro(ports, operator, clock)


async def test_tokens_are_priced_and_then_bought(ports: Ports, operator: Viewer, pro: Case) -> None:
    """L3: they stand above the cap."""
    async with admin(ports, pro) as person:
        page, form = await previewed(person, "/plan/tokens?tokens=1,500")
        assert amounts_of(page) == {"Charge now": "$150.00"}
        assert tokens_of(page) == ["10,000", "+1,500", "11,500"]
        assert page.one("button", look="main").words == "Buy for $150.00"
        assert [(await send(person, "/plan/tokens", form)).target for _ in range(2)] == [
            "settings?done=tokens#notice"
        ] * 2
        settings = await person.read("/settings?done=tokens")
        assert notice(settings) == "1,500 tokens were bought. The balance is 11,500 now. Entry 2"
        cheaper = {**form, "tokens": "3000", "key": "another"}
        assert (await send(person, "/plan/tokens", cheaper)).status == 409
    tank = (await reread(ports, operator, pro)).reservoir
    assert (tank.balance, tank.purchased) == (11_500, 1_500)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("many", "This is not a whole number."), ("0", "Buy 1 to 100,000,000"), ("1e9", "This is not a whole number."),
     ("99999999999999999999", "Buy 1 to 100,000,000"), ("-5", "Buy 1 to 100,000,000"), ("−5", "Buy 1 to 100,000,000")],
)  # fmt: skip
async def test_what_cannot_be_bought_is_said_at_the_field(ports: Ports, pro: Case, typed: str, said: str) -> None:
    async with admin(ports, pro) as person:
        answer = await person.get(f"/plan/tokens?tokens={typed}")
        assert answer.status_code == 400
        assert said in answer.text
        assert "Buy for" not in answer.text
        sent = await send(person, "/plan/tokens", {"key": "k", "tokens": typed, "promise": ""})
        assert sent.status in (400, 409)


async def test_unlimited_and_inactive_cases_buy_nothing(ports: Ports, operator: Viewer) -> None:
    """L7."""
    unlimited = await active_case(ports, operator, PlanTier.ENTERPRISE)
    for case in (unlimited, await registered_case(ports, operator)):
        async with admin(ports, case) as person:
            assert not (await person.read("/settings")).all("section", id_="tokens")
            answer = await person.get("/plan/tokens?tokens=5")
            assert answer.status_code == 422
            forced = {"key": "k", "tokens": "5", "promise": "5/50"}
            assert (await send(person, "/plan/tokens", forced)).status == 422
    refused = await purchases.buy_tokens(ports, operator, key="k", case_uuid=unlimited.terms.uuid, tokens=5)
    assert not isinstance(refused, Case)
