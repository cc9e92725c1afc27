"""What is agreed with an organization: changed in parts, and logged (C6, C7)."""

from decimal import Decimal
from uuid import uuid4

from structlog.testing import capture_logs

from app.domain.callers import Viewer
from app.domain.cases import Organization
from app.services.organizations import change_contract, find_organization
from app.services.ports import Ports
from tests.stage import registered_case


async def new_organization(ports: Ports, operator: Viewer) -> Organization:
    return (await registered_case(ports, operator, organization=str(uuid4()))).organization


def agreed(organization: Organization) -> tuple[bool, str | None, Decimal]:
    return organization.monthly_invoicing, organization.contract_id, organization.tax_rate


async def test_what_is_not_given_stays_as_it_is(ports: Ports, operator: Viewer) -> None:
    organization = await new_organization(ports, operator)
    assert agreed(organization) == (False, None, Decimal(0))
    steps: list[tuple[dict[str, object], tuple[bool, str | None, Decimal]]] = [
        ({"tax_rate": Decimal("0.14975")}, (False, None, Decimal("0.14975"))),
        ({"monthly_invoicing": True, "contract_id": "NX-1"}, (True, "NX-1", Decimal("0.14975"))),
        ({"monthly_invoicing": False}, (False, "NX-1", Decimal("0.14975"))),
        ({"contract_id": "", "tax_rate": Decimal(0)}, (False, None, Decimal(0))),
    ]
    for given, expected in steps:
        assert agreed(await change_contract(ports, organization, **given)) == expected  # type: ignore[arg-type]  # named by the caller, of the right types
        found = await find_organization(ports, organization.uuid)
        assert found is not None
        assert agreed(found) == expected


async def test_every_change_is_logged_with_who_made_it_and_no_change_is_not(ports: Ports, operator: Viewer) -> None:
    organization = await new_organization(ports, operator)
    with capture_logs() as logs:
        await change_contract(ports, organization, monthly_invoicing=True, contract_id="NX-1", by=operator)
        await change_contract(ports, organization, monthly_invoicing=True)
        await change_contract(ports, organization, tax_rate=Decimal("0.05"))
    first, second = (log for log in logs if log["event"] == "contract_changed")
    assert (first["ORG_ID"], first["by"]) == (organization.nuix_id, operator.caller_id)
    assert first["before"] == {"monthly_invoicing": False, "contract_id": None, "tax_rate": "0.00000"}
    assert first["after"] == {"monthly_invoicing": True, "contract_id": "NX-1", "tax_rate": "0.00000"}
    assert (second["by"], second["after"]["tax_rate"]) == ("command line", "0.05")
