"""Invoices of organizations on monthly invoicing: what waits, what is issued, and who sees how much of it (A2, C6)."""

from decimal import Decimal

import pytest

from app.domain.callers import Role
from app.services.organizations import change_contract, find_by_nuix_id
from app.services.ports import Ports
from app.services.verification import verify
from tests.api.conftest import FRENCH, PORTAL, Api, Caller, Json
from tests.api.test_api_invoices import INVOICE, INVOICES, invoices, lines, totals, use_overage
from tests.api.test_api_plan_changes import done

WHOLE = f"query Q($id: ID!) {{ node(id: $id) {{ ... on Organization {{ {INVOICES} }} }} }}"
NODE = f"query Q($id: ID!) {{ node(id: $id) {{ ... on Invoice {{ {INVOICE} }} }} }}"
MARCH = "2026-03-01T10:00:00-05:00"


async def contracted(api: Api, ports: Ports, *names: str, tax: str = "0") -> tuple[Json, list[Json]]:
    """A clock at 1 March, and cases of these names of an organization that is invoiced monthly, active on Pro."""
    clock, cases = await api.clock(MARCH), list[Json]()
    for name in names:
        organization = cases[0]["organization"]["nuixId"] if cases else None
        cases.append(await api.registered(organization=organization, name=name, testClockId=clock["id"]))
    [organization] = await find_by_nuix_id(ports, cases[0]["organization"]["nuixId"], PORTAL)
    await change_contract(ports, organization, monthly_invoicing=True, tax_rate=Decimal(tax))
    for case in cases:
        await done(api, "activateCase", case, tier="PRO", paymentMethod="MONTHLY_INVOICE")
        await done(api, "updateCaseSettings", case, overageEnabled=True)
    return clock, cases


async def whole(api: Api, case: Json) -> list[Json] | None:
    """The invoices of the organization of a case; None: the caller may not see them."""
    node = (await api.ask(WHOLE, id=case["organization"]["id"]))["node"]
    return None if node["invoices"] is None else [edge["node"] for edge in node["invoices"]["edges"]]


async def test_what_ends_with_the_month_is_issued_on_the_first_of_the_next(api: Api, ports: Ports) -> None:
    """C6: a cycle that ends on 1 April 00:00 has its overage in March, which is issued at that instant."""
    clock, [case] = await contracted(api, ports, "Roe v. Doe")
    await use_overage(api, case)
    await api.advance(clock, "2026-03-31T23:59:59-04:00")
    assert totals(await invoices(api, case)) == [(None, "PENDING", "499.00")]
    await api.advance(clock, "2026-04-01T00:00:00-04:00")
    april, march = await invoices(api, case)
    assert (totals([april]), lines(april)) == ([(None, "PENDING", "499.00")], [("PLAN", 1, "499.00", "499.00")])
    assert april["issuedAt"] is None
    assert (totals([march]), march["issuedAt"]) == ([("1", "OPEN", "500.00")], "2026-04-01T04:00:00+00:00")
    assert lines(march) == [("PLAN", 1, "499.00", "499.00"), ("OVERAGE", 10, "0.10", "1.00")]
    assert [line["effectiveAt"] for line in march["lines"]] == [
        "2026-03-01T15:00:00+00:00",
        "2026-04-01T03:59:59.999999+00:00",
    ]
    assert (await verify(ports)).differences == []


async def test_an_upgrade_waits_with_its_credit(api: Api, ports: Ports) -> None:
    """C6: issued together; Pro for 31 days, of which 12 are left on 20 March."""
    clock, [case] = await contracted(api, ports, "Roe v. Doe")
    await api.advance(clock, "2026-03-20T10:00:00-04:00")
    assert (await api.preview(case, "BUSINESS"))["chargeNow"]["amount"] == "0.00"
    await done(api, "upgradePlan", case, tier="BUSINESS")
    await api.advance(clock, "2026-04-01T00:00:00-04:00")
    [march] = await invoices(api, case)
    assert (totals([march]), lines(march)) == (
        [("1", "OPEN", "5304.84")],
        [
            ("PLAN", 1, "499.00", "499.00"),
            ("PLAN", 1, "4999.00", "4999.00"),
            ("PRORATION_CREDIT", 1, "-193.16", "-193.16"),
        ],
    )


