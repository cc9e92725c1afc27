"""Cases: registered, activated, set up, found (L5, C1, C7, K1)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import idempotency, plans
from app.domain.activation import judge_activation
from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus, Organization, PaymentMethod
from app.domain.cycles import Cycle, anchor_day, cycle_end
from app.domain.ledger import EntryKind
from app.domain.plans import CURRENT_CATALOGUE, PlanTier
from app.domain.portals import portal_address
from app.domain.refusals import (
    Flaw,
    Forbidden,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    Refusal,
)
from app.domain.reservoirs import done_by_fill
from app.domain.texts import check_key, check_search, check_text
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import cases as stored, cycles as stored_cycles, organizations as stored_organizations
from app.storage.idempotency import recall, remember
from app.storage.reservoirs import fill_reservoir


async def register_case(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    uuid: UUID,
    name: str,
    organization_nuix_id: str,
    organization_name: str,
    portal_url: str,
) -> Case | Refusal:
    """Makes a case known, with its organization and an empty reservoir. Operators only."""
    if not viewer.is_operator:
        return Forbidden()
    portal = portal_address(portal_url)
    flaw = (
        check_key(key)
        or check_text("name", name)
        or check_text("organizationNuixId", organization_nuix_id)
        or check_text("organizationName", organization_name)
    )
    if flaw:
        return flaw
    if portal is None:
        return InvalidInput("portalUrl", Flaw.NOT_A_PORTAL_URL)
    parts = (uuid, name, organization_nuix_id, organization_name, portal)
    request = idempotency.request(viewer.caller_id, "registerCase", key, parts)
    try:
        async with ports.database.writing() as connection:
            known = await stored.find_registration(connection, request.key)
            if known is None:
                organization = await stored_organizations.store_organization(
                    connection, portal, organization_nuix_id, organization_name
                )
                await stored.store_case(
                    connection, uuid=uuid, name=name, organization_id=organization, request=request, now=ports.clock()
                )
    except stored.CaseTaken:
        # Somebody else took the key or the uuid in this very moment, or the uuid has long been taken.
        async with ports.database.reading() as connection:
            known = await stored.find_registration(connection, request.key)
        if known is None:
            return InvalidInput("uuid", Flaw.ALREADY_REGISTERED)
    if known is not None and known[1] != request.input:
        return IdempotencyConflict()
    return await find_case(ports, viewer, uuid if known is None else known[0]) or NotFound()


async def activate_case(
    ports: Ports, viewer: Viewer, *, key: str, case_uuid: UUID | None, tier: PlanTier, payment_method: PaymentMethod
) -> Case | Refusal:
    """Puts a new case on a plan: the first cycle begins and the tank is filled to the cap (L5, C1)."""
    request = idempotency.request(viewer.caller_id, "activateCase", key, (tier, payment_method))
    prepared = await _prepared(ports, viewer, key, case_uuid)
    if not isinstance(prepared, int):
        return prepared
    async with ports.database.writing() as connection:
        case = await stored.lock_case(connection, prepared)
        known = await recall(connection, prepared, request)
        if known is False:
            return IdempotencyConflict()
        if known is None:
            refusal = judge_activation(case, payment_method, viewer, ports.environment)
            if refusal is not None:
                return refusal
            await _activate(connection, case, viewer, tier, payment_method, ports.clock())
            await remember(connection, prepared, request)
    return await find_case(ports, viewer, case.terms.uuid) or NotFound()


async def _activate(
    connection: AsyncConnection,
    case: Case,
    viewer: Viewer,
    tier: PlanTier,
    payment_method: PaymentMethod,
    now: datetime,
) -> None:
    plan = plans.plan(tier)
    case_id = case.terms.case_id
    anchor = anchor_day(now)
    cycle = Cycle(1, tier, CURRENT_CATALOGUE, anchor, now, cycle_end(now, anchor))
    await stored_cycles.store_cycle(connection, case_id, cycle)
    await stored.store_activation(
        connection,
        case,
        plan=plan,
        catalogue=CURRENT_CATALOGUE,
        payment_method=payment_method,
        cycle_number=cycle.number,
        refilled_on=done_by_fill(now),
        now=now,
    )
    tokens = case.reservoir.fill_tokens(plan.cap)
    await fill_reservoir(connection, case_id, EntryKind.ACTIVATION_FILL, tokens, caller_id=viewer.caller_id, now=now)


async def update_case_settings(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    overage_enabled: bool | None,
    auto_upgrade_allowed: bool | None,
) -> Case | Refusal:
    """Sets the switches that are given; running tasks keep the split they were created with (T5)."""
    parts = (overage_enabled, auto_upgrade_allowed)
    request = idempotency.request(viewer.caller_id, "updateCaseSettings", key, parts)
    prepared = await _prepared(ports, viewer, key, case_uuid)
    if not isinstance(prepared, int):
        return prepared
    async with ports.database.writing() as connection:
        case = await stored.lock_case(connection, prepared)
        known = await recall(connection, prepared, request)
        if known is False:
            return IdempotencyConflict()
        if known is None:
            terms = replace(
                case.terms,
                overage_enabled=case.terms.overage_enabled if overage_enabled is None else overage_enabled,
                auto_upgrade_allowed=(
                    case.terms.auto_upgrade_allowed if auto_upgrade_allowed is None else auto_upgrade_allowed
                ),
            )
            await stored.store_settings(
                connection,
                prepared,
                overage_enabled=terms.overage_enabled,
                auto_upgrade_allowed=terms.auto_upgrade_allowed,
            )
            await remember(connection, prepared, request)
    return await find_case(ports, viewer, case.terms.uuid) or NotFound()


async def _prepared(ports: Ports, viewer: Viewer, key: str, case_uuid: UUID | None) -> int | Refusal:
    """What comes before every change of a case by its admin: the key, the case, the right. Returns the case's id."""
    if flaw := check_key(key):
        return flaw
    terms = None if case_uuid is None else await ports.terms(case_uuid, viewer)
    if terms is None:
        return NotFound()
    if not viewer.administers:
        return Forbidden()
    return terms.case_id


async def find_case(ports: Ports, viewer: Viewer, uuid: UUID) -> Case | None:
    """None: it does not exist, or not for this viewer (A2)."""
    async with ports.database.reading() as connection:
        case = await stored.find_case(connection, uuid)
    return case if case is not None and viewer.sees(case.organization.organization_id) else None


async def find_organization(ports: Ports, viewer: Viewer, uuid: UUID) -> Organization | None:
    """None: it does not exist, or not for this viewer (A2)."""
    async with ports.database.reading() as connection:
        organization = await stored_organizations.find_organization(connection, uuid)
    return organization if organization is not None and viewer.sees(organization.organization_id) else None


async def page_of_cases(
    ports: Ports, viewer: Viewer, *, search: str | None, status: CaseStatus | None, after: UUID | None, size: int
) -> Page[Case] | InvalidInput:
    """Every case that the viewer sees, newest first."""
    if flaw := check_search(search):
        return flaw
    async with ports.database.reading() as connection:
        rows = await stored.page_of_cases(
            connection,
            organization_id=viewer.organization_id,
            search=search,
            status=status,
            after=after,
            limit=size + 1,
        )
    return Page.of(rows, size)


async def count_cases(ports: Ports, viewer: Viewer, *, search: str | None, status: CaseStatus | None) -> int:
    async with ports.database.reading() as connection:
        return await stored.count_cases(
            connection, organization_id=viewer.organization_id, search=search, status=status
        )
