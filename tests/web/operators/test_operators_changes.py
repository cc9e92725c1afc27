"""What operators change, once: invoices, contracts, requests (C6, C7)."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from app.domain.callers import Viewer
from app.services.invoicing_requests import request_invoicing
from app.services.ports import Ports
from tests.plans import Life, registered
from tests.stage import Clock
from tests.web.operators.conftest import Operator, links
from tests.web.page_elements import parsed


@pytest.mark.parametrize(("status", "told"), [("PAID", "Marked as paid."), ("VOID", "Marked as void.")])
async def test_an_invoice_is_marked_once_by_who_is_sure(life: Life, desk: Operator, status: str, told: str) -> None:
    [path] = links(await desk.read("/invoices?status=OPEN"), "/invoices/")
    unsure = await desk.send(path, status=status)
    assert unsure.status_code == 400
    assert "Nothing was changed." in parsed(unsure.text).one(id_="notice").words
    for nonsense in ("OPEN", "PENDING", ""):
        assert (await desk.send(path, status=nonsense, sure="yes")).status_code == 404
    done = await desk.send(path, status=status, sure="yes")
    assert done.headers["location"] == f"/operators{path}?done={status.lower()}#notice"
    assert told in (await desk.read(f"{path}?done={status.lower()}")).one(id_="notice").words
    again = await desk.send(path, status=status, sure="yes")
    assert again.status_code == 409
    assert not parsed(again.text).all("section", id_="mark")
    assert not (await desk.read(f"{path}?done={'void' if status == 'PAID' else 'paid'}")).all(id_="notice")
    assert (await desk.send(f"/invoices/{uuid4()}", status=status, sure="yes")).status_code == 404


async def test_an_invoice_paid_in_part_is_not_made_void(own_ports: Ports, life: Life, desk: Operator) -> None:
    async with own_ports.database.writing() as connection:
        await connection.execute(text("update invoices set paid = 100 where number = 1"))
    [path] = links(await desk.read("/invoices?status=OPEN"), "/invoices/")
    page = await desk.read(path)
    assert [form.words for form in page.one("section", id_="mark").all("form")] == [
        "I know that $498.00 was received. Mark as paid"
    ]
    refused = await desk.send(path, status="VOID", sure="yes")
    assert refused.status_code == 409
    assert "A part of it was paid" in parsed(refused.text).one(id_="notice").words


async def test_what_is_agreed_with_an_organization_is_changed_whole_or_not_at_all(life: Life, desk: Operator) -> None:
    """C6, C7."""
    organization = (await life.see()).organization
    [path] = links(await desk.read("/organizations?search=ation+1"), "/organizations/")
    assert path == f"/organizations/{organization.uuid}"
    saved = await desk.send(path, monthly="no", contract_id=" NX-7 ", tax="14,975 %")
    assert saved.headers["location"] == f"/operators{path}?done=saved#notice"
    after = (await life.see()).organization
    assert (after.monthly_invoicing, after.contract_id, str(after.tax_rate)) == (False, "NX-7", "0.14975")
    page = await desk.read(path)
    assert [field.attributes["value"] for field in page.all("input", look="field")] == ["NX-7", "14.975"]
    listed = (await desk.read("/organizations")).one("tbody").words
    assert "Card only, contract NX-7, tax 14.975%" in listed
    for form, flawed in (
        ({"monthly": "yes", "contract_id": "x" * 256, "tax": "5"}, ["contract-id"]),
        ({"monthly": "yes", "contract_id": "", "tax": "abc"}, ["tax"]),
        ({"contract_id": "", "tax": "0"}, []),
    ):
        refused = await desk.send(path, **form)
        assert refused.status_code == 400
        fields = parsed(refused.text).all("input", look="field")
        assert [field.attributes["id"] for field in fields if "aria-invalid" in field.attributes] == flawed
    assert (await life.see()).organization == after
    for nowhere in (f"/organizations/{uuid4()}", "/organizations/1"):
        assert (await desk.get(nowhere)).status_code == 404
        assert (await desk.send(nowhere, monthly="yes", contract_id="", tax="0")).status_code == 404


async def test_a_request_is_taken_off_the_list_once(
    own_ports: Ports, desk: Operator, worker: Viewer, clock: Clock
) -> None:
    """C7."""
    life = await registered(own_ports, worker, organization="2")
    await request_invoicing(own_ports, worker, life.uuid)
    assert "1 person asks to be invoiced by the month" in (await desk.read()).one(id_="work").words
    page = await desk.read("/requests")
    request = page.one("section", id_="open").one("li")
    assert [each.words for each in request.all("dt")] == [
        "Portal", "Environment", "ORG_ID", "Organization", "User", "Case",
    ]  # fmt: skip
    action = request.one("form").attributes["action"].removeprefix("/operators")
    assert (await desk.send(action)).headers["location"] == "/operators/requests?done=request#notice"
    page = await desk.read("/requests?done=request")
    assert page.one("section", id_="open").one("p", look="quiet").words == "Nobody asks at the moment."
    done = page.one("section", id_="done")
    assert "Organization 2" in done.words
    assert done.one("p", look="why").words.startswith("Asked for on March 3, 2026, 10:00 a.m., done by Ops ")
    assert ".." not in done.words
    assert (await desk.send(action)).status_code == 409