async def test_an_invoice_is_whole_for_its_organization_and_a_part_for_a_case(
    api: Api, ports: Ports, caller: Caller
) -> None:
    """C6: lines by case, then by plan-date, with tax of its own for each case."""
    clock, [beta, alpha] = await contracted(api, ports, "Beta", "Alpha", tax="0.14975")
    await done(api, "buyTokens", beta, tokens=30)
    await api.advance(clock, "2026-04-01T00:00:00-04:00")
    admin = await caller(Role.ORG_ADMIN, beta)
    found = await whole(admin, beta)
    assert found is not None
    pending, march = found
    assert pending["status"] == "PENDING"
    parts = {name: (await invoices(admin, case))[1] for name, case in (("Alpha", alpha), ("Beta", beta))}
    assert march["lines"] == parts["Alpha"]["lines"] + parts["Beta"]["lines"]
    assert totals([march, parts["Alpha"], parts["Beta"]]) == [
        ("1", "OPEN", "1150.90"),
        ("1", "OPEN", "573.73"),
        ("1", "OPEN", "577.17"),
    ]
    assert lines(parts["Beta"]) == [
        ("PLAN", 1, "499.00", "499.00"),
        ("TOKEN_PURCHASE", 30, "0.10", "3.00"),
        ("TAX", 1, "75.17", "75.17"),
    ]
    assert {line["case"]["id"] for line in parts["Beta"]["lines"]} == {beta["id"]}
    # A part is a thing of its own, with an id of its own.
    things = (march, *parts.values())
    assert len({thing["id"] for thing in things}) == 3
    for thing in things:
        assert (await admin.ask(NODE, id=thing["id"]))["node"] == thing
        assert (await api.ask(NODE, id=thing["id"]))["node"] == thing


async def test_lines_are_told_in_both_languages(api: Api, ports: Ports) -> None:
    clock, [case] = await contracted(api, ports, "Roe v. Doe", tax="0.14975")
    await use_overage(api, case)
    await done(api, "buyTokens", case, tokens=30)
    await api.advance(clock, "2026-03-31T10:00:00-04:00")
    await done(api, "upgradePlan", case, tier="BUSINESS")
    await api.advance(clock, "2026-04-01T00:00:00-04:00")
    told = "lines { en: description fr: description(locale: FR) }"
    query = f"query Q($id: ID!) {{ case(id: $id) {{ invoices {{ edges {{ node {{ {told} }} }} }} }} }}"
    [edge] = (await api.ask(query, language=FRENCH, id=case["id"]))["case"]["invoices"]["edges"]
    assert [tuple(line.values()) for line in edge["node"]["lines"]] == [
        (
            "Pro plan, March\u00a01 to March\u00a031,\u00a02026",
            "Forfait Pro, du 1er\u00a0mars au 31\u00a0mars\u00a02026",
        ),
        ("Tokens bought", "Jetons achetés"),
        (
            "Overage of the cycle to March\u00a031,\u00a02026: 10 tokens",
            "Utilisation excédentaire du cycle jusqu’au 31\u00a0mars\u00a02026\u00a0: 10 jetons",
        ),
        (
            "Business plan, March\u00a031 to April\u00a029,\u00a02026",
            "Forfait Business, du 31\u00a0mars au 29\u00a0avril\u00a02026",
        ),
        (
            "Credit for 1 unused day of Pro from March\u00a031,\u00a02026",
            "Crédit pour 1 jour inutilisé du forfait Pro à compter du 31\u00a0mars\u00a02026",
        ),
        ("Tax, 14.975%", "Taxe, 14,975\u00a0%"),
    ]


