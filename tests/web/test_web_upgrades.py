"""Upgrades by their pages: shown in full, made once, and not made where they are no longer what was shown (C2, K1)."""

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services.ports import Ports
from tests.stage import Clock, active_case, bulk, created, named, report, reread, succeeded
from tests.web.plan_admin import CHANGE, admin, events, headline, on_pro, tier_of
from tests.web.plan_forms import amounts_of, fields, notice, previewed, send, tokens_of
from tests.web.scenes import upgraded


@pytest.fixture
async def pro(ports: Ports, operator: Viewer, clock: Clock) -> Case:
    return await on_pro(ports, operator, clock)


@pytest.mark.parametrize(
    ("language", "title", "sums", "button"),
    [
        ("en", "Pro to Business, now", {"Charge now": "$4,999.00", "Credit for a later invoice": "$320.79"},
         "Upgrade for $4,999.00"),
        ("fr", "De Pro à Business, maintenant",
         {"Facturé maintenant": "4 999,00 $", "Crédit sur une facture à venir": "320,79 $"},
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
        assert amounts_of(stale.page)["Credit for a later invoice"] == "$302.96"
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
            "Credit for a later invoice": "$49.00",
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
