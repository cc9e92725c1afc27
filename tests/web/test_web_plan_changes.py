"""Changes of plan by their pages: shown in full, made once, and not made where they are no longer what was shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.callers import Role, Viewer
from app.domain.cases import Case, CaseStatus, PaymentMethod
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services import organizations, purchases, subscriptions
from app.services.ports import Ports
from tests.stage import Clock, active_case, bulk, created, named, registered_case, report, reread, succeeded
from tests.web.page_elements import Element
from tests.web.person import Person, visiting
from tests.web.plan_forms import amounts_of, events_of, fields, notice, previewed, send, tokens_of
from tests.web.scenes import bought, deactivated, downgrading, upgraded

CHANGE = "/plan/change"


@asynccontextmanager
async def admin(ports: Ports, case: Case) -> AsyncIterator[Person]:
    async with visiting(build_app(ports, Settings()), ports, case.terms.uuid, Role.CASE_ADMIN) as person:
        yield person


@pytest.fixture
async def pro(ports: Ports, operator: Viewer, clock: Clock) -> Case:
    """Pro from 31 January 2026, 10:00 in New York; it is 10 February."""
    clock.now = datetime(2026, 1, 31, 15, tzinfo=UTC)
    case = await active_case(ports, operator, PlanTier.PRO)
    clock.now = datetime(2026, 2, 10, 15, tzinfo=UTC)
    return case


async def tier_of(ports: Ports, operator: Viewer, case: Case) -> PlanTier | None:
    return (await reread(ports, operator, case)).terms.tier


async def events(person: Person) -> list[str]:
    return events_of(await person.read("/plan/history"))


def headline(page: Element) -> str:
    return page.one("h2", look="big").words


# ---------------------------------------------------------------------------------------------------- upgrades


@pytest.mark.parametrize(
    ("language", "title", "sums", "button"),
    [
        ("en", "Pro to Business, now", {"Charge now": "$4,999.00", "Credit on the next invoice": "$320.79"},
         "Upgrade for $4,999.00"),
        ("fr", "De Pro à Business, maintenant",
         {"Facturé maintenant": "4 999,00 $", "Crédit sur la prochaine facture": "320,79 $"},
         "Mettre à niveau pour 4 999,00 $"),
    ],
)  # fmt: skip
async def test_an_upgrade_is_shown_in_full_and_then_made(
    ports: Ports, operator: Viewer, pro: Case, language: str, title: str, sums: dict[str, str], button: str
) -> None:
    """C2: the credit is 499.00 x 18 / 28; the reservoir fills to the new cap (L5)."""
    async with admin(ports, pro) as person:
        page, form = await previewed(person, f"{CHANGE}?tier=BUSINESS", language=language)
        assert headline(page) == title
        assert amounts_of(page) == sums
        assert "18" in page.one("table", look="pay").words
        assert "28" in page.one("table", look="pay").words
        assert [number.replace(" ", "").replace(",", "") for number in tokens_of(page)] == ["10000", "50000", "0"]
        assert page.one("button", look="main").words == button
        assert await tier_of(ports, operator, pro) is PlanTier.PRO
        sent = await send(person, CHANGE, form, language=language)
        assert sent.target == "settings?done=plan#notice"
        after = await person.read(sent.target.join(["/", ""]).partition("#")[0], language=language)
        assert "Business" in notice(after)
        assert after.one("article", look="now").attributes["id"] == "tier-business"
        events = after.one("table", look="events").one("tbody").all("tr")
        assert all(amount in events[0].words for amount in sums.values())
    case = await reread(ports, operator, pro)
    assert (case.terms.tier, case.reservoir.balance) == (PlanTier.BUSINESS, 50_000)


async def test_a_form_that_is_sent_twice_acts_once(ports: Ports, operator: Viewer, pro: Case) -> None:
    """K1: a double click, or a page that is loaded again."""
    async with admin(ports, pro) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        targets = [(await send(person, CHANGE, form)).target for _ in range(3)]
        assert targets == ["settings?done=plan#notice"] * 3
        assert await events(person) == ["Upgraded from Pro to Business", "Activated on Pro"]


async def test_what_another_admin_did_meanwhile_is_shown_instead(ports: Ports, operator: Viewer, pro: Case) -> None:
    async with admin(ports, pro) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        await upgraded(ports, operator, pro, PlanTier.BUSINESS)
        same = await send(person, CHANGE, form)
        assert same.status == 409
        assert same.notice.startswith("Nothing was changed. The plan or its amounts have changed")
        assert same.page.one("article", look="now").attributes["id"] == "tier-business"
        await upgraded(ports, operator, pro, PlanTier.ENTERPRISE)
        lower = await send(person, CHANGE, form)
        assert lower.status == 409
        assert headline(lower.page) == "Enterprise to Business, on March 10, 2026"
        assert len(await events(person)) == 3
        assert await tier_of(ports, operator, pro) is PlanTier.ENTERPRISE
        assert (await send(person, CHANGE, fields(lower.page, CHANGE))).status == 303


async def test_another_days_credit_is_shown_before_it_is_taken(
    ports: Ports, operator: Viewer, pro: Case, clock: Clock
) -> None:
    """The page was left open over midnight: 17 days are left, not 18."""
    clock.pass_(hours=10)
    async with admin(ports, pro) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        clock.pass_(hours=5)
        stale = await send(person, CHANGE, form)
        assert stale.status == 409
        assert amounts_of(stale.page)["Credit on the next invoice"] == "$302.96"
        assert await tier_of(ports, operator, pro) is PlanTier.PRO
        assert (await send(person, CHANGE, fields(stale.page, CHANGE))).status == 303
    assert await tier_of(ports, operator, pro) is PlanTier.BUSINESS


async def test_overage_that_was_set_aside_at_the_preview_may_still_be_added(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C6: it is owed in any case, and the preview says how much it may become."""
    case = await active_case(ports, operator, PlanTier.STARTER, overage=True)
    await created(ports, operator, case, bulk(ScanMode.TEXT, 1_000))
    task = await created(ports, operator, case, bulk(ScanMode.TEXT, 300))
    await report(ports, operator, task, succeeded(named(100)))
    async with admin(ports, case) as person:
        page, form = await previewed(person, f"{CHANGE}?tier=PRO")
        assert amounts_of(page) == {
            "Pro, the whole cycle": "$499.00",
            "Overage of this cycle": "$10.00",
            "Charge now": "$509.00",
            "Credit on the next invoice": "$49.00",
        }
        assert "at most 200 × $0.10 = $20.00" in page.words
        await report(ports, operator, task, succeeded(named(50, 100)))
        more = await created(ports, operator, case, bulk(ScanMode.TEXT, 500))
        await report(ports, operator, more, succeeded(named(300)))
        assert (await send(person, CHANGE, form)).status == 409
        page, form = await previewed(person, f"{CHANGE}?tier=PRO")
        await report(ports, operator, more, succeeded(named(10, 300)))
        assert (await send(person, CHANGE, form)).status == 303


