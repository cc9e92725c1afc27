"""Terms of cases: read on the hot path, one row by its key."""

from typing import Any
from uuid import UUID

from app.domain.cases import CaseStatus, Terms
from app.domain.plans import PlanTier
from app.storage.database import Database

_READ = """
select c.case_id, c.uuid, c.organization_id, r.terms_version, r.status, r.tier, r.catalogue, r.overage_enabled,
    r.auto_upgrade_allowed, r.clock_id, r.overage_ceiling
from cases c join reservoirs r using (case_id)
where c.uuid = %s
"""


async def read_terms(database: Database, uuid: UUID) -> Terms | None:
    """None: no such case."""
    row: tuple[Any, ...] | None = await database.call(_READ, (uuid,))
    if row is None:
        return None
    (
        case_id,
        found,
        organization_id,
        version,
        status,
        tier,
        catalogue,
        overage_enabled,
        auto_upgrade_allowed,
        clock_id,
        overage_ceiling,
    ) = row
    return Terms(
        case_id=case_id,
        uuid=found,
        organization_id=organization_id,
        version=version,
        status=CaseStatus(status),
        tier=None if tier is None else PlanTier(tier),
        catalogue=catalogue,
        overage_enabled=overage_enabled,
        auto_upgrade_allowed=auto_upgrade_allowed,
        clock_id=clock_id,
        overage_ceiling=overage_ceiling,
    )
