"""A rate of tax that changes between a page and its form is looked at again, however the case pays (C2, C6, L3)."""

from decimal import Decimal
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Organization, PaymentMethod
from app.domain.plans import PlanTier
from app.services.organizations import change_contract
from app.services.ports import Ports
from tests.plans import BUSINESS, CARD, INVOICE, PRO, STARTER, Life, registered
from tests.web.plan_admin import CHANGE, admin
from tests.web.plan_forms import amounts_of, fields, notice, previewed, send
from tests.web.prompt_pages import UPGRADE, asked, landed, person

LOOK_AGAIN = "The plan or its amounts have changed since you opened this page. They are shown as they are now."


async def taxed(ports: Ports, operator: Viewer, rate: str = "0.05") -> tuple[Life, Organization]:
    life = await registered(ports, operator, organization=str(uuid4()))
    organization = (await life.see()).organization
    await change_contract(ports, organization, monthly_invoicing=True, tax_rate=Decimal(rate))
    return life, organization


@pytest.mark.parametrize("method", [INVOICE, CARD])
@pytest.mark.parametrize(
    ("page", "action"),
    [
        (f"{CHANGE}?tier=BUSINESS", CHANGE),
        ("/plan/tokens?tokens=100", "/plan/tokens"),
        ("/plan/tokens?tokens=1", "/plan/tokens"),
    ],
)
@pytest.mark.parametrize("rate", ["0.15", "0.04"])
async def test_an_active_case_is_shown_again_what_it_would_pay(
    ports: Ports, operator: Viewer, method: PaymentMethod, page: str, action: str, rate: str
) -> None:
    """Also where the tax of it, rounded, is the same as before: what the button says is what is agreed to."""
    life, organization = await taxed(ports, operator)
    await life.activate(PRO, method)
    async with admin(ports, await life.see()) as visitor:
        _, form = await previewed(visitor, page)
        await change_contract(ports, organization, tax_rate=Decimal(rate))
        again = await send(visitor, action, form)
        assert (again.status, again.notice) == (409, f"Nothing was changed. {LOOK_AGAIN}")
        _, form = await previewed(visitor, page)
        assert (await send(visitor, action, form)).status == 303


@pytest.mark.parametrize("method", [INVOICE, CARD])
async def test_tokens_bought_before_the_rate_changed_are_not_asked_about_again(
    ports: Ports, operator: Viewer, method: PaymentMethod
) -> None:
    """K1: the same form once more, as by a second click, tells what it did."""
    life, organization = await taxed(ports, operator)
    await life.activate(PRO, method)
    async with admin(ports, await life.see()) as visitor:
        _, form = await previewed(visitor, "/plan/tokens?tokens=100")
        first = await send(visitor, "/plan/tokens", form)
        await change_contract(ports, organization, tax_rate=Decimal("0.15"))
        assert (await send(visitor, "/plan/tokens", form)).target == first.target
    assert (await life.see()).reservoir.purchased == 100


@pytest.mark.parametrize("method", [INVOICE, CARD])
async def test_what_begins_is_shown_again(ports: Ports, operator: Viewer, method: PaymentMethod) -> None:
    """An activation, and then a reactivation."""
    life, organization = await taxed(ports, operator)
    async with admin(ports, await life.see()) as visitor:
        for rate, shown in (("0.15", "$573.85"), ("0.10", "$548.90")):
            _, form = await previewed(visitor, f"{CHANGE}?tier=PRO")
            await change_contract(ports, organization, tax_rate=Decimal(rate))
            again = await send(visitor, CHANGE, {**form, "payment": method})
            assert again.status == 409
            assert amounts_of(again.page)["Total"] == shown
            _, form = await previewed(visitor, f"{CHANGE}?tier=PRO")
            assert (await send(visitor, CHANGE, {**form, "payment": method})).status == 303
            await life.deactivate()


async def test_a_deactivation_is_shown_again(ports: Ports, operator: Viewer) -> None:
    """Of a case that is invoiced by the month, whose overage is taxed later."""
    life, organization = await taxed(ports, operator)
    await life.activate(PRO, INVOICE)
    await life.set(overage=True)
    await life.spend(10_010)
    action = "/plan/deactivate"
    async with admin(ports, await life.see()) as visitor:
        _, form = await previewed(visitor, action)
        await change_contract(ports, organization, tax_rate=Decimal("0.15"))
        assert (await send(visitor, action, {**form, "sure": "yes"})).status == 409
        _, form = await previewed(visitor, action)
        assert (await send(visitor, action, {**form, "sure": "yes"})).status == 303


