"""Who may not be invoiced by the month yet: the dialog, the request, and on by card with everything kept (C7)."""

from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import PaymentMethod
from app.domain.payments import PaymentEvent, PaymentOutcome
from app.domain.plans import PlanTier
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services import operators
from app.services.organizations import change_contract
from app.services.payment_events import take_event
from app.services.ports import Ports
from tests.plans import BUSINESS, INVOICE, PRO, STARTER, Life, registered
from tests.web.page_elements import Element
from tests.web.person import Person, visiting
from tests.web.plan_forms import fields, notice, previewed, send
from tests.web.prompt_pages import Pages

CHANGE, DIALOG = "/plan/change", "/plan/invoicing"


@pytest.fixture
async def life(ports: Ports, operator: Viewer) -> Life:
    """A case of an organization without a contract."""
    return await registered(ports, operator, organization=str(uuid4()))


async def contracted(life: Life, *, on: bool = True) -> None:
    await change_contract(life.ports, (await life.see()).organization, monthly_invoicing=on)


def told(dialog: Element) -> dict[str, str]:
    """What support needs to know."""
    rows = dialog.one("dl", look="rows").all("div")
    return {row.one("dt").words: row.one("dd").words for row in rows}


def sums(dialog: Element) -> list[tuple[str, str]]:
    rows = dialog.one("table", look="pay").all("tr")
    return [(row.one("th").own_text.replace("\u00a0", " "), row.one("td").words) for row in rows]


async def test_the_dialog_tells_what_support_needs_and_writes_the_mail(ports: Ports, life: Life) -> None:
    organization = (await life.see()).organization
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        dialog = (await person.read(f"{DIALOG}?tier=PRO")).one("main")
        details = told(dialog)
        assert list(details) == ["Portal", "Environment", "ORG_ID", "Organization", "User", "Case"]
        assert details["ORG_ID"] == organization.nuix_id
        assert details["Case"] == f"Roe v. Doe ({life.uuid})"
        [mail] = [link for link in dialog.all("a") if link.attributes["href"].startswith("mailto:")]
        body = parse_qs(urlsplit(mail.attributes["href"]).query)["body"][0]
        mailed = dict(line.split("=", 1) for line in body.splitlines())
        assert list(mailed.values()) == [
            *(details[name] for name in ("Portal", "Environment", "ORG_ID", "Organization", "User", "Case"))
        ]
        french = (await person.read(f"{DIALOG}?tier=PRO", language="fr")).one("main")
        assert list(told(french)) == ["Portail", "Environnement", "ORG_ID", "Organisation", "Utilisateur", "Dossier"]
        assert told(french)["ORG_ID"] == organization.nuix_id


async def test_a_request_is_noted_once_and_the_dialog_says_so(ports: Ports, life: Life) -> None:
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        form = fields(await person.read(f"{DIALOG}?tier=PRO"), DIALOG)
        for _ in range(2):
            assert (await send(person, DIALOG, form)).target == "plan/invoicing?tier=PRO#notice"
        dialog = await person.read(f"{DIALOG}?tier=PRO")
        assert "Claira has noted it." in dialog.one(id_="noted").words
        assert "Let Claira note it" not in dialog.words
        assert fields(dialog, CHANGE)["payment"] == "CARD"
    case = str(life.uuid)
    assert len([each for each in (await operators.read_work_list(ports)).open if case in each.details["case"]]) == 1


async def test_an_activation_goes_on_by_card_with_the_plan_that_was_chosen(ports: Ports, life: Life) -> None:
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        refused = await send(person, CHANGE, {**form, "payment": "MONTHLY_INVOICE"})
        dialog = await person.read("/" + refused.target.partition("#")[0])
        assert sums(dialog)[-1] == ("Charge now", "$4,999.00")
        assert (await send(person, CHANGE, fields(dialog, CHANGE))).target == "settings?done=plan#notice"
    assert (await life.subscription()).plan.tier is BUSINESS


async def test_a_reactivation_goes_on_by_card_after_a_time_of_monthly_invoices(ports: Ports, life: Life) -> None:
    await contracted(life)
    await life.activate(PRO, INVOICE)
    await life.deactivate()
    await contracted(life, on=False)
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=STARTER")
        assert form["payment"] == "MONTHLY_INVOICE"
        refused = await send(person, CHANGE, form)
        dialog = await person.read("/" + refused.target.partition("#")[0])
        assert (await send(person, CHANGE, fields(dialog, CHANGE))).status == 303
    after = await life.subscription()
    assert (after.plan.tier, after.payment_method) == (STARTER, PaymentMethod.CARD)


