"""What goes on the monthly invoice is told with its price, its tax and its total before it is confirmed (C6, C7)."""

from decimal import Decimal
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.services.organizations import change_contract
from app.services.ports import Ports
from tests.plans import INVOICE, PRO, Life, registered
from tests.web.page_elements import Element
from tests.web.plan_admin import CHANGE, admin
from tests.web.plan_forms import amounts_of, previewed, send
from tests.web.prompt_pages import asked, person

INVOICED = "On the monthly invoice of your organization"


async def agreed(ports: Ports, operator: Viewer, tax_rate: str) -> Life:
    """A case that was never active, of an organization that may be invoiced by the month."""
    life = await registered(ports, operator, organization=str(uuid4()))
    organization = (await life.see()).organization
    await change_contract(ports, organization, monthly_invoicing=True, tax_rate=Decimal(tax_rate))
    return life


@pytest.fixture
async def taxed(ports: Ports, operator: Viewer) -> Life:
    """On Pro, taxed by 14.975 %."""
    life = await agreed(ports, operator, "0.14975")
    await life.activate(PRO, INVOICE)
    return life


def ruled(page: Element) -> list[str]:
    """The rows under a double rule, which are sums of what stands above them."""
    return [row.one("th").own_text for row in page.one("table", look="pay").all("tr", look="last")]


@pytest.mark.parametrize(
    ("language", "sums", "button"),
    [
        ("en", {"Enterprise, the whole cycle": "$29,999.00", "Overage of this cycle": "$1.00",
                "Credit for unused days": "−$499.00", "Tax, 14.975%": "$4,417.77",
                INVOICED: "$33,918.77", "Charge now": "$0.00"}, "Upgrade for $33,918.77"),
        ("fr", {"Enterprise, le cycle entier": "29 999,00 $", "Jetons excédentaires du cycle": "1,00 $",
                "Crédit pour les jours inutilisés": "−499,00 $", "Taxe, 14,975 %": "4 417,77 $",
                "Sur la facture mensuelle de votre organisation": "33 918,77 $", "Facturé maintenant": "0,00 $"},
         "Mettre à niveau pour 33 918,77 $"),
    ],
)  # fmt: skip
async def test_an_upgrade_is_told_line_by_line_with_its_total_in_the_button(
    ports: Ports, taxed: Life, language: str, sums: dict[str, str], button: str
) -> None:
    """The lines add up to the row below the rule; what is charged now stands apart from it."""
    await taxed.set(overage=True)
    await taxed.spend(10_010)
    async with admin(ports, await taxed.see()) as visitor:
        page, form = await previewed(visitor, f"{CHANGE}?tier=ENTERPRISE", language=language)
        assert amounts_of(page) == sums
        assert ruled(page) == [list(sums)[-2]]
        assert page.one("button", look="main").words == button
        assert (await send(visitor, CHANGE, form)).status == 303


async def test_a_plan_alone_is_named_with_its_price(ports: Ports, operator: Viewer) -> None:
    """Where there is no tax, nothing is said of any."""
    life = await agreed(ports, operator, "0")
    await life.activate(PRO, INVOICE)
    async with admin(ports, await life.see()) as visitor:
        page, _ = await previewed(visitor, f"{CHANGE}?tier=BUSINESS")
    assert amounts_of(page) == {
        "Business, the whole cycle": "$4,999.00",
        "Credit for unused days": "−$499.00",
        INVOICED: "$4,500.00",
        "Charge now": "$0.00",
    }
    assert "tax" not in page.one("main").words.lower()


async def test_an_upgrade_whose_overage_grew_beyond_what_was_told_is_shown_again(ports: Ports, taxed: Life) -> None:
    """C2: as by card, where only what running tasks had set aside may come on top."""
    await taxed.set(overage=True)
    await taxed.spend_to(0)
    async with admin(ports, await taxed.see()) as visitor:
        _, form = await previewed(visitor, f"{CHANGE}?tier=BUSINESS")
        await taxed.spend(10)
        stale = await send(visitor, CHANGE, form)
        assert stale.status == 409
        assert amounts_of(stale.page)["Overage of this cycle"] == "$1.00"
        task = await taxed.hold(200)
        page, form = await previewed(visitor, f"{CHANGE}?tier=BUSINESS")
        assert "at most 200 × $0.10 + 14.975% tax = $23.00." in page.words
        await taxed.charge(task, 200)
        assert (await send(visitor, CHANGE, form)).status == 303


