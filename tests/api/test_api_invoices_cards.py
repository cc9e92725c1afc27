"""What an API client's change costs is charged to the saved card in the call (C8)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Never
from uuid import UUID

import httpx2
import pytest

from app.domain.callers import Role, Viewer
from app.domain.languages import Language
from app.domain.payments import Payment
from app.domain.plans import PlanTier
from app.domain.subscriptions import ChangeOrigin
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.organizations import find_by_nuix_id
from app.services.payments import AwaitsPayment, PayBy
from app.services.ports import PaymentUnavailable, Ports
from app.services.subscriptions import upgrade_plan
from tests.api.conftest import PORTAL, Api, Json, input_of
from tests.api.test_api_invoices import invoices, totals
from tests.api.test_api_plan_changes import done
from tests.api.test_api_test_clocks import on_clock
from tests.stage import Clock, new_viewer


@dataclass
class Cards:
    """A processor that declines, or whose answers are lost, as the test says. A payment is charged once."""

    declines: bool = False
    loses_answers: bool = False
    charged: dict[UUID, int] = field(default_factory=dict)

    async def charge(self, payment: UUID, case: UUID, amount: int) -> bool:
        if self.declines:
            return False
        self.charged.setdefault(payment, amount)
        if self.loses_answers:
            raise PaymentUnavailable
        return True

    async def open_checkout(self, payment: UUID, case: UUID, amount: int, language: Language) -> str:
        return f"https://pay.example.com/{payment.hex}"

    async def refund(self, payment: UUID, amount: int) -> None:
        raise AssertionError("nothing is given back")

    async def withdraw(self, payment: UUID) -> int:
        return 0

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Never:
        raise AssertionError("nothing is told")


@pytest.fixture
def cards() -> Cards:
    return Cards()


@pytest.fixture
async def ports(session_ports: Ports, clock: Clock, cards: Cards) -> Ports:
    return Ports(session_ports.database, clock, test_clocks=True, payments=cards)


@pytest.fixture
async def client(ports: Ports) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=build_app(ports, Settings()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://service", timeout=30) as opened:
        yield opened


async def test_a_change_is_paid_before_it_is_answered(api: Api, cards: Cards) -> None:
    _, case = await on_clock(api)
    await done(api, "upgradePlan", case, tier="BUSINESS")
    await done(api, "buyTokens", case, tokens=250)
    assert totals(await invoices(api, case)) == [
        ("3", "PAID", "25.00"),
        ("2", "PAID", "4999.00"),
        ("1", "PAID", "499.00"),
    ]
    assert sorted(cards.charged.values()) == [2_500, 49_900, 499_900]


async def test_a_declined_card_changes_nothing(api: Api, cards: Cards) -> None:
    _, case = await on_clock(api)
    before, cards.declines = await api.state(case), True
    asked = {"caseId": case["id"], "tier": "BUSINESS", "idempotencyKey": "k"}
    refused = await api.change("upgradePlan", **asked)
    assert refused == {
        "__typename": "PlanChangeRefused",
        "code": "PLAN_CHANGE_REFUSED",
        "message": "The card was declined. Nothing has changed.",
    }
    assert await api.state(case) == before
    assert totals(await invoices(api, case)) == [("1", "PAID", "499.00")]
    # The same key is judged afresh (K1).
    cards.declines = False
    assert (await api.change("upgradePlan", **asked))["__typename"] == "CaseSuccess"
    assert totals(await invoices(api, case))[0] == ("2", "PAID", "4999.00")


@pytest.mark.parametrize(
    ("mutation", "given", "total"),
    [("upgradePlan", {"tier": "BUSINESS"}, "4999.00"), ("buyTokens", {"tokens": 10}, "1.00")],
)
async def test_a_lost_answer_of_the_processor_is_told_and_the_same_call_charges_once(
    api: Api, cards: Cards, mutation: str, given: Json, total: str
) -> None:
    _, case = await on_clock(api)
    before, cards.loses_answers = await api.state(case), True
    query = f"mutation M($input: {input_of(mutation)}!) {{ {mutation}(input: $input) {{ __typename }} }}"
    asked = {"caseId": case["id"], "idempotencyKey": "k", **given}
    for _ in range(2):
        response = await api.post(query, {"input": asked})
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        [error] = response.json()["errors"]
        assert error["extensions"]["code"] == "UNAVAILABLE"
        assert "the card may have been charged" in error["message"]
        assert await api.state(case) == before
    cards.loses_answers = False
    for _ in range(2):
        assert await api.ask(query, input=asked) == {mutation: {"__typename": "CaseSuccess"}}
    assert totals(await invoices(api, case)) == [("2", "PAID", total), ("1", "PAID", "499.00")]
    assert len(cards.charged) == 2


@pytest.mark.parametrize(("declines", "status"), [(False, "PAID"), (True, "OPEN")])
async def test_a_renewal_is_collected_and_stays_open_when_it_is_declined(
    api: Api, cards: Cards, declines: bool, status: str
) -> None:
    clock, case = await on_clock(api)
    cards.declines = declines
    await api.advance(clock, "2026-02-28T00:00:00-05:00")
    assert totals(await invoices(api, case)) == [("2", status, "499.00"), ("1", "PAID", "499.00")]


async def test_an_advance_that_lost_the_processor_is_taken_up_by_the_same_call(api: Api, cards: Cards) -> None:
    """C10."""
    clock, case = await on_clock(api)
    query = "mutation M($input: AdvanceTestClockInput!) { advanceTestClock(input: $input) { __typename } }"
    asked = {"id": clock["id"], "to": "2026-03-31T00:00:00-04:00", "idempotencyKey": "k"}
    cards.loses_answers = True
    assert (await api.post(query, {"input": asked})).status_code == 503
    assert totals(await invoices(api, case))[0] == ("2", "OPEN", "499.00")
    cards.loses_answers = False
    for _ in range(2):
        assert await api.ask(query, input=asked) == {"advanceTestClock": {"__typename": "TestClockSuccess"}}
    assert totals(await invoices(api, case)) == [(number, "PAID", "499.00") for number in ("3", "2", "1")]
    assert len(cards.charged) == 3


async def begin_upgrade(ports: Ports, viewer: Viewer, case: UUID) -> Payment:
    """As the panel does, from a prompt."""
    with pytest.raises(AwaitsPayment) as begun:
        await upgrade_plan(
            ports, viewer, key="k", case_uuid=case, tier=PlanTier.BUSINESS, origin=ChangeOrigin.PROMPT,
            paying=PayBy.CHECKOUT,
        )  # fmt: skip
    return begun.value.payment


CHECKOUT = "query Q($id: ID!) { case(id: $id) { pendingCheckout { url tier tokens expiresAt } } }"


async def test_a_checkout_that_a_person_has_begun_shows_until_it_is_paid(
    api: Api, ports: Ports, client: httpx2.AsyncClient, clock: Clock
) -> None:
    """C8, C9: a member began it from a prompt; to another member it shows no price."""
    case = await api.active()
    [organization] = await find_by_nuix_id(ports, case["organization"]["nuixId"], PORTAL)
    (member, key), (_, other) = [await new_viewer(ports, Role.MEMBER, organization.organization_id) for _ in range(2)]
    before = await api.state(case)
    await begin_upgrade(ports, member, UUID(case["uuid"]))
    assert await api.state(case) == before
    shown = (await api.ask(CHECKOUT, id=case["id"]))["case"]["pendingCheckout"]
    assert shown == {
        "url": shown["url"],
        "tier": "BUSINESS",
        "tokens": None,
        "expiresAt": "2026-03-03T16:00:00+00:00",
    }
    assert shown["url"].startswith("https://pay.example.com/")
    assert (await Api(client, key).ask(CHECKOUT, id=case["id"]))["case"]["pendingCheckout"] == shown
    assert (await Api(client, other).ask(CHECKOUT, id=case["id"]))["case"]["pendingCheckout"] is None
