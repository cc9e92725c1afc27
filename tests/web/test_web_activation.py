"""Activation and reactivation by their pages: on a plan and a way of paying (C7, L5)."""

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case, PaymentMethod
from app.services import organizations, subscriptions
from app.services.ports import Ports
from tests.stage import Clock, registered_case, reread
from tests.web.plan_admin import CHANGE, admin, events, headline, on_pro
from tests.web.plan_forms import amounts_of, fields, notice, previewed, send, tokens_of
from tests.web.scenes import deactivated


@pytest.fixture
async def pro(ports: Ports, operator: Viewer, clock: Clock) -> Case:
    return await on_pro(ports, operator, clock)


async def test_a_case_is_activated_on_a_plan_and_a_way_of_paying(ports: Ports, operator: Viewer, clock: Clock) -> None:
    """C7: monthly invoicing needs a contract; without one the dialog leads on by card."""
    case = await registered_case(ports, operator, organization="not contracted")
    async with admin(ports, case) as person:
        usage = await person.read()
        assert [link.words for link in usage.one("section", id_="hero").all("a", look="btn")] == ["See plans"]
        settings = await person.read("/settings")
        links = {link.words: link.attributes["href"] for link in settings.all("a", look="btn")}
        assert list(links) == [f"Choose {name} ({name})" for name in ("Starter", "Pro", "Business", "Enterprise")]
        page, form = await previewed(person, links["Choose Pro (Pro)"].removeprefix(person.home))
        assert headline(page) == "Activate on Pro, now"
        assert form["payment"] == "CARD"
        assert [each.words for each in page.one("fieldset").all("b")] == ["$499.00"] * 2
        assert page.one("button", look="main").words == "Activate on Pro for $499.00"
        refused = await send(person, CHANGE, {**form, "payment": "MONTHLY_INVOICE"})
        assert refused.target == "plan/invoicing?tier=PRO#notice"
        by_card = fields(await person.read("/plan/invoicing?tier=PRO"), CHANGE)
        assert (by_card["tier"], by_card["payment"]) == ("PRO", "CARD")
        assert (await send(person, CHANGE, by_card)).status == 303
        settings = await person.read("/settings?done=plan")
        assert notice(settings) == "Activated on Pro. The balance is 10,000 now."
    assert (await reread(ports, operator, case)).reservoir.balance == 10_000


async def test_with_a_contract_nothing_is_charged_at_once(ports: Ports, operator: Viewer) -> None:
    case = await registered_case(ports, operator, organization="contracted")
    await organizations.set_monthly_invoicing(ports, case.organization, True)
    async with admin(ports, case) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=STARTER")
        assert (await send(person, CHANGE, {**form, "payment": "MONTHLY_INVOICE"})).status == 303
        page, form = await previewed(person, f"{CHANGE}?tier=PRO")
        assert amounts_of(page) == {
            "Pro, the whole cycle": "$499.00",
            "Credit for unused days": "−$49.00",
            "On the monthly invoice of your organization": "$450.00",
            "Charge now": "$0.00",
        }
        assert page.one("button", look="main").words == "Upgrade for $450.00"
        assert (await send(person, CHANGE, form)).status == 303
        page = await person.read("/plan/tokens?tokens=50")
        assert amounts_of(page) == {"On the monthly invoice of your organization": "$5.00", "Charge now": "$0.00"}
        assert "50 × $0.10 = $5.00" in page.words
    found = await subscriptions.find_subscription(ports, case)
    assert found is not None
    assert found.payment_method is PaymentMethod.MONTHLY_INVOICE


async def test_a_deactivated_case_is_reactivated_as_it_was_paid_before(
    ports: Ports, operator: Viewer, pro: Case
) -> None:
    """L5."""
    await deactivated(ports, operator, pro)
    async with admin(ports, pro) as person:
        page, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        assert headline(page) == "Reactivate on Business, now"
        assert tokens_of(page) == ["0", "50,000", "0"]
        assert (await send(person, CHANGE, form)).status == 303
        assert (await events(person))[0] == "Reactivated on Business"
