"""Monthly invoicing for organizations on the list alone, and what others can do (C7)."""

from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.domain.callers import Role, Viewer
from app.domain.cases import Case, PaymentMethod
from app.domain.refusals import Forbidden, IdempotencyConflict, InvoicingNotContracted, NotFound
from app.domain.subscriptions import ChangeOrigin
from app.services import operators
from app.services.invoicing_requests import find_uncontracted, finish_request, request_invoicing
from app.services.organizations import change_contract
from app.services.ports import Ports
from app.services.subscriptions import upgrade_plan
from tests.plans import BUSINESS, INVOICE, PRO, STARTER, Life, registered
from tests.stage import Clock, new_viewer


@pytest.fixture
async def contracted(ports: Ports, operator: Viewer) -> Life:
    """A case on Pro of an organization that is invoiced by the month."""
    life = await registered(ports, operator, organization=str(uuid4()))
    await change_contract(ports, (await life.see()).organization, monthly_invoicing=True)
    assert isinstance(await life.activate(PRO, INVOICE), Case)
    return life


async def off_the_list(life: Life) -> None:
    await change_contract(life.ports, (await life.see()).organization, monthly_invoicing=False)


async def by_card(life: Life, key: str = "by card") -> Case | object:
    return await upgrade_plan(
        life.ports, life.viewer, key=key, case_uuid=life.uuid, tier=BUSINESS, origin=ChangeOrigin.SETTINGS, by_card=True
    )


async def test_off_the_list_a_case_is_neither_upgraded_nor_reactivated_by_the_month(contracted: Life) -> None:
    await off_the_list(contracted)
    before = await contracted.subscription()
    for origin in ChangeOrigin:
        refused = await contracted.upgrade(BUSINESS, origin)
        assert isinstance(refused, InvoicingNotContracted)
        assert refused.details["case"].endswith(f"({contracted.uuid})")
    assert await contracted.subscription() == before
    assert isinstance(await contracted.downgrade(STARTER), Case)  # it makes the invoice smaller
    assert isinstance(await contracted.deactivate(), Case)
    assert isinstance(await contracted.reactivate(PRO, INVOICE), InvoicingNotContracted)
    assert isinstance(await contracted.reactivate(PRO), Case)


async def test_off_the_list_what_is_invoiced_by_the_month_is_renewed_so(contracted: Life, clock: Clock) -> None:
    await off_the_list(contracted)
    clock.pass_(days=40)
    await contracted.set(prompts=True)  # a command does what is due first
    renewed = await contracted.subscription()
    assert (renewed.cycle.number, renewed.payment_method) == (2, PaymentMethod.MONTHLY_INVOICE)


async def test_an_upgrade_goes_on_by_card_and_the_case_pays_so_from_then_on(contracted: Life) -> None:
    """C6: the credit of its unused days waits for the next invoice by card."""
    await off_the_list(contracted)
    upgraded = await by_card(contracted)
    assert isinstance(upgraded, Case)
    after = await contracted.subscription()
    assert (after.payment_method, after.plan.tier, str(after.credit)) == (PaymentMethod.CARD, BUSINESS, "499.00")
    assert str((await contracted.timeline())[-1].charge) == "4999.00"
    again = await by_card(contracted)
    assert isinstance(again, Case)  # K1
    assert (await contracted.subscription()).cycle.number == 2
    assert isinstance(await contracted.upgrade(BUSINESS, key="by card"), IdempotencyConflict)


async def test_a_request_is_noted_and_logged_once_until_it_is_done(
    ports: Ports, operator: Viewer, clock: Clock
) -> None:
    life = await registered(ports, operator, organization=str(uuid4()))
    found = await find_uncontracted(ports, operator, life.uuid)
    assert found is not None
    assert found.asked_at is None
    with capture_logs() as logs:
        assert await request_invoicing(ports, operator, life.uuid) is None
        asked_at = clock.now
        clock.pass_(days=1)
        assert await request_invoicing(ports, operator, life.uuid) is None
    noted = await find_uncontracted(ports, operator, life.uuid)
    assert noted is not None
    assert noted.asked_at == asked_at
    [logged] = [log for log in logs if log["event"] == "invoicing_requested"]
    details = dict(found.refusal.details)
    assert {name: logged[name] for name in details} == details
    [listed] = [each for each in (await operators.read_work_list(ports)).open if each.details == details]
    assert (listed.asked_at, listed.contracted) == (asked_at, False)
    assert await finish_request(ports, operator, listed.request_id) is None
    assert await finish_request(ports, operator, listed.request_id) == NotFound()
    work = await operators.read_work_list(ports)
    assert listed.request_id not in [each.request_id for each in work.open]
    [done] = [each for each in work.done if each.request_id == listed.request_id]
    assert (done.done_by, done.done_at) == (operator.name, clock.now)
    await request_invoicing(ports, operator, life.uuid)  # it may be asked for again
    assert len([each for each in (await operators.read_work_list(ports)).open if each.details == details]) == 1


async def test_who_may_not_change_the_plan_asks_for_nothing(ports: Ports, operator: Viewer) -> None:
    """A2."""
    life = await registered(ports, operator, organization=str(uuid4()))
    organization = (await life.see()).organization.organization_id
    member, _ = await new_viewer(ports, Role.MEMBER, organization)
    stranger, _ = await new_viewer(ports, Role.ORG_ADMIN, (await foreign(ports, operator)))
    assert await request_invoicing(ports, member, life.uuid) == Forbidden()
    assert await request_invoicing(ports, stranger, life.uuid) == NotFound()
    assert await find_uncontracted(ports, stranger, life.uuid) is None
    found = await find_uncontracted(ports, operator, life.uuid)
    assert found is not None
    assert found.asked_at is None
    admin, _ = await new_viewer(ports, Role.ORG_ADMIN, organization)
    await request_invoicing(ports, admin, life.uuid)
    [request] = [each for each in (await operators.read_work_list(ports)).open if each.details["user"] == admin.name]
    assert await finish_request(ports, admin, request.request_id) == NotFound()


async def foreign(ports: Ports, operator: Viewer) -> int:
    life = await registered(ports, operator, organization=str(uuid4()))
    return (await life.see()).organization.organization_id


async def test_where_the_organization_is_on_the_list_there_is_nothing_to_ask_for(contracted: Life) -> None:
    ports, viewer = contracted.ports, contracted.viewer
    assert await find_uncontracted(ports, viewer, contracted.uuid) is None
    assert await request_invoicing(ports, viewer, contracted.uuid) is None
    case = str(contracted.uuid)
    assert not [each for each in (await operators.read_work_list(ports)).open if case in each.details["case"]]