async def test_a_reactivation_by_card_instead_of_monthly_invoices_is_made_from_the_preview(
    ports: Ports, life: Life
) -> None:
    """The promise of the preview covers the dearer of the two ways to pay."""
    await contracted(life)
    await life.activate(PRO, INVOICE)
    await life.deactivate()
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=PRO")
        assert (await send(person, CHANGE, {**form, "payment": "CARD"})).target == "settings?done=plan#notice"
    assert (await life.subscription()).payment_method is PaymentMethod.CARD


async def upgrade_refused(person: Person, tier: PlanTier) -> Element:
    """The dialog of an upgrade whose preview promised nothing to be charged now."""
    page, form = await previewed(person, f"{CHANGE}?tier={tier}")
    assert "payment" not in form
    assert page.one("table", look="pay").all("b")[0].words == "$0.00"
    refused = await send(person, CHANGE, form)
    return await person.read("/" + refused.target.partition("#")[0])


async def test_an_upgrade_goes_on_by_card_for_the_sum_that_the_dialog_names(ports: Ports, life: Life) -> None:
    await contracted(life)
    await life.activate(PRO, INVOICE)
    await life.set(overage=True)
    await life.spend(10_010)
    await contracted(life, on=False)
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        dialog = await upgrade_refused(person, BUSINESS)
        assert sums(dialog) == [
            ("Overage of the cycle to March 3, 2026: 10 tokens", "$1.00"),
            ("Business plan, March 3 to April 2, 2026", "$4,999.00"),
            ("Charge now", "$5,000.00"),
            ("Credit for a later invoice", "$499.00"),
        ]
        assert (await send(person, CHANGE, fields(dialog, CHANGE))).target == "settings?done=plan#notice"
        settings = await person.read("/settings?done=plan")
        assert notice(settings) == "Upgraded from Pro to Business. The balance is 50,000 now."
    assert (await life.subscription()).payment_method is PaymentMethod.CARD
    assert str((await life.timeline())[-1].charge) == "5000.00"


async def test_what_was_promised_by_card_is_shown_again_where_it_has_become_more(ports: Ports, life: Life) -> None:
    await contracted(life)
    await life.activate(PRO, INVOICE)
    await life.set(overage=True)
    await contracted(life, on=False)
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        dialog = await upgrade_refused(person, BUSINESS)
        await life.spend(10_010)
        stale = await send(person, CHANGE, fields(dialog, CHANGE))
        assert stale.status == 409
        assert (await life.subscription()).plan.tier is PRO


@pytest.mark.parametrize("query", ["?tier=PRO", "?tier=STARTER"])
async def test_where_nothing_is_refused_the_dialog_leads_back_to_the_preview(
    ports: Ports, life: Life, query: str
) -> None:
    await life.activate(PRO)
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        assert (await person.get(DIALOG + query)).headers["location"] == person.home + CHANGE + query
        await contracted(life)
        assert (await person.get(DIALOG + query)).headers["location"] == person.home + CHANGE + query


async def test_the_dialog_is_for_those_who_may_change_the_plan(ports: Ports, life: Life) -> None:
    """A2: it shows money."""
    async with visiting(build_app(ports, Settings()), ports, life.uuid) as member:
        assert (await member.get(f"{DIALOG}?tier=PRO")).status_code == 403
        assert (await send(member, DIALOG, {"tier": "PRO"})).status == 403
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        assert (await person.get(f"{DIALOG}?tier=GOLD")).status_code == 400
        assert (await send(person, DIALOG, {"tier": "GOLD"})).status == 400
        assert (await send(person, DIALOG, {"tier": "PRO"}, Sec_Fetch_Site="cross-site")).status == 403
    case = str(life.uuid)
    assert not [each for each in (await operators.read_work_list(ports)).open if case in each.details["case"]]


@pytest.fixture
async def removed(life: Life) -> Life:
    """A case on Pro that is invoiced by the month, of an organization that was taken off the list since."""
    await contracted(life)
    await life.activate(PRO, INVOICE)
    await contracted(life, on=False)
    return life


