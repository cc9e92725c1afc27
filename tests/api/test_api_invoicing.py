"""Monthly invoicing only for organizations on the contracted list (C7)."""

from urllib.parse import parse_qs, urlsplit

from app.domain.callers import Role
from app.services.organizations import find_by_nuix_id, set_monthly_invoicing
from app.services.ports import Ports
from tests.api.conftest import FRENCH, PORTAL, Api, Caller


async def test_without_a_contract_a_mail_to_support_is_prepared(api: Api, caller: Caller) -> None:
    case = await api.registered(name="Tremblay & Fils c. Énergie + Cie #1 50%")
    admin = await caller(Role.CASE_ADMIN, case)
    before = await api.state(case)
    asked = {"caseId": case["id"], "tier": "PRO", "paymentMethod": "MONTHLY_INVOICE"}
    refused = await admin.change("activateCase", **asked)
    mail = urlsplit(refused.pop("mailto"))
    assert refused == {
        "__typename": "InvoicingNotContracted",
        "code": "INVOICING_NOT_CONTRACTED",
        "message": "Monthly invoicing is not set up for your organization. Pay by card, or write to support@claira.to.",
        "supportEmail": "support@claira.to",
    }
    assert (mail.scheme, mail.path) == ("mailto", "support@claira.to")
    assert "+" not in mail.query  # mail programs do not read it as a space
    fields = parse_qs(mail.query, strict_parsing=True)
    assert fields["subject"] == ["Monthly invoicing for our organization"]
    lines = dict(line.split("=", 1) for line in fields["body"][0].splitlines())
    organization = case["organization"]
    assert lines["user"].startswith("caller ")
    assert {name: value for name, value in lines.items() if name != "user"} == {
        "portal": PORTAL,
        "environment": "production",
        "ORG_ID": organization["nuixId"],
        "organization": organization["name"],
        "case": f"{case['name']} ({case['uuid']})",
    }
    french = await admin.change("activateCase", **asked, language=FRENCH)
    assert french["message"] == (
        "La facturation mensuelle n’est pas configurée pour votre organisation. Payez par carte ou écrivez à "
        "support@claira.to."
    )
    assert parse_qs(urlsplit(french["mailto"]).query)["subject"] == ["Facturation mensuelle pour notre organisation"]
    assert await api.state(case) == before


async def test_with_a_contract_the_same_key_activates(api: Api, ports: Ports) -> None:
    case = await api.registered()
    twin = await api.registered(organization=case["organization"]["nuixId"], portal="https://twin.example.com")
    asked = {"tier": "PRO", "paymentMethod": "MONTHLY_INVOICE", "idempotencyKey": "k"}
    assert (await api.change("activateCase", caseId=case["id"], **asked))["__typename"] == "InvoicingNotContracted"
    [organization] = await find_by_nuix_id(ports, case["organization"]["nuixId"], PORTAL)
    await set_monthly_invoicing(ports, organization, True)
    activated = await api.change("activateCase", caseId=case["id"], **asked)
    assert (activated["case"]["status"], activated["case"]["organization"]["monthlyInvoicing"]) == ("ACTIVE", True)
    # The list is the portal's: the same id on another portal is another organization.
    assert (await api.change("activateCase", caseId=twin["id"], **asked))["__typename"] == "InvoicingNotContracted"


async def test_a_card_needs_no_contract(api: Api) -> None:
    case = await api.registered()
    activated = await api.change("activateCase", caseId=case["id"], tier="STARTER", paymentMethod="CARD")
    assert activated["case"]["status"] == "ACTIVE"
