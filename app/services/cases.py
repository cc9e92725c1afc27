"""Cases: registered, activated, set up, found (L5, C1, C7, K1)."""

from collections.abc import Sequence
from uuid import UUID

from app.domain import idempotency
from app.domain.callers import Viewer
from app.domain.cases import Case, CaseStatus, Organization
from app.domain.portals import portal_address
from app.domain.refusals import (
    Flaw,
    Forbidden,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    Refusal,
)
from app.domain.tasks import MOST_TOKENS
from app.domain.texts import check_key, check_search, check_text
from app.services.changes import Change, change_case
from app.services.clocks import find_test_clock
from app.services.paging import Page
from app.services.ports import Ports
from app.storage import cases as stored, organizations as stored_organizations


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
    test_clock: UUID | None = None,
) -> Case | Refusal:
    """Makes a case known, with its organization and an empty reservoir. Operators only.

    test_clock: the one that the case lives by from then on (C10).
    """
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
    clock = None if test_clock is None else await find_test_clock(ports, viewer, test_clock)
    if test_clock is not None and clock is None:
        return InvalidInput("testClockId", Flaw.NO_SUCH_CLOCK)
    parts = (uuid, name, organization_nuix_id, organization_name, portal, *([test_clock] if test_clock else []))
    request = idempotency.request(viewer.caller_id, "registerCase", key, parts)
    try:
        async with ports.database.writing() as connection:
            known = await stored.find_registration(connection, request.key)
            if known is None:
                organization = await stored_organizations.store_organization(
                    connection, portal, organization_nuix_id, organization_name
                )
                await stored.store_case(
                    connection,
                    uuid=uuid,
                    name=name,
                    organization_id=organization,
                    clock=clock,
                    request=request,
                    now=ports.clock() if clock is None else clock.now,
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


async def update_case_settings(
    ports: Ports,
    viewer: Viewer,
    *,
    key: str,
    case_uuid: UUID | None,
    overage_enabled: bool | None = None,
    auto_upgrade_allowed: bool | None = None,
    overage_ceiling: int | None = None,
    remove_overage_ceiling: bool = False,
) -> Case | Refusal:
    """Sets what is given; running tasks keep the split they were created with (T5). overage_ceiling: tokens a cycle."""
    if overage_ceiling is not None and remove_overage_ceiling:
        return InvalidInput("overageCeiling", Flaw.CEILING_SET_AND_REMOVED)
    if overage_ceiling is not None and not 0 <= overage_ceiling <= MOST_TOKENS:
        return InvalidInput("overageCeiling", Flaw.CEILING_OUT_OF_RANGE, {"most": MOST_TOKENS})

    async def effect(change: Change) -> None:
        terms = change.case.terms
        kept = None if remove_overage_ceiling else terms.overage_ceiling
        await stored.store_settings(
            change.connection,
            change.case_id,
            overage_enabled=terms.overage_enabled if overage_enabled is None else overage_enabled,
            auto_upgrade_allowed=terms.auto_upgrade_allowed if auto_upgrade_allowed is None else auto_upgrade_allowed,
            overage_ceiling=kept if overage_ceiling is None else overage_ceiling,
        )

    # Without a word about the ceiling, the digest is that of the calls of before there was one (K1).
    parts = (overage_enabled, auto_upgrade_allowed)
    ceiling = (overage_ceiling, remove_overage_ceiling)
    request = idempotency.request(
        viewer.caller_id, "updateCaseSettings", key, parts if ceiling == (None, False) else parts + ceiling
    )
    return await change_case(ports, viewer, key=key, request=request, case_uuid=case_uuid, effect=effect)


async def find_case(ports: Ports, viewer: Viewer, uuid: UUID) -> Case | None:
    """None: it does not exist, or not for this viewer (A2)."""
    async with ports.database.reading() as connection:
        case = await stored.find_case(connection, uuid)
    return case if case is not None and viewer.sees(case.organization.organization_id) else None


async def find_cases(ports: Ports, viewer: Viewer, uuids: Sequence[UUID]) -> list[Case | None]:
    """As `find_case`, in one statement."""
    async with ports.database.reading() as connection:
        found = await stored.find_cases(connection, uuids)
    seen = {uuid: case for uuid, case in found.items() if viewer.sees(case.organization.organization_id)}
    return [seen.get(uuid) for uuid in uuids]


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