async def test_a_credit_used_later_tells_the_days_that_gave_it(api: Api, ports: Ports) -> None:
    """C6: from a time by card into monthly invoicing, its plan-date is that of the line that it lowers."""
    clock, [case] = await contracted(api, ports, "Roe v. Doe")
    await done(api, "deactivateCase", case)
    await done(api, "reactivateCase", case, tier="STARTER", paymentMethod="CARD")
    await api.advance(clock, "2026-03-02T10:00:00-05:00")
    await done(api, "upgradePlan", case, tier="PRO")
    await done(api, "deactivateCase", case)
    await done(api, "reactivateCase", case, tier="PRO", paymentMethod="MONTHLY_INVOICE")
    await api.advance(clock, "2026-04-02T00:00:00-04:00")
    credit = (await invoices(api, case))[0]["lines"][-1]
    assert (credit["kind"], credit["effectiveAt"]) == ("PRORATION_CREDIT", "2026-04-02T04:00:00+00:00")
    assert credit["description"] == "Credit for 30 unused days of Starter from March\u00a02,\u00a02026"


@pytest.mark.parametrize(
    ("role", "own", "organizations"),
    [
        (Role.MEMBER, False, False),
        (Role.CASE_ADMIN, True, False),
        (Role.ORG_ADMIN, True, True),
        (Role.OPERATOR, True, True),
    ],
)
async def test_money_shows_to_admins_and_whole_invoices_to_those_of_organizations(
    api: Api, ports: Ports, caller: Caller, role: Role, own: bool, organizations: bool
) -> None:
    """A2: by every door that leads to an invoice."""
    clock, [case, _] = await contracted(api, ports, "Own", "Other")
    paid = await api.active(organization=case["organization"]["nuixId"], name="By card", testClockId=clock["id"])
    await api.advance(clock, "2026-04-01T00:00:00-04:00")
    seen = await whole(api, case)
    assert seen is not None
    by_card = await invoices(api, paid)
    viewer = api if role is Role.OPERATOR else await caller(role, case)
    listed = INVOICES.replace("(first: 100)", "")
    of_case = f"case(id: $id) {{ name pendingCheckout {{ url }} {listed} organization {{ {listed} }} }}"
    through = (await viewer.ask(f"query Q($id: ID!) {{ {of_case} }}", id=case["id"]))["case"]
    assert (through["name"], through["pendingCheckout"]) == ("Own", None)
    assert (through["invoices"] is not None) is own
    assert (through["organization"]["invoices"] is not None) is organizations
    assert (await whole(viewer, case) == seen) is organizations
    by_case = [edge["node"] for edge in (through["invoices"] or {"edges": []})["edges"]]
    assert [line["case"]["id"] for invoice in by_case for line in invoice["lines"]] == [case["id"]] * 2 * own
    for part in await invoices(api, case):
        assert (await viewer.ask(NODE, id=part["id"]))["node"] == (part if own else None)
    # An invoice by card is about one case, and the same by every way.
    assert by_card == [invoice for invoice in seen if invoice in by_card] != []
    for invoice in by_card:
        assert (await viewer.ask(NODE, id=invoice["id"]))["node"] == (invoice if own else None)
    monthly = [invoice for invoice in seen if invoice not in by_card]
    assert [invoice["status"] for invoice in monthly] == ["PENDING", "OPEN"]
    for invoice in monthly:
        assert (await viewer.ask(NODE, id=invoice["id"]))["node"] == (invoice if organizations else None)


async def test_an_invoice_of_another_organization_does_not_exist(api: Api, ports: Ports, caller: Caller) -> None:
    """A2: nor does a part of an invoice that has nothing of the case."""
    _, [case] = await contracted(api, ports, "Secret")
    stranger = await caller(Role.ORG_ADMIN, other := await api.active())
    [part], [invoice] = await invoices(api, case), await whole(api, case) or []
    for id_ in (part["id"], invoice["id"], invoice["id"][:-1], f"{invoice['id']}_1", "invoice_"):
        assert (await stranger.ask(NODE, id=id_))["node"] is None
    foreign = f"{invoice['id']}_{other['id'].removeprefix('case_')}"
    assert (await api.ask(NODE, id=foreign))["node"] is None
    assert (await api.ask(NODE, id=f"{invoice['id']}_{'0' * 32}"))["node"] is None