@pytest.mark.parametrize(
    "promise", ["", "nothing", "UPGRADE/PRO/x/y/z/0.00/0.00/0", "BANANA/PRO/x/y/z/0.00/0.00/0", "\ud7ff" * 1_000]
)
async def test_a_form_without_a_promise_of_ours_does_nothing(
    ports: Ports, operator: Viewer, pro: Case, promise: str
) -> None:
    async with admin(ports, pro) as person:
        for form in (
            {"key": "k", "tier": "BUSINESS", "promise": promise},
            {"tier": "BUSINESS", "promise": promise},
            {"key": "k", "tier": "GOLD", "promise": promise},
            {},
        ):
            assert (await send(person, CHANGE, form)).status in (400, 409)
    assert await tier_of(ports, operator, pro) is PlanTier.PRO


async def test_a_form_without_a_key_does_nothing(ports: Ports, operator: Viewer, pro: Case) -> None:
    async with admin(ports, pro) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=BUSINESS")
        refused = await send(person, CHANGE, {**form, "key": ""})
        assert refused.status == 400
        assert "1 to 255 characters" in refused.notice
    assert await tier_of(ports, operator, pro) is PlanTier.PRO


async def test_the_current_plan_needs_no_preview(ports: Ports, pro: Case) -> None:
    async with admin(ports, pro) as person:
        answer = await person.get(f"{CHANGE}?tier=PRO")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{person.home}/settings")


# -------------------------------------------------------------------------------------------------- downgrades


