"""Organizations: what is agreed with each, and where that is changed (C6, C7)."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from uuid import UUID

from starlette.responses import Response

from app.adapters.invoice_texts import percent
from app.domain.cases import Organization
from app.domain.contracts import contract_id_of, percent_of, tax_of_percent
from app.domain.languages import Language
from app.services import operators
from app.services.organizations import change_contract, find_organization
from app.web.addresses import NotUnderstood, address, asked, typed
from app.web.forms import form_of
from app.web.notices import Notice
from app.web.operators import Desk, Handler, see_other
from app.web.sessions import OPERATORS

TAB = "organizations"
LIST = f"{OPERATORS}/organizations"
LONGEST = 255
"""Characters of what is typed into a field."""


async def organizations(desk: Desk) -> Response:
    """By name, those that the search finds."""
    search = typed(desk.request.query_params.get("search", ""), LONGEST).strip()
    try:
        last = asked(desk.request, "after", UUID)
    except NotUnderstood:
        return desk.not_understood(TAB, LIST)
    after = None if last is None else await find_organization(desk.ports, last)
    page = await operators.page_of_organizations(desk.ports, search=search or None, after=after)
    kept = {"search": search or None}
    return desk.page(
        "organizations.html",
        tab=TAB,
        rows=page.rows,
        search=search,
        more=address(LIST, {**kept, "after": page.rows[-1].organization.uuid}) if page.has_next else None,
        first=address(LIST, kept) if after is not None else None,
        percent=partial(percent, words=desk.words),
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """What the fields of the form hold, and which of them are flawed."""

    monthly: bool
    contract_id: str
    tax: str
    flawed: tuple[str, ...] = ()


async def organization(desk: Desk) -> Response:
    """What is agreed with one, and the form that changes it."""
    found = await _found(desk)
    if found is None:
        return desk.absent()
    notice = None
    if desk.request.query_params.get("done") == "saved":
        notice = Notice(desk.words.say("Saved."), desk.words.say("This is what is agreed from now on."))
    return _page(desk, found, _stored(found, desk), notice)


def _page(desk: Desk, found: Organization, fields: Typed, notice: Notice | None, status: int = 200) -> Response:
    return desk.page(
        "organization.html", tab=TAB, status=status, notice=notice, organization=found, fields=fields,
        who=[("ORG_ID", found.nuix_id), (desk.words.say("Portal"), found.portal_url)],
    )  # fmt: skip


def _stored(found: Organization, desk: Desk) -> Typed:
    comma = desk.viewer.language is Language.FR
    tax = percent_of(found.tax_rate)
    return Typed(found.monthly_invoicing, found.contract_id or "", tax.replace(".", ",") if comma else tax)


async def change(desk: Desk) -> Response:
    """All of it as the form says, or nothing where a field is flawed."""
    found, words = await _found(desk), desk.words
    if found is None:
        return desk.absent()
    form = await form_of(desk.request)
    monthly, wanted, rate = form.get("monthly"), form.get("contract_id", ""), form.get("tax", "")
    flawed: list[str] = [] if monthly in ("yes", "no") else ["monthly"]
    contract_id, tax = "", Decimal(0)
    try:
        contract_id = contract_id_of(wanted) or ""
    except ValueError:
        flawed.append("contract_id")
    try:
        tax = tax_of_percent(rate)
    except ValueError:
        flawed.append("tax")
    if flawed:
        fields = Typed(monthly == "yes", typed(wanted, LONGEST), typed(rate, 20), tuple(flawed))
        notice = Notice(words.say("Nothing was changed."), words.say("A field needs to be corrected."), "bad")
        return _page(desk, found, fields, notice, 400)
    await change_contract(
        desk.ports, found, monthly_invoicing=monthly == "yes", contract_id=contract_id, tax_rate=tax, by=desk.viewer
    )
    return see_other(f"{LIST}/{found.uuid}?done=saved#notice")


async def _found(desk: Desk) -> Organization | None:
    try:
        uuid = UUID(desk.request.path_params["uuid"])
    except ValueError:
        return None
    return await find_organization(desk.ports, uuid)


PAGES: tuple[tuple[str, Handler], ...] = (("/organizations", organizations), ("/organizations/{uuid}", organization))
CHANGES: tuple[tuple[str, Handler], ...] = (("/organizations/{uuid}", change),)
