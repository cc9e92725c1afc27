"""Downgrades and deactivation by their pages: when, and what is lost, before they are confirmed (C3, L6)."""

from datetime import timedelta

import pytest

from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus
from app.domain.plans import PlanTier
from app.domain.rates import ScanMode
from app.services.ports import Ports
from tests.stage import Clock, active_case, bulk, created, named, report, reread, succeeded
from tests.web.plan_admin import CHANGE, admin, headline, on_pro, tier_of
from tests.web.plan_forms import amounts_of, events_of, fields, notice, previewed, send, tokens_of
from tests.web.scenes import bought, downgrading


@pytest.fixture
async def pro(ports: Ports, operator: Viewer, clock: Clock) -> Case:
    return await on_pro(ports, operator, clock)


async def test_a_downgrade_is_scheduled_shown_replaced_and_cancelled(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """C3, L6: Business with 1,234 bought keeps the lower cap and what was bought."""
    case = await active_case(ports, operator, PlanTier.BUSINESS)
    await bought(ports, operator, case, 1_234)
    async with admin(ports, case) as person:
        page, form = await previewed(person, f"{CHANGE}?tier=PRO")
        assert headline(page) == "Business to Pro, on April 3, 2026"
        assert amounts_of(page) == {"Charge now": "$0.00", "Credit for a later invoice": "$0.00"}
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


async def test_a_page_left_open_for_a_day_still_promises_what_it_shows(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    """The date of a downgrade does not move with the day on which it is asked for."""
    case = await active_case(ports, operator, PlanTier.BUSINESS)
    async with admin(ports, case) as person:
        _, form = await previewed(person, f"{CHANGE}?tier=PRO")
        clock.now += timedelta(hours=10)
        assert (await send(person, CHANGE, form)).status == 303


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