async def test_a_downgrade_is_scheduled_shown_replaced_and_cancelled(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C3, L6: Business with 1,234 bought keeps the lower cap and what was bought."""
    case = await active_case(ports, operator, PlanTier.BUSINESS)
    await bought(ports, operator, case, 1_234)
    async with admin(ports, case) as person:
        page, form = await previewed(person, f"{CHANGE}?tier=PRO")
        assert headline(page) == "Business to Pro, on April 3, 2026"
        assert amounts_of(page) == {"Charge now": "$0.00", "Credit on the next invoice": "$0.00"}
        assert tokens_of(page) == ["51,234", "11,234", "40,000"]
        assert "Early case assessment (ECA)" in page.words
        await send(person, CHANGE, form)
        settings = await person.read("/settings?done=plan")
        assert notice(settings).startswith(
            "Downgrade from Business to Pro scheduled. It takes effect on April 3, 2026."
        )
        assert settings.one("div", id_="scheduled").words.startswith("Pro from April 3, 2026.")
        assert settings.one("article", id_="tier-pro").one("p", look="state").words == "From April 3, 2026"
        assert "Pro from April 3, 2026." in (await person.read()).one("section", id_="hero").words
        page, form = await previewed(person, f"{CHANGE}?tier=STARTER")
        assert "It replaces the downgrade to Pro that is scheduled." in page.words
        await send(person, CHANGE, form)
        settings = await person.read("/settings")
        assert settings.one("div", id_="scheduled").words.startswith("Starter from April 3, 2026.")
        kept = await send(person, "/plan/keep", fields(settings, "/plan/keep"))
        settings = await person.read("/" + kept.target.partition("#")[0])
        assert notice(settings).startswith("Downgrade to Starter cancelled, Business stays.")
        assert not settings.all("div", id_="scheduled")
        again = await send(person, "/plan/keep", {"key": "another"})
        assert again.status == 422
        assert again.notice.startswith("Nothing was changed.")
        clock.pass_(days=40)
    assert await tier_of(ports, operator, case) is PlanTier.BUSINESS


async def test_a_downgrade_that_somebody_else_scheduled_meanwhile_is_not_replaced_unseen(
    ports: Ports, operator: Viewer
) -> None:
    case = await active_case(ports, operator, PlanTier.BUSINESS)
    async with admin(ports, case) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=PRO")
        await downgrading(ports, operator, case, PlanTier.STARTER)
        stale = await send(person, CHANGE, form)
        assert stale.status == 409
        assert "It replaces the downgrade to Starter that is scheduled." in stale.page.words


# ------------------------------------------------------------------------------------------------ deactivation


async def test_a_deactivation_says_what_is_lost_and_wants_to_be_sure(ports: Ports, operator: Viewer, pro: Case) -> None:
    """L6: what running tasks hold is lost with the rest."""
    await created(ports, operator, pro, bulk(ScanMode.VIDEO, 30))
    async with admin(ports, pro) as person:
        page, form = await previewed(person, "/plan/deactivate")
        assert tokens_of(page) == ["9,400", "0", "10,000"]
        assert "1 running task is cancelled first" in page.words
        assert page.one("button", look="stop").words == "Deactivate, lose 10,000 tokens"
        unsure = await send(person, "/plan/deactivate", form)
        assert unsure.status == 400
        assert "Tick the box" in unsure.notice
        assert (await reread(ports, operator, pro)).terms.active
        sure = {**form, "sure": "yes"}
        assert [(await send(person, "/plan/deactivate", sure)).target for _ in range(2)] == [
            "settings?done=plan#notice"
        ] * 2
        settings = await person.read("/settings?done=plan")
        assert notice(settings).startswith("Deactivated, Pro ended.")
        assert events_of(settings) == ["Deactivated, Pro ended", "Activated on Pro"]
        late = await send(person, "/plan/deactivate", {**sure, "key": "another"})
        assert late.status == 409
    case = await reread(ports, operator, pro)
    assert (case.terms.status, case.reservoir.balance, case.reservoir.held) == (CaseStatus.DEACTIVATED, 0, 0)


async def test_tokens_that_came_meanwhile_are_not_lost_unseen(ports: Ports, operator: Viewer, pro: Case) -> None:
    """What running tasks spend meanwhile makes the loss smaller, which surprises nobody."""
    task = await created(ports, operator, pro, bulk(ScanMode.TEXT, 30))
    async with admin(ports, pro) as person:
        _, form = await previewed(person, "/plan/deactivate")
        await bought(ports, operator, pro, 5_000)
        stale = await send(person, "/plan/deactivate", {**form, "sure": "yes"})
        assert stale.status == 409
        assert tokens_of(stale.page)[2] == "15,000"
        assert "5,000 bought tokens are lost too." in stale.page.words
        await report(ports, operator, task, succeeded(named(20)))
        assert (
            await send(person, "/plan/deactivate", {**fields(stale.page, "/plan/deactivate"), "sure": "yes"})
        ).status == 303


# ---------------------------------------------------------------------------------- activation and reactivation


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
        assert "$499.00" in page.one("fieldset").words
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
        assert amounts_of(page)["Charge now"] == "$0.00"
        assert "monthly invoice of your organization" in page.words
        assert page.one("button", look="main").words == "Upgrade to Pro"
        assert (await send(person, CHANGE, form)).status == 303
        page = await person.read("/plan/tokens?tokens=50")
        assert amounts_of(page) == {"Charge now": "$0.00"}
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


# ------------------------------------------------------------------------------------------------------ tokens


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
     ("99999999999999999999", "Buy 1 to 100,000,000"), ("-5", "This is not a whole number.")],
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


async def test_a_page_left_open_for_a_day_still_promises_what_it_shows(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """The date of a downgrade does not move with the day on which it is asked for."""
    case = await active_case(ports, operator, PlanTier.BUSINESS)
    async with admin(ports, case) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=PRO")
        clock.now += timedelta(hours=10)
        assert (await send(person, CHANGE, form)).status == 303
