"""What a change of plan would do, said beforehand in the values that it would be made of."""

from collections.abc import Callable
from uuid import UUID

from app.domain.callers import Viewer
from app.domain.cases import Case
from app.domain.plan_changes import (
    PlanChange,
    deactivation,
    may_preview,
    plan_change,
)
from app.domain.plans import PlanTier
from app.domain.refusals import CaseNotActive, Forbidden, NotFound, Refusal
from app.domain.subscriptions import Subscription
from app.services.due import bring_up_to_date
from app.services.ports import Ports
from app.storage import subscriptions as stored
from app.storage.cases import find_case


async def preview_plan_change(
    ports: Ports, viewer: Viewer, case_uuid: UUID | None, tier: PlanTier
) -> PlanChange | Refusal:
    """Exactly what the change would do now. Nothing is changed but what is due on the case anyway."""
    found = await _seen(ports, viewer, case_uuid, lambda case: may_preview(viewer, case, tier))
    if not isinstance(found, tuple):
        return found
    case, subscription = found
    return plan_change(case, subscription, tier, case.now(ports.clock()))


async def preview_deactivation(ports: Ports, viewer: Viewer, case_uuid: UUID | None) -> PlanChange | Refusal:
    """What a deactivation would take now."""
    found = await _seen(ports, viewer, case_uuid, lambda _: viewer.administers)
    if not isinstance(found, tuple):
        return found
    case, subscription = found
    if subscription is None or not case.terms.active:
        return CaseNotActive()
    return deactivation(case, subscription, case.now(ports.clock()))


async def _seen(
    ports: Ports, viewer: Viewer, case_uuid: UUID | None, right: Callable[[Case], bool]
) -> tuple[Case, Subscription | None] | NotFound | Forbidden:
    """A case with all done that is due, as it is before a change, and its subscription at the same moment."""
    found = None if case_uuid is None else await _read(ports, viewer, case_uuid)
    if found is not None and right(found[0]) and found[0].is_behind(found[0].now(ports.clock())):
        await bring_up_to_date(ports, found[0].terms)
        found = await _read(ports, viewer, found[0].terms.uuid)
    if found is None:
        return NotFound()
    return found if right(found[0]) else Forbidden()


async def _read(ports: Ports, viewer: Viewer, case_uuid: UUID) -> tuple[Case, Subscription | None] | None:
    async with ports.database.snapshot() as connection:
        case = await find_case(connection, case_uuid)
        if case is None or not viewer.sees(case.organization.organization_id):
            return None
        return case, await stored.find_subscription(connection, case.terms.case_id)