async def test_an_activation_names_the_same_amount_for_both_ways_of_paying(ports: Ports, operator: Viewer) -> None:
    life = await agreed(ports, operator, "0.13")
    async with admin(ports, await life.see()) as visitor:
        page, form = await previewed(visitor, f"{CHANGE}?tier=PRO")
        assert amounts_of(page) == {"Pro, the whole cycle": "$499.00", "Tax, 13%": "$64.87", "Total": "$563.87"}
        assert [each.words for each in page.one("fieldset").all("b")] == ["$563.87"] * 2
        assert page.one("button", look="main").words == "Activate on Pro for $563.87"
        assert (await send(visitor, CHANGE, {**form, "payment": INVOICE})).status == 303
    assert (await life.subscription()).payment_method is INVOICE


async def test_a_deactivation_tells_the_overage_that_goes_on_the_invoice(ports: Ports, taxed: Life) -> None:
    await taxed.set(overage=True)
    await taxed.spend(10_010)
    async with admin(ports, await taxed.see()) as visitor:
        page, _ = await previewed(visitor, "/plan/deactivate")
    sums = amounts_of(page)
    assert (sums["Overage of this cycle"], sums["Tax, 14.975%"], sums[INVOICED]) == ("$1.00", "$0.15", "$1.15")
    assert page.one("button", look="stop").words == "Deactivate for $1.15"


@pytest.mark.parametrize(
    ("language", "sums", "button"),
    [
        ("en", {"Tokens bought": "$1.20", "Tax, 14.975%": "$0.18", INVOICED: "$1.38", "Charge now": "$0.00"},
         "Buy for $1.38"),
        ("fr", {"Jetons achetés": "1,20 $", "Taxe, 14,975 %": "0,18 $",
                "Sur la facture mensuelle de votre organisation": "1,38 $", "Facturé maintenant": "0,00 $"},
         "Acheter pour 1,38 $"),
    ],
)  # fmt: skip
async def test_bought_tokens_are_told_with_the_tax_of_the_invoice(
    ports: Ports, taxed: Life, language: str, sums: dict[str, str], button: str
) -> None:
    """L3."""
    async with admin(ports, await taxed.see()) as visitor:
        page, form = await previewed(visitor, "/plan/tokens?tokens=12", language=language)
        assert amounts_of(page) == sums
        assert page.one("button", look="main").words == button
        assert (await send(visitor, "/plan/tokens", form)).status == 303


async def test_the_prompt_of_a_refused_task_names_the_price_too(ports: Ports, taxed: Life) -> None:
    """C9: for whoever may upgrade there; and the tokens that would do, for admins."""
    await taxed.spend_to(4_000)
    async with person(ports, taxed) as member, person(ports, taxed, Role.CASE_ADMIN) as administrator:
        prompt = (await member.read(asked())).one("div", id_="prompt")
        offer = (await administrator.read(asked())).one("ul", look="ways")
    rows = [row.words for row in prompt.one("tbody").all("tr")]
    assert rows[0] == "Business, the whole cycle $4,999.00"
    assert f"{INVOICED} $5,173.88" in rows
    assert "Charge now (CAD) $0.00" in rows
    assert prompt.one("button", look="main").words == "Upgrade for $5,173.88"
    assert [row.words for row in offer.one("table", look="pay").all("tr")] == [
        "Tokens bought 2,000 × $0.10 = $200.00 $200.00",
        "Tax, 14.975% With the issue of the invoice, on all that it holds of this case: a cent more or less $29.95",
        f"{INVOICED} $229.95",
        "Charge now (CAD) $0.00",
    ]
