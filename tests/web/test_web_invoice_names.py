"""An issued invoice names its organization as it was called then, wherever it is shown (C6)."""

import csv
import json
from io import StringIO
from uuid import uuid4

from sqlalchemy import text

from app.domain.callers import Role
from app.domain.cases import Case
from app.runtime.service import build_app
from app.runtime.settings import Settings
from app.services.ports import Ports
from tests.plans import INVOICE, Life, registered
from tests.stage import new_viewer
from tests.web.invoice_scenes import invoices_of
from tests.web.person import visiting

OLD, NEW = "Old & Sons LLP", "New LLP"


async def change(ports: Ports, organization: int, change: str) -> None:
    async with ports.database.writing() as connection:
        await connection.execute(text(f"update organizations set {change} where organization_id = {organization}"))


async def test_a_new_name_is_on_what_is_pending_and_not_on_what_was_issued(own_ports: Ports) -> None:
    operator, _ = await new_viewer(own_ports)
    by_card = await registered(own_ports, operator, organization=str(uuid4()))
    organization = (await by_card.see()).organization
    await change(own_ports, organization.organization_id, f"name = '{OLD}', monthly_invoicing = true")
    assert isinstance(await by_card.activate(), Case)
    monthly = await registered(own_ports, operator, organization=organization.nuix_id)
    assert isinstance(await monthly.activate(payment=INVOICE), Case)
    await change(own_ports, organization.organization_id, f"name = '{NEW}'")
    assert await shown(own_ports, by_card) == {OLD}
    assert await shown(own_ports, monthly) == {NEW}


async def shown(ports: Ports, life: Life) -> set[str]:
    """The names on the page of a case's only invoice, in its files and in those of the list."""
    [invoice] = await invoices_of(life)
    path = f"/invoices/{invoice.uuid}"
    async with visiting(build_app(ports, Settings()), ports, life.uuid, Role.CASE_ADMIN) as person:
        page = (await person.read(path)).one("section", look="invoice").words
        found = {name for name in (OLD, NEW) if name in page}
        for file in (path, "/invoices"):
            rows = csv.DictReader(StringIO((await person.get(f"{file}.csv")).content.decode("utf-8-sig")))
            found |= {row["Organization"] for row in rows}
        of_page = json.loads((await person.get(f"{path}.json")).content)
        of_list = json.loads((await person.get("/invoices.json")).content)
    return found | {each["organization"] for each in [of_page, *of_list]}