async def test_a_prompt_is_shown_again(ports: Ports, operator: Viewer) -> None:
    """C9: by invoice, for a member."""
    life, organization = await taxed(ports, operator)
    await life.activate(PRO, INVOICE)
    await life.spend_to(4_000)
    async with person(ports, life) as member:
        form = fields(await member.read(asked()), UPGRADE)
        await change_contract(ports, organization, tax_rate=Decimal("0.15"))
        again = await send(member, UPGRADE, form)
        assert (again.status, notice(again.page)) == (409, f"Nothing was changed. {LOOK_AGAIN}")
        assert (await life.see()).terms.tier is PlanTier.PRO
        form = fields(await member.read(asked()), UPGRADE)
        await landed(member, await send(member, UPGRADE, form))
    assert (await life.see()).terms.tier is PlanTier.BUSINESS


# -------------------------------------------------------------------------------------------- with what else there is


@pytest.mark.parametrize("method", [INVOICE, CARD])
@pytest.mark.parametrize(
    ("rate", "most"), [("0.14975", "1 × $0.10 + 14.975% tax = $0.12"), ("0.1", "1 × $0.10 + 10% tax = $0.12")]
)
async def test_overage_is_told_with_the_most_that_its_tax_may_be(
    ports: Ports, operator: Viewer, method: PaymentMethod, rate: str, most: str
) -> None:
    """T5: the tax is taken of all that its invoice holds, and rounded there."""
    life, _ = await taxed(ports, operator, rate)
    await life.activate(BUSINESS, method)
    await life.spend_to(5_999)
    async with person(ports, life, Role.CASE_ADMIN) as visitor:
        page = await visitor.read(asked())
    assert f"At most {most}, billed at the end of the cycle." in page.one("ul", look="ways").words


@pytest.mark.parametrize("method", [INVOICE, CARD])
async def test_overage_that_running_tasks_may_add_is_told_with_the_most_that_its_tax_may_be(
    ports: Ports, operator: Viewer, method: PaymentMethod
) -> None:
    """C2: to the cent where the sum that is taxed is known, as by card."""
    life, _ = await taxed(ports, operator, "0.1")
    await life.activate(PRO, method)
    await life.set(overage=True)
    await life.spend_to(0)
    await life.hold(1)
    async with admin(ports, await life.see()) as visitor:
        page, _ = await previewed(visitor, f"{CHANGE}?tier=BUSINESS")
    most = "$0.12" if method is INVOICE else "$0.11"
    assert f"at most 1 × $0.10 + 10% tax = {most}." in page.words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "With the issue of the invoice, on all that it holds of this case: a cent more or less"),
        ("fr", "À l’émission de la facture, sur tout ce qu’elle contient de ce dossier : à un cent près"),
    ],
)
async def test_tax_of_a_monthly_invoice_is_told_with_what_its_rounding_leaves_open(
    ports: Ports, operator: Viewer, language: str, said: str
) -> None:
    """By card the tax is that of the change alone, to the cent."""
    monthly, _ = await taxed(ports, operator)
    card, _ = await taxed(ports, operator)
    await monthly.activate(STARTER, INVOICE)
    await card.activate(STARTER)
    for life, told in ((monthly, True), (card, False)):
        async with admin(ports, await life.see()) as visitor:
            for path in ("/plan/tokens?tokens=10", f"{CHANGE}?tier=PRO"):
                page, _ = await previewed(visitor, path, language=language)
                assert (said in page.one("table", look="pay").words) is told


@pytest.mark.parametrize("rate", ["0.05", "0"])
async def test_what_begins_says_so_beside_the_choice_of_the_invoice(ports: Ports, operator: Viewer, rate: str) -> None:
    """Where there is a tax."""
    life, _ = await taxed(ports, operator, rate)
    async with admin(ports, await life.see()) as visitor:
        page, _ = await previewed(visitor, f"{CHANGE}?tier=PRO")
    told = "Its tax is taken of all that the invoice holds of this case: a cent more or less."
    assert [told in each.words for each in page.one("fieldset").all("label")] == [False, rate != "0"]
