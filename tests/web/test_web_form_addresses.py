"""A refusal leaves the address of its form in the browser's bar: asked for again, it leads to where the form stands."""

import pytest

from app.domain.callers import Role, Viewer
from app.services.ports import Ports
from tests.plans import begun
from tests.web.prompt_pages import person


@pytest.mark.parametrize(
    ("address", "target"),
    [("/prompt/upgrade", ""), ("/prompt/tokens", ""), ("/prompt/overage", ""), ("/plan/change", "/settings#plans"),
     ("/plan/invoicing", "/settings#plans"), ("/plan/keep", "/settings#plans")],
)  # fmt: skip
async def test_the_address_of_a_form_leads_to_the_page_of_the_form(
    ports: Ports, operator: Viewer, address: str, target: str
) -> None:
    life = await begun(ports, operator)
    async with person(ports, life, Role.CASE_ADMIN) as visitor:
        answer = await visitor.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, visitor.home + target)
        await visitor.read(target.partition("#")[0])


@pytest.mark.parametrize("address", ["/plan/deactivate", "/plan/tokens", "/settings"])
async def test_other_addresses_of_forms_are_pages_themselves(ports: Ports, operator: Viewer, address: str) -> None:
    life = await begun(ports, operator)
    async with person(ports, life, Role.CASE_ADMIN) as visitor:
        await visitor.read(address)
