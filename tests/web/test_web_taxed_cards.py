"""By card, tax is told wherever an amount is promised, so that the amounts add up (C6, C8)."""

from decimal import Decimal
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.services.organizations import change_contract
from app.services.ports import Ports
from tests.plans import PRO, STARTER, Life, registered
from tests.web.plan_admin import CHANGE, admin
from tests.web.plan_forms import amounts_of, previewed, send
from tests.web.prompt_pages import TOKENS, actions, asked, person


@pytest.fixture
async def life(ports: Ports, operator: Viewer) -> Life:
    """On Pro, 4,000 tokens left, taxed by 13 %."""
    life = await registered(ports, operator, organization=str(uuid4()))
    await change_contract(ports, (await life.see()).organization, tax_rate=Decimal("0.13"))
    await life.activate(PRO)
    await life.spend_to(4_000)
    return life


@pytest.mark.parametrize(
    ("language", "rows", "button", "overage"),
    [
        ("en", ["Tokens bought 2,000 × $0.10 = $200.00 $200.00", "Tax, 13% $26.00", "Charge now (CAD) $226.00"],
         "Buy for $226.00", "At most 2,000 × $0.10 + 13% tax = $226.00, billed at the end of the cycle."),
        ("fr", ["Jetons achetés 2 000 × 0,10 $ = 200,00 $ 200,00 $", "Taxe, 13 % 26,00 $",
                "Facturé maintenant (CAD) 226,00 $"],
         "Acheter pour 226,00 $", "Au plus 2 000 × 0,10 $ + taxe de 13 % = 226,00 $, facturés à la fin du cycle."),
    ],
)  # fmt: skip
async def test_what_a_prompt_offers_admins_adds_up_to_what_its_buttons_say(
    ports: Ports, life: Life, language: str, rows: list[str], button: str, overage: str
) -> None:
    async with person(ports, life, Role.CASE_ADMIN) as visitor:
        page = await visitor.read(asked(), language=language)
    ways = page.one("ul", look="ways")
    assert [row.words for row in ways.one("table", look="pay").all("tr")] == rows
    assert button in [each.words for each in ways.all("button")]
    assert overage in ways.words


async def test_without_tax_nothing_is_said_of_any(ports: Ports, life: Life) -> None:
    await change_contract(ports, (await life.see()).organization, tax_rate=Decimal(0))
    async with person(ports, life, Role.CASE_ADMIN) as visitor:
        page = await visitor.read(asked())
        settings = await visitor.read("/settings")
    ways = page.one("ul", look="ways")
    assert TOKENS.rpartition("/")[2] in actions(page)
    assert "2,000 × $0.10 = $200.00" in ways.words
    assert not ways.all("table")
    assert "tax" not in (page.one("main").words + settings.one("main").words).lower()


async def test_a_charge_that_grows_by_announced_overage_and_its_tax_is_as_promised(ports: Ports, life: Life) -> None:
    """C2, C6: what comes on top of the preview is named with its tax, and needs no second look."""
    await life.set(overage=True)
    await life.spend_to(0)
    task = await life.hold(200)
    async with admin(ports, await life.see()) as visitor:
        page, form = await previewed(visitor, f"{CHANGE}?tier=BUSINESS")
        assert amounts_of(page)["Charge now"] == "$5,648.87"
        assert "at most 200 × $0.10 + 13% tax = $22.60." in page.words
        await life.charge(task, 200)
        assert (await send(visitor, CHANGE, form)).status == 303
    assert str((await life.timeline())[-1].charge) == "5671.47"


async def test_a_deactivation_that_charges_says_so_in_its_button(ports: Ports, life: Life) -> None:
    """C6: overage, and its tax, are charged with the end."""
    await life.set(overage=True)
    await life.spend(4_010)
    await life.buy(50)
    async with admin(ports, await life.see()) as visitor:
        page, _ = await previewed(visitor, "/plan/deactivate")
    assert amounts_of(page)["Charge now"] == "$1.13"
    assert page.one("button", look="stop").words == "Deactivate for $1.13, lose 50 tokens"


@pytest.mark.parametrize(
    ("language", "standing", "each", "beside"),
    [("en", "$499.00 + 13% tax a month", "$0.10 + 13% tax", "Plus 13% tax."),
     ("fr", "499,00 $ + taxe de 13 % par mois", "0,10 $ + taxe de 13 %", "Plus taxe de 13 %.")],
)  # fmt: skip
async def test_prices_are_shown_as_prices_before_tax(
    ports: Ports, life: Life, language: str, standing: str, each: str, beside: str
) -> None:
    """P1: for those who see them."""
    async with person(ports, life, Role.CASE_ADMIN) as visitor, person(ports, life) as member:
        page = await visitor.read("/settings", language=language)
        seen = (await member.read("/settings", language=language)).one("main").words
    assert standing in page.one("section", id_="standing").words
    assert beside in page.one("section", id_="plans").words
    assert each in page.one("section", id_="tokens").words
    assert each in page.one("section", id_="switches").words
    assert "13" not in seen


async def test_a_reactivation_tells_its_tax(ports: Ports, life: Life) -> None:
    await life.deactivate()
    async with admin(ports, await life.see()) as visitor:
        page, _ = await previewed(visitor, f"{CHANGE}?tier={STARTER}")
    assert amounts_of(page) == {"Starter, the whole cycle": "$49.00", "Tax, 13%": "$6.37", "Total": "$55.37"}
    assert page.one("button", look="main").words == "Reactivate on Starter for $55.37"