async def test_where_a_page_takes_the_payment_the_upgrade_comes_with_its_event(ports: Ports, removed: Life) -> None:
    """C8: until then the case is invoiced by the month, from then on it pays by card."""
    pages = Pages()
    paying = replace(ports, payments=pages)
    async with visiting(build_app(paying, Settings()), paying, removed.uuid, Role.CASE_ADMIN) as person:
        dialog = await upgrade_refused(person, BUSINESS)
        sent = await send(person, CHANGE, fields(dialog, CHANGE))
        assert sent.target.startswith("checkout/")
    before = await removed.subscription()
    assert (before.plan.tier, before.payment_method) == (PRO, PaymentMethod.MONTHLY_INVOICE)
    for _ in range(2):
        await take_event(paying, PaymentEvent(pages.opened[0], PaymentOutcome.PAID))
    after = await removed.subscription()
    assert (after.plan.tier, after.payment_method, after.cycle.number) == (BUSINESS, PaymentMethod.CARD, 2)


REFUSED = "?kind=SCAN&mode=IMAGE&documents=2400&fields=1"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CASE_ADMIN])
async def test_a_prompt_seen_before_the_contract_ended_leads_admins_to_the_dialog(
    ports: Ports, removed: Life, role: Role
) -> None:
    """C9: whoever may not go on with card is told who can."""
    await contracted(removed)
    async with visiting(build_app(ports, Settings()), ports, removed.uuid, role) as person:
        page = await person.read(REFUSED)
        await contracted(removed, on=False)
        sent = await send(person, "/prompt/upgrade", fields(page, "/prompt/upgrade"))
        if role is Role.CASE_ADMIN:
            assert sent.target == f"plan/invoicing?tier=BUSINESS&{REFUSED[1:]}#notice"
        else:
            assert sent.status == 422
            assert sent.notice == (
                "Nothing was changed. Your organization is not invoiced by the month any more. "
                "A case admin can go on with card."
            )
    assert (await removed.subscription()).plan.tier is PRO


async def test_a_prompt_after_the_contract_ended_offers_members_nothing(ports: Ports, removed: Life) -> None:
    async with visiting(build_app(ports, Settings()), ports, removed.uuid, Role.MEMBER) as person:
        prompt = (await person.read(REFUSED)).one("div", id_="prompt")
    assert not prompt.all("form")
    assert not prompt.all("a")
    assert prompt.one("p").words == (
        "Your organization is not invoiced by the month any more. A case admin can go on with card."
    )
    assert "$" not in prompt.words


async def test_an_admin_goes_on_by_card_from_a_prompt_and_comes_back_to_the_task(ports: Ports, removed: Life) -> None:
    """The dialog keeps the values of the task, also while the request is noted."""
    async with visiting(build_app(ports, Settings()), ports, removed.uuid, Role.CASE_ADMIN) as person:
        prompt = (await person.read(REFUSED)).one("div", id_="prompt")
        href = prompt.one("a").attributes["href"].removeprefix(person.home).partition("#")[0]
        noted = await send(person, DIALOG, fields(await person.read(href), DIALOG))
        dialog = await person.read("/" + noted.target.partition("#")[0])
        [back] = [link.attributes["href"] for link in dialog.all("a") if link.words == "Back"]
        assert back == person.home + REFUSED
        made = await send(person, CHANGE, fields(dialog, CHANGE))
        assert made.answer.headers["location"] == f"{person.home}{REFUSED}&done=plan#notice"
    assert (await removed.subscription()).plan.tier is BUSINESS


async def test_what_is_shown_again_to_who_goes_on_by_card_leads_back_to_the_task_by_card(
    ports: Ports, removed: Life
) -> None:
    """The rate of the tax has changed since the dialog was shown."""
    async with visiting(build_app(ports, Settings()), ports, removed.uuid, Role.CASE_ADMIN) as person:
        dialog = await person.read(f"{DIALOG}?tier=BUSINESS&{REFUSED[1:]}")
        await change_contract(ports, (await removed.see()).organization, tax_rate=Decimal("0.05"))
        again = await send(person, CHANGE, fields(dialog, CHANGE))
        assert again.status == 409
        assert "From now on the case pays by card." in again.page.words
        made = await send(person, CHANGE, fields(again.page, CHANGE))
        assert made.answer.headers["location"] == f"{person.home}{REFUSED}&done=plan#notice"
    after = await removed.subscription()
    assert (after.plan.tier, after.payment_method) == (BUSINESS, PaymentMethod.CARD)


async def test_the_dialog_leads_back_to_the_task_where_there_is_a_contract_again(ports: Ports, removed: Life) -> None:
    await contracted(removed)
    async with visiting(build_app(ports, Settings()), ports, removed.uuid, Role.CASE_ADMIN) as person:
        answer = await person.get(f"{DIALOG}?tier=BUSINESS&{REFUSED[1:]}")
        assert answer.headers["location"] == person.home + REFUSED
